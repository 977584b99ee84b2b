"""How long it takes until all servers route by a revision, and how each runs what it needs for that."""

import pytest

from backends import Backend
from registry import Registry
from supervised import COMMAND, Stream, is_alive
from support import wait_until

SUPERVISE = ("--supervise", "--supervise-command", COMMAND, "--supervise-start-seconds", "30")


@pytest.fixture
def backends():
    started = [Backend("one"), Backend("two")]
    yield started
    for backend in started:
        backend.stop()


def versions(registry, name="model"):
    """A model with two versions that may serve."""
    model = registry.model(name=name)
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    return model


def deploy(registry, arm):
    return registry.post("/deployments/bot/revisions", {"release": arm}, status=201)["revision"]


def who(member) -> str | None:
    return member.request("POST", "/serve/bot/invocations", {}).json.get("by")


def test_a_rollback_waits_for_all_servers_and_tells_how_long_it_took(start_members, backends):
    members = start_members(3)
    registries = [Registry(member, "ann") for member in members]
    model = versions(registries[0])
    for number, backend in enumerate(backends, 1):
        deploy(registries[0], {"model": model, "version": str(number), "url": backend.url})
    wait_until(lambda: {who(member) for member in members} == {"two"})
    revision = registries[1].post("/deployments/bot/rollback")["revision"]
    assert {who(member) for member in members} == {"one"}
    effect = revision["effect"]
    assert (effect["servers"], effect.get("missing")) == (3, None)
    assert 0 <= effect["hereMs"] <= effect["everywhereMs"] < 10_000
    shown = registries[2].get("/deployments/bot/revisions")["revisions"]
    assert shown[0]["effect"] == effect
    assert [r["effect"]["servers"] for r in shown[:2]] == [3, 3]
    # One that has stopped is not waited for.
    assert members[2].terminate() == 0
    registries[0].post("/deployments/bot/revisions", {"settings": {"decisions": "off"}}, status=201)
    deploy(registries[0], {"model": model, "version": "2", "url": backends[1].url})
    effect = registries[0].post("/deployments/bot/rollback")["revision"]["effect"]
    assert (effect["servers"], effect.get("missing")) == (2, None)


def test_each_server_goes_on_with_the_revision_before_until_its_own_processes_are_ready(start_members):
    members = start_members(2, flags=SUPERVISE)
    first, second = [Registry(member, "ann") for member in members]
    model = versions(first, "slow")

    def version(registry):
        reply = registry.server.request("POST", "/serve/bot/invocations", raw=b"0")
        assert reply.status in (200, 404), reply
        return reply.json["version"] if reply.status == 200 else None

    def deployed(number):
        deploy(first, {"model": model, "version": str(number)})
        assert version(first) == number

    deploy(first, {"model": model, "version": "1"})
    # There was nothing before that it could go on with.
    wait_until(
        lambda: second.server.request("POST", "/serve/bot/invocations", raw=b"0").status == 200,
        20,
        "a process",
    )
    deployed(2)
    seen = set()
    wait_until(lambda: seen.add(version(second)) or 2 in seen, 20, "the second version on the second server")
    assert seen == {1, 2}
    ready = [b for r in (first, second) for b in r.get("/backends")["backends"] if b["needed"]]
    assert len({b["process"] for b in ready}) == 2
    effect = first.get("/deployments/bot")["revision"]["effect"]
    assert effect["servers"] == 2
    assert effect["everywhereMs"] > effect["hereMs"]


def test_each_server_waits_for_the_requests_to_its_own_processes_only(start_members):
    members = start_members(2, flags=(*SUPERVISE, "--supervise-warm-seconds", "1"))
    registries = [Registry(member, "ann") for member in members]
    model = versions(registries[0])
    deploy(registries[0], {"model": model, "version": "1"})
    wait_until(lambda: all(ready(registry, 1) for registry in registries), 30, "a process on each server")
    old = [ready(registry, 1)["process"] for registry in registries]
    stream = Stream(registries[1], "bot", 80)
    deploy(registries[0], {"model": model, "version": "2"})
    wait_until(lambda: not is_alive(old[0]), 8, "the end of the process that nobody asks")
    assert (ready(registries[1], 1)["process"], ready(registries[1], 1)["requests"]) == (old[1], 1)
    assert stream.join() == list(range(80))
    wait_until(lambda: not is_alive(old[1]), 10, "the end of the other one")
    assert [ready(registry, 2)["needed"] for registry in registries] == [True, True]


def ready(registry, version):
    """The process that a server runs for a version, if requests can go there."""
    running = registry.get("/backends")["backends"]
    return next((b for b in running if (b["version"], b["state"]) == (version, "ready")), None)
