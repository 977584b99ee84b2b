"""Three servers under load, each of which dies, and so do the database and the object store."""

import time

import object_store
import postgres
from cluster import Logger, Racer, Registrar, Uploader, at_work, wait_for_progress
from live_ledger import assert_ledger_is_whole
from registry import Registry


def assert_versions(member, registrars):
    """Numbers are dense and unique, and each that was acknowledged is what it was acknowledged for."""
    query = {"filter": f"name='{Registrar.model}'", "max_results": 10_000}
    found = member.get("model-versions/search", **query).expect().json["model_versions"]
    sources = {int(version["version"]): version["source"] for version in found}
    assert len(sources) == len(found)
    assert sorted(sources) == list(range(1, len(found) + 1))
    acknowledged = [one for registrar in registrars for one in registrar.acknowledged]
    numbers = [number for number, _ in acknowledged]
    assert len(set(numbers)) == len(numbers), "two were told the same number"
    assert all(sources[number] == source for number, source in acknowledged)


def assert_one_winner_a_race(member, racers):
    won = [revision for racer in racers for revision in racer.acknowledged]
    assert len(set(won)) == len(won), "two have won one race"
    history = Registry(member).history(Registrar.model, 1)
    moves = [entry["details"] for entry in reversed(history) if entry["action"] == "version.transition"]
    assert len(moves) >= len(won)
    assert all(after["from"] == before["to"] for before, after in zip(moves, moves[1:], strict=False))


def crash(name, members):
    if name == "database":
        postgres.order("kill")
        time.sleep(0.5)
        postgres.order("start")
    elif name == "object store":
        object_store.order("kill")
        time.sleep(0.5)
        object_store.order("start")
    else:
        members[name].kill()
        time.sleep(0.5)
        members[name].start()


def test_nothing_acknowledged_is_missing_whoever_dies(start_members):
    members = start_members(3)
    first = members[0].post("registered-models/create", {"name": Registrar.model})
    first.expect()
    members[1].post("model-versions/create", {"name": Registrar.model, "source": "s3://elsewhere/0"}).expect()
    kinds = [Logger, Logger, Logger, Registrar, Registrar, Racer, Racer, Uploader, Uploader, Uploader]
    clients = [kind(members, seed) for seed, kind in enumerate(kinds)]
    with at_work(clients):
        for name in [1, "database", "object store", 2, "database", 0]:
            wait_for_progress(clients)
            crash(name, members)
        wait_for_progress(clients)
    for member in members:
        for client in clients:
            if isinstance(client, (Logger, Uploader)):
                client.check(member)
        assert_versions(member, [client for client in clients if isinstance(client, Registrar)])
        assert_one_winner_a_race(member, [client for client in clients if isinstance(client, Racer)])
        assert_ledger_is_whole(Registry(member))
    assert len({Registry(member).request("GET", "/ledger/key").body for member in members}) == 1
    assert [member.terminate() for member in members] == [0, 0, 0]
