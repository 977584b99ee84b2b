"""What is put into a server before it is measured."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local

from client import API, Client
from load import Load
from servers import Server

STARTED_MS = 1_700_000_000_000
CONNECTIONS = 8
BATCH = 1000
WAKING_REQUESTS = 500
WAKING_SECONDS_MAX = 30

MODEL = "net"
# Of versions; somebody else must approve them.
AUTHOR = "ann"
MLMODEL = b"""artifact_path: model
flavors:
  python_function: {loader_module: mlflow.pyfunc.model, python_version: 3.11.2}
signature:
  inputs: '[{"type": "double", "name": "x", "required": true}]'
  outputs: '[{"type": "long", "required": true}]'
"""

_experiment_numbers = itertools.count(1)


def wake(server: Server) -> None:
    """Lets every worker answer something: the first request costs some of them seconds."""
    find = Load.get(API + "experiments/get?experiment_id=0", connections=32)
    answered, attempts = 0, 0
    while answered < WAKING_REQUESTS and attempts < WAKING_SECONDS_MAX:
        answered += find.apply(server.port, seconds=1).count
        attempts += 1


def new_experiment(server: Server) -> str:
    return server.client.new_experiment(f"bench-{next(_experiment_numbers)}")


def new_runs(server: Server, experiment: str, count: int = 8) -> list[str]:
    return [server.client.new_run(experiment) for _ in range(count)]


def fill_experiment(server: Server, count: int) -> str:
    """An experiment of `count` runs with 10 metrics, 20 params and 5 tags each, through the REST API."""
    experiment = new_experiment(server)
    own = local()
    clients = []

    def add(index: int) -> None:
        if not hasattr(own, "client"):
            own.client = Client(server.port)
            clients.append(own.client)
        run = own.client.new_run(experiment, STARTED_MS + index)
        own.client.post("runs/log-batch", run_contents(run, index))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for _ in pool.map(add, range(count)):
            pass
    for client in clients:
        client.close()
    return experiment


def run_contents(run: str, index: int) -> dict:
    """The same for the same index on every server."""
    values = random.Random(index)
    return {
        "run_id": run,
        "metrics": [_point(f"m{key}", values.random(), index) for key in range(10)],
        "params": [{"key": f"p{key}", "value": f"v{values.randrange(10)}"} for key in range(20)],
        "tags": [{"key": f"t{key}", "value": f"g{index % 7}"} for key in range(5)],
    }


def fill_history(server: Server, run: str, key: str, count: int) -> None:
    for first in range(0, count, BATCH):
        points = [_point(key, step * 0.5, step) for step in range(first, min(first + BATCH, count))]
        server.client.post("runs/log-batch", {"run_id": run, "metrics": points})


def _point(key: str, value: float, step: int) -> dict:
    return {"key": key, "value": value, "timestamp": STARTED_MS + step, "step": step}


@dataclass(frozen=True)
class TrainedModel:
    """A run whose files are to be registered."""

    server: Server
    experiment: str
    run: str

    @classmethod
    def train(cls, server: Server) -> TrainedModel:
        experiment = new_experiment(server)
        model = cls(server, experiment, server.client.new_run(experiment))
        model.put("MLmodel", MLMODEL)
        model.put("weights.bin", b"weights")
        point = {"key": "accuracy", "value": 0.95, "timestamp": STARTED_MS, "step": 0}
        server.client.post("runs/log-metric", {"run_id": model.run, **point})
        return model

    def key(self, path: str) -> str:
        return f"{self.experiment}/{self.run}/artifacts/model/{path}"

    def put(self, path: str, content: bytes) -> None:
        self.server.client.put_artifact(self.key(path), content)

    @property
    def source(self) -> dict[str, str]:
        return {"source": f"runs:/{self.run}/model", "run_id": self.run}

    def register(self, name: str = MODEL) -> dict:
        """What our own API says of the new version."""
        body = {"source": self.source["source"], "runId": self.run, "createsModel": True}
        return self.server.client.native("POST", f"models/{name}/versions", body, AUTHOR)
