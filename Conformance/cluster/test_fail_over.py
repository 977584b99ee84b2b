"""The primary dies under load and its standby takes over; no server of ours is restarted."""

import time

import pytest

from cluster import Logger, Registrar, at_work, wait_for_progress
from live_ledger import assert_ledger_is_whole
from registry import Registry
from standby import Pair
from test_crashes import assert_versions


@pytest.fixture
def pair():
    pair = Pair()
    yield pair
    pair.stop()


# A request waits ten seconds for a connection, and as long again when a commit broke; then it is told.
LONGEST_SECONDS = 30


class TimedLogger(Logger):
    """Also notes how long the longest request took."""

    longest = 0.0

    def ask(self, *arguments, **options):
        began = time.monotonic()
        try:
            return super().ask(*arguments, **options)
        finally:
            self.longest = max(self.longest, time.monotonic() - began)


def test_a_standby_takes_over_without_a_restart(start_members, pair):
    members = start_members(2, database=pair.connection_string)
    members[0].post("registered-models/create", {"name": Registrar.model}).expect()
    clients = [kind(members, seed) for seed, kind in enumerate([TimedLogger] * 4 + [Registrar] * 2)]
    with at_work(clients):
        wait_for_progress(clients)
        pair.end_primary()
        # There is no database to write to for longer than a moment.
        time.sleep(3)
        pair.promote_standby()
        wait_for_progress(clients)
    for member in members:
        for client in clients[:4]:
            client.check(member)
        assert_versions(member, clients[4:])
        assert_ledger_is_whole(Registry(member))
    assert max(client.longest for client in clients[:4]) < LONGEST_SECONDS
    assert [member.terminate() for member in members] == [0, 0]
