"""What was measured: figures, and all of them by name and by who was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Figure:
    """One measurement. Without a value, `note` says why."""

    value: float | None
    unit: str = "/s"
    p50_ms: float | None = None
    p99_ms: float | None = None
    errors: int = 0
    count: int = 0
    note: str = ""

    @classmethod
    def absent(cls, reason: str) -> Figure:
        return cls(None, note=reason)

    @classmethod
    def of_seconds(cls, seconds: Sequence[float]) -> Figure:
        """How long single requests took that were sent one after another; the value is the p50."""
        ordered = sorted(1000 * each for each in seconds)
        p50, p99 = (ordered[int((len(ordered) - 1) * part)] for part in (0.5, 0.99))
        return cls(p50, "ms", p50, p99, count=len(ordered))

    @property
    def is_valid(self) -> bool:
        """Answers that failed make a measure worthless: refusing can be quicker than working."""
        return self.value is not None and self.errors == 0

    def times(self, factor: float, unit: str) -> Figure:
        """The same measurement, counted in parts of what was counted."""
        return self if self.value is None else replace(self, value=self.value * factor, unit=unit)

    def median_latency(self) -> Figure:
        """The same measurement with its p50 as the value, for targets about waiting."""
        return self if self.value is None else replace(self, value=self.p50_ms, unit="ms")


def best(figures: Sequence[Figure]) -> Figure:
    """The highest value, with the errors of all."""
    return _chosen(figures, -1)


def median(figures: Sequence[Figure]) -> Figure:
    """The middle one, the lower of two, with the errors of all."""
    return _chosen(figures, (sum(figure.value is not None for figure in figures) - 1) // 2)


def _chosen(figures: Sequence[Figure], index: int) -> Figure:
    measured = sorted(
        (figure for figure in figures if figure.value is not None), key=lambda figure: figure.value
    )
    if not measured:
        return figures[0]
    return replace(measured[index], errors=sum(figure.errors for figure in figures))


class Figures:
    """Figures by measure and by the name of the server, or of the part, that was measured.

    What is recorded more than once counts with its median.
    """

    def __init__(self):
        self._taken: dict[str, dict[str, list[Figure]]] = {}

    def record(self, measure: str, subject: str, figure: Figure) -> None:
        self._taken.setdefault(measure, {}).setdefault(subject, []).append(figure)

    def find(self, measure: str, subject: str) -> Figure | None:
        taken = self._taken.get(measure, {}).get(subject)
        return median(taken) if taken else None

    def measures(self) -> list[str]:
        return list(self._taken)

    def subjects(self, measure: str) -> list[str]:
        return list(self._taken.get(measure, {}))

    def as_json(self) -> dict:
        return {
            measure: {
                subject: [asdict(figure) for figure in figures] for subject, figures in by_subject.items()
            }
            for measure, by_subject in self._taken.items()
        }
