"""What is measured: in turn on every server, and what is asked of Martlet alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from servers import Product, Server
from trial import Trial

from . import (
    artifacts,
    footprint,
    gateway,
    ledger,
    limits,
    object_store,
    registry,
    scale,
    search,
    tracking,
    versions,
)


@dataclass(frozen=True)
class Scenario:
    """Something to do with a running server, and the measures that come of it."""

    measures: tuple[str, ...]
    measure: Callable[[Trial, Server], None]


@dataclass(frozen=True)
class MartletScenario:
    """The same for Martlet alone; it starts the servers that it needs."""

    measures: tuple[str, ...]
    measure: Callable[[Trial, Product], None]


ON_EVERY_SERVER = (
    Scenario(tracking.WRITES, tracking.measure_writes),
    Scenario(tracking.READS, tracking.measure_reads),
    Scenario(search.SEARCHES, search.measure_searches),
    Scenario(registry.REGISTRY, registry.measure_registry),
    Scenario(artifacts.SMALL, artifacts.measure_small),
    Scenario(artifacts.LARGE, artifacts.measure_large),
    Scenario(footprint.AFTER_LOAD, footprint.measure_after_load),
)

ON_MARTLET = (
    MartletScenario(footprint.START, footprint.measure_start),
    MartletScenario(limits.LIMITS, limits.measure_limits),
    MartletScenario(artifacts.LIMITS, artifacts.measure_limits),
    MartletScenario(object_store.UPLOADS, object_store.measure_uploads),
    MartletScenario(scale.SCALE, scale.measure_scale),
    MartletScenario(versions.SEALS, versions.measure_seals),
    MartletScenario(versions.LOOKUPS, versions.measure_lookups),
    MartletScenario(versions.MOVES, versions.measure_moves),
    MartletScenario(versions.COMPARISONS, versions.measure_comparisons),
    MartletScenario(ledger.LEDGER, ledger.measure_ledger),
    MartletScenario(gateway.SPEED + gateway.WAITING, gateway.measure_gateway),
    MartletScenario(gateway.ROLLBACK, gateway.measure_rollback),
    MartletScenario(gateway.SIZE, gateway.measure_size),
    MartletScenario(footprint.BIG_UPLOAD, footprint.measure_big_upload),
)
