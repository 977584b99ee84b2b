"""Artifacts of runs, through the proxy: upload, list, download, delete, and the UI's routes."""

import hashlib
import json
import os

import mlflow
import pytest
from matplotlib.figure import Figure
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from support import unique


@pytest.fixture
def active_run(experiment):
    """The id of the fluent API's active run."""
    with mlflow.start_run() as active:
        yield active.info.run_id


@pytest.fixture
def root(experiment, run):
    """The key below which the artifacts of `run` live."""
    return f"{experiment}/{run}/artifacts"


def listing(client, run, path=None):
    """{path: size}, with None for folders."""
    return {f.path: None if f.is_dir else (f.file_size or 0) for f in client.list_artifacts(run, path)}


def download(run, path, folder):
    return mlflow.artifacts.download_artifacts(run_id=run, artifact_path=path, dst_path=str(folder))


def write(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_a_file_comes_back_as_it_was(client, run, tmp_path):
    data = os.urandom(300_000)
    client.log_artifact(run, str(write(tmp_path, "data.bin", data)))
    assert listing(client, run) == {"data.bin": 300_000}
    copy = download(run, "data.bin", tmp_path / "copy")
    assert open(copy, "rb").read() == data


def test_a_file_can_be_put_into_a_folder(client, run, tmp_path):
    client.log_artifact(run, str(write(tmp_path, "a.txt", b"abc")), "deep/er")
    assert listing(client, run) == {"deep": None}
    assert listing(client, run, "deep") == {"deep/er": None}
    assert listing(client, run, "deep/er") == {"deep/er/a.txt": 3}


def test_a_tree_is_uploaded_listed_and_downloaded(client, run, tmp_path):
    files = {"one.txt": b"1", "sub/two.txt": b"22", "sub/sub/three.txt": b"333", "other/four.txt": b"4444"}
    for name, data in files.items():
        write(tmp_path / "tree", name, data)
    client.log_artifacts(run, str(tmp_path / "tree"), "all")
    assert listing(client, run, "all") == {"all/one.txt": 1, "all/other": None, "all/sub": None}
    assert listing(client, run, "all/sub") == {"all/sub/sub": None, "all/sub/two.txt": 2}
    copy = tmp_path / "copy"
    download(run, "all", copy)
    found = {str(p.relative_to(copy / "all")): p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    assert found == files


def test_the_fluent_helpers_store_text_json_and_more(client, active_run, tmp_path):
    mlflow.log_text("Gr\u00fc\u00dfe\n", "notes/hello.txt")
    mlflow.log_dict({"a": [1, 2]}, "config.json")
    mlflow.log_dict({"a": [1, 2]}, "config.yaml")
    mlflow.log_artifact(str(write(tmp_path, "file.bin", b"\0\1\2")), "bin")
    uri = client.get_run(active_run).info.artifact_uri
    assert mlflow.artifacts.load_text(f"{uri}/notes/hello.txt") == "Gr\u00fc\u00dfe\n"
    assert mlflow.artifacts.load_dict(f"{uri}/config.json") == {"a": [1, 2]}
    assert json.loads(mlflow.artifacts.load_text(f"runs:/{active_run}/config.json")) == {"a": [1, 2]}
    assert {f.path for f in mlflow.artifacts.list_artifacts(run_id=active_run)} == {
        "bin", "config.json", "config.yaml", "notes",
    }  # fmt: skip


def test_a_table_grows_with_each_call(active_run):
    for number in range(2):
        mlflow.log_table({"n": [number], "text": [f"row {number}"]}, "table.json")
    table = mlflow.load_table("table.json", run_ids=[active_run])
    assert sorted(table["n"]) == [0, 1]


def test_a_figure_is_stored_as_a_picture(client, active_run, tmp_path):
    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    mlflow.log_figure(figure, "plots/figure.png")
    copy = download(active_run, "plots/figure.png", tmp_path)
    assert open(copy, "rb").read().startswith(b"\x89PNG")


def test_an_upload_replaces_what_was_there(client, run, tmp_path):
    for data in (b"first and longer", b"second"):
        client.log_artifact(run, str(write(tmp_path, "same.txt", data)))
    assert listing(client, run) == {"same.txt": 6}
    assert open(download(run, "same.txt", tmp_path / "copy"), "rb").read() == b"second"


def test_an_empty_file_is_a_file(client, run, tmp_path):
    client.log_artifact(run, str(write(tmp_path, "empty.txt", b"")))
    assert listing(client, run) == {"empty.txt": 0}
    assert open(download(run, "empty.txt", tmp_path / "copy"), "rb").read() == b""


NAMES = [
    "with space.txt",
    "\u00fcn\u00efc\u00f6d\u00e9 \u65e5\u672c\u8a9e \U0001f600.txt",
    "e\u0301 decomposed.txt",
    "50%.txt",
    "plus+and&equal=.txt",
    "semi;comma,colon:.txt",
    "quote'\"`.txt",
    "(round)[square]{curly}.txt",
    "tilde~at@bang!star*.txt",
    ".hidden",
    "..two-dots",
    "trailing.",
    "-dash",
    "x" * 200,
]


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_unusual_names_are_kept(server, client, run, root, tmp_path, name):
    client.log_artifact(run, str(write(tmp_path, name, name.encode())), "folder")
    assert listing(client, run, "folder") == {f"folder/{name}": len(name.encode())}
    copy = download(run, f"folder/{name}", tmp_path / "copy")
    assert open(copy, "rb").read() == name.encode()
    assert server.get_artifact(f"{root}/folder/{name}").expect().body == name.encode()


@pytest.mark.parametrize("name", ["question?.txt", "p%q.txt", "a&b=c.txt", "folder ?/x y.txt"])
def test_escaped_names_are_kept(server, run, root, name):
    # Names that the client itself sends unescaped, so that they arrive as something else.
    server.put_artifact(f"{root}/{name}", b"data").expect()
    assert server.get_artifact(f"{root}/{name}").expect().body == b"data"
    assert server.get("/get-artifact", run_id=run, path=name).expect().body == b"data"
    files = server.get("artifacts/list", run_id=run).expect().json["files"]
    assert [file["path"] for file in files] == [name.partition("/")[0]]


@pytest.mark.parametrize("name", ["\u00fcnic\u00f6de folder", "with space", "50%", "a+b"])
def test_unusual_folders_are_kept(client, run, tmp_path, name):
    client.log_artifact(run, str(write(tmp_path, "x.txt", b"x")), f"{name}/{name}")
    assert listing(client, run, f"{name}/{name}") == {f"{name}/{name}/x.txt": 1}
    assert open(download(run, f"{name}/{name}/x.txt", tmp_path / "copy"), "rb").read() == b"x"


def test_two_files_with_the_same_bytes_are_two_files(client, run, tmp_path):
    for name in ("a.bin", "b.bin"):
        client.log_artifact(run, str(write(tmp_path, name, b"shared" * 1000)))
    get_artifact_repository(client.get_run(run).info.artifact_uri).delete_artifacts("a.bin")
    assert listing(client, run) == {"b.bin": 6000}
    assert open(download(run, "b.bin", tmp_path / "copy"), "rb").read() == b"shared" * 1000


def test_files_and_folders_are_deleted(client, run, tmp_path):
    for name in ("keep.txt", "drop.txt", "folder/a.txt", "folder/sub/b.txt", "folder2/c.txt"):
        folder, _, file = name.rpartition("/")
        client.log_artifact(run, str(write(tmp_path, file, b"x")), folder or None)
    repository = get_artifact_repository(client.get_run(run).info.artifact_uri)
    repository.delete_artifacts("drop.txt")
    repository.delete_artifacts("folder")
    repository.delete_artifacts("never there")
    assert listing(client, run) == {"folder2": None, "keep.txt": 1}


def test_artifacts_of_runs_are_separate(client, experiment, run, tmp_path):
    other = client.create_run(experiment).info.run_id
    client.log_artifact(run, str(write(tmp_path, "mine.txt", b"x")))
    assert listing(client, other) == {}


def test_a_missing_artifact_cannot_be_downloaded(client, run, tmp_path):
    with pytest.raises((MlflowException, OSError)):
        download(run, "nope.txt", tmp_path)


def test_a_thousand_files_are_listed(server, client, run, root):
    connection = server.connection()
    for number in range(1000):
        connection.request("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{root}/many/{number:04}.txt", b"x")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    connection.close()
    assert listing(client, run, "many") == {f"many/{number:04}.txt": 1 for number in range(1000)}


# Raw HTTP


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


def test_a_proxied_run_has_no_presigned_urls(server, run):
    for direction in ("upload", "download"):
        reply = server.post(f"artifacts/presigned-{direction}-url", {"run_id": run, "path": "x"}).expect(400)
        assert reply.error_code == "INVALID_PARAMETER_VALUE"
        assert f"Presigned {direction} is not supported for" in reply.message


# Range


@pytest.fixture
def alphabet(server, root):
    key = f"{root}/alphabet.txt"
    server.put_artifact(key, b"abcdefghijklmnopqrstuvwxyz").expect()
    return key


@pytest.mark.parametrize(
    ("wanted", "body", "content_range"),
    [
        ("bytes=0-0", b"a", "bytes 0-0/26"),
        ("bytes=0-2", b"abc", "bytes 0-2/26"),
        ("bytes=23-", b"xyz", "bytes 23-25/26"),
        ("bytes=20-999", b"uvwxyz", "bytes 20-25/26"),
        ("bytes=-3", b"xyz", "bytes 23-25/26"),
        ("bytes=-999", b"abcdefghijklmnopqrstuvwxyz", "bytes 0-25/26"),
    ],
)
def test_a_part_of_an_artifact_is_served(server, alphabet, wanted, body, content_range):
    reply = server.get_artifact(alphabet, Range=wanted).expect(206)
    assert reply.body == body
    assert reply.headers["Content-Range"] == content_range
    assert reply.headers["Content-Length"] == str(len(body))


def test_a_part_beyond_the_end_is_not_satisfiable(server, alphabet):
    reply = server.get_artifact(alphabet, Range="bytes=26-").expect(416)
    assert reply.headers["Content-Range"] == "bytes */26"


def test_a_whole_artifact_announces_ranges_and_a_stable_etag(server, alphabet):
    first, second = (server.get_artifact(alphabet).expect() for _ in range(2))
    assert first.headers["Accept-Ranges"] == "bytes"
    assert first.headers["ETag"] == second.headers["ETag"]
    part = server.get_artifact(alphabet, Range="bytes=0-1").expect(206)
    assert part.headers["ETag"] == first.headers["ETag"]


def test_a_head_request_tells_the_size(server, alphabet):
    reply = server.request("HEAD", f"/api/2.0/mlflow-artifacts/artifacts/{alphabet}").expect()
    assert (reply.headers["Content-Length"], reply.body) == ("26", b"")


@pytest.mark.martlet_only
def test_a_replaced_artifact_has_another_etag(server, alphabet):
    before = server.get_artifact(alphabet).headers["ETag"]
    server.put_artifact(alphabet, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ").expect()
    assert server.get_artifact(alphabet).headers["ETag"] != before


@pytest.mark.martlet_only
def test_an_outdated_if_range_gets_the_whole_artifact(server, alphabet):
    etag = server.get_artifact(alphabet).headers["ETag"]
    assert server.get_artifact(alphabet, Range="bytes=0-1", If_Range=etag).expect(206).body == b"ab"
    assert len(server.get_artifact(alphabet, Range="bytes=0-1", If_Range='"old"').expect(200).body) == 26


@pytest.mark.martlet_only
def test_a_known_etag_is_not_modified(server, alphabet):
    etag = server.get_artifact(alphabet).headers["ETag"]
    reply = server.get_artifact(alphabet, If_None_Match=etag).expect(304)
    assert reply.body == b""


@pytest.mark.martlet_only
@pytest.mark.parametrize("wanted", ["junk", "bytes=5-2", "bytes=a-b", "pages=1-2"])
def test_a_malformed_range_never_breaks_the_download(server, alphabet, wanted):
    reply = server.get_artifact(alphabet, Range=wanted)
    assert reply.status in (200, 400, 416)
    if reply.status == 200:
        assert len(reply.body) == 26


# Multipart uploads: mlflow server's own store has none, Martlet's has


@pytest.fixture
def small_parts(monkeypatch):
    """The client uploads in parts whatever has 1 MB or more, 400 kB a part."""
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "1000000")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "400000")


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("size", [999_999, 1_000_000, 1_200_000, 1_200_001, 5_000_000])
def test_a_file_comes_back_as_it_was_when_sent_in_parts(client, run, tmp_path, size):
    data = os.urandom(size)
    client.log_artifact(run, str(write(tmp_path, "big.bin", data)), "parts")
    assert listing(client, run, "parts") == {"parts/big.bin": size}
    copy = open(download(run, "parts/big.bin", tmp_path / "copy"), "rb").read()
    assert hashlib.sha256(copy).hexdigest() == hashlib.sha256(data).hexdigest()


@pytest.fixture
def upload(server, root):
    """Starts a multipart upload and sends parts of it; call it with the parts."""

    class Upload:
        def start(self, parts, name="mpu.bin"):
            self.name = name
            body = {"path": name, "num_parts": len(parts)}
            self.answer = (
                server.request("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{root}", body).expect().json
            )
            self.id = self.answer["upload_id"]
            credentials = self.answer["credentials"]
            assert [credential["part_number"] for credential in credentials] == [*range(1, len(parts) + 1)]
            self.parts = []
            for credential, data in zip(credentials, parts, strict=True):
                if data is not None:
                    self.parts.append(self.send(credential, data))
            return self

        def send(self, credential, data):
            url = credential["url"].removeprefix(server.url)
            assert url.startswith("/"), "parts go to the server itself"
            reply = server.request("PUT", url, raw=data, headers=credential.get("headers") or {}).expect()
            return {
                "part_number": credential["part_number"],
                "etag": reply.headers["ETag"],
                "url": credential["url"],
            }

        def finish(self, how, **more):
            body = {"path": self.name, "upload_id": self.id, **more}
            return server.request("POST", f"/api/2.0/mlflow-artifacts/mpu/{how}/{root}", body)

    return Upload()


@pytest.mark.martlet_only
def test_parts_become_visible_together_when_completed(server, root, upload):
    upload.start([b"a" * 100_000, b"b" * 100_000, b"c"])
    assert server.get_artifact(f"{root}/mpu.bin").status == 404
    upload.finish("complete", parts=upload.parts).expect()
    assert server.get_artifact(f"{root}/mpu.bin").expect().body == b"a" * 100_000 + b"b" * 100_000 + b"c"


@pytest.mark.martlet_only
def test_a_part_sent_again_replaces_itself(server, root, upload):
    upload.start([b"wrong", b"!"])
    upload.parts[0] = upload.send(upload.answer["credentials"][0], b"right")
    upload.finish("complete", parts=upload.parts).expect()
    assert server.get_artifact(f"{root}/mpu.bin").expect().body == b"right!"


@pytest.mark.martlet_only
def test_an_aborted_upload_leaves_nothing(server, root, upload):
    upload.start([b"a", b"b"])
    upload.finish("abort").expect()
    assert server.get_artifact(f"{root}/mpu.bin").status == 404
    reply = upload.finish("complete", parts=upload.parts)
    assert reply.status in (400, 404)
    assert server.get_artifact(f"{root}/mpu.bin").status == 404


@pytest.mark.martlet_only
def test_an_upload_with_a_missing_part_is_not_completed(server, root, upload):
    upload.start([b"a", None, b"c"])
    complete = [*upload.parts, {"part_number": 2, "etag": "x", "url": "x"}]
    reply = upload.finish("complete", parts=sorted(complete, key=lambda part: part["part_number"]))
    assert reply.status == 400
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert server.get_artifact(f"{root}/mpu.bin").status == 404


@pytest.mark.martlet_only
def test_an_unknown_upload_is_not_completed(server, root, upload):
    upload.name, upload.id = "mpu.bin", "no-such-upload"
    reply = upload.finish("complete", parts=[{"part_number": 1, "etag": "x", "url": "x"}])
    assert reply.status in (400, 404)
    assert reply.error_code in ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST")
