"""Runs, metrics and their history."""

from __future__ import annotations

import json

from client import API
from load import Load
from servers import Server
from trial import Trial
from workload import STARTED_MS, fill_history, new_experiment, new_runs, run_contents

WRITES = ("create-run", "log-metric", "log-metric-64", "log-metric-1", "log-batch")
READS = ("get-run", "metric-history")


def measure_writes(trial: Trial, server: Server) -> None:
    experiment = new_experiment(server)
    trial.load("create-run", server, create_run(experiment))

    runs = new_runs(server, experiment)
    for measure, connections in (("log-metric", 8), ("log-metric-64", 64), ("log-metric-1", 1)):
        trial.load(measure, server, log_metric(runs, connections))
    trial.load("log-batch", server, log_batch(runs))


def measure_reads(trial: Trial, server: Server) -> None:
    runs = new_runs(server, new_experiment(server))
    for index, run in enumerate(runs):
        server.client.post("runs/log-batch", run_contents(run, index))
    trial.load("get-run", server, get_run(runs))

    if trial.wants("metric-history"):
        points = trial.settings.history_points
        fill_history(server, runs[0], "long", points)
        path = f"{API}metrics/get-history?run_id={runs[0]}&metric_key=long&max_results={points}"
        trial.load("metric-history", server, Load.get(path, connections=2))


def log_metric(runs: list[str], connections: int) -> Load:
    return Load.numbered("log_metric", API + "runs/log-metric", *runs, connections=connections)


def log_batch(runs: list[str]) -> Load:
    return Load.numbered("log_batch", API + "runs/log-batch", *runs)


def create_run(experiment: str, connections: int = 8) -> Load:
    body = json.dumps({"experiment_id": experiment, "start_time": STARTED_MS})
    return Load.post(API + "runs/create", body, connections)


def get_run(runs: list[str]) -> Load:
    return Load.get_each([f"{API}runs/get?run_id={run}" for run in runs])
