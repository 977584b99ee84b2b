"""Conditions: a version that does badly is told of, or taken back by the server itself, with the evidence."""

import re
import time

import pytest

from backends import Backend, EverySecond, slow
from command_line import CommandLine
from gateway import ask
from load import Load
from receiver import Receiver
from registry import Registry
from support import wait_until
from test_deployments import arm, deploy, rollback
from watching import FAILING, canary, findings, found, revision, rolled_back


@pytest.fixture
def bot(registry, served, deployment, backends):
    deploy(registry, deployment, release=arm(served, 1, url=backends[0].url), settings={"decisions": "off"})
    return deployment


# Going back


def test_a_version_that_fails_is_taken_back_under_load_with_the_evidence(
    server, registry, bot, served, backends
):
    deployed = canary(registry, bot, served, backends, f"{FAILING}: roll back")
    assert deployed["revision"]["settings"]["conditions"] == [f"{FAILING}: roll back"]
    failing = EverySecond(backends[1])
    with Load([server], bot) as load:
        time.sleep(4)
        assert revision(registry, bot)["number"] == 2, "nothing was wrong with it"
        assert load.statuses.keys() == {200}
        backends[1].answer = failing
        back = rolled_back(registry, bot)
        seen = load.count
        wait_until(lambda: load.count > seen + 50)
    assert load.statuses.keys() == {200, 500}
    assert load.statuses[500] == failing.failed, "a request failed that the backend had not failed"
    assert load.lost == 0
    assert (back["actor"], back["number"], back["restores"]) == ("martlet", 3, 1)
    assert [a["version"] for a in back["arms"]] == [1]
    entry = registry.entries(back["ledgerEntry"])[0]
    evidence = entry["evidence"]
    assert (entry["action"], entry["actor"]) == ("deployment.rollback", "martlet")
    assert (evidence["condition"], evidence["revision"]) == (f"{FAILING}: roll back", 2)
    assert evidence["measured"] == pytest.approx(evidence["failures"] / evidence["count"])
    assert evidence["measured"] > 0.2
    assert evidence["windowMs"] == 2000
    assert f"{evidence['failures']} of {evidence['count']} requests" in back["reason"]
    assert [f["condition"] for f in findings(registry, bot)] == [f"{FAILING}: roll back"]


def test_a_version_that_is_slow_is_taken_back(server, registry, bot, served, backends, tmp_path):
    canary(registry, bot, served, backends, "p90 over 80ms for 2s on 20 requests: roll back")
    backends[1].answer = slow(0.1)
    with Load([server], bot) as load:
        back = rolled_back(registry, bot)
    assert "p90 of" in back["reason"]
    assert load.statuses.keys() == {200}
    shown = CommandLine(tmp_path, server)("traffic", bot)
    assert "MEASURED" in shown
    (finding,) = findings(registry, bot)
    assert re.search(rf" {finding['measured']:g}ms of {finding['count']}\b", shown)


def test_a_version_whose_outcomes_are_bad_is_taken_back(server, registry, bot, served, backends):
    canary(registry, bot, served, backends, "accuracy under 0.9 on 10 outcomes: roll back")
    deploy(registry, bot, settings={"decisions": "strict"})
    name = revision(registry, bot)["arms"][1]["name"]
    told = 0
    while told < 10:
        reply = ask(server, bot, {})
        if reply.headers["Martlet-Arm"] != name:
            continue
        assert revision(registry, bot)["cause"] == "settings"
        path = f"/decisions/{reply.headers['Martlet-Decision']}/outcome"
        registry.request("POST", path, {"metrics": {"accuracy": int(told < 8)}}).expect(204)
        told += 1
    back = rolled_back(registry, bot)
    assert "accuracy of" in back["reason"]
    assert "10 outcomes" in back["reason"]


def test_a_version_that_was_promoted_is_still_watched(server, registry, bot, served, backends):
    deployed = canary(registry, bot, served, backends, f"{FAILING}: roll back")
    deploy(registry, bot, promote=deployed["revision"]["arms"][1]["name"])
    backends[1].answer = EverySecond(backends[1])
    with Load([server], bot):
        back = rolled_back(registry, bot)
    assert [a["version"] for a in back["arms"]] == [1]


def test_only_what_does_badly_is_taken_back(server, registry, bot, served, backends):
    deployed = canary(registry, bot, served, backends, f"{FAILING}: roll back")
    third = arm(served, 3, role="challenger", partsPerMillion=250_000, url=backends[2].url)
    deploy(registry, bot, add=third)
    backends[1].answer = EverySecond(backends[1])
    with Load([server], bot):
        back = rolled_back(registry, bot)
    assert deployed["revision"]["arms"][1]["name"] not in [a["name"] for a in back["arms"]]


def test_what_was_brought_back_stays_though_it_fails_as_well(server, registry, bot, served, backends):
    deploy(registry, bot, release=arm(served, 2, url=backends[1].url))
    deploy(
        registry,
        bot,
        add=arm(served, 3, role="canary", partsPerMillion=500_000, url=backends[2].url),
        settings={"conditions": [f"{FAILING}: roll back"]},
    )
    for backend in backends[1:]:
        backend.answer = EverySecond(backend)
    with Load([server], bot):
        back = rolled_back(registry, bot)
        (last, _) = found(registry, bot, 2)
        time.sleep(1)
    assert [a["version"] for a in back["arms"]] == [2]
    assert revision(registry, bot)["number"] == back["number"]
    assert last["remark"].startswith("Nothing was rolled back.")


def test_a_version_that_was_never_preceded_stays(server, registry, bot, backends):
    deploy(registry, bot, settings={"conditions": [f"{FAILING}: roll back"]})
    backends[0].answer = EverySecond(backends[0])
    with Load([server], bot):
        (only,) = found(registry, bot)
        time.sleep(2)
    assert "never served without" in only["remark"]
    assert revision(registry, bot)["number"] == 2
    assert len(findings(registry, bot)) == 1, "told once"


def test_what_was_impossible_is_done_when_it_is_possible(server, registry, bot, served, backends):
    deploy(
        registry,
        bot,
        release=arm(served, 2, url=backends[1].url),
        settings={"conditions": [f"{FAILING}: roll back"]},
    )
    registry.request("DELETE", f"/models/{served}/versions/1").expect(204)
    backends[1].answer = EverySecond(backends[1])
    with Load([server], bot):
        (only,) = found(registry, bot)
        assert "was deleted" in only["remark"]
        registry.post(f"/models/{served}/versions/1/restore")
        rolled_back(registry, bot)
    (only,) = findings(registry, bot)
    assert "remark" not in only


def test_what_would_serve_again_and_does_not_answer_is_told_and_tried_again(
    server, registry, bot, served, backends
):
    trouble = Trouble(backends[0])
    backends[0].answer = trouble
    conditions = [f"{FAILING}: roll back", f"{FAILING}: notify"]
    settings = {"conditions": conditions, "healthPath": "/health"}
    deploy(registry, bot, release=arm(served, 2, url=backends[1].url), settings=settings)
    trouble.is_over = False
    backends[1].answer = EverySecond(backends[1])
    with Load([server], bot):
        all_ = found(registry, bot, 2)
        remarks = {f["condition"]: f.get("remark") for f in all_}
        assert remarks[conditions[0]].startswith("Nothing was rolled back yet. ")
        assert "answers /health with 500" in remarks[conditions[0]]
        assert remarks[conditions[1]] is None
        assert revision(registry, bot)["cause"] == "deploy"
        trouble.is_over = True
        rolled_back(registry, bot)
    after = findings(registry, bot)
    assert {f["condition"]: f.get("remark") for f in after} == dict.fromkeys(conditions)


class Trouble:
    """Answers 500 until it is over."""

    def __init__(self, backend):
        self.backend = backend
        self.is_over = True

    def __call__(self, handler, body):
        if self.is_over:
            self.backend.say_who(handler, body)
        else:
            Backend.send(handler, 500, {"why": "not yet"})


def test_requests_of_former_revisions_do_not_count(server, registry, bot, served, backends):
    canary(registry, bot, served, backends)
    backends[1].answer = EverySecond(backends[1])
    with Load([server], bot):
        time.sleep(1.5)
    backends[1].answer = backends[1].say_who
    deploy(registry, bot, settings={"conditions": [f"{FAILING}: roll back"]})
    with Load([server], bot):
        time.sleep(4)
    assert revision(registry, bot)["number"] == 3
    assert findings(registry, bot) == []


def test_nothing_is_judged_before_its_time(server, registry, bot, served, backends):
    canary(registry, bot, served, backends, "error rate over 20% for 1h on 20 requests: roll back")
    backends[1].answer = EverySecond(backends[1])
    with Load([server], bot):
        time.sleep(3)
    assert revision(registry, bot)["number"] == 2
    assert findings(registry, bot) == []


def test_few_requests_say_nothing(server, registry, bot, served, backends):
    canary(registry, bot, served, backends, "error rate over 20% for 2s: roll back")
    backends[1].answer = lambda handler, body: Backend.send(handler, 500, {})
    for _ in range(8):
        ask(server, bot, {}, status=None)
    time.sleep(4)
    assert revision(registry, bot)["number"] == 2


def test_a_rollback_by_hand_is_not_undone(server, registry, bot, served, backends):
    canary(registry, bot, served, backends, f"{FAILING}: roll back")
    backends[1].answer = EverySecond(backends[1])
    with Load([server], bot):
        time.sleep(0.5)
        by_hand = rollback(registry, bot)
        time.sleep(4)
    assert revision(registry, bot)["number"] == by_hand["revision"]["number"] == 3


# Telling


def test_those_who_listen_are_told_once_with_the_evidence(start_martlet, backends):
    server = start_martlet("--webhook-allowed-targets", "127.0.0.1")
    registry = Registry(server, "ann")
    receiver = Receiver()
    kinds = ["deployment.condition", "deployment.changed", "retraining.requested"]
    registry.post("/webhooks", {"name": "hook", "url": receiver.url, "events": kinds}, status=201)
    model = registry.model()
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    deploy(registry, "bot", release=arm(model, 1, url=backends[0].url))
    conditions = [f"{FAILING}: {action}" for action in ("notify", "request retraining")]
    canary(registry, "bot", model, backends, *conditions)
    backends[1].answer = EverySecond(backends[1])
    try:
        with Load([server], "bot"):
            wait_until(lambda: len(receiver.received) >= 5, 20, "five messages")
            time.sleep(2)
        told = [(message.kind, message.data.get("action")) for message in receiver.received]
        assert told[:2] == [("deployment.changed", None)] * 2
        assert sorted(told[2:], key=str) == [
            ("deployment.condition", "notify"),
            ("deployment.condition", "request retraining"),
            ("retraining.requested", None),
        ]
        request = next(m.data for m in receiver.received if m.kind == "retraining.requested")
        assert (request["name"], request["version"], request["deployment"]) == (model, "2", "bot")
        assert "error rate of" in request["reason"]
        condition = next(m.data for m in receiver.received if m.kind == "deployment.condition")
        assert (condition["revision"], condition["version"]) == (2, "2")
        assert condition["measured"] > 0.2
    finally:
        receiver.close()
    assert revision(registry, "bot")["number"] == 2


# What can be said


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("error rate over 2: notify", "percentage"),
        ("error rate over 2% for 5m: explode", "explode"),
        ("", "action"),
    ],
)
def test_a_condition_that_cannot_be_meant_is_refused(registry, bot, said, reason):
    change = {"settings": {"conditions": [said]}}
    path = f"/deployments/{bot}/revisions"
    assert reason in registry.refused("POST", path, change, status=400, code="invalid")
    assert revision(registry, bot)["number"] == 1


@pytest.mark.parametrize("threshold", ["16777216", "1e-17", "-0.123456789"])
def test_a_threshold_on_outcomes_keeps_all_its_digits(registry, bot, threshold):
    conditions = [f"loss over {threshold} on 5 outcomes: roll back"]
    deploy(registry, bot, settings={"conditions": conditions})
    assert revision(registry, bot)["settings"]["conditions"] == conditions


def test_a_condition_that_nothing_measures_is_refused(registry, bot):
    path, settings = f"/deployments/{bot}/revisions", {"conditions": ["psi of length over 0.2: notify"]}
    detail = registry.refused("POST", path, {"settings": settings}, status=400, code="invalid")
    assert "does not say where 'length' is" in detail
    settings["drift"] = {"features": {"length": ["length"]}}
    deploy(registry, bot, settings=settings)
    registry.refused("POST", path, {"settings": {"drift": None}}, status=400, code="invalid")


def test_the_command_line_sets_conditions_and_takes_them_away(registry, server, bot, tmp_path):
    martlet = CommandLine(tmp_path, server)
    martlet("deploy", bot, "--when", f"{FAILING}: notify", "--when", "p99 over 1s for 5m: roll back")
    assert revision(registry, bot)["settings"]["conditions"] == [
        f"{FAILING}: notify",
        "p99 over 1s for 5m on 300 requests: roll back",
    ]
    martlet("deploy", bot, "--when", "none")
    assert revision(registry, bot)["settings"]["conditions"] == []
