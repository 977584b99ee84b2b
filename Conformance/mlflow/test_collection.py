"""The space of deleted artifacts is given back, and only that."""

import os
import subprocess

import pytest

from support import a_day_passes, ask, martlet_binary, stored, wait_until

pytestmark = pytest.mark.martlet_only


def test_the_space_of_deleted_artifacts_is_given_back_after_a_day(start_martlet):
    server = start_martlet()
    root = f"0/{server.new_run()}/artifacts"
    deleted, replaced, shared, kept = (os.urandom(1000) for _ in range(4))
    server.put_artifact(f"{root}/deleted", deleted).expect()
    server.put_artifact(f"{root}/replaced", replaced).expect()
    server.put_artifact(f"{root}/replaced", kept).expect()
    server.put_artifact(f"{root}/one", shared).expect()
    server.put_artifact(f"{root}/two", shared).expect()
    for name in ("deleted", "one"):
        server.request("DELETE", f"/api/2.0/mlflow-artifacts/artifacts/{root}/{name}").expect()
    assert server.terminate() == 0
    server = start_martlet(data=server.data)
    assert all(stored(server, data).exists() for data in (deleted, replaced, shared, kept))
    assert server.terminate() == 0
    a_day_passes(server)
    server = start_martlet(data=server.data)
    wait_until(lambda: not stored(server, deleted).exists(), 20, "the deleted file to be removed")
    wait_until(lambda: not stored(server, replaced).exists(), 20, "the replaced file to be removed")
    assert server.get_artifact(f"{root}/two").expect().body == shared
    assert server.get_artifact(f"{root}/replaced").expect().body == kept
    server.put_artifact(f"{root}/deleted", deleted).expect()
    assert server.get_artifact(f"{root}/deleted").expect().body == deleted
    assert server.terminate() == 0
    doctor = [martlet_binary(), "doctor", "--data", server.data]
    done = subprocess.run(doctor, capture_output=True, text=True, timeout=60, env=server.environment())
    assert done.returncode == 0, done.stdout
    assert "leftover" not in done.stdout


def test_a_file_that_nobody_ever_named_is_removed_a_day_after_it_was_seen(start_martlet):
    server = start_martlet()
    data = os.urandom(1000)
    stored(server, data).write_bytes(data)
    assert server.terminate() == 0

    def is_seen():
        return ask(server, "SELECT count(condemned_ms) FROM blob") == "1"

    server = start_martlet(data=server.data)
    wait_until(is_seen, 20, "the file to be seen")
    assert stored(server, data).exists()
    assert server.terminate() == 0
    a_day_passes(server)
    server = start_martlet(data=server.data)
    wait_until(lambda: not stored(server, data).exists(), 20, "the file to be removed")
