"""The same loads on one PostgreSQL; and two servers on one database beside one alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from figures import Figure
from load import Load
from postgres import Postgres
from servers import Product, Server
from trial import Trial
from workload import new_experiment, new_runs, wake

from . import search, tracking

PREFIX = "pg-"
PAIR = ("pair-create-run", "pair-log-metric", "pair-log-batch", "pair-get-run")
SHARED = tuple(PREFIX + measure for measure in (*tracking.WRITES, "get-run", *search.SEARCHES)) + PAIR
CONNECTIONS = 16

# How each is told where its rows are.
OPTIONS = {
    "martlet": "--database {}",
    "mlflow": "--backend-store-uri {}",
    "fasttrackml": "--database-uri {}",
}
# What it says of SQLite instead.
REPLACED = {"mlflow": "--backend-store-uri", "fasttrackml": "--database-uri"}


def on(database: str, product: Product, more: str = "") -> Product:
    """The product with its rows in a database of PostgreSQL's."""
    words = product.arguments.split()
    if product.name in REPLACED:
        at = words.index(REPLACED[product.name])
        del words[at : at + 2]
    arguments = " ".join([*words, OPTIONS[product.name].format(database), more]).strip()
    return replace(product, arguments=arguments)


def measure_shared(trial: Trial, products: list[Product]) -> None:
    """One product after another, each on an empty database of one PostgreSQL."""
    with Postgres() as postgres:
        prefixed = replace(trial, prefix=PREFIX)
        for product in products * trial.settings.passes:
            print(f"{product.title} on PostgreSQL", flush=True)
            database = postgres.new_database()
            with trial.attempting(SHARED, product.name), trial.running(on(database, product)) as server:
                wake(server)
                tracking.measure_writes(prefixed, server)
                tracking.measure_reads(prefixed, server)
                # A minute later PostgreSQL would have done so by itself.
                search.measure_searches(prefixed, server, settle=lambda url=database: postgres.analyze(url))
        for product in products:
            if product.name == "martlet" and trial.wants(*PAIR):
                with trial.attempting(PAIR, "martlet"):
                    measure_pair(trial, product, postgres.new_database())


def measure_pair(trial: Trial, martlet: Product, database: str) -> None:
    """One server with all connections, then two with half of them each, in turn."""
    with trial.running(on(database, martlet)) as first:
        key = f"--ledger-key {first.folder}/data/ledger-key"
        with trial.running(on(database, martlet, key)) as second:
            runs = new_runs(first, new_experiment(first))
            for measure, load in pair_loads(runs, new_experiment(first)).items():
                if not trial.wants(measure):
                    continue
                half = replace(load, connections=CONNECTIONS // 2)
                trial.interleave(
                    (
                        measure,
                        "one server",
                        lambda load=load: trial.warmed(load, first, trial.settings.turn_seconds),
                    ),
                    (measure, "two servers", lambda half=half: together(trial, half, first, second)),
                )


def pair_loads(runs: list[str], experiment: str) -> dict[str, Load]:
    return {
        "pair-create-run": tracking.create_run(experiment, CONNECTIONS),
        "pair-log-metric": tracking.log_metric(runs, CONNECTIONS),
        "pair-log-batch": replace(tracking.log_batch(runs), connections=CONNECTIONS),
        "pair-get-run": replace(tracking.get_run(runs), connections=CONNECTIONS),
    }


def together(trial: Trial, load: Load, *servers: Server) -> Figure:
    """The same load on all servers at once; what they do together."""
    with ThreadPoolExecutor(len(servers)) as pool:
        figures = list(
            pool.map(lambda server: trial.warmed(load, server, trial.settings.turn_seconds), servers)
        )
    return Figure(
        sum(figure.value for figure in figures),
        p50_ms=max(figure.p50_ms for figure in figures),
        p99_ms=max(figure.p99_ms for figure in figures),
        errors=sum(figure.errors for figure in figures),
        count=sum(figure.count for figure in figures),
    )
