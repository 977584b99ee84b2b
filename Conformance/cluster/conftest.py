"""Fixtures: three servers that share a PostgreSQL database, a bucket and the ledger's key."""

from __future__ import annotations

import pytest

pytest_plugins = ["server_fixtures"]

import postgres
from cluster import Member
from server_fixtures import running


@pytest.fixture
def start_members(tmp_path):
    """Starts servers that share everything; the first one makes the ledger's key."""
    members = []

    def start(count=3, database=None, flags=()):
        database = database or postgres.connection_string(tmp_path)
        for number in range(len(members), len(members) + count):
            folder = tmp_path / f"member-{number}"
            folder.mkdir()
            members.append(Member(folder, database, tmp_path / "ledger-key", *flags))
            running.append(members[-1])
            members[-1].start()
        return members

    yield start
    for member in members:
        member.kill()
        running.remove(member)
