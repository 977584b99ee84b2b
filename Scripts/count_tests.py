#!/usr/bin/env python3
"""Adds up test reports and prints the closing line of `make test`.

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


class Count(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: Count) -> Count:
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    @property
    def line(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def count_report(report: Path) -> Count:
    try:
        # Not the sums in the attributes: Swift Testing counts each failed expectation there.
        cases = [{child.tag for child in case} for case in ElementTree.parse(report).iter("testcase")]
    except (OSError, ElementTree.ParseError):
        return Count(failed=1)
    failed = sum(bool(tags & {"failure", "error"}) for tags in cases)
    skipped = sum("skipped" in tags for tags in cases)
    return Count(len(cases) - failed - skipped, failed, skipped) if cases else Count(failed=1)


def count_reports(reports: Iterable[Path]) -> Count:
    total = Count()
    for report in reports:
        total = total.plus(count_report(report))
    return total


def main() -> int:
    total = count_reports(Path(name) for name in sys.argv[1:])
    print(total.line)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
