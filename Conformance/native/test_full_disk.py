"""Records of decisions when the disk is full."""

from __future__ import annotations

import time

import pytest

from disks import fill
from gateway import ask
from registry import Registry
from support import unique, wait_until
from test_deployments import arm, deploy

pytestmark = pytest.mark.sqlite_only
PERIOD_SECONDS = 4


@pytest.fixture
def full(start_martlet, small_disk):
    """A server whose disk is about to be full."""
    return start_martlet("--decision-period", f"{PERIOD_SECONDS}s", data=small_disk / "data")


@pytest.fixture
def ballast(small_disk):
    return small_disk / "ballast"


def serving(server, backend, decisions):
    """A deployment; what has been decided is told by the registry."""
    registry = Registry(server, "ann")
    model, name = registry.model(), unique("bot").lower()
    registry.register(model)
    registry.move(model, 1, "staging")
    deploy(registry, name, release=arm(model, 1, url=backend.url), settings={"decisions": decisions})
    return registry, name


def dropped(server):
    lines = server.request("GET", "/metrics").expect(200).body.decode().splitlines()
    return int(next(line for line in lines if line.startswith("martlet_decisions_dropped_total")).split()[1])


def test_strict_refuses_what_it_cannot_record_and_keeps_what_it_has_promised(full, ballast, backends):
    registry, bot = serving(full, backends[0], "strict")
    fill(ballast)
    replies = []
    deadline = time.monotonic() + 60
    while (reply := ask(full, bot, {}, status=None)).status == 200:
        replies.append(reply)
        assert time.monotonic() < deadline, "everything was taken"
    assert reply.status == 503
    assert "could not be recorded" in reply.json["detail"]
    assert "disk is full" in reply.json["detail"]
    ballast.unlink()
    replies.append(ask(full, bot, {}))
    for reply in replies:
        assert registry.get(f"/decisions/{reply.headers['Martlet-Decision']}")["status"] == 200


def test_relaxed_answers_and_counts_what_it_has_dropped(full, ballast, backends):
    registry, bot = serving(full, backends[0], "relaxed")
    fill(ballast)
    count = 300
    lost, *_ = [ask(full, bot, {}) for _ in range(count)]
    wait_until(lambda: dropped(full) > 0, PERIOD_SECONDS * 4)
    ballast.unlink()
    kept = ask(full, bot, {})
    assert registry.get(f"/decisions/{kept.headers['Martlet-Decision']}")["status"] == 200
    registry.request("GET", f"/decisions/{lost.headers['Martlet-Decision']}").expect(404)
    assert dropped(full) <= count
