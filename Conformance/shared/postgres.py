"""A PostgreSQL server of this test session alone, for suites that run with MARTLET_TEST_DATABASE=postgres."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "Scripts" / "postgres_for_tests.sh"

is_chosen = os.environ.get("MARTLET_TEST_DATABASE") == "postgres"


@functools.cache
def _server() -> tuple[subprocess.Popen, str]:
    """The server's process, which ends with this one, and its folder."""
    process = subprocess.Popen([SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline().strip()
    assert line.startswith("/tmp/"), f"PostgreSQL did not start: {line}"
    return process, line


def run(statement: str, database: str = "postgres") -> str:
    """What psql answers, a row a line and nothing around it."""
    command = ["psql", "-qtA", "-h", _server()[1], "-U", "martlet", "-d", database, "-c", statement]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@functools.cache
def database_of(data: Path) -> str:
    """The name of the database that belongs to a data folder; made when it is first asked for."""
    name = "data_" + hashlib.sha256(str(data).encode()).hexdigest()[:16]
    run(f"CREATE DATABASE {name}")
    return name


def order(command: str) -> None:
    """Has the server end (`kill`) or begin again (`start`), answer nobody (`freeze`) or answer again (`thaw`)."""
    process = _server()[0]
    process.stdin.write(f"{command}\n")
    process.stdin.flush()
    answer = process.stdout.readline().strip()
    assert answer == "done", answer


def connection_string(data: Path) -> str:
    return f"host={_server()[1]} user=martlet dbname={database_of(data)}"
