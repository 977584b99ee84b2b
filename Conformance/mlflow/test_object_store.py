"""What a server does with an object store that it does not do with a disk."""

import os
import re
import subprocess
import urllib.parse

import mlflow
import pytest

import object_store
from support import martlet_binary

pytestmark = [
    pytest.mark.martlet_only,
    pytest.mark.skipif(os.environ.get("MARTLET_SKIP_S3") == "1", reason="MARTLET_SKIP_S3=1"),
]
# One object, and one in parts.
SIZES = [0, 1000, 20_000_000]


@pytest.fixture
def redirecting(start_martlet):
    return start_martlet("--s3-redirect-downloads", "true", keeps_bytes_in_s3=True)


@pytest.mark.parametrize("size", SIZES)
def test_a_download_is_redirected_to_the_store_when_configured(redirecting, size):
    root = f"0/{redirecting.new_run()}/artifacts"
    data = os.urandom(size)
    redirecting.put_artifact(f"{root}/file", data).expect()
    location = redirecting.get_artifact(f"{root}/file").expect(307).headers["Location"]
    assert location.startswith(object_store.shared()["endpoint"])
    asked = urllib.parse.urlsplit(location)
    assert "X-Amz-Signature" in urllib.parse.parse_qs(asked.query)
    path = f"/api/2.0/mlflow-artifacts/artifacts/{root}/file"
    assert redirecting.request("HEAD", path).expect().headers["Content-Length"] == str(size)


@pytest.mark.parametrize("size", SIZES)
def test_the_client_follows_the_redirection(redirecting, client_elsewhere, tmp_path, size):
    root = f"0/{redirecting.new_run()}/artifacts"
    data = os.urandom(size)
    redirecting.put_artifact(f"{root}/file", data).expect()
    client_elsewhere(redirecting)
    path = mlflow.artifacts.download_artifacts(
        f"mlflow-artifacts:/{root}/file", dst_path=str(tmp_path / "here")
    )
    with open(path, "rb") as file:
        assert file.read() == data


def test_bytes_stream_through_the_server_otherwise(start_martlet):
    server = start_martlet(keeps_bytes_in_s3=True)
    root = f"0/{server.new_run()}/artifacts"
    data = os.urandom(20_000_000)
    server.put_artifact(f"{root}/file", data).expect()
    assert server.get_artifact(f"{root}/file").expect().body == data
    part = server.get_artifact(f"{root}/file", Range="bytes=16777000-16778000").expect(206)
    assert part.body == data[16_777_000:16_778_001]
    assert not (server.data / "blobs").exists()


def test_a_server_that_cannot_use_its_store_says_so_and_ends(tmp_path):
    environment = os.environ | object_store.environment(tmp_path) | {"AWS_SECRET_ACCESS_KEY": "wrong-secret"}
    command = [martlet_binary(), "serve", "--data", tmp_path / "data", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 1
    assert "AWS_SECRET_ACCESS_KEY" in done.stderr
    assert "wrong-secret" not in done.stderr


def test_a_server_refuses_the_place_of_another_registry(start_martlet, tmp_path):
    start_martlet(keeps_bytes_in_s3=True)
    environment = os.environ | object_store.environment(tmp_path / "server-0" / "data")
    command = [martlet_binary(), "serve", "--data", tmp_path / "other", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 1
    assert len(set(re.findall("'(martlet-[0-9a-f]{16})'", done.stderr))) == 2
    assert "--blobs" in done.stderr


def test_the_doctor_finds_what_is_missing_in_the_store(start_martlet):
    server = start_martlet(keeps_bytes_in_s3=True)
    root = f"0/{server.new_run()}/artifacts"
    server.put_artifact(f"{root}/file", b"some bytes").expect()
    assert server.terminate() == 0
    doctor = [martlet_binary(), "doctor", "--data", server.data]

    def examine(**changes):
        environment = server.environment() | changes
        return subprocess.run(doctor, capture_output=True, text=True, timeout=60, env=environment)

    assert examine().returncode == 0
    other = examine(MARTLET_BLOBS=f"s3://{object_store.shared()['bucket']}/elsewhere")
    assert other.returncode == 1
    assert "MISSING" in other.stdout
