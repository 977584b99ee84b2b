"""Searches over runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from client import API
from figures import Figure
from load import Load
from servers import Server
from trial import Trial
from workload import fill_experiment

SEARCHES = ("search-filter-order", "search-recent", "search-tag-like", "seed-runs")
CONNECTIONS = 4
PAGE = 100

FILTER_ORDER = {"filter": "metrics.m1 > 0.5 and params.p1 = 'v3'", "order_by": ["metrics.m2 DESC"]}
RECENT: dict = {}
TAG_LIKE = {
    "filter": "tags.t1 LIKE 'g3%' and metrics.m0 < 0.1",
    "order_by": ["attributes.start_time DESC"],
}


def measure_searches(trial: Trial, server: Server, settle: Callable[[], object] = lambda: None) -> None:
    """`settle` is called between filling and searching."""
    count = trial.settings.search_runs
    began = time.monotonic()
    experiment = fill_experiment(server, count)
    took = time.monotonic() - began
    # By way of information: the client that fills is Python, and not what is measured.
    trial.record("seed-runs", server.name, Figure(count / took, count=count))

    settle()

    for measure, query in zip(SEARCHES, (FILTER_ORDER, RECENT, TAG_LIKE), strict=False):
        trial.load(measure, server, search_load(experiment, query, CONNECTIONS))


def search_body(experiment: str, query: dict, **more: str) -> dict:
    return {"experiment_ids": [experiment], "max_results": PAGE, **query, **more}


def search_load(experiment: str, query: dict, connections: int, **more: str) -> Load:
    return Load.post(API + "runs/search", json.dumps(search_body(experiment, query, **more)), connections)
