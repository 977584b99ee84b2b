#!/usr/bin/env python3
"""Names the tests that failed, adds up the reports and prints the closing line of `make test`.

    count_tests.py REPORT.xml…

The reports are JUnit XML, which both `swift test` and pytest write. A report that is missing, broken or
empty counts as one failure: its runner died, or found nothing to run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

# Of what a test says about its failure; enough to know it again.
MAX_DETAIL_LINES = 12


class Count(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    @property
    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


class Case(NamedTuple):
    name: str
    failure: str | None = None
    is_skipped: bool = False

    @classmethod
    def parse(cls, element: ElementTree.Element, report: str) -> Case:
        name = " ".join((report, element.get("classname", ""), element.get("name", "")))
        # A test has failed once, however many of its expectations did.
        failures = [child for child in element if child.tag in ("failure", "error")]
        told = "\n".join(child.text or child.get("message", "") for child in failures)
        return cls(name, told if failures else None, element.find("skipped") is not None)

    @property
    def story(self) -> str:
        lines = [line for line in (self.failure or "").splitlines() if line.strip()]
        return "\n".join([f"FAILED {self.name}", *(f"    {line}" for line in lines[-MAX_DETAIL_LINES:])])


def read_report(report: Path) -> list[Case]:
    try:
        cases = [Case.parse(case, report.stem) for case in ElementTree.parse(report).iter("testcase")]
    except (OSError, ElementTree.ParseError) as error:
        return [Case(report.stem, f"no report that can be read: {error}")]
    return cases or [Case(report.stem, "the report names no test")]


def count(cases: Iterable[Case]) -> Count:
    cases = list(cases)
    failed = sum(case.failure is not None for case in cases)
    skipped = sum(case.is_skipped for case in cases if case.failure is None)
    return Count(len(cases) - failed - skipped, failed, skipped)


def main() -> int:
    cases = [case for name in sys.argv[1:] for case in read_report(Path(name))]
    for case in cases:
        if case.failure is not None:
            print(case.story)
    total = count(cases)
    print(total.line)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
