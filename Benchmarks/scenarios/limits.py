"""How near Martlet comes to its own parts: bare HTTP, and bare SQLite on the same disk."""

from __future__ import annotations

from collections.abc import Callable

import parts
from figures import Figure
from load import Load
from scenarios.tracking import log_batch, log_metric
from servers import Product, Server
from trial import Trial
from workload import new_experiment, new_runs

LIMITS = (
    "log-metric-beside-health", "health",
    "log-batch-rows", "bulk-insert",
    "log-metric-beside-commits", "health-1", "bare-commits",
)  # fmt: skip
BATCH_ROWS = 100


def measure_limits(trial: Trial, martlet: Product) -> None:
    with trial.running(martlet) as server:
        sqlite = parts.BareSQLite.build(trial.new_folder("sqlite"), server.database)
        runs = new_runs(server, new_experiment(server))
        measure_http(trial, server, runs)
        measure_bulk(trial, server, runs, sqlite)
        measure_commits(trial, server, runs, sqlite)
        sqlite.delete()


def measure_http(trial: Trial, server: Server, runs: list[str]) -> None:
    if not trial.wants("log-metric-beside-health", "health"):
        return
    trial.interleave(
        ("health", "martlet", warmed(trial, server, Load.get("/health", connections=64))),
        ("log-metric-beside-health", "martlet", warmed(trial, server, log_metric(runs, 64))),
    )


def measure_bulk(trial: Trial, server: Server, runs: list[str], sqlite: parts.BareSQLite) -> None:
    if not trial.wants("log-batch-rows", "bulk-insert"):
        return
    inserted = []
    batches = warmed(trial, server, log_batch(runs))

    def through_the_server() -> Figure:
        figure = batches()
        inserted.append(figure.count * BATCH_ROWS)
        return figure.times(BATCH_ROWS, "rows/s")

    trial.interleave(
        ("log-batch-rows", "martlet", through_the_server),
        # As many rows as the server has just taken.
        ("bulk-insert", "sqlite", lambda: sqlite.bulk_insert(inserted[-1])),
    )


def measure_commits(trial: Trial, server: Server, runs: list[str], sqlite: parts.BareSQLite) -> None:
    if not trial.wants("log-metric-beside-commits", "health-1", "bare-commits"):
        return
    trial.interleave(
        # What an answer takes that has nothing to say: the rest of a log-metric is the commit and the way there.
        ("health-1", "martlet", warmed(trial, server, Load.get("/health", connections=1))),
        ("bare-commits", "sqlite", lambda: sqlite.commits(trial.settings.turn_seconds)),
        ("log-metric-beside-commits", "martlet", warmed(trial, server, log_metric(runs, 1))),
    )


def warmed(trial: Trial, server: Server, load: Load) -> Callable[[], Figure]:
    return lambda: trial.warmed(load, server, trial.settings.turn_seconds)
