"""Whether a search over a hundred times as many runs takes longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from figures import Figure
from scenarios.search import FILTER_ORDER, PAGE, RECENT, search_body, search_load
from servers import Product, Server
from trial import Trial
from workload import fill_experiment

# Fewer than the small experiment has that match, so that both answer with the same number of runs.
SHORT = {**FILTER_ORDER, "max_results": 25}
ORDERED = {"order_by": ["metrics.m2 DESC"]}
FIRST, DEEP = 1, 100
# Name, query and page; of an experiment with fewer pages the last but one, for the last knows that it is.
QUERIES = (
    ("scale-filter-order", FILTER_ORDER, FIRST),
    ("scale-filter-order-short", SHORT, FIRST),
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
        sides = (
            Side("small", small, fill_experiment(small, settings.small_runs), settings.small_runs),
            Side("large", large, fill_experiment(large, settings.large_runs), settings.large_runs),
        )
        for measure, query, page in QUERIES:
            if trial.wants(measure):
                trial.interleave(*((measure, side.name, side.search(trial, query, page)) for side in sides))


@dataclass(frozen=True)
class Side:
    """A server with one experiment of so many runs."""

    name: str
    server: Server
    experiment: str
    runs: int

    def search(self, trial: Trial, query: dict, page: int) -> Callable[[], Figure]:
        """How to measure the search for one page, from one connection."""
        load = search_load(self.experiment, query, 1, **self._token_of(query, page))
        return lambda: trial.warmed(load, self.server, trial.settings.turn_seconds).median_latency()

    def _token_of(self, query: dict, page: int) -> dict[str, str]:
        """Found by following the tokens from the first page."""
        token: dict[str, str] = {}
        for _ in range(1, min(page, self.runs // PAGE - 1)):
            reply = self.server.client.post("runs/search", search_body(self.experiment, query, **token))
            token = {"page_token": reply["next_page_token"]}
        return token
