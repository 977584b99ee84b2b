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
RECORDS = ("off", "relaxed", "strict")
FAILURES = ("rollback-failures", "rollback-three-failures")
PROOFS = ("proof-inclusion", "proof-consistency", "proof-version", "proof-checkpoint")


def _against(other: str, bound: float, *measures: str) -> list[Target]:
    return [
        Target(f"{measure} against {other}", (measure, "martlet"), (measure, other), bound)
        for measure in measures
    ]


def _beside(claim: str, measure: str, part: Source, bound: float) -> Target:
    return Target(claim, (measure, "martlet"), part, bound)


def _at_most(claim: str, measure: str, bound: float) -> Target:
    return Target(claim, (measure, "martlet"), None, bound, is_at_least=False)


def _scale(measure: str, bound: float | None = 3) -> Target:
    claim = f"{measure}: p50 with the large experiment against the small one"
    return Target(claim, (measure, "large"), (measure, "small"), bound, is_at_least=False)


def _deep(measure: str) -> Target:
    claim = f"{measure}: p50 of the hundredth page against the first"
    return Target(claim, (f"{measure}-deep", "large"), (measure, "large"), None)


def _spread(api: str) -> Target:
    claim = f"versions by digest, alias and semantic version, {api}: the most frequent ÷ the rarest"
    return Target(claim, ("lookup-spread", api), None, 1.5, is_at_least=False)


def _promotion(measure: str, connections: int) -> Target:
    words = {1: "one connection", 16: "16 connections"}[connections]
    tags = (f"set-tag-{connections}", "martlet")
    return _beside(f"{measure} on {words} ÷ set-tag", f"{measure}-{connections}", tags, 0.5)


def _pair(measure: str) -> Target:
    claim = f"{measure}: two servers on one PostgreSQL against one"
    return Target(claim, (measure, "two servers"), (measure, "one server"), 1)


def _gateway(other: str) -> list[Target]:
    bounds = {"off": 0.5, "relaxed": 0.5, "strict": 0.3}
    return [
        _beside(f"deployments with records {name} ÷ {other}", f"gateway-{name}", ("gateway", other), bound)
        for name, bound in bounds.items()
    ]


def _many_deployments() -> Target:
    claim = "requests among many deployments ÷ among few"
    return Target(claim, ("gateway-many", "many"), ("gateway-many", "few"), 0.9)


def _long_ledger() -> Target:
    claim = "ledger-append: p50 with the long ledger against the short one"
    return Target(claim, ("ledger-append", "long"), ("ledger-append", "short"), 1.5, is_at_least=False)


TARGETS = [
    *_against("mlflow", 50, *WRITES, "get-run", *SEARCHES, *REGISTRY),
    *_against("fasttrackml", 2, *WRITES, "get-run", "search-filter-order", "search-tag-like"),
    *_against("fasttrackml", 10, "search-recent", "metric-history"),
    _beside("log-metric on 64 connections ÷ /health", "log-metric-beside-health", ("health", "martlet"), 0.3),
    _beside("log-batch rows ÷ a bare bulk insert", "log-batch-rows", ("bulk-insert", "sqlite"), 0.2),
    _beside(
        "log-metric on one connection ÷ bare durable commits",
        "log-metric-beside-commits",
        ("bare-commits", "sqlite"),
        0.5,
    ),
    _at_most("seconds from start to the first answer", "start", 0.3),
    _at_most("MB resident when idle", "idle-memory", 50),
    _at_most("MB resident at most during the big upload", "big-upload-memory", 150),
    _beside("upload ÷ openssl's SHA-256 on one core", "upload-beside-sha256", ("sha256", "openssl"), 0.55),
    *_against("mlflow", 1, "upload"),
    _beside("download ÷ nginx", "download-beside-nginx", ("nginx-download", "nginx"), 0.8),
    _beside("upload to S3 ÷ boto3's TransferManager", "s3-upload", ("s3-upload", "boto3"), 0.8),
    _at_most("MB resident at most during uploads to S3", "s3-upload-memory", 250),
    *map(_scale, ("scale-filter-order", "scale-recent", "scale-recent-deep")),
    *map(_scale, ("scale-ordered", "scale-ordered-deep")),
    _scale("scale-filter-order-short", bound=None),
    *map(_deep, ("scale-recent", "scale-ordered")),
    _at_most("ms (p50) to seal a version of 1,000 stored files", "seal-1000", 50),
    *map(_spread, ("native", "through MLflow")),
    *[_promotion(measure, connections) for measure in ("promote", "move") for connections in (1, 16)],
    *_against("mlflow", 30, "pg-create-run", "pg-log-batch", *(f"pg-{measure}" for measure in SEARCHES)),
    *_against("fasttrackml", 2, "pg-create-run", "pg-log-batch", *(f"pg-{measure}" for measure in SEARCHES)),
    *map(_pair, ("pair-create-run", "pair-log-metric", "pair-log-batch", "pair-get-run")),
    _long_ledger(),
    *[_at_most(f"{measure}: ms (p50) with the long ledger", measure, 5) for measure in PROOFS],
    *_gateway("nginx"),
    *[
        _at_most(f"gateway-added-{name}: ms added to the p99 at half load", f"gateway-added-{name}", 2)
        for name in RECORDS
    ],
    _at_most("ms from a rollback until it is in effect, on one server", "rollback", 100),
    _at_most("ms from a rollback until it is in effect, on three servers", "rollback-three", 1000),
    *[_at_most(f"{measure}: requests that failed", measure, 0) for measure in FAILURES],
    _many_deployments(),
    _at_most("ms (p50) to find and explain one of many decisions", "gateway-decision", 10),
    _at_most("% of two large files that comparing them reads", "diff-read", 1),
]
