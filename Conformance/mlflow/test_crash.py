"""Kills Martlet under load, and compares what it has with what it had acknowledged."""

import hashlib
import http.client
import json
import os
import random
import threading
import time
import urllib.parse

import pytest

from support import API, ARTIFACTS

pytestmark = pytest.mark.martlet_only

ROUNDS = 5
WORKERS = 6


class Worker(threading.Thread):
    """One client that writes as fast as it can and remembers what was acknowledged, until the server dies."""

    def __init__(self, server, seed):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.connection = server.connection(timeout=20)
        self.refused = []
        self.runs = []
        self.steps = {}
        self.batches = {}
        self.params = {}
        self.artifacts = {}

    def run(self):
        try:
            self.begin_run()
            while True:
                chosen = self.random.choices(
                    [self.log_metric, self.log_batch, self.log_param, self.upload, self.begin_run],
                    [50, 15, 10, 20, 5],
                )
                chosen[0]()
        except (OSError, http.client.HTTPException):
            pass
        finally:
            self.connection.close()

    def send(self, method, target, data, kind="application/json"):
        """True when the server said 200."""
        self.connection.request(method, target, data, {"Content-Type": kind})
        answer = self.connection.getresponse()
        self.answer = answer.read()
        if answer.status != 200:
            self.refused.append((answer.status, self.answer[:200]))
        return answer.status == 200

    def post(self, path, body):
        return self.send("POST", API + path, json.dumps(body))

    def begin_run(self):
        if self.post("runs/create", {"experiment_id": "0", "start_time": len(self.runs) + 1}):
            run = json.loads(self.answer)["run"]["info"]["run_id"]
            self.runs.append(run)
            self.steps[run], self.batches[run], self.params[run] = [], [], {}

    def log_metric(self):
        run = self.runs[-1]
        step = len(self.steps[run])
        point = {"run_id": run, "key": "single", "value": step / 7, "timestamp": step, "step": step}
        if self.post("runs/log-metric", point):
            self.steps[run].append(step)

    def log_batch(self):
        """Ten metrics and a tag that belong together."""
        run = self.runs[-1]
        step = len(self.batches[run])
        metrics = [{"key": f"b{i}", "value": step + i, "timestamp": step, "step": step} for i in range(10)]
        tags = [{"key": "last-batch", "value": str(step)}]
        if self.post("runs/log-batch", {"run_id": run, "metrics": metrics, "tags": tags}):
            self.batches[run].append(step)

    def log_param(self):
        run = self.runs[-1]
        key = f"p{len(self.params[run])}"
        value = self.random.randbytes(50).hex()
        if self.post("runs/log-parameter", {"run_id": run, "key": key, "value": value}):
            self.params[run][key] = value

    def upload(self):
        """A file that is named after the digest of its content, so that what is visible can be checked."""
        run = self.runs[-1]
        data = self.random.randbytes(self.random.choice([0, 10, 5000, 200_000, 1_500_000]))
        name = f"{hashlib.sha256(data).hexdigest()}-{len(self.artifacts)}"
        key = f"0/{run}/artifacts/files/{name}"
        if self.send("PUT", ARTIFACTS + key, data, "application/octet-stream"):
            self.artifacts[key] = hashlib.sha256(data).hexdigest()

    def acknowledged(self):
        count = len(self.runs) + len(self.artifacts)
        return count + sum(
            len(self.steps[run]) + len(self.batches[run]) + len(self.params[run]) for run in self.runs
        )


class Reader:
    """Asks one server over one connection."""

    def __init__(self, server):
        self.connection = server.connection()

    def bytes(self, target):
        self.connection.request("GET", target)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (target, answer.status, body[:200])
        return body

    def json(self, path, /, **query):
        return json.loads(self.bytes(f"{API}{path}?{urllib.parse.urlencode(query)}"))

    def steps(self, run, key):
        history = self.json("metrics/get-history", run_id=run, metric_key=key).get("metrics", [])
        return [metric["step"] for metric in history]


def assert_all_is_there(server, worker):
    reader = Reader(server)
    for run in worker.runs:
        data = reader.json("runs/get", run_id=run)["run"]["data"]
        params = {param["key"]: param["value"] for param in data.get("params", [])}
        tags = {tag["key"]: tag["value"] for tag in data.get("tags", [])}
        assert worker.params[run].items() <= params.items()
        # Beyond what was acknowledged, only the write under way when the server died may be there.
        singles = reader.steps(run, "single")
        assert singles[: len(worker.steps[run])] == worker.steps[run]
        assert len(singles) <= len(worker.steps[run]) + 1
        batches = (
            [reader.steps(run, f"b{i}") for i in range(10)]
            if worker.batches[run] or "last-batch" in tags
            else []
        )
        assert all(steps == batches[0] for steps in batches), "half of a batch is there"
        if batches:
            assert batches[0][: len(worker.batches[run])] == worker.batches[run]
            assert tags["last-batch"] == str(batches[0][-1])
        visible = reader.json("artifacts/list", run_id=run, path="files").get("files", [])
        for file in visible:
            content = reader.bytes(f"{ARTIFACTS}0/{run}/artifacts/{file['path']}")
            assert file["path"].startswith(f"files/{hashlib.sha256(content).hexdigest()}"), (
                "half of a file is visible"
            )
        names = {f"0/{run}/artifacts/{file['path']}" for file in visible}
        assert {key for key in worker.artifacts if f"/{run}/" in key} <= names


def test_nothing_acknowledged_is_missing_after_a_kill(start_martlet):
    seed = int(os.environ.get("CRASH_SEED", time.time_ns() % 1_000_000))
    print(f"CRASH_SEED={seed}")
    chance = random.Random(seed)
    server = start_martlet()
    workers = []
    for number in range(ROUNDS):
        fresh = [Worker(server, seed + number * WORKERS + i) for i in range(WORKERS)]
        for worker in fresh:
            worker.start()
        time.sleep(chance.uniform(0.2, 1.5))
        server.kill()
        for worker in fresh:
            worker.join(30)
            assert not worker.is_alive()
        workers.append(fresh)
        server = start_martlet(data=server.data)
        for worker in fresh:
            assert not worker.refused, worker.refused[:3]
            assert_all_is_there(server, worker)
        assert sum(worker.acknowledged() for worker in fresh) > 20, "hardly any load"
    for worker in workers[0]:
        assert_all_is_there(server, worker)
    server.new_run()
    assert server.terminate() == 0


def test_repeated_kills_right_after_the_start_do_no_harm(start_martlet):
    server = start_martlet()
    run = server.new_run()
    for _ in range(5):
        server.kill()
        server = start_martlet(data=server.data)
    assert server.get("runs/get", run_id=run).expect().json["run"]["info"]["run_id"] == run
