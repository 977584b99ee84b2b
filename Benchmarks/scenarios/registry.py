"""Registered models, versions and aliases."""

from __future__ import annotations

import json

from client import API
from load import Load
from servers import Server
from trial import Trial
from workload import new_experiment

REGISTRY = ("create-version", "get-by-alias", "search-versions")
MODEL = "net"


def measure_registry(trial: Trial, server: Server) -> None:
    client = server.client
    client.post("registered-models/create", {"name": MODEL})
    experiment = new_experiment(server)
    run = client.new_run(experiment)
    version = {
        "name": MODEL,
        "source": f"mlflow-artifacts:/{experiment}/{run}/artifacts/model",
        "run_id": run,
    }
    client.post("model-versions/create", version)
    client.post("registered-models/alias", {"name": MODEL, "alias": "champion", "version": "1"})

    create = Load.post(API + "model-versions/create", json.dumps(version), connections=4)
    trial.load("create-version", server, create)
    trial.load("get-by-alias", server, Load.get(f"{API}registered-models/alias?name={MODEL}&alias=champion"))
    search = f"{API}model-versions/search?filter=name%3D%27{MODEL}%27&max_results=100"
    trial.load("search-versions", server, Load.get(search, connections=4))
