"""Doctor: what `martlet doctor` finds of a data folder that no server is using (Martlet only)."""

import hashlib
import os
import subprocess

import pytest

from support import ARTIFACTS, martlet_binary

pytestmark = pytest.mark.martlet_only


def doctor(data, environment=None):
    """What it says of a server's data; the environment says which database that is in."""
    command = [martlet_binary(), "doctor", "--data", data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    return done.returncode, done.stdout + done.stderr


def used(server):
    """Uses the server a little; returns the sha256 of an artifact."""
    run = server.new_run()
    server.post("runs/log-metric", {"run_id": run, "key": "m", "value": 1, "timestamp": 1}).expect()
    data = os.urandom(5000)
    for name, content in [("a.bin", data), ("twin.bin", data), ("b.bin", b"other"), ("empty", b"")]:
        server.put_artifact(f"0/{run}/artifacts/{name}", content).expect()
    server.request("DELETE", f"{ARTIFACTS}0/{run}/artifacts/b.bin").expect()
    return hashlib.sha256(data).hexdigest()


def test_doctor_finds_a_used_folder_healthy(start_martlet):
    server = start_martlet()
    used(server)
    assert server.terminate() == 0
    code, said = doctor(server.data, server.environment())
    assert (code, "healthy" in said.lower()) == (0, True), said


def test_doctor_finds_a_folder_healthy_after_a_kill(start_martlet):
    server = start_martlet()
    used(server)
    server.kill()
    code, said = doctor(server.data, server.environment())
    assert code == 0, said


def test_doctor_names_a_blob_with_a_flipped_byte(start_martlet):
    server = start_martlet()
    digest = used(server)
    assert server.terminate() == 0
    blob = server.data / "blobs" / "plain" / digest[:2] / digest
    blob.chmod(0o644)
    content = bytearray(blob.read_bytes())
    content[2500] ^= 1
    blob.write_bytes(content)
    code, said = doctor(server.data, server.environment())
    assert code == 1, said
    assert digest in said


def test_doctor_names_a_missing_blob(start_martlet):
    server = start_martlet()
    digest = used(server)
    assert server.terminate() == 0
    (server.data / "blobs" / "plain" / digest[:2] / digest).unlink()
    code, said = doctor(server.data, server.environment())
    assert code == 1, said
    assert digest in said


def test_doctor_does_not_take_a_folder_that_it_cannot_read_for_an_empty_one(start_martlet):
    server = start_martlet()
    assert server.terminate() == 0
    shard = server.data / "blobs" / "plain" / "7f"
    failing = ["strace", "-f", "-o", os.devnull, "-P", shard, "-e", "inject=getdents64:error=EIO"]
    command = [*failing, martlet_binary(), "doctor", "--data", server.data]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=server.environment())
    if "Operation not permitted" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 1, done.stdout
    assert "healthy" not in done.stdout


def test_doctor_says_that_a_folder_is_no_data_folder(tmp_path):
    code, said = doctor(tmp_path / "nothing here")
    assert code not in (0, None)
    assert said.strip()
