"""Several servers watch one deployment: what they do about it is done once, whoever dies."""

import pytest

from backends import Backend, EverySecond, slow
from load import Load
from registry import Registry
from support import wait_until
from test_deployments import arm, deploy
from watching import FAILING, canary, findings, rolled_back

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


def wait_until_all_serve(members):
    """Each server looks five times a second what there is to serve."""
    for member in members:
        wait_until(lambda member=member: member.request("POST", "/serve/bot", {}).status == 200)


def test_three_servers_go_back_once_and_no_request_fails(start_members, backends):
    members = start_members(3)
    registries = [Registry(member, "ann") for member in members]
    model = serve_two(registries[0], backends)
    canary(registries[1], "bot", model, backends, f"{SLOW}: roll back", f"{SLOW}: notify")
    backends[1].answer = slow(0.1)
    wait_until_all_serve(members)
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
        registry, "bot", model, backends, f"{FAILING}: roll back", "p50 over 1ms for 2s on 1 requests: notify"
    )
    with Load([first], "bot"):
        wait_until(lambda: findings(registry, "bot"), 20, "that the first one watches")
    others = start_members(2)[1:]
    first.kill()
    wait_until_all_serve(others)
    backends[1].answer = EverySecond(backends[1])
    with Load(others, "bot"):
        back = rolled_back(Registry(others[0], "ann"), "bot", timeout=30)
    assert back["number"] == 3


def test_when_the_server_that_rolls_out_dies_another_one_goes_on(start_members, backends):
    (first,) = start_members(1)
    registry = Registry(first, "ann")
    model = serve_two(registry, backends)
    steps = [10_000, 100_000, 300_000, 500_000, 1_000_000]
    plan = arm(model, 2, url=backends[1].url, steps=steps, everyMs=2000, atLeast=0)
    registry.post("/deployments/bot/rollout", plan, status=201)
    others = start_members(2)[1:]
    wait_until_all_serve(others)
    with Load(others, "bot") as load:
        wait_until(lambda: registry.get("/deployments/bot/rollout")["stepsDone"] >= 2)
        first.kill()
        registry = Registry(others[0], "ann")
        wait_until(lambda: registry.get("/deployments/bot/rollout")["state"] == "done", 40)
    assert load.statuses.keys() == {200}
    revisions = registry.get("/deployments/bot/revisions")["revisions"][::-1]
    given = [sum(a["partsPerMillion"] for a in r["arms"] if a["version"] == 2) for r in revisions]
    assert given == [0, *steps], "each step once"
