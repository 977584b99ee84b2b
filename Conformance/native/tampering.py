"""A ledger with some history, and the ways in which somebody with the database may change it."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import second_implementation as second
from registry import Registry, canonical
from support import MartletServer


@dataclass
class Past:
    """The data folder of a server that was stopped, and what it had handed out before."""

    data: Path
    checkpoints: list[str]
    key: str


def make_past(folder: Path) -> Past:
    server = MartletServer(folder)
    server.start()
    registry = Registry(server, "ann")
    model = registry.model()
    registry.versions(model, 6)
    early = registry.request("GET", "/ledger/checkpoint").expect().body.decode()
    for number in (1, 2, 3):
        registry.move(model, number, "production")
    late = registry.request("GET", "/ledger/checkpoint").expect().body.decode()
    key = registry.request("GET", "/ledger/key").expect().body.decode().strip()
    assert server.terminate() == 0
    return Past(server.data, [early, late], key)


def tampered_copy(past: Past, folder: Path, statements) -> Path:
    """A copy of the data folder, with SQL run on its database."""
    copy = folder / "copy"
    shutil.copytree(past.data, copy)
    with contextlib.closing(sqlite3.connect(copy / "martlet.sqlite")) as database, database:
        for statement in statements:
            statement(database) if callable(statement) else database.execute(statement)
    return copy


def rows_of(data: Path) -> list[second.Row]:
    query = "SELECT entry_index, leaf, body FROM ledger_entry ORDER BY entry_index"
    with contextlib.closing(sqlite3.connect(data / "martlet.sqlite")) as database:
        return [second.Row(*row) for row in database.execute(query)]


def with_leaf(index, change):
    """Edits an entry as one does who knows how leaves are hashed."""

    def edit(database):
        (body,) = database.execute("SELECT body FROM ledger_entry WHERE entry_index = ?", (index,)).fetchone()
        body = change(body)
        leaf = second.leaf_hash(body.encode())
        database.execute(
            "UPDATE ledger_entry SET body = ?, leaf = ? WHERE entry_index = ?", (body, leaf, index)
        )

    return edit


def rewritten_from(index, change):
    """Edits an entry and chains all later ones anew, as one does who knows everything but the key."""

    def edit(database):
        rows = database.execute(
            "SELECT entry_index, leaf, body FROM ledger_entry ORDER BY entry_index"
        ).fetchall()
        previous = rows[index - 1][1].hex()
        for place, _, body in rows[index:]:
            entry = {**json.loads(body), "previous": previous}
            body = canonical(change(entry) if place == index else entry).decode()
            leaf = second.leaf_hash(body.encode())
            database.execute(
                "UPDATE ledger_entry SET body = ?, leaf = ? WHERE entry_index = ?", (body, leaf, place)
            )
            previous = leaf.hex()

    return edit


TAMPERING = {
    "edited": (
        ["UPDATE ledger_entry SET body = replace(body, 'ann', 'bob') WHERE entry_index = 4"],
        "entry 4 was edited",
    ),
    "edited with its hash": ([with_leaf(4, lambda body: body.replace("ann", "bob"))], "entry 4 was edited"),
    "dropped": (["DELETE FROM ledger_entry WHERE entry_index = 5"], "entry 5 was dropped"),
    "dropped and closed up": (
        [
            "DELETE FROM ledger_entry WHERE entry_index = 5",
            "UPDATE ledger_entry SET entry_index = entry_index - 1 WHERE entry_index > 5",
        ],
        "entry 5 is entry 6",
    ),
    "reordered": (
        [
            "UPDATE ledger_entry SET entry_index = -1 WHERE entry_index = 3",
            "UPDATE ledger_entry SET entry_index = 3 WHERE entry_index = 4",
            "UPDATE ledger_entry SET entry_index = 4 WHERE entry_index = -1",
        ],
        "entry 3 is entry 4",
    ),
    "replayed": (
        [
            "INSERT INTO ledger_entry SELECT (SELECT max(entry_index) + 1 FROM ledger_entry), leaf,"
            " model_key, version, action, at_ms, body, NULL FROM ledger_entry WHERE entry_index = 2"
        ],
        "is entry 2: reordered or replayed",
    ),
    "replayed and counted": (
        [
            "INSERT INTO ledger_entry SELECT (SELECT max(entry_index) + 1 FROM ledger_entry), leaf,"
            " model_key, version, action, at_ms, body, NULL FROM ledger_entry WHERE entry_index = 2",
            "UPDATE ledger_head SET size = size + 1",
        ],
        "is entry 2: reordered or replayed",
    ),
    "truncated and counted": (
        [
            "DELETE FROM ledger_entry WHERE entry_index > 9",
            "UPDATE ledger_head SET size = 10, last_leaf = (SELECT lower(hex(leaf)) FROM ledger_entry"
            " WHERE entry_index = 9)",
            "DELETE FROM ledger_checkpoint WHERE size > 10",
        ],
        "entry 10 was cut off",
    ),
    "truncated": (["DELETE FROM ledger_entry WHERE entry_index > 9"], "entry 10 was cut off"),
    "rewritten": (
        [rewritten_from(4, lambda entry: {**entry, "actor": "bob"})],
        "not the one that was signed",
    ),
}
