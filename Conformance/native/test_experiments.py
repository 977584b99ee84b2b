"""Experiments: which of two versions is better, asked of the real gateway and told by real outcomes."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest

import postgres
from backends import Backend
from command_line import CommandLine
from compared import Bot, decisions, goal_of, users
from registry import Registry
from support import unique, wait_until
from test_deployments import arm, deploy


@pytest.fixture
def bot(server, registry, served, deployment, backends):
    return Bot(server, registry, served, deployment, backends)


# Verdicts


def test_a_version_that_is_better_is_found(bot):
    bot.start(minimumSample=50, tightestAt=150, reason="is two better?")
    subjects = users(300)
    bot.ask_all(subjects)
    better = {bot.arms[0]: 4, bot.arms[1]: 8}
    outcomes = {
        subject: {"resolved": number % 10 < better[bot.arm_of(subject)]}
        for number, subject in enumerate(subjects)
    }
    bot.tell_when_recorded({s: {"resolved": float(m["resolved"])} for s, m in outcomes.items()})
    verdict = bot.verdict()
    assert verdict["verdict"] == "challengerBetter", verdict
    assert verdict["challenger"] == bot.arms[1]
    assert f"{bot.arms[1]} is better than {bot.arms[0]}: resolved is" in verdict["sentence"]
    (metric,) = verdict["metrics"]
    told = {name: [m["resolved"] for s, m in outcomes.items() if bot.arm_of(s) == name] for name in bot.arms}
    assert goal_of(verdict) == tuple(len(told[name]) for name in bot.arms)
    means = [sum(told[name]) / len(told[name]) for name in bot.arms]
    assert (metric["baselineMean"], metric["challengerMean"]) == pytest.approx(means)
    assert 0 < metric["lower"] < metric["difference"] < metric["upper"] < 1
    assert metric["pValue"] < 0.05
    wait_until(lambda: bot.subjects() == 300)
    assert bot.report()["subjects"] == {name: len(told[name]) for name in bot.arms}


def test_two_versions_that_are_alike_stay_undecided(bot):
    bot.start(minimumSample=50, tightestAt=150)
    subjects = users(240)
    bot.ask_all(subjects)
    for start in range(0, 240, 40):
        some = subjects[start : start + 40]
        # Every second one of each arm, so that the arms differ by no more than one outcome.
        seen = dict.fromkeys(bot.arms, 0)
        outcomes = {}
        for subject in some:
            name = bot.arm_of(subject)
            seen[name] += 1
            outcomes[subject] = {"resolved": seen[name] % 2}
        bot.tell_when_recorded(outcomes)
        assert bot.verdict()["verdict"] == "undecided"
    assert sum(goal_of(bot.verdict())) == 240


def test_an_arm_that_loses_subjects_cannot_be_compared(bot):
    bot.start()
    subjects = users(400)
    lost = [s for s in subjects if bot.arm_of(s) == bot.arms[1]][20:]
    bot.ask_all([s for s in subjects if s not in set(lost)])
    wait_until(lambda: bot.subjects() == 400 - len(lost))
    verdict = bot.verdict()
    assert verdict["verdict"] == "sampleRatioMismatch"
    assert "did not get the subjects that their shares say" in verdict["sentence"]
    assert bot.report()["sampleRatioPValue"] <= 0.001


def test_what_the_gateway_measures_can_be_a_guardrail(bot, backends):
    bot.start(guardrails=[{"name": "gateway.error", "margin": 0.05}, {"name": "gateway.latency"}])
    backends[1].answer = lambda handler, body: Backend.send(handler, 500, {})
    subjects = users(120)
    bot.ask_all(subjects)
    wait_until(lambda: bot.subjects() == 120)
    wait_until(lambda: all(m["baselineCount"] + m["challengerCount"] == 120 for m in measured(bot)))
    verdict = bot.verdict()
    assert (verdict["verdict"], verdict["guardrail"]) == ("guardrailViolated", "gateway.error")
    error, latency = verdict["metrics"][1:]
    assert (error["baselineMean"], error["challengerMean"]) == (0, 1)
    assert error["baselineCount"] + error["challengerCount"] == 120
    assert 0 < latency["baselineMean"] < 10


def measured(bot):
    """The guardrails."""
    return bot.verdict()["metrics"][1:]


def test_a_difference_within_the_margin_is_none(bot):
    goal = {"name": "stars", "values": "bounded", "from": 1, "to": 5, "margin": 2}
    bot.start(goal, minimumSample=20, tightestAt=50)
    subjects = users(120)
    bot.ask_all(subjects)
    bot.tell_when_recorded({subject: {"stars": 3 + number % 2} for number, subject in enumerate(subjects)})
    assert bot.verdict()["verdict"] == "noDifference"


# What is refused


def test_a_deployment_has_one_experiment_at_a_time(bot):
    bot.start()
    assert "Stop it first" in bot.refused(409, "conflict", goal={"name": "resolved"})
    bot.stop()
    assert bot.start()["experiment"]["number"] == 2
    bot.stop()
    detail = bot.registry.refused("POST", f"{bot.path}/latest/stop", {}, status=409, code="conflict")
    assert "no experiment is under way" in detail
    detail = bot.registry.refused("POST", f"{bot.path}/1/stop", {}, status=409, code="conflict")
    assert "experiment 1 is not under way" in detail


def test_one_arm_or_no_records_cannot_be_compared(registry, served, deployment, bot, backends):
    deploy(registry, bot.name, settings={"decisions": "off"})
    assert "no records" in bot.refused(409, "conflict", goal={"name": "resolved"})
    deploy(registry, bot.name, settings={"decisions": "relaxed"}, promote=bot.arms[0])
    deploy(registry, bot.name, add=arm(served, 2, role="shadow", url=backends[1].url))
    assert "two arms that answer" in bot.refused(409, "conflict", goal={"name": "resolved"})


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"goal": {"name": " "}}, "'name'"),
        ({"goal": {"name": "a", "values": "bounded"}}, "'from' and 'to'"),
        ({"goal": {"name": "a", "from": 1, "to": 1}}, "'from' and 'to'"),
        ({"goal": {"name": "a", "better": "other"}}, "'higher' or 'lower'"),
        ({"goal": {"name": "a", "margin": -1}}, "margin"),
        ({"goal": {"name": "gateway.colour"}}, "gateway.latency"),
        ({"goal": {"name": "gateway.error", "values": "unbounded"}}, "cannot be changed"),
        ({"goal": {"name": "a"}, "guardrails": [{"name": "a"}]}, "same name"),
        ({"goal": {"name": "a"}, "alpha": 1}, "alpha"),
        ({"goal": {"name": "a"}, "minimumSample": 0}, "minimum"),
        ({"goal": {"name": "a"}, "tightestAt": 0}, "1 or more"),
        ({"goal": {"name": "a"}, "baseline": "nobody"}, "baseline"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_and_leaves_nothing(bot, plan, words):
    before = bot.registry.ledger_size()
    assert words in bot.refused(400, "invalid", **plan)
    assert bot.registry.ledger_size() == before
    bot.registry.request("GET", f"{bot.path}/latest").expect(404)


def test_a_value_that_the_plan_excludes_is_refused_and_named(bot):
    bot.start(guardrails=[{"name": "stars", "from": 1, "to": 5}])
    subject, other = users(2)
    bot.ask_all([subject, other])
    bot.tell_when_recorded({other: {"resolved": 1}})
    told = bot.tell({subject: {"stars": 9, "resolved": 1}})
    assert "from 1 to 5" in told["refusals"][0]["reason"]
    told = bot.tell({subject: {"resolved": 0.5}})
    assert "0 or 1" in told["refusals"][0]["reason"]
    told = bot.tell({subject: {"gateway.error": 1}})
    assert "nobody else can tell it" in told["refusals"][0]["reason"]
    # What was refused has left nothing.
    assert bot.tell({subject: {"stars": 5, "resolved": 1}})["acceptedCount"] == 1
    assert sum(goal_of(bot.verdict())) == 2


def test_outcomes_are_told_to_the_deployment_that_decided(server, registry, bot, served, backends):
    other = Bot(server, registry, served, unique("other").lower(), backends, decisions="strict")
    decision = other.ask("ann")
    told = registry.post(
        f"/deployments/{bot.name}/outcomes", {"outcomes": [{"decision": decision, "metrics": {"a": 1}}]}
    )
    assert "no record of a decision" in told["refusals"][0]["reason"]


def test_an_experiment_may_start_in_a_freeze_since_nothing_else_changes(registry, bot):
    freeze = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
    deploy(registry, bot.name, settings={"freezes": [freeze]})
    bot.start()
    after = registry.get(f"/deployments/{bot.name}")["revision"]
    assert after["cause"] == "experiment"
    assert after["arms"] == bot.deployed["revision"]["arms"]


# What stays


def test_the_ledger_has_the_plan_before_what_it_is_about_and_the_verdict_after(registry, bot):
    started = bot.start(
        {"name": "cost", "values": "unbounded", "better": "lower"}, alpha=0.01, reason="cheaper?"
    )["experiment"]
    subjects = users(6)
    bot.ask_all(subjects)
    bot.tell_when_recorded({subject: {"cost": 2.5} for subject in subjects})
    wait_until(lambda: bot.subjects() == 6)
    stopped = bot.stop(reason="no")
    plan = registry.entries(started["ledgerEntry"])[0]
    assert (plan["action"], plan["actor"], plan["reason"]) == ("experiment.start", "ann", "cheaper?")
    assert plan["plan"]["goal"] == {"better": "lower", "margin": 0, "name": "cost", "values": "unbounded"}
    assert [a["name"] for a in plan["plan"]["arms"]] == bot.arms
    digests = [a["digest"] for a in bot.deployed["revision"]["arms"]]
    assert [a["digest"] for a in plan["plan"]["arms"]] == digests
    (decision,) = registry.get(f"/deployments/{bot.name}/decisions", subject=subjects[0])["decisions"]
    assert decision["ledgerEntry"] > started["ledgerEntry"]
    assert decision["revision"] == plan["revision"] == started["firstRevision"]
    end = registry.entries(stopped["experiment"]["stopped"]["ledgerEntry"])[0]
    assert (end["action"], end["experiment"], end["reason"]) == ("experiment.stop", 1, "no")
    assert end["units"] == stopped["subjects"]
    assert end["verdicts"][0]["sentence"] == stopped["verdicts"][0]["sentence"]


def test_an_experiment_outlives_its_server(start_martlet, backends):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    bot = Bot(server, registry, model, "bot", backends)
    bot.start()
    subjects = users(20)
    bot.ask_all(subjects)
    assert server.terminate() == 0
    bot.server = start_martlet(data=server.data)
    bot.registry = Registry(bot.server, "ann")
    # What waited to be counted was counted before it stopped.
    assert bot.subjects() == 20
    more = users(5)
    bot.ask_all(subjects + more)
    bot.tell_when_recorded({subject: {"resolved": 1} for subject in subjects + more})
    wait_until(lambda: bot.subjects() == 25)
    assert sum(goal_of(bot.verdict())) == 25


def test_who_took_part_is_forgotten_when_an_experiment_has_ended(start_martlet, backends):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    bots = [Bot(server, registry, model, name, backends) for name in ("ended", "going-on")]
    subjects = users(30)
    for bot in bots:
        bot.start()
        bot.ask_all(subjects)
        bot.tell_when_recorded({subject: {"resolved": 1} for subject in subjects})
        wait_until(lambda bot=bot: bot.subjects() == 30)
    stopped = bots[0].stop()
    assert server.terminate() == 0
    # A server tidies up when it starts, and then every hour.
    registry = Registry(start_martlet(data=server.data), "ann")
    wait_until(lambda: remembered(server.data) == {"experiment_unit": 30, "experiment_outcome": 30})
    assert registry.get(f"{bots[0].path}/1") == stopped


def remembered(data) -> dict[str, int]:
    """How many rows there are, as the database itself says."""

    def count(table: str) -> int:
        statement = f"SELECT count(*) FROM {table}"
        if postgres.is_chosen:
            return int(postgres.run(statement, postgres.database_of(data)))
        with contextlib.closing(sqlite3.connect(data / "martlet.sqlite")) as database:
            return database.execute(statement).fetchone()[0]

    return {table: count(table) for table in ("experiment_unit", "experiment_outcome")}


def test_experiments_are_listed_page_by_page(registry, bot):
    for _ in range(3):
        bot.start()
        bot.stop()
    page = registry.get(bot.path, limit=2)
    assert [e["number"] for e in page["experiments"]] == [3, 2]
    rest = registry.get(bot.path, limit=2, pageToken=page["nextPageToken"])
    assert [e["number"] for e in rest["experiments"]] == [1]
    assert bot.report(1)["experiment"] == rest["experiments"][0]
    registry.refused("GET", f"{bot.path}/9", status=404, code="not_found")
    registry.refused("GET", f"{bot.path}/x", status=400, code="invalid")


# The command line


def test_the_command_line_starts_shows_and_stops(server, bot, tmp_path):
    martlet = CommandLine(tmp_path, server)
    plan = ("--goal", "resolved", "--guardrail", "stars:1..5:margin=0.5", "--guardrail", "gateway.latency")
    shown = martlet("experiment", "start", bot.name, *plan, "--minimum", 20, "--tightest-at", 50)
    assert "Undecided: each arm needs 20 outcomes" in shown
    subjects = users(80)
    bot.ask_all(subjects)
    better = {bot.arms[0]: 0, bot.arms[1]: 1}
    lines = [
        json.dumps({"subject": s, "metrics": {"resolved": better[bot.arm_of(s)], "stars": 4}})
        for s in subjects
    ]
    file = tmp_path / "outcomes.jsonl"
    file.write_text("\n\n".join(lines) + "\n")
    wait_until(lambda: decisions(bot.registry, bot, subjects[-1], 1))
    wait_until(
        lambda: (
            martlet_says(martlet, "outcomes", bot.name, "--file", file) == "told 80 outcomes of " + bot.name
        )
    )
    shown = martlet("experiment", bot.name)
    for word in ("stars", "gateway.latency", bot.arms[1]):
        assert word in shown
    report = martlet.json("experiment", bot.name)
    assert report["experiment"]["guardrails"][0] == {
        "name": "stars", "values": "bounded", "from": 1, "to": 5, "better": "higher", "margin": 0.5,
    }  # fmt: skip
    assert report["verdicts"][0]["metrics"][0]["pValue"] < 0.05
    assert "stopped by ann" in martlet("experiment", "stop", bot.name, "--reason", "seen enough")
    assert "resolved" in martlet("experiments", bot.name)
    martlet("experiment", "stop", bot.name, code=1)
    martlet("experiment", "start", bot.name, "--goal", "stars:5..", code=64)


def martlet_says(martlet, *arguments) -> str | None:
    try:
        return martlet(*arguments).strip()
    except AssertionError:
        return None


def test_lines_that_are_refused_are_named(server, bot, tmp_path):
    martlet = CommandLine(tmp_path, server)
    file = tmp_path / "outcomes.jsonl"
    file.write_text('\n{"subject": "nobody", "metrics": {"resolved": 1}}\n')
    said = martlet("outcomes", bot.name, "--file", file, code=1)
    assert "line 2: 'BOT' has decided nothing about that subject".replace("BOT", bot.name) in said
    file.write_text('{"subject": "nobody"')
    assert "line 1: This is no JSON" in martlet("outcomes", bot.name, "--file", file, code=1)
    file.write_text('{"subject": "nobody", "metrics": {"resolved": 1, "resolved": 0}}')
    assert "line 1: The metric 'resolved' is named twice" in martlet(
        "outcomes", bot.name, "--file", file, code=1
    )
