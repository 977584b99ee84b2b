"""Pages of the documentation as what they are: files to write, commands to run, and what these must print.

In a page, a block after a comment `<!-- file: NAME -->` is a file. A block of `sh` is run, all blocks of a
page in one shell that stops at the first failure. A block of `text` says what the commands before it print:
each of its lines must be found, in this order, where `…` stands for anything.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

BLOCK = re.compile(r"(?:<!-- file: (?P<file>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```\n", re.S)
MARK = "=== end of block"


@dataclass
class Step:
    """Files to write, then commands to run, then lines to look for."""

    files: dict[str, str] = field(default_factory=dict)
    commands: str = ""
    expected: list[str] = field(default_factory=list)


def steps(page: str) -> list[Step]:
    found = [Step()]
    for block in BLOCK.finditer(page):
        kind, text = block["kind"], block["text"]
        if kind == "text":
            found[-1].expected += text.splitlines()
            continue
        if found[-1].commands:
            found.append(Step())
        if block["file"]:
            found[-1].files[block["file"]] = text
        elif kind == "sh":
            found[-1].commands = text
    return [step for step in found if step.commands]


def run(page: Path, folder: Path, environment: dict[str, str], timeout: float) -> list[tuple[Step, str]]:
    """Runs a page in an empty folder, returns what each step has printed, and ends what the page started."""
    parts = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT"]
    wanted = steps(page.read_text())
    for step in wanted:
        for name, text in step.files.items():
            parts.append(f"cat >{name} <<'END OF FILE'\n{text}END OF FILE")
        parts += [step.commands, f"echo '{MARK}'"]
    result = subprocess.run(
        ["bash", "-c", "\n".join(parts)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
    logs = "".join(f"\n--- {log.name}\n{log.read_text()[-2000:]}" for log in sorted(folder.glob("*.log")))
    assert result.returncode == 0, f"{result.stdout[-4000:]}\n{result.stderr[-4000:]}{logs}"
    return list(zip(wanted, result.stdout.split(f"{MARK}\n"), strict=False))


def missing(step: Step, printed: str) -> str | None:
    """The first expected line that was not printed after the one before it."""
    lines = iter(printed.splitlines())
    for expected in step.expected:
        pattern = ".*".join(re.escape(part) for part in expected.rstrip().split("…"))
        if not any(re.search(pattern, line) for line in lines):
            return expected
    return None
