"""Multipart uploads: mlflow server's own store has none, Martlet's has."""

import hashlib
import os

import pytest

from client_calls import download, listing, write


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
def test_a_completion_whose_answer_was_lost_can_be_repeated(server, root, upload):
    upload.start([b"a", b"b"])
    upload.finish("complete", parts=upload.parts).expect()
    upload.finish("complete", parts=upload.parts).expect()
    assert server.get_artifact(f"{root}/mpu.bin").expect().body == b"ab"
    reply = upload.finish("complete", parts=upload.parts[:1])
    assert (reply.status, reply.error_code) == (400, "INVALID_PARAMETER_VALUE")
    url = upload.answer["credentials"][0]["url"].removeprefix(server.url)
    reply = server.request("PUT", url, raw=b"late")
    assert (reply.status, reply.error_code) == (400, "INVALID_STATE")
    assert server.get_artifact(f"{root}/mpu.bin").expect().body == b"ab"


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
