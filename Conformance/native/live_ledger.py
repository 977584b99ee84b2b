"""The ledger of a running server, as the second implementation reads it."""

from __future__ import annotations

from collections.abc import Iterable

import second_implementation as second


def rows_from(registry) -> list[second.Row]:
    found = []
    while page := registry.get("/ledger/entries", start=len(found), limit=1000)["entries"]:
        found += [second.Row(e["index"], bytes.fromhex(e["leafHash"]), e["body"]) for e in page]
    return found


def note_from(registry) -> str:
    """A checkpoint of what the ledger is now."""
    return registry.request("GET", "/ledger/checkpoint").expect().body.decode()


def key_of(registry) -> second.Key:
    return second.Key.parse(registry.request("GET", "/ledger/key").expect().body.decode())


def assert_ledger_is_whole(registry, earlier: Iterable[str] = ()) -> None:
    """Audits it, also against checkpoints that were handed out before."""
    rows = rows_from(registry)
    assert second.audit(rows, [*earlier, note_from(registry)], [key_of(registry)]) is None
