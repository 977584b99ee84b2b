"""Artifacts over raw HTTP: the proxy, and what the UI asks for by run and by version."""

import pytest

from client_calls import listing
from support import unique


def test_the_proxy_lists_base_names_and_the_run_lists_paths(server, run, root):
    for name, data in [("a.txt", b"1"), ("d/b.txt", b"22"), ("d/e/c.txt", b"333"), ("Z.txt", b"")]:
        server.put_artifact(f"{root}/{name}", data).expect()
    folder = {"is_dir": True}

    def file(size):
        return {"is_dir": False, **({"file_size": size} if size else {})}

    def entries(reply):
        found = reply.expect().json.get("files", [])
        assert [entry["path"] for entry in found] == sorted(entry["path"] for entry in found)
        # An empty file has no size or size 0.
        return {
            e.pop("path"): {key: value for key, value in e.items() if value != 0 or key == "is_dir"}
            for e in found
        }

    proxy = "/api/2.0/mlflow-artifacts/artifacts"
    assert entries(server.get(proxy, path=root)) == {"Z.txt": file(0), "a.txt": file(1), "d": folder}
    assert entries(server.get(proxy, path=f"{root}/d")) == {"b.txt": file(2), "e": folder}
    assert entries(server.get(proxy, path=f"{root}/nope")) == {}
    assert entries(server.get("artifacts/list", run_id=run, path="d")) == {"d/b.txt": file(2), "d/e": folder}
    assert entries(server.get("artifacts/list", run_id=run, path="d/")) == {"d/b.txt": file(2), "d/e": folder}
    assert entries(server.get("artifacts/list", run_id=run, path="a.txt")) == {}
    whole = server.get("artifacts/list", run_id=run).expect().json
    assert whole["root_uri"] == f"mlflow-artifacts:/{root}"
    assert [entry["path"] for entry in whole["files"]] == ["Z.txt", "a.txt", "d"]


def test_the_ajax_twin_serves_the_same_bytes(server, root):
    server.put_artifact(f"{root}/a.txt", b"twin").expect()
    assert server.get(f"/ajax-api/2.0/mlflow-artifacts/artifacts/{root}/a.txt").expect().body == b"twin"


def test_a_download_is_an_attachment_of_the_guessed_type(server, run, root):
    server.put_artifact(f"{root}/page.html", b"<script>").expect()
    server.put_artifact(f"{root}/data.unknownext", b"x").expect()
    for reply in (
        server.get_artifact(f"{root}/page.html").expect(),
        server.get("/get-artifact", run_id=run, path="page.html").expect(),
    ):
        assert reply.headers["Content-Type"].startswith("text/html")
        assert reply.headers["Content-Disposition"].startswith("attachment")
        assert "page.html" in reply.headers["Content-Disposition"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Content-Length"] == "8"
    other = server.get_artifact(f"{root}/data.unknownext").expect()
    assert other.headers["Content-Type"] == "application/octet-stream"


def test_a_missing_artifact_is_not_found(server, run, root):
    for reply in (
        server.get_artifact(f"{root}/nope"),
        server.get("/get-artifact", run_id=run, path="nope"),
    ):
        assert reply.expect(404).error_code == "RESOURCE_DOES_NOT_EXIST"
        assert reply.message == f"No such artifact: '{root}/nope'"


def test_a_folder_is_not_a_file(server, run, root):
    server.put_artifact(f"{root}/d/a.txt", b"x").expect()
    assert server.get_artifact(f"{root}/d").status == 400
    assert server.get("/get-artifact", run_id=run, path="d").status == 400


def test_an_artifact_of_a_run_is_served_by_run_and_path(server, run, root):
    server.put_artifact(f"{root}/d/a.txt", b"by path").expect()
    for query in ({"run_id": run}, {"run_uuid": run}):
        assert server.get("/get-artifact", **query, path="d/a.txt").expect().body == b"by path"
    assert (
        server.get("/get-artifact", run_id="nobody", path="x").expect(404).error_code
        == "RESOURCE_DOES_NOT_EXIST"
    )
    assert (
        server.get("/get-artifact", run_id=run, path="../x").expect(400).error_code
        == "INVALID_PARAMETER_VALUE"
    )
    assert server.get("/get-artifact", run_id=run).status == 400


def test_an_artifact_of_a_model_version_is_served(server, client, run, root):
    server.put_artifact(f"{root}/model/MLmodel", b"flavors").expect()
    name = client.create_registered_model(unique("served")).name
    client.create_model_version(name, f"mlflow-artifacts:/{root}/model", run)
    path = "/model-versions/get-artifact"
    assert server.get(path, name=name, version="1", path="MLmodel").expect().body == b"flavors"
    assert (
        server.get(path, name=name, version="1", path="nope").expect(404).error_code
        == "RESOURCE_DOES_NOT_EXIST"
    )
    assert (
        server.get(path, name=name, version="9", path="MLmodel").expect(404).error_code
        == "RESOURCE_DOES_NOT_EXIST"
    )
    assert (
        server.get(path, name=name, version="1", path="../x").expect(400).error_code
        == "INVALID_PARAMETER_VALUE"
    )


# Uploads of the UI

UPLOAD = "/ajax-api/2.0/mlflow/upload-artifact"


def test_the_ui_uploads_to_a_run(server, client, run, root):
    query = {"run_uuid": run, "path": "notes/x.txt"}
    server.request("POST", UPLOAD, query=query, raw=b"from the browser").expect()
    assert listing(client, run, "notes") == {"notes/x.txt": 16}
    assert server.get_artifact(f"{root}/notes/x.txt").body == b"from the browser"


@pytest.mark.parametrize(
    ("change", "data", "status", "message"),
    [
        ({"run_uuid": None}, b"x", 400, "Request must specify run_uuid."),
        ({"path": None}, b"x", 400, "Request must specify path."),
        ({}, b"", 400, "Request must specify data."),
        ({"path": "../x"}, b"x", 400, "Invalid path"),
        ({"run_uuid": "nobody"}, b"x", 404, "Run with id=nobody not found"),
        ({}, b"x" * (10 * 1024 * 1024 + 1), 400, "Artifact size is too large. Max size is 10MB."),
    ],
    ids=["no run", "no path", "no data", "bad path", "unknown run", "too large"],
)
def test_bad_uploads_of_the_ui_are_refused(server, run, change, data, status, message):
    query = {"run_uuid": run, "path": "x.txt", **change}
    query = {name: value for name, value in query.items() if value is not None}
    assert server.request("POST", UPLOAD, query=query, raw=data).expect(status).message == message


# Presigned addresses


def test_a_proxied_run_has_no_presigned_urls(server, run):
    for direction in ("upload", "download"):
        reply = server.post(f"artifacts/presigned-{direction}-url", {"run_id": run, "path": "x"}).expect(400)
        assert reply.error_code == "INVALID_PARAMETER_VALUE"
        assert f"Presigned {direction} is not supported for" in reply.message


def test_a_proxied_artifact_has_no_presigned_url(server, root):
    reply = server.get(f"/api/2.0/mlflow-artifacts/presigned/{root}/x.bin").expect(501)
    assert reply.error_code == "NOT_IMPLEMENTED"
    assert reply.message.startswith("Multipart download is not supported")
