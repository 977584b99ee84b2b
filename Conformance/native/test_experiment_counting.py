"""Which outcomes count in an experiment: the first of a subject, of the arm that it came to."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backends import Backend
from compared import Bot, decisions, goal_of, users
from registry import Registry
from support import wait_until
from test_deployments import arm, deploy, rollback


@pytest.fixture
def bot(server, registry, served, deployment, backends):
    return Bot(server, registry, served, deployment, backends)


def test_only_the_first_outcome_of_a_subject_counts(bot):
    bot.start()
    (subject,) = users(1)
    for value in (1, 0, 0):
        bot.ask(subject)
        bot.tell_when_recorded({subject: {"resolved": value}})
    metric = bot.verdict()["metrics"][0]
    assert sum(goal_of(bot.verdict())) == 1
    assert metric["baselineMean"] + metric["challengerMean"] == 1
    assert bot.subjects() == 1


def test_without_subjects_each_decision_counts(server, registry, served, deployment, backends):
    bot = Bot(server, registry, served, deployment, backends, subject=None, decisions="strict")
    bot.start()
    decisions = [bot.ask(None) for _ in range(12)]
    batch = [{"decision": decision, "metrics": {"resolved": 1}} for decision in decisions]
    for _ in range(2):
        told = registry.post(f"/deployments/{bot.name}/outcomes", {"outcomes": batch})
        assert told == {"acceptedCount": 12, "refusals": []}
    assert sum(goal_of(bot.verdict())) == 12
    wait_until(lambda: bot.subjects() == 12)


def test_an_outcome_that_is_there_before_its_subject_is_counted_counts_once(
    server, registry, served, deployment, backends
):
    bot = Bot(server, registry, served, deployment, backends, decisions="strict")
    bot.start()
    subjects = users(10)
    for subject in subjects:
        decision = bot.ask(subject)
        registry.request("POST", f"/decisions/{decision}/outcome", {"metrics": {"resolved": 1}}).expect(204)
    assert (sum(goal_of(bot.verdict())), bot.subjects()) == (10, 10)
    # The gateway's own count has come by now.
    bot.ask_all(users(1))
    wait_until(lambda: bot.subjects() == 11)


def test_subjects_count_when_they_come_however_long_their_answers_take(bot, backends):
    bot.start()
    subjects = users(24)
    is_answered = threading.Event()

    def answer(handler, body):
        is_answered.wait(30)
        Backend.send(handler, 200, {})

    backends[1].answer = answer
    with ThreadPoolExecutor(24) as pool:
        asked = [pool.submit(bot.ask, subject) for subject in subjects]
        try:
            wait_until(lambda: bot.subjects() == 24)
        finally:
            is_answered.set()
        assert all(future.result() for future in asked)
    by_arm = {name: sum(bot.arm_of(s) == name for s in subjects) for name in bot.arms}
    assert bot.report()["subjects"] == by_arm


def test_what_the_gateway_measures_is_of_answers_that_have_ended(
    server, registry, served, deployment, backends
):
    bot = Bot(server, registry, served, deployment, backends, decisions="strict")
    for backend in backends[:2]:
        backend.answer = stream(1)
    bot.start(guardrails=[{"name": "gateway.latency", "margin": 1}])
    subjects = users(8)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(bot.ask, subject) for subject in subjects]
        bot.tell_when_recorded({subject: {"resolved": 1} for subject in subjects})
        (goal, latency) = bot.verdict()["metrics"]
        assert goal["baselineCount"] + goal["challengerCount"] == 8
        assert latency["baselineCount"] + latency["challengerCount"] == 0
        assert all(future.result() for future in asked)
    # Later ones of the same subjects are as quick as can be, and do not count.
    for backend in backends[:2]:
        backend.answer = backend.say_who
    bot.ask_all(subjects)
    (latency,) = wait_until(
        lambda: [m for m in bot.verdict()["metrics"][1:] if m["baselineCount"] + m["challengerCount"] == 8]
    )
    total = sum(latency[f"{arm}Mean"] * latency[f"{arm}Count"] for arm in ("baseline", "challenger"))
    assert 1 <= total / 8 < 10


def test_what_a_crash_has_lost_is_counted_when_its_outcome_is_told(start_martlet, backends):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    bot = Bot(server, registry, model, "bot", backends, decisions="strict")
    bot.start(guardrails=[{"name": "gateway.latency", "margin": 1}])
    subjects = users(8)
    bot.ask_all(subjects)
    server.kill()
    bot.registry = Registry(start_martlet(data=server.data), "ann")
    bot.tell({subject: {"resolved": 1} for subject in subjects})
    assert bot.subjects() == 8
    counts = [m["baselineCount"] + m["challengerCount"] for m in bot.verdict()["metrics"]]
    assert counts == [8, 8]


def stream(seconds):
    """An answer that takes its time after it has begun."""

    def answer(handler, body):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(b"data: x\n\n")
        handler.wfile.flush()
        time.sleep(seconds)
        handler.close_connection = True

    return answer


def test_what_was_decided_before_the_experiment_does_not_count(
    server, registry, served, deployment, backends
):
    bot = Bot(server, registry, served, deployment, backends, decisions="strict")
    early, late = users(2)
    decision = bot.ask(early)
    bot.start()
    bot.ask(late)
    registry.request("POST", f"/decisions/{decision}/outcome", {"metrics": {"resolved": 1}}).expect(204)
    bot.tell_when_recorded({late: {"resolved": 1}})
    assert sum(goal_of(bot.verdict())) == 1
    wait_until(lambda: bot.subjects() == 1)


def test_what_is_told_after_the_end_changes_nothing(bot):
    bot.start()
    subjects = users(4)
    bot.ask_all(subjects)
    bot.tell_when_recorded({subject: {"resolved": 1} for subject in subjects[:2]})
    wait_until(lambda: bot.subjects() == 4)
    stopped = bot.stop(reason="enough")
    bot.ask_all(users(3))
    bot.tell_when_recorded({subject: {"resolved": 1} for subject in subjects[2:]})
    after = bot.report()
    assert (after, after["experiment"]["stopped"]["reason"]) == (stopped, "enough")
    assert sum(goal_of(after["verdicts"][0])) == 2


def test_a_shadow_does_not_count(server, registry, bot, served, backends):
    added = arm(served, 3, role="shadow", url=backends[0].url)
    deploy(registry, bot.name, add=added)
    report = bot.start()
    assert set(report["subjects"]) == set(bot.arms)
    (subject,) = users(1)
    bot.ask(subject)
    found = wait_until(lambda: decisions(registry, bot, subject, 2))
    # The copy is newer than the decision whose answer the subject got.
    bot.tell({subject: {"resolved": 1}})
    outcomes = {d["id"]: d["outcomes"] for d in decisions(registry, bot, subject, 2)}
    original = next(d for d in found if "shadowOf" not in d)
    assert [identity for identity, told in outcomes.items() if told] == [original["id"]]
    assert sum(goal_of(bot.verdict())) == 1
    wait_until(lambda: bot.subjects() == 1)


def test_who_has_moved_to_another_arm_is_left_out(registry, bot):
    bot.start()
    moves = next(s for s in users(100) if bot.arm_of(s) == bot.arms[0])
    stays = next(s for s in users(100) if bot.arm_of(s) == bot.arms[1])
    bot.ask_all([moves, stays])
    wait_until(lambda: bot.subjects() == 2)
    deploy(registry, bot.name, shares={bot.arms[1]: 1_000_000})
    bot.ask_all([moves, stays])
    outcomes = {moves: {"resolved": 1}, stays: {"resolved": 1}}
    wait_until(lambda: len(decisions(registry, bot, moves, 2) or []) == 2)
    bot.tell_when_recorded(outcomes)
    assert goal_of(bot.verdict()) == (0, 1)
    assert bot.report()["subjects"] == {bot.arms[0]: 1, bot.arms[1]: 1}


def test_an_experiment_goes_on_when_shares_change_and_after_a_rollback(registry, bot):
    bot.start(minimumSample=10)
    first, second, third = (users(60) for _ in range(3))
    bot.ask_all(first)
    deploy(registry, bot.name, shares={bot.arms[1]: 100_000})
    bot.ask_all(second)
    # Back to one arm, of which nothing can be out of proportion.
    rolled_back = rollback(registry, bot.name)
    assert [a["name"] for a in rolled_back["revision"]["arms"]] == bot.arms[:1]
    bot.ask_all(third)
    wait_until(lambda: bot.subjects() == 180)
    report = bot.report()
    assert report["sampleRatioPValue"] > 0.001
    assert report["experiment"].get("stopped") is None
    by_arm = [sum(bot.arm_of(s) == name for s in first) for name in bot.arms]
    assert report["subjects"][bot.arms[1]] >= by_arm[1]
    bot.tell_when_recorded({subject: {"resolved": 1} for subject in first + second + third})
    assert sum(goal_of(bot.verdict())) == 180


def test_a_name_that_is_given_to_another_version_is_another_arm(
    registry, server, served, deployment, backends
):
    arms = [
        arm(served, 1, name="a", partsPerMillion=500_000, url=backends[0].url),
        arm(served, 2, name="b", role="challenger", partsPerMillion=500_000, url=backends[1].url),
    ]
    bot = Bot(server, registry, served, deployment, backends)
    deploy(registry, deployment, arms=arms)
    bot.arms = ["a", "b"]
    bot.start()
    other = [
        arms[0],
        arm(served, 3, name="b", role="challenger", partsPerMillion=500_000, url=backends[1].url),
    ]
    deploy(registry, deployment, arms=other)
    subjects = users(30)
    bot.ask_all(subjects)
    kept = sum(bot.arm_of(s) == "a" for s in subjects)
    wait_until(lambda: bot.subjects() == kept)
    assert bot.report()["subjects"] == {"a": kept, "b": 0}
