"""One call of the benchmark: its settings, its scratch folder, and what it has measured so far."""

from __future__ import annotations

import http.client
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from client import NotServed
from figures import Figure, Figures
from load import Load
from processes import Unmeasurable
from servers import Product, Server

WARM_UP_SECONDS = 1
ANSWERS_MIN = 100


@dataclass(frozen=True)
class Settings:
    """How long and how much. The targets hold for the defaults."""

    seconds: int = 6
    # How often all servers are gone through, one after another.
    passes: int = 1
    # What is set beside something else is measured in turn with it, in short turns.
    rounds: int = 5
    turn_seconds: int = 3
    search_runs: int = 5_000
    history_points: int = 20_000
    small_runs: int = 1_000
    large_runs: int = 100_000
    artifact_megabytes: int = 512
    artifact_rounds: int = 5
    starts: int = 5
    big_gigabytes: float = 10
    seals: int = 100
    ledger_entries: int = 10_000_000
    compared_megabytes: int = 1_000
    deployments: int = 10_000
    decisions: int = 10_000_000
    only: tuple[str, ...] = ()

    @classmethod
    def quick(cls) -> Settings:
        return cls(
            seconds=2,
            rounds=2,
            turn_seconds=1,
            search_runs=1_000,
            large_runs=10_000,
            artifact_megabytes=64,
            artifact_rounds=2,
            big_gigabytes=0,
            seals=20,
            ledger_entries=100_000,
            compared_megabytes=64,
            deployments=1_000,
            decisions=100_000,
        )


@dataclass
class Trial:
    settings: Settings
    folder: Path
    figures: Figures = field(default_factory=Figures)
    # What could not be measured though it should have been, in words.
    failures: list[str] = field(default_factory=list)
    # What the measures are called by, where the same scenario is gone through in another set-up.
    prefix: str = ""
    _folder_numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def wants(self, *measures: str) -> bool:
        """Whether any of the measures was asked for, by its name or by how its name begins."""
        asked = self.settings.only
        measures = tuple(self.prefix + measure for measure in measures)
        return not asked or any(
            measure == name or measure.startswith(name + "-") for measure in measures for name in asked
        )

    def new_folder(self, purpose: str) -> Path:
        return self.folder / f"{next(self._folder_numbers):02d}-{purpose}"

    @contextmanager
    def running(self, product: Product, prefix: tuple[str, ...] = ()) -> Iterator[Server]:
        """The product on a fresh folder, which is deleted afterwards."""
        folder = self.new_folder(product.name)
        try:
            with Server(product, folder, prefix) as server:
                yield server
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def record(self, measure: str, subject: str, figure: Figure) -> None:
        measure = self.prefix + measure
        self.figures.record(measure, subject, figure)
        if subject == "martlet" and figure.errors:
            self.failures.append(f"{subject}, {measure}: {figure.note}")
        print(f"  {subject:<12} {measure:<28} {describe(figure)}", flush=True)

    def load(self, measure: str, server: Server, load: Load) -> None:
        """Warms up, measures and records, if the measure was asked for."""
        if self.wants(measure):
            self.record(measure, server.name, self.warmed(load, server, self.settings.seconds))

    @staticmethod
    def warmed(load: Load, server: Server, seconds: int) -> Figure:
        load.apply(server.port, WARM_UP_SECONDS)
        figure = load.apply(server.port, seconds)
        # What is under way when the time is up is not counted; of few answers that is too large a part.
        return figure if figure.count >= ANSWERS_MIN else load.apply(server.port, seconds * 5)

    def interleave(self, *contestants: tuple[str, str, Callable[[], Figure]]) -> None:
        """Measures (measure, subject, how) in turn, several times, so that all see the same machine."""
        for _ in range(self.settings.rounds):
            for measure, subject, how in contestants:
                self.record(measure, subject, how())

    @contextmanager
    def attempting(self, measures: tuple[str, ...], subject: str) -> Iterator[None]:
        """Goes on with the next scenario when one fails; the figures it still owes say why."""
        try:
            yield
        except NotServed as reason:
            self._give_up(measures, subject, "not served")
            # The others need not serve everything.
            if subject == "martlet":
                self.failures.append(f"{subject}, {measures[0]}: {reason}")
        except (Unmeasurable, OSError, http.client.HTTPException, ValueError, KeyError) as reason:
            self._give_up(measures, subject, str(reason))
            self.failures.append(f"{subject}, {measures[0]}: {type(reason).__name__}: {reason}")

    def _give_up(self, measures: tuple[str, ...], subject: str, reason: str) -> None:
        for measure in measures:
            if self.wants(measure) and self.figures.find(measure, subject) is None:
                self.record(measure, subject, Figure.absent(reason))


def describe(figure: Figure) -> str:
    """A figure in one line of plain text."""
    if figure.value is None:
        return f"- ({figure.note})" if figure.note else "-"
    text = quantity(figure.value, figure.unit)
    if figure.p50_ms is not None:
        text += f"  p50 {figure.p50_ms:.2f} ms  p99 {figure.p99_ms:.2f} ms"
    return text + (f"  INVALID: {figure.errors} errors" if figure.errors else "")


def quantity(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    separator = "" if unit.startswith("/") else " "
    return f"{value:,.{digits}f}{separator}{unit}"
