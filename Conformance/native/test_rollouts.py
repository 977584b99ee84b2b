"""Roll-outs: a version takes over in steps, as long as all goes well, whatever happens to the server."""

import datetime
import time

import pytest

from backends import Backend, EverySecond
from command_line import CommandLine
from load import Load
from registry import Registry
from rollouts import STEPS, begin, entries, history, pauses, plan, reaches, rollout, told
from support import unique, wait_until
from test_deployments import arm, deploy, rollback, shares
from watching import FAILING, revision, rolled_back


@pytest.fixture
def bot(registry, served, deployment, backends):
    deploy(registry, deployment, release=arm(served, 1, url=backends[0].url), settings={"decisions": "off"})
    return deployment


def test_a_version_takes_over_step_by_step(server, registry, bot, served, backends):
    begun = begin(
        registry, bot, served, backends, steps=[10_000, 100_000, 500_000, 1_000_000], reason="better"
    )
    assert (begun["state"], begun["stepsDone"], begun["revision"]) == ("running", 1, 2)
    with Load([server], bot) as load:
        done = reaches(registry, bot, "done")
    assert load.statuses.keys() == {200}
    assert history(registry, bot) == [0, 10_000, 100_000, 500_000, 1_000_000]
    assert (done["stepsDone"], done["revision"]) == (4, 5)
    assert shares(registry.get(f"/deployments/{bot}")) == {2: ("primary", 1_000_000)}
    revisions = registry.get(f"/deployments/{bot}/revisions")["revisions"]
    assert [r["actor"] for r in revisions[:4]] == ["martlet", "martlet", "martlet", "ann"]
    assert revisions[0]["reason"] == "step 4 of 4 of the roll-out that ann began: better"
    times = [datetime.datetime.fromisoformat(r["at"]) for r in revisions[:4]]
    assert all((later - sooner).total_seconds() >= 1 for later, sooner in zip(times, times[1:], strict=False))


def test_a_first_step_that_is_taken_at_once_is_of_whoever_asked_however_long_it_takes(
    registry, bot, served, backends
):
    deploy(registry, bot, settings={"healthPath": "/health"})
    asked = []

    def hesitate_once(handler, body):
        asked.append(handler.path)
        # The server looks once a second whether a step is due.
        time.sleep(1.5 if len(asked) == 1 else 0)
        backends[1].say_who(handler, body)

    backends[1].answer = hesitate_once
    begun = begin(registry, bot, served, backends, every=60_000)
    assert (begun["state"], begun["stepsDone"], begun.get("remark")) == ("running", 1, None)
    step = revision(registry, bot)
    assert (step["number"], step["actor"]) == (3, "ann")
    assert told(registry, bot) == [("rollout.begin", "ann", None)]


def test_a_step_waits_for_requests(server, registry, bot, served, backends):
    begin(registry, bot, served, backends, steps=[500_000, 1_000_000], at_least=30)
    time.sleep(2.5)
    waiting = rollout(registry, bot)
    assert (waiting["state"], waiting["stepsDone"]) == ("running", 1)
    assert "30 requests" in waiting["waitsFor"]
    with Load([server], bot):
        reaches(registry, bot, "done")


def test_a_version_that_fails_ends_its_roll_out(server, registry, bot, served, backends):
    backends[1].answer = EverySecond(backends[1])
    begin(
        registry, bot, served, backends, steps=[500_000, 600_000, 1_000_000], every=4000,
        conditions=[f"{FAILING}: roll back"],
    )  # fmt: skip
    with Load([server], bot) as load:
        back = rolled_back(registry, bot)
        time.sleep(4.5)
    ended = rollout(registry, bot)
    assert (ended["state"], ended["stepsDone"]) == ("aborted", 1)
    assert ended["remark"] == f"martlet made revision {back['number']}: rollback"
    assert history(registry, bot) == [0, 500_000, 0]
    assert load.statuses.keys() == {200, 500}


def test_a_condition_can_pause_it_and_somebody_resumes_it(server, registry, bot, served, backends):
    backends[1].answer = EverySecond(backends[1])
    begin(
        registry,
        bot,
        served,
        backends,
        steps=[500_000, 1_000_000],
        every=3000,
        conditions=[f"{FAILING}: pause"],
    )
    with Load([server], bot):
        paused = reaches(registry, bot, "paused")
        time.sleep(3.5)
        assert "error rate of" in paused["remark"]
        assert rollout(registry, bot)["stepsDone"] == 1
        registry.post(f"/deployments/{bot}/rollout/resume")
        reaches(registry, bot, "done")
    begun, pause, resumed = told(registry, bot)
    assert (begun[:2], resumed[:2]) == (("rollout.begin", "ann"), ("rollout.resume", "ann"))
    assert pause[:2] == ("rollout.pause", "martlet")
    assert paused["remark"] == f"paused by martlet: {pause[2]}"
    assert history(registry, bot) == [0, 500_000, 1_000_000]


def test_somebody_pauses_resumes_and_aborts(registry, bot, served, backends):
    begin(registry, bot, served, backends)
    path = f"/deployments/{bot}/rollout"
    paused = registry.as_actor("mo").post(f"{path}/pause")
    assert (paused["state"], paused["remark"]) == ("paused", "paused by mo")
    registry.refused("POST", f"{path}/pause", status=409, code="conflict")
    time.sleep(2.2)
    assert rollout(registry, bot)["stepsDone"] == 1
    registry.post(f"{path}/resume")
    wait_until(lambda: rollout(registry, bot)["stepsDone"] == 2)
    aborted = registry.request("POST", f"{path}/abort", reason="no need").expect().json
    assert (aborted["state"], aborted["remark"]) == ("aborted", "aborted by ann: no need")
    time.sleep(2)
    assert history(registry, bot) == [0, 10_000, 500_000]
    for word in ("pause", "resume", "abort"):
        registry.refused("POST", f"{path}/{word}", status=409, code="conflict")
    assert told(registry, bot) == [
        ("rollout.begin", "ann", None), ("rollout.pause", "mo", None), ("rollout.resume", "ann", None),
        ("rollout.abort", "ann", "no need"),
    ]  # fmt: skip
    begun, *_, aborted = entries(registry, bot)
    assert begun["plan"]["steps"] == STEPS
    assert (aborted["rollout"], aborted["stepsDone"]) == (begun["rollout"], 2)


@pytest.mark.parametrize("what", ["rollback", "deploy"])
def test_whatever_else_changes_ends_it(registry, bot, served, backends, what):
    begin(registry, bot, served, backends)
    if what == "rollback":
        rollback(registry, bot)
    else:
        deploy(registry, bot, release=arm(served, 3, url=backends[2].url))
    ended = rollout(registry, bot)
    assert (ended["state"], ended["remark"]) == ("aborted", f"ann made revision 3: {what}")
    (_, aborted) = entries(registry, bot)
    assert (aborted["action"], aborted["remark"]) == ("rollout.abort", ended["remark"])
    time.sleep(2)
    assert revision(registry, bot)["number"] == 3


def test_settings_do_not_end_it_and_a_freeze_holds_it_up(registry, bot, served, backends):
    begin(registry, bot, served, backends)
    now = datetime.datetime.now(datetime.timezone.utc)
    freeze = {"from": now.isoformat(), "to": (now + datetime.timedelta(seconds=4)).isoformat()}
    deploy(registry, bot, settings={"freezes": [freeze]})
    time.sleep(2)
    held = rollout(registry, bot)
    assert (held["state"], held["stepsDone"]) == ("running", 1)
    assert "freeze" in held["waitsFor"]
    reaches(registry, bot, "done")
    assert history(registry, bot) == [0, 10_000, 10_000, 500_000, 1_000_000]


def test_an_experiment_that_starts_or_stops_does_not_end_it(registry, bot, served, backends):
    deploy(registry, bot, settings={"decisions": "relaxed"})
    begin(registry, bot, served, backends, steps=[500_000, 1_000_000], every=3000)
    registry.post(f"/deployments/{bot}/experiments", {"goal": {"name": "resolved"}}, status=201)
    assert revision(registry, bot)["cause"] == "experiment"
    assert rollout(registry, bot)["state"] == "running"
    registry.post(f"/deployments/{bot}/experiments/latest/stop", {})
    assert reaches(registry, bot, "done")["stepsDone"] == 2
    assert history(registry, bot) == [0, 0, 500_000, 500_000, 1_000_000]


@pytest.mark.parametrize("what", ["settings", "experiment"])
def test_no_change_on_the_way_carries_a_failing_version_past_its_condition(
    server, registry, bot, served, backends, what
):
    deploy(registry, bot, settings={"decisions": "relaxed"})
    backends[1].answer = EverySecond(backends[1])
    begin(
        registry, bot, served, backends, steps=[500_000, 1_000_000], every=3000,
        conditions=["error rate over 20% for 3s on 20 requests: roll back"],
    )  # fmt: skip
    with Load([server], bot):
        time.sleep(1.5)
        if what == "settings":
            deploy(registry, bot, settings={"timeoutMs": 4_000})
        else:
            path = f"/deployments/{bot}/experiments"
            registry.post(path, {"goal": {"name": "resolved"}}, status=201)
        ended = wait_until(
            lambda: (r := rollout(registry, bot))["state"] != "running" and r, 30, "the roll-out's end"
        )
    assert (ended["state"], ended["stepsDone"]) == ("aborted", 1)
    assert revision(registry, bot)["cause"] == "rollback"


def test_a_condition_that_wants_more_time_than_steps_last_is_waited_for(registry, bot, served, backends):
    begin(registry, bot, served, backends, every=3000)
    deploy(registry, bot, settings={"conditions": ["error rate over 2% for 4s: roll back"]})
    reaches(registry, bot, "done")
    revisions = registry.get(f"/deployments/{bot}/revisions")["revisions"][::-1]
    assert [r["cause"] for r in revisions[2:]] == ["settings", "deploy", "deploy"]
    assert min(pauses(registry, bot)[2:]) >= 4


def test_a_roll_out_is_begun_and_turned_only_at_the_revision_that_was_expected(registry, bot, served, backends):
    path, draft = f"/deployments/{bot}/rollout", plan(served, backends, every=60_000)

    def refused(path, body=None):
        registry.refused("POST", path, body, status=412, code="precondition_failed", headers={"If-Match": '"7"'})

    refused(path, draft)
    registry.request("POST", path, draft, headers={"If-Match": '"1"'}).expect(201)
    for turn in ("pause", "resume", "abort"):
        if turn == "resume":
            registry.post(f"{path}/pause")
        refused(f"{path}/{turn}")
    registry.request("POST", f"{path}/abort", headers={"If-Match": '"2"'}).expect(200)


def test_it_can_begin_later(registry, bot, served, backends):
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    begun = begin(registry, bot, served, backends, steps=[1_000_000], start=start.isoformat())
    assert (begun["state"], begun["stepsDone"]) == ("scheduled", 0)
    assert revision(registry, bot)["number"] == 1
    reaches(registry, bot, "done")
    assert shares(registry.get(f"/deployments/{bot}")) == {2: ("primary", 1_000_000)}
    assert datetime.datetime.fromisoformat(revision(registry, bot)["at"]) >= start


def test_a_step_that_is_impossible_pauses_it_with_the_reason(registry, bot, served, backends):
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
    begin(registry, bot, served, backends, steps=[1_000_000], start=start.isoformat())
    registry.move(served, 2, "archived")
    remark = reaches(registry, bot, "paused")["remark"]
    assert "archived" in remark
    assert told(registry, bot)[1:] == [("rollout.pause", "martlet", remark)]


def test_no_step_is_taken_while_a_version_should_be_rolled_back_and_cannot(
    server, registry, bot, served, backends
):
    backends[1].answer = EverySecond(backends[1])
    begin(
        registry, bot, served, backends, steps=[500_000, 600_000, 1_000_000], every=4000,
        conditions=[f"{FAILING}: roll back"],
    )  # fmt: skip
    deploy(registry, bot, settings={"healthPath": "/gone"})
    backends[0].answer = lambda handler, body: (
        Backend.send(handler, 500, {}) if handler.path == "/gone" else backends[0].say_who(handler, body)
    )
    with Load([server], bot):
        waiting = wait_until(lambda: (r := rollout(registry, bot)).get("remark") and r, 30, "a remark")
    assert (waiting["state"], waiting["stepsDone"]) == ("running", 1)
    assert "answers /gone with 500" in waiting["remark"]


def test_a_later_step_that_is_impossible_pauses_it_as_well(registry, bot, served, backends):
    begin(registry, bot, served, backends, every=2000)
    registry.move(served, 2, "archived")
    assert "archived" in reaches(registry, bot, "paused")["remark"]
    assert history(registry, bot) == [0, 10_000]
    registry.move(served, 2, "staging")
    registry.post(f"/deployments/{bot}/rollout/resume")
    reaches(registry, bot, "done")


def test_a_roll_out_that_waits_means_its_version_whoever_has_the_name_by_then(
    registry, bot, served, backends
):
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    begin(registry, bot, served, backends, steps=[1_000_000], start=start.isoformat())
    meant = registry.version(served, 2)["digest"]
    renamed = {"name": served, "new_name": unique("renamed")}
    registry.server.request("POST", "/api/2.0/mlflow/registered-models/rename", renamed).expect(200)
    registry.model(name=served)
    for version in registry.versions(served, 2):
        registry.move(served, version["number"], "staging")
    reaches(registry, bot, "done")
    (arm,) = revision(registry, bot)["arms"]
    assert (arm["model"], arm["digest"]) == (renamed["new_name"], meant)


def test_a_first_step_whose_version_was_deleted_pauses_it_with_the_reason(registry, bot, served, backends):
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
    begin(registry, bot, served, backends, steps=[1_000_000], start=start.isoformat())
    registry.request("DELETE", f"/models/{served}/versions/2").expect(204)
    assert "deleted" in reaches(registry, bot, "paused")["remark"]


def test_what_cannot_be_a_plan_is_refused(registry, bot, served, backends):
    path = f"/deployments/{bot}/rollout"
    registry.refused("GET", path, status=404, code="not_found")
    good = plan(served, backends)
    for wrong in (
        {"steps": []}, {"steps": [500_000, 10_000]}, {"steps": [0]}, {"steps": [2_000_000]}, {"everyMs": 0},
        {"atLeast": -1}, {"conditions": ["x"]}, {"conditions": ["error rate over 2% for 5m: notify"]},
    ):  # fmt: skip
        registry.refused("POST", path, {**good, **wrong}, status=400, code="invalid")
    registry.refused("POST", path, {**good, "version": "9"}, status=404, code="not_found")
    registry.refused("POST", path, plan(served, backends, version=1), status=409, code="conflict")
    registry.refused("POST", "/deployments/nobody/rollout", good, status=404, code="not_found")
    assert revision(registry, bot)["number"] == 1
    registry.move(served, 2, "archived")
    registry.refused("POST", path, good, status=409, code="conflict")
    registry.post(path, plan(served, backends, version=3), status=201)
    registry.refused("POST", path, plan(served, backends, version=3), status=409, code="conflict")


def test_it_goes_on_after_a_crash(start_martlet, backends):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    deploy(registry, "bot", release=arm(model, 1, url=backends[0].url))
    begin(registry, "bot", model, backends, every=2000)
    server.kill()
    registry = Registry(start_martlet(data=server.data), "ann")
    reaches(registry, "bot", "done", 30)
    assert history(registry, "bot") == [0, *STEPS]


def test_the_command_line_begins_shows_and_stops_it(server, registry, bot, served, backends, tmp_path):
    martlet = CommandLine(tmp_path, server)
    version = f"{served}@2"
    options = ("--url", backends[1].url, "--steps", "1%,50%,100%", "--every", "1h", "--at-least", "7")
    martlet("rollout", bot, version, *options, "--when", "p99 over 1s for 5m: roll back")
    said = martlet("rollout", "show", bot)
    assert "1% ✓, 50%, 100%" in said
    assert "p99 over 1s for 5m on 300 requests: roll back" in said
    martlet("rollout", "pause", bot)
    assert martlet.json("rollout", "show", bot)["state"] == "paused"
    martlet("rollout", "resume", bot)
    assert "aborted" in martlet("rollout", "abort", bot, "--reason", "enough")
    martlet("rollout", "abort", bot, code=1)
    martlet("rollout", bot, f"{served}@3", "--steps", "1", code=64)
