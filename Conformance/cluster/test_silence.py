"""PostgreSQL keeps its connections and says nothing, as when its machine or the network hangs."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import postgres
import pytest
from support import wait_until

EXPERIMENT = "experiments/get?experiment_id=0"


@pytest.fixture
def silent():
    """Has PostgreSQL answer nobody from now on, until the test's end."""
    postgres_is_frozen = False

    def freeze():
        nonlocal postgres_is_frozen
        postgres_is_frozen = True
        postgres.order("freeze")

    yield freeze
    if postgres_is_frozen:
        postgres.order("thaw")


def timed(member, path):
    start = time.monotonic()
    status = member.request("GET", path, timeout=60).status
    return status, time.monotonic() - start


def test_a_silent_database_is_told_in_time_and_keeps_no_server_from_stopping(start_members, silent):
    """Requests get 503, `/ready` at once; the log says so; a server that stops names what it could not write."""
    one, other = start_members(2)
    assert timed(one, "/ready")[0] == 200
    silent()
    start = time.monotonic()
    other.process.send_signal(signal.SIGTERM)
    with ThreadPoolExecutor(14) as pool:
        reads = [pool.submit(timed, one, EXPERIMENT) for _ in range(12)]
        for _ in range(2):
            status, took = timed(one, "/ready")
            assert status == 503
            assert took < 3.5
        for read in reads:
            status, took = read.result()
            assert status == 503
            assert took < 14
    wait_until(lambda: "following deployments" in one.log_tail(200), what="the follower's failure in the log")
    assert other.process.wait(max(0.1, 45 - (time.monotonic() - start))) == 1
    assert "not written" in other.log_tail()
    postgres.order("thaw")
    wait_until(lambda: timed(one, "/ready")[0] == 200)
    assert timed(one, EXPERIMENT)[0] == 200
