"""Whether a search over a hundred times as many runs takes longer."""

from __future__ import annotations

from collections.abc import Callable

from figures import Figure
from load import Load
from scenarios.search import FILTER_ORDER, PAGE, RECENT, search_body, search_load
from servers import Product, Server
from trial import Trial
from workload import fill_experiment

ORDERED = {"order_by": ["metrics.m2 DESC"]}
FIRST, DEEP = 1, 100
# Name, query and page; of an experiment with fewer pages the last.
QUERIES = (
    ("scale-filter-order", FILTER_ORDER, FIRST),
    ("scale-recent", RECENT, FIRST),
    ("scale-recent-deep", RECENT, DEEP),
    ("scale-ordered", ORDERED, FIRST),
    ("scale-ordered-deep", ORDERED, DEEP),
)
SCALE = tuple(name for name, _, _ in QUERIES)


def measure_scale(trial: Trial, martlet: Product) -> None:
    """Two servers, so that the small experiment is alone in its database, and requests to them in turn."""
    settings = trial.settings
    with trial.running(martlet) as small, trial.running(martlet) as large:
        sides = {
            "small": (small, fill_experiment(small, settings.small_runs), settings.small_runs),
            "large": (large, fill_experiment(large, settings.large_runs), settings.large_runs),
        }
        for name, query, page in QUERIES:
            if trial.wants(name):
                trial.interleave(
                    *(
                        (
                            name,
                            side,
                            latency(
                                trial, server, search(server, experiment, query, min(page, runs // PAGE))
                            ),
                        )
                        for side, (server, experiment, runs) in sides.items()
                    )
                )


def search(server: Server, experiment: str, query: dict, page: int) -> Load:
    """The search for one page, found by following the tokens from the first; on one connection."""
    more: dict[str, str] = {}
    for _ in range(page - 1):
        reply = server.client.post("runs/search", search_body(experiment, query, **more))
        more = {"page_token": reply["next_page_token"]}
    return search_load(experiment, query, 1, **more)


def latency(trial: Trial, server: Server, load: Load) -> Callable[[], Figure]:
    return lambda: trial.warmed(load, server, trial.settings.turn_seconds).median_latency()
