"""Kills Martlet while versions are registered: none is half made, and no acknowledged one is missing."""

import http.client
import json
import os
import random
import subprocess
import threading
import time

import pytest

from live_ledger import assert_ledger_is_whole, note_from
from registry import ROOT, Registry, sha256, tree_digest
from support import ARTIFACTS, martlet_binary, wait_until

ROUNDS = 5
WORKERS = 5


class Worker(threading.Thread):
    """A client that registers and moves versions as fast as it can, until the server dies."""

    def __init__(self, server, model, seed):
        super().__init__(daemon=True)
        self.server, self.model = server, model
        self.random = random.Random(seed)
        self.connection = server.connection(timeout=20)
        self.name = f"worker-{seed}"
        self.acknowledged = {}
        self.moved = {}
        self.refused = []

    def run(self):
        try:
            while True:
                self.register()
                if self.random.random() < 0.5:
                    self.move()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            self.connection.close()

    def send(self, method, path, data, kind="application/json"):
        body = data if isinstance(data, bytes) else json.dumps(data)
        self.connection.request(method, path, body, {"Content-Type": kind, "Martlet-Actor": self.name})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 204):
            self.refused.append((method, path, answer.status, text[:200]))
        return json.loads(text) if text and answer.status < 300 else None

    def register(self):
        files = {f"f{i}": self.random.randbytes(self.random.choice([0, 9, 40_000])) for i in range(4)}
        if self.random.random() < 0.5:
            run = self.send("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"})["run"]["info"][
                "run_id"
            ]
            for path, data in files.items():
                self.send("PUT", f"{ARTIFACTS}0/{run}/artifacts/m/{path}", data, "application/octet-stream")
            body = {"name": self.model, "source": f"runs:/{run}/m", "run_id": run}
            made = self.send("POST", "/api/2.0/mlflow/model-versions/create", body)
            number = made and int(made["model_version"]["version"])
        else:
            for data in files.values():
                self.send("PUT", f"{ROOT}/blobs/{sha256(data)}", data, "application/octet-stream")
            listed = [{"path": path, "sha256": sha256(data)} for path, data in files.items()]
            made = self.send("POST", f"{ROOT}/models/{self.model}/versions", {"files": listed})
            number = made and made["number"]
        if number:
            self.acknowledged[number] = files

    def move(self):
        number = self.random.choice(list(self.acknowledged))
        stage = self.random.choice(["staging", "archived", "candidate"])
        path = f"{ROOT}/models/{self.model}/versions/{number}/transitions"
        if self.send("POST", path, {"to": stage}):
            self.moved[number] = stage
        else:
            self.moved.pop(number, None)


def assert_complete(registry, model, version, files=None):
    """All that belongs to a version is there, and fits."""
    number = version["number"]
    assert version["seal"]["state"] == "sealed"
    manifest = registry.manifest_bytes(model, number)
    assert sha256(manifest) == version["digest"]
    found = {}
    for file in registry.get(f"/models/{model}/versions/{number}/files")["files"]:
        found[file["path"]] = registry.file(model, number, file["path"]).expect().body
        assert sha256(found[file["path"]]) == file["sha256"]
    assert tree_digest(found) == version["seal"]["tree"]
    assert files is None or found == files
    (entry,) = [e for e in registry.history(model, number) if e["action"] == "version.register"]
    assert entry["details"]["digest"] == version["digest"]


def test_a_kill_leaves_no_half_made_version_and_takes_none_away(start_martlet):
    seed = int(os.environ.get("CRASH_SEED", time.time_ns() % 1_000_000))
    print(f"CRASH_SEED={seed}")
    chance = random.Random(seed)
    server = start_martlet()
    model = Registry(server, "ann").model()
    everything, notes = {}, []
    for number in range(ROUNDS):
        workers = [Worker(server, model, seed + number * WORKERS + i) for i in range(WORKERS)]
        for worker in workers:
            worker.start()
        wait_until(lambda workers=workers: sum(len(worker.acknowledged) for worker in workers) > WORKERS, 60)
        time.sleep(chance.uniform(0, 1))
        server.kill()
        for worker in workers:
            worker.join(30)
            assert not worker.is_alive()
            assert not worker.refused, worker.refused[:3]
        acknowledged = {n: files for worker in workers for n, files in worker.acknowledged.items()}
        everything.update(acknowledged)
        server = start_martlet(data=server.data)
        registry = Registry(server, "ann")
        versions = registry.get(f"/models/{model}/versions", limit=1000)["versions"]
        assert "nextPageToken" not in versions
        numbers = [version["number"] for version in versions]
        assert numbers == list(range(len(numbers), 0, -1))
        assert set(everything) <= set(numbers)
        for version in versions:
            if version["number"] in acknowledged or version["number"] not in everything:
                assert_complete(registry, model, version, acknowledged.get(version["number"]))
        stages = {version["number"]: version["stage"] for version in versions}
        state = {version["number"]: version["stage"] for version in registry.state(model)["versions"]}
        assert stages == state
        assert_ledger_is_whole(registry, notes)
        notes.append(note_from(registry))
    assert registry.register(model)["number"] == len(numbers) + 1
    assert server.terminate() == 0
    doctor = [martlet_binary(), "doctor", "--data", server.data]
    done = subprocess.run(doctor, capture_output=True, text=True, timeout=60, env=server.environment())
    assert done.returncode == 0, done.stdout


@pytest.mark.sqlite_only
def test_a_kill_while_the_key_is_made_leaves_a_server_that_starts(start_martlet, tmp_path):
    data = tmp_path / "fresh"
    for pause in (0.0, 0.02, 0.05, 0.1, 0.15):
        process = subprocess.Popen(
            [martlet_binary(), "serve", "--data", data, "--port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(pause)
        process.kill()
        process.wait(10)
    registry = Registry(start_martlet(data=data), "ann")
    registry.register(registry.model())
    assert_ledger_is_whole(registry)
