"""Uploads in parts that the client sends to the object store itself."""

import hashlib
import os
import urllib.error
import urllib.request

import mlflow
import pytest

import object_store
from client_calls import download, write

pytestmark = [
    pytest.mark.martlet_only,
    pytest.mark.skipif(os.environ.get("MARTLET_SKIP_S3") == "1", reason="MARTLET_SKIP_S3=1"),
]
PART = 5 << 20


@pytest.fixture
def server(start_martlet):
    return start_martlet("--s3-direct-uploads", "true", keeps_bytes_in_s3=True)


@pytest.fixture
def root(server):
    return f"0/{server.new_run()}/artifacts"


def call(server, root, how, **body):
    return server.request("POST", f"/api/2.0/mlflow-artifacts/mpu/{how}/{root}", {"path": "big.bin", **body})


def start(server, root, parts):
    """Begins an upload and sends its parts; what completes it."""
    created = call(server, root, "create", num_parts=len(parts)).expect().json
    sent = []
    for credential, data in zip(created["credentials"], parts, strict=True):
        assert credential["url"].startswith(object_store.shared()["endpoint"])
        request = urllib.request.Request(
            credential["url"], data, credential.get("headers") or {}, method="PUT"
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            tag = answer.headers["ETag"]
        sent.append({"part_number": credential["part_number"], "etag": tag, "url": credential["url"]})
    return {"upload_id": created["upload_id"], "parts": sent}


@pytest.mark.parametrize("size", [PART + 1, 3 * PART, 16 << 20, 40_000_000])
def test_the_client_sends_its_parts_to_the_store(server, client_elsewhere, tmp_path, monkeypatch, size):
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(PART))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(PART))
    data = os.urandom(size)
    client_elsewhere(server)
    client = mlflow.MlflowClient(server.url)
    run = client.create_run("0").info.run_id
    client.log_artifact(run, str(write(tmp_path, "big.bin", data)))
    copy = open(download(run, "big.bin", tmp_path / "copy"), "rb").read()
    assert hashlib.sha256(copy).hexdigest() == hashlib.sha256(data).hexdigest()
    # No byte of it came through the server.
    metrics = server.request("GET", "/metrics").body.decode()
    assert "mpu/create" in metrics
    assert "mpu/parts" not in metrics


def test_an_upload_survives_a_restart_and_its_completion_can_be_repeated(server, root):
    data = os.urandom(PART + 5)
    upload = start(server, root, [data[:PART], data[PART:]])
    assert server.get_artifact(f"{root}/big.bin").status == 404
    server.kill()
    server.start()
    for _ in range(2):
        call(server, root, "complete", **upload).expect()
        assert server.get_artifact(f"{root}/big.bin").expect().body == data
    assert call(server, root, "abort", upload_id=upload["upload_id"]).status == 404


def test_an_aborted_upload_takes_no_more_parts(server, root):
    upload = start(server, root, [b"a" * PART, b"b"])
    call(server, root, "abort", upload_id=upload["upload_id"]).expect()
    request = urllib.request.Request(upload["parts"][1]["url"], b"late", method="PUT")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=30)
    assert call(server, root, "complete", **upload).status == 404
    assert server.get_artifact(f"{root}/big.bin").status == 404


def test_what_the_store_refuses_is_the_senders_mistake_and_the_upload_goes_on(server, root):
    upload = start(server, root, [b"a" * PART, b"b"])
    for wrong in ([upload["parts"][0]], [upload["parts"][0], {**upload["parts"][1], "etag": '"0123"'}]):
        reply = call(server, root, "complete", upload_id=upload["upload_id"], parts=wrong)
        assert (reply.status, reply.error_code) == (400, "INVALID_PARAMETER_VALUE")
    call(server, root, "complete", **upload).expect()
    short = start(server, root, [b"a", b"b"])
    reply = call(server, root, "complete", **short)
    assert (reply.status, reply.error_code) == (400, "INVALID_PARAMETER_VALUE")
    assert "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE" in reply.message


def test_the_limit_of_artifacts_holds_for_the_whole_file(start_martlet):
    server = start_martlet(
        "--s3-direct-uploads", "true", "--artifact-max-bytes", str(PART + 1), keeps_bytes_in_s3=True
    )
    root = f"0/{server.new_run()}/artifacts"
    upload = start(server, root, [b"a" * PART, b"bc"])
    assert call(server, root, "complete", **upload).status == 413
    assert server.get_artifact(f"{root}/big.bin").status == 404
