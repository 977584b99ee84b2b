"""Several servers watch one deployment: what they do about it is done once, whoever dies."""

import pytest

from backends import Backend, EverySecond, slow
from load import Load
from registry import Registry
from support import wait_until
from test_deployments import arm, deploy
from watching import FAILING, canary, findings, revision, rolled_back

SLOW = "p90 over 80ms for 2s on 20 requests"


@pytest.fixture
def backends():
    started = [Backend(name) for name in ("one", "two")]
    yield started
    for backend in started:
        backend.stop()


def serve_two(registry, backends):
    """A model of two versions, of which the first serves."""
    model = registry.model()
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    release = arm(model, 1, url=backends[0].url)
    deploy(registry, "bot", release=release, settings={"decisions": "off"})
    return model


def test_three_servers_go_back_once_and_no_request_fails(start_members, backends):
    members = start_members(3)
    registries = [Registry(member, "ann") for member in members]
    model = serve_two(registries[0], backends)
    canary(registries[1], "bot", model, backends, f"{SLOW}: roll back", f"{SLOW}: notify")
    backends[1].answer = slow(0.1)
    for registry in registries:
        wait_until(lambda registry=registry: revision(registry, "bot")["number"] == 2)
    with Load(members, "bot", callers=6) as load:
        back = rolled_back(registries[2], "bot")
        seen = load.count
        wait_until(lambda: load.count > seen + 500, 30)
    assert load.lost == 0
    assert load.statuses.keys() == {200}
    assert (back["number"], back["actor"]) == (3, "martlet")
    revisions = registries[0].get("/deployments/bot/revisions")["revisions"]
    assert [r["cause"] for r in revisions] == ["rollback", "deploy", "deploy"]
    told = [finding["condition"] for finding in findings(registries[0], "bot")]
    assert len(told) == len(set(told)), "found twice"


def test_when_the_server_that_watches_dies_another_one_goes_on(start_members, backends):
    (first,) = start_members(1)
    registry = Registry(first, "ann")
    model = serve_two(registry, backends)
    canary(
        registry, "bot", model, backends, f"{FAILING}: roll back", "p50 over 1ms for 1s on 1 requests: notify"
    )
    with Load([first], "bot"):
        wait_until(lambda: findings(registry, "bot"), 20, "that the first one watches")
    others = start_members(2)[1:]
    first.kill()
    backends[1].answer = EverySecond(backends[1])
    with Load(others, "bot"):
        back = rolled_back(Registry(others[0], "ann"), "bot", timeout=30)
    assert back["number"] == 3
