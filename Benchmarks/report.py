"""The figures as tables, in plain text and in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from durability import Durability
from figures import Figure, Figures
from servers import Product
from targets import TARGETS, judge
from trial import Settings, Trial, quantity

# Of these a smaller figure is the better one.
COSTS = ("s", "MB", "ms")
PREFACE = (
    "One call on one machine; compare the ratios, not the figures of two calls. Latencies are p50 / p99. "
    "The load comes from wrk, one thread of it on the same cores."
)


@dataclass(frozen=True)
class Table:
    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    comment: str = ""

    def as_markdown(self) -> str:
        lines = [f"## {self.title}", ""]
        if self.comment:
            lines += [self.comment, ""]
        lines.append(_markdown_row(self.header))
        lines.append(_markdown_row(["---"] * len(self.header)))
        return "\n".join(lines + [_markdown_row(row) for row in self.rows])

    def as_text(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows, strict=True)]
        lines = [self.title, *([self.comment] if self.comment else [])]
        for row in (self.header, ["-" * width for width in widths], *self.rows):
            lines.append(
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )
        return "\n".join(lines)


@dataclass(frozen=True)
class Report:
    """Everything that is said about one call."""

    trial: Trial
    products: Sequence[Product]
    durabilities: Sequence[Durability]
    machine: dict[str, str]
    versions: dict[str, str]

    def as_text(self) -> str:
        return "\n\n".join(self._render(Table.as_text))

    def as_markdown(self, command: str) -> str:
        head = ["# Benchmarks", f"Made by `{command}`. {PREFACE}"]
        return "\n\n".join(head + self._render(Table.as_markdown)) + "\n"

    def as_json(self) -> dict:
        verdicts = [judge(target, self.trial.figures) for target in TARGETS]
        return {
            "machine": self.machine,
            "versions": self.versions,
            "durability": {each.product.name: (each.journal, *_syncs(each)) for each in self.durabilities},
            "settings": vars(self.trial.settings),
            "figures": self.trial.figures.as_json(),
            "targets": [
                {"claim": verdict.target.claim, "demand": verdict.target.demand, "reached": verdict.reached,
                 "verdict": verdict.word}
                for verdict in verdicts
            ],
            "failures": self.trial.failures,
        }  # fmt: skip

    def _render(self, render: Callable[[Table], str]) -> list[str]:
        tables = [
            self._machine_table(),
            self._durability_table(),
            self._comparison_table(),
            self._alone_table(),
        ]
        tables.append(targets_table(self.trial))
        parts = [render(table) for table in tables if table.rows]
        if self.trial.failures:
            parts.append(
                "\n".join(["Could not be measured:", *(f"- {reason}" for reason in self.trial.failures)])
            )
        return parts

    def _machine_table(self) -> Table:
        settings = self.trial.settings
        amount = (
            f"{settings.passes} × {settings.seconds} s for each load, after 1 s to warm up; "
            f"searches over {settings.search_runs:,} runs; "
            f"{settings.small_runs:,} against {settings.large_runs:,} runs; artifacts of "
            f"{settings.artifact_megabytes} MiB and {settings.big_gigabytes:g} GB; "
            f"a ledger of {settings.ledger_entries:,} entries; "
            f"files of {settings.compared_megabytes:,} MB to compare"
        )
        rows = [*self.machine.items(), *self.versions.items(), ("amounts", amount)]
        return Table("Machine and versions", ("", ""), rows)

    def _durability_table(self) -> Table:
        header = ("server", "database", "its settings", "syncs per log-metric", "syncs per artifact")
        rows = [
            (each.product.title, each.journal, each.product.settings, *map(_count, _syncs(each)))
            for each in self.durabilities
        ]
        return Table(
            "Durability", header, rows, "Syncs were counted with strace, over requests one after another."
        )

    def _comparison_table(self) -> Table:
        others = [product for product in self.products if product.name != "martlet"]
        header = ["measure", "Martlet"]
        for other in others:
            header += [other.title, "times better"]
        figures = self.trial.figures
        rows = []
        for measure in figures.measures():
            if any(figures.find(measure, other.name) for other in others):
                rows.append(_comparison_row(figures, measure, others))
        return Table("Side by side", header, rows)

    def _alone_table(self) -> Table:
        figures = self.trial.figures
        others = {product.name for product in self.products} - {"martlet"}
        rows = [
            (measure, subject, cell(figures.find(measure, subject)))
            for measure in figures.measures()
            if not others & set(figures.subjects(measure))
            for subject in figures.subjects(measure)
        ]
        return Table("Martlet and its parts", ("measure", "of", "figure"), rows)


def targets_table(trial: Trial) -> Table:
    verdicts = [judge(target, trial.figures) for target in TARGETS]
    complete = replace(trial.settings, only=(), passes=1) == Settings()
    comment = (
        "" if complete else "Only hints: these are not the lengths and amounts that the targets are about."
    )
    rows = [
        (
            verdict.target.claim,
            verdict.target.demand,
            "" if verdict.reached is None else f"{verdict.reached:,.2f}",
            verdict.word,
        )
        for verdict in verdicts
    ]
    return Table("Targets", ("target", "demanded", "reached", "verdict"), rows, comment)


def cell(figure: Figure | None) -> str:
    if figure is None:
        return ""
    if figure.value is None:
        return (figure.note or "not measured").splitlines()[0][:60]
    text = "" if figure.unit == "ms" else quantity(figure.value, figure.unit) + " "
    if figure.p50_ms is not None:
        text += f"({_milliseconds(figure.p50_ms)} / {_milliseconds(figure.p99_ms)} ms)"
    return text.strip() + (f" INVALID: {figure.errors} errors" if figure.errors else "")


def _comparison_row(figures: Figures, measure: str, others: Sequence[Product]) -> list[str]:
    ours = figures.find(measure, "martlet")
    row = [measure, cell(ours)]
    for other in others:
        theirs = figures.find(measure, other.name)
        row += [cell(theirs), _times_better(ours, theirs)]
    return row


def _times_better(ours: Figure | None, theirs: Figure | None) -> str:
    if ours is None or theirs is None or not ours.value or not theirs.value:
        return ""
    ratio = theirs.value / ours.value if ours.unit in COSTS else ours.value / theirs.value
    mark = "" if ours.is_valid and theirs.is_valid else " (invalid)"
    return f"{ratio:,.{0 if ratio >= 100 else 1}f}{mark}"


def _syncs(durability: Durability) -> tuple[float | None, float | None]:
    return durability.syncs_per_metric, durability.syncs_per_artifact


def _count(number: float | None) -> str:
    return "-" if number is None else f"{number:.2f}"


def _milliseconds(number: float) -> str:
    return f"{number:,.{0 if number >= 100 else 1 if number >= 10 else 2}f}"


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
