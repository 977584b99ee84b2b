"""What Martlet is to reach, and whether it did in this call."""

from __future__ import annotations

from dataclasses import dataclass

from figures import Figures

# A measure, and who was measured.
Source = tuple[str, str]


@dataclass(frozen=True)
class Target:
    """A figure, or its ratio to another, and the bound it is to keep; without a bound it only informs."""

    claim: str
    figure: Source
    reference: Source | None
    bound: float | None
    is_at_least: bool = True

    @property
    def demand(self) -> str:
        if self.bound is None:
            return ""
        return f"{'≥' if self.is_at_least else '≤'} {self.bound:g}" + ("" if self.reference is None else "×")


@dataclass(frozen=True)
class Verdict:
    target: Target
    reached: float | None
    word: str


def judge(target: Target, figures: Figures) -> Verdict:
    sources = [target.figure] + ([target.reference] if target.reference else [])
    found = [figures.find(*source) for source in sources]
    if any(figure is None or figure.value is None for figure in found):
        return Verdict(target, None, "not measured")
    reached = found[0].value / found[1].value if target.reference else found[0].value
    if any(figure.errors for figure in found):
        return Verdict(target, reached, "invalid (errors)")
    if target.bound is None:
        return Verdict(target, reached, "")
    is_met = reached >= target.bound if target.is_at_least else reached <= target.bound
    return Verdict(target, reached, "met" if is_met else "NOT MET")


SEARCHES = ("search-filter-order", "search-recent", "search-tag-like")
WRITES = ("create-run", "log-metric", "log-metric-64", "log-batch")
REGISTRY = ("create-version", "get-by-alias")
# FastTrackML is ten times slower at these, by nature.
SLOW_THERE = ("search-recent", "metric-history")


def _against(name: str, title: str, bound: float, measures: tuple[str, ...]) -> list[Target]:
    return [
        Target(f"{measure} against {title}", (measure, "martlet"), (measure, name), bound)
        for measure in measures
    ]


def _scale(claim: str, measure: str) -> Target:
    return Target(
        f"{claim}: p50 of the large experiment against the small",
        (measure, "large"),
        (measure, "small"),
        3,
        False,
    )


TARGETS = [
    *_against("mlflow", "mlflow", 50, (*WRITES, "get-run", *SEARCHES, *REGISTRY)),
    *_against(
        "fasttrackml", "FastTrackML", 2, (*WRITES, "get-run", "search-filter-order", "search-tag-like")
    ),
    *_against("fasttrackml", "FastTrackML", 10, SLOW_THERE),
    Target(
        "log-metric on 64 connections against /health",
        ("log-metric-beside-health", "martlet"),
        ("health", "martlet"),
        0.3,
    ),
    Target(
        "log-batch, rows a second, against a bare bulk insert",
        ("log-batch-rows", "martlet"),
        ("bulk-insert", "sqlite"),
        0.2,
    ),
    Target(
        "log-metric on one connection against bare durable commits",
        ("log-metric-beside-commits", "martlet"),
        ("bare-commits", "sqlite"),
        0.5,
    ),
    Target("seconds from start to the first answer", ("start", "martlet"), None, 0.3, False),
    Target("MB resident when idle", ("idle-memory", "martlet"), None, 50, False),
    Target(
        "MB resident at most while the big artifact is uploaded",
        ("big-upload-memory", "martlet"),
        None,
        150,
        False,
    ),
    Target(
        "upload against openssl's SHA-256", ("upload-beside-sha256", "martlet"), ("sha256", "openssl"), 0.55
    ),
    Target("upload against mlflow", ("upload", "martlet"), ("upload", "mlflow"), 1),
    Target("download against nginx", ("download-beside-nginx", "martlet"), ("nginx-download", "nginx"), 0.8),
    _scale("search, filter+order", "scale-filter-order"),
    _scale("search, recent", "scale-recent"),
    _scale("search, recent, deep page", "scale-recent-deep"),
    _scale("search, ordered by a metric", "scale-ordered"),
    _scale("search, ordered by a metric, deep page", "scale-ordered-deep"),
    Target(
        "page 100 against page 1, recent", ("scale-recent-deep", "large"), ("scale-recent", "large"), None
    ),
    Target(
        "page 100 against page 1, ordered by a metric",
        ("scale-ordered-deep", "large"),
        ("scale-ordered", "large"),
        None,
    ),
]
