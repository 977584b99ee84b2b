"""Sixty-four clients at once: numbers dense and unique, one winner per race, a linear history."""

import random
import threading

import pytest

from live_ledger import assert_ledger_is_whole
from registry import Registry, problem
from support import unique

CLIENTS = 64


def at_once(work, count=CLIENTS):
    """What `work(i)` returned in each of `count` threads that began together."""
    results, gate = [None] * count, threading.Barrier(count)

    def run(i):
        gate.wait()
        try:
            results[i] = work(i)
        except BaseException as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def transitions(registry, model, version=None):
    """The moves of each version, the oldest first."""
    moves = {}
    for entry in reversed(registry.history(model, version)):
        if entry["action"] in ("version.transition", "version.rollback"):
            moves.setdefault(entry["version"], []).append(entry)
    return moves


def assert_linear(registry, model):
    """Each move begins where the one before it ended, and the last one is where the version is."""
    moves = transitions(registry, model)
    for entries in moves.values():
        stage = "candidate"
        for entry in entries:
            assert entry["details"]["from"] == stage
            stage = entry["details"]["to"]
    now = {v["number"]: v["stage"] for v in registry.get(f"/models/{model}/versions", limit=1000)["versions"]}
    for number, entries in moves.items():
        assert now.get(number, entries[-1]["details"]["to"]) == entries[-1]["details"]["to"]


def test_registering_at_once_gives_dense_and_unique_numbers(server, registry, model):
    run = server.new_run()
    server.put_artifact(f"0/{run}/artifacts/model/weights.bin", b"weights").expect()

    def register(i):
        if i % 2:
            return registry.register(model, {"a": str(i).encode()})["number"]
        body = {"name": model, "source": f"runs:/{run}/model", "run_id": run}
        return int(server.post("model-versions/create", body).expect().json["model_version"]["version"])

    assert sorted(at_once(register)) == list(range(1, CLIENTS + 1))
    versions = registry.get(f"/models/{model}/versions", limit=1000)["versions"]
    assert [v["number"] for v in versions] == list(range(CLIENTS, 0, -1))
    assert len({v["semanticVersion"] for v in versions}) == CLIENTS
    assert len({v["digest"] for v in versions}) == CLIENTS
    assert [v.get("parent") for v in versions] == [*range(CLIENTS - 1, 0, -1), None]
    registered = [e["version"] for e in registry.history(model) if e["action"] == "version.register"]
    assert registered == list(range(CLIENTS, 0, -1))
    assert_ledger_is_whole(registry)


def test_one_of_many_gets_the_number_that_all_of_them_want(registry, model):
    digest = registry.blob(b"same")
    body = {"files": [{"path": "a", "sha256": digest}], "semanticVersion": "2.0.0"}
    replies = at_once(lambda i: registry.request("POST", f"/models/{model}/versions", body))
    statuses = sorted(reply.status for reply in replies)
    assert statuses == [201] + [409] * (CLIENTS - 1)
    assert {problem(reply)["code"] for reply in replies if reply.status == 409} == {"already_exists"}
    assert registry.register(model)["number"] == 2


def test_a_model_that_all_create_with_their_version_is_created_once(registry):
    name = unique("model")
    digest = registry.blob(b"same")
    body = {"files": [{"path": "a", "sha256": digest}], "createsModel": True}
    replies = at_once(lambda i: registry.request("POST", f"/models/{name}/versions", body))
    assert {reply.status for reply in replies} == {201}
    assert [e["action"] for e in registry.history(name)].count("model.create") == 1


@pytest.mark.parametrize("how", ["If-Match", "from"])
def test_one_wins_a_race_for_a_version_and_all_others_hear_who(registry, model, how):
    version = registry.register(model)

    def promote(i):
        body = {"to": random.choice(["staging", "production", "archived"])}
        headers = {}
        if how == "from":
            body["from"] = "candidate"
        else:
            headers["If-Match"] = f'"{version["revision"]}"'
        actor = registry.as_actor(f"client-{i}")
        return actor.request("POST", f"/models/{model}/versions/1/transitions", body, headers=headers)

    replies = at_once(promote)
    (winner,) = [i for i, reply in enumerate(replies) if reply.status == 200]
    for reply in replies:
        if reply.status != 200:
            assert f"client-{winner} " in problem(reply.expect(412), "precondition_failed")["detail"]
    (entry,) = transitions(registry, model)[1]
    assert entry["actor"] == f"client-{winner}"


def test_promoting_at_once_leaves_one_version_in_production(registry, model):
    registry.versions(model, 8)

    def promote(i):
        return registry.request(
            "POST", f"/models/{model}/versions/{i % 8 + 1}/transitions", {"to": "production"}
        )

    assert {reply.status for reply in at_once(promote)} == {200}
    assert len(registry.production(model)) == 1
    assert_linear(registry, model)


def test_rolling_back_at_once_never_leaves_production_torn(registry, model):
    registry.versions(model, 10)
    for number in range(1, 11):
        registry.move(model, number, "production")
    replies = at_once(lambda i: registry.request("POST", f"/models/{model}/rollback"), 16)
    assert {reply.status for reply in replies} <= {200, 409}
    assert any(reply.status == 200 for reply in replies)
    assert len(registry.production(model)) == 1
    assert_linear(registry, model)
    (now,) = registry.production(model)
    assert now == 10 - sum(reply.status == 200 for reply in replies)


def test_one_delete_wins_and_purges_meet_restores_in_some_order(registry, model):
    registry.register(model)
    replies = at_once(lambda i: registry.request("DELETE", f"/models/{model}/versions/1"))
    assert sorted(reply.status for reply in replies) == [204] + [404] * (CLIENTS - 1)

    def purge_or_restore(i):
        verb = ("purge", "restore")[i % 2]
        return registry.request("POST", f"/models/{model}/versions/1/{verb}", {"reason": "a race"})

    assert {reply.status for reply in at_once(purge_or_restore)} <= {200, 409}
    actions = [entry["action"] for entry in registry.history(model, 1)]
    assert actions.count("version.purge") == 1
    assert actions[0] == "version.purge"
    assert registry.request("GET", f"/models/{model}/versions/1").status == 404


def test_approving_and_noting_at_once_loses_nothing(registry, model):
    registry.register(model)

    def speak(i):
        actor = registry.as_actor(f"client-{i}")
        actor.post(f"/models/{model}/versions/1/approvals", {}, status=201)
        return actor.post(f"/models/{model}/versions/1/notes", {"text": f"note {i}"}, status=201)["number"]

    assert sorted(at_once(speak)) == list(range(1, CLIENTS + 1))
    assert len(registry.get(f"/models/{model}/versions/1/approvals")["approvals"]) == CLIENTS


def test_everything_at_once_leaves_a_linear_history_and_a_whole_ledger(start_martlet):
    server = start_martlet()
    registry = Registry(server, "ann")
    models = [registry.model() for _ in range(3)]
    for model in models:
        registry.versions(model, 3)
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")

    def live(i):
        chance, mine = random.Random(seed + i), registry.as_actor(f"client-{i}")
        statuses = []
        for _ in range(8):
            model, number = chance.choice(models), chance.randint(1, 6)
            path = f"/models/{model}/versions/{number}"
            stage = chance.choice(["staging", "production", "archived", "candidate"])
            verb = chance.choice(
                ["register", "move", "move", "roll back", "delete", "restore", "alias", "look"]
            )
            reply = {
                "register": lambda m=model: mine.request(
                    "POST", f"/models/{m}/versions", {"source": "s3://b/1"}
                ),
                "move": lambda p=path, s=stage: mine.request("POST", f"{p}/transitions", {"to": s}),
                "roll back": lambda m=model: mine.request("POST", f"/models/{m}/rollback"),
                "delete": lambda p=path: mine.request("DELETE", p),
                "restore": lambda p=path: mine.request("POST", f"{p}/restore"),
                "alias": lambda m=model, n=number: mine.request(
                    "PUT", f"/models/{m}/aliases/a", {"version": str(n)}
                ),
                "look": lambda m=model: mine.request("GET", f"/models/{m}/state"),
            }[verb]()
            statuses.append((verb, reply.status))
        return statuses

    outcomes = {outcome for statuses in at_once(live, 32) for outcome in statuses}
    assert {status for _, status in outcomes} <= {200, 201, 204, 404, 409}, outcomes
    assert {("register", 201), ("move", 200)} <= outcomes
    for model in models:
        assert_linear(registry, model)
        visible = registry.get(f"/models/{model}/versions", limit=1000)["versions"]
        hidden = registry.get(f"/models/{model}/versions", limit=1000, deleted="true")["versions"]
        numbers = sorted(v["number"] for v in visible + hidden)
        assert numbers == list(range(1, len(numbers) + 1))

        state = {v["number"]: v for v in registry.state(model)["versions"]}
        for version in visible:
            assert state[version["number"]]["stage"] == version["stage"]
            assert not state[version["number"]]["isDeleted"]
        assert all(state[version["number"]]["isDeleted"] for version in hidden)
    assert_ledger_is_whole(registry)
    assert server.terminate() == 0
