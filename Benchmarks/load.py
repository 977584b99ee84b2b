"""Load from wrk: which requests, from how many connections, and what wrk says about the answers."""

from __future__ import annotations

import itertools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from figures import Figure
from processes import Unmeasurable

SCRIPTS = Path(__file__).resolve().parent / "lua"
# Nobody's slowest answer may count as an error.
TIMEOUT = "60s"
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}

# Where the numbering inside the next load starts: nine digits, and no two loads overlap.
_first_numbers = itertools.count(100_000_000, 5_000_000)


@dataclass(frozen=True)
class Load:
    """What wrk sends: a script in lua/ and its arguments, from a number of connections."""

    script: str
    arguments: tuple[str, ...]
    connections: int = 8

    @classmethod
    def get(cls, path: str, connections: int = 8) -> Load:
        return cls("fixed", ("GET", path), connections)

    @classmethod
    def get_each(cls, paths: list[str], connections: int = 8) -> Load:
        return cls("rotate", tuple(paths), connections)

    @classmethod
    def post(cls, path: str, body: str, connections: int = 8) -> Load:
        return cls("fixed", ("POST", path, body), connections)

    @classmethod
    def post_each(cls, requests: list[tuple[str, str]], connections: int = 8) -> Load:
        """Paths with their bodies."""
        return cls("post_each", tuple(word for request in requests for word in request), connections)

    @classmethod
    def numbered(cls, script: str, path: str, *arguments: str, connections: int = 8) -> Load:
        """Requests that differ by a number that the script counts up."""
        return cls(script, (path, "FIRST", *arguments), connections)

    def apply(self, port: int, seconds: int) -> Figure:
        first = str(next(_first_numbers))
        arguments = [first if argument == "FIRST" else argument for argument in self.arguments]
        command = ["wrk", "-t1", f"-c{self.connections}", f"-d{seconds}s", "--latency", "--timeout", TIMEOUT]
        command += ["-s", str(SCRIPTS / f"{self.script}.lua"), f"http://127.0.0.1:{port}", "--", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0 or "Requests/sec" not in done.stdout:
            raise Unmeasurable(f"wrk: {(done.stderr or done.stdout).strip()[-500:]}")
        return read_summary(done.stdout)


def read_summary(text: str) -> Figure:
    """wrk's own words. Counting in a Lua callback would cost more than some of the servers do."""
    count, seconds = re.search(r"(\d+) requests in ([\d.]+\w+)", text).groups()
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    failed_sockets = sum(map(int, sockets.groups())) if sockets else 0
    answered, bad = int(count), int(refused.group(1)) if refused else 0
    if answered == 0:
        return Figure(None, errors=failed_sockets, note="no answer in time")
    return Figure(
        (answered - bad) / (_milliseconds(seconds) / 1000),
        p50_ms=_percentile(text, 50),
        p99_ms=_percentile(text, 99),
        errors=bad + failed_sockets,
        count=answered - bad,
        note=f"{bad} not 2xx, {failed_sockets} socket errors" if bad + failed_sockets else "",
    )


def _percentile(text: str, percent: int) -> float:
    return _milliseconds(re.search(rf"^\s+{percent}%\s+(\S+)", text, re.M).group(1))


def _milliseconds(duration: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)([a-z]+)", duration).groups()
    return float(number) * MILLISECONDS[unit]
