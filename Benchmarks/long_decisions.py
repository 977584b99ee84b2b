"""Many deployments and many decisions, written into a data folder that nobody serves meanwhile."""

from __future__ import annotations

import random
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from trial import Settings

STARTED_MS = 1_760_000_000_000
# Decisions of one subject, one after another.
EACH = 10
ASKED = 500


def fill(database: Path, settings: Settings) -> list[str]:
    """Copies the deployment `bot`, and makes decisions of `keeper`; returns the ids of some."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -500000")
        with db:
            _copy_deployments(db, settings.deployments)
        (keeper,) = db.execute("SELECT deployment_key FROM deployment WHERE name = 'keeper'").fetchone()
        with db:
            db.executemany(
                "INSERT INTO decision VALUES (?, ?, 1, 0, ?, ?, NULL, ?, 200, NULL, ?, 1000)",
                _decisions(keeper, settings.decisions),
            )
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    chosen = random.Random(1)
    return [str(_identifier(chosen.randrange(settings.decisions))) for _ in range(ASKED)]


def _copy_deployments(db: sqlite3.Connection, count: int) -> None:
    (bot,) = db.execute("SELECT deployment_key FROM deployment WHERE name = 'bot'").fetchone()
    (change,) = db.execute("SELECT change FROM deployment_head").fetchone()
    (last,) = db.execute("SELECT max(deployment_key) FROM deployment").fetchone()
    for table, key in (("deployment", "deployment_key"), ("deployment_revision", "deployment_key"),
                       ("deployment_arm", "deployment_key")):  # fmt: skip
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        copied = {key: f"{last} + 1 + n.number", "change": f"{change} + 1 + n.number"}
        if table == "deployment":
            copied["name"] = "'bot-' || n.number"
        values = ", ".join(copied.get(column, f"t.{column}") for column in columns)
        db.execute(
            "WITH RECURSIVE n(number) AS "
            f"(SELECT 0 UNION ALL SELECT number + 1 FROM n WHERE number + 1 < {count}) "
            f"INSERT INTO {table} SELECT {values} FROM {table} t, n WHERE t.{key} = {bot}"
        )
    db.execute(f"UPDATE deployment_head SET change = {change + count + 1}")


def _identifier(number: int) -> uuid.UUID:
    """As the server makes them, a thousand in a second: a UUID of version 7."""
    return uuid.UUID(int=(STARTED_MS + number) << 80 | 0x7 << 76 | 0x8 << 60 | number)


def _decisions(deployment: int, count: int) -> Iterator[tuple]:
    digest = random.Random(2).randbytes(32)
    for number in range(count):
        subject = (number // EACH).to_bytes(32, "big")
        yield _identifier(number).bytes, deployment, STARTED_MS + number, subject, digest, digest
