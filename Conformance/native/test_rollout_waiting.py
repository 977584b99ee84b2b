"""Roll-outs that wait, for a backend or for requests: they keep nothing else from going on, and say why."""

from backends import EverySecond
from load import Load
from registry import Registry
from rollouts import begin, begin_supervised, pauses, reaches, rollout
from supervised import backends as supervised_backends
from supervised import versions
from support import wait_until
from test_deployments import arm, deploy
from watching import FAILING, canary, revision, rolled_back


def test_a_step_lasts_from_when_it_is_in_force_however_long_its_backend_took(supervised, backends):
    registry = supervised()
    good, slow = versions(registry), versions(registry, name="slow")
    deploy(registry, "bot", release=arm(good, 1, url=backends[0].url))
    plan = arm(slow, 1, url=None, steps=[10_000, 1_000_000], everyMs=1_500, atLeast=0)
    registry.post("/deployments/bot/rollout", plan, status=201)
    reaches(registry, "bot", "done")
    assert pauses(registry, "bot")[-1] >= 1.5


def test_a_step_that_waits_for_its_backend_does_not_keep_others_from_going_back(supervised, backends):
    registry = supervised()
    good, stuck = registry.model(), versions(registry, name="stuck")
    for version in registry.versions(good, 2):
        registry.move(good, version["number"], "staging")
    for name in ("waiting", "bot"):
        deploy(registry, name, release=arm(good, 1, url=backends[0].url), settings={"decisions": "off"})
    begin_supervised(registry, "waiting", stuck)
    wait_until(lambda: supervised_backends(registry, model=stuck))
    canary(registry, "bot", good, backends, f"{FAILING}: roll back")
    backends[1].answer = EverySecond(backends[1])
    with Load([registry.server], "bot"):
        rolled_back(registry, "bot")
    assert rollout(registry, "waiting")["state"] == "scheduled"


def test_a_step_that_waits_for_its_backend_delays_no_other_roll_out(supervised, backends):
    registry = supervised()
    good, stuck = versions(registry, 2), versions(registry, name="stuck")
    for name in ("waiting", "bot"):
        deploy(registry, name, release=arm(good, 1, url=backends[0].url))
    begin_supervised(registry, "waiting", stuck)
    wait_until(lambda: supervised_backends(registry, model=stuck))
    begin(registry, "bot", good, backends)
    reaches(registry, "bot", "done", 30)
    assert rollout(registry, "waiting")["state"] == "scheduled"


def test_a_rollback_that_waits_for_its_backend_keeps_no_other_deployment_from_going_back(
    supervised, backends
):
    registry = supervised("--supervise-warm-seconds", "1")
    good, stuck = versions(registry, 3), versions(registry, name="stuck")
    deploy(registry, "waiting", release=arm(stuck, 1, url=None), check=False)
    failing = {"conditions": [f"{FAILING}: roll back"]}
    deploy(registry, "waiting", release=arm(good, 3, url=backends[2].url), settings=failing)
    deploy(registry, "bot", release=arm(good, 1, url=backends[0].url))
    wait_until(lambda: not supervised_backends(registry, model=stuck), 30, "the end of what nobody needs")
    canary(registry, "bot", good, backends, f"{FAILING}: roll back")
    backends[2].answer = EverySecond(backends[2])
    with Load([registry.server], "waiting"), Load([registry.server], "bot"):
        wait_until(lambda: supervised_backends(registry, model=stuck), 30, "what is to serve again")
        backends[1].answer = EverySecond(backends[1])
        rolled_back(registry, "bot", 30)
    assert revision(registry, "waiting")["cause"] == "deploy"


def test_many_that_wait_for_requests_keep_no_other_from_its_steps(start_martlet, backends):
    registry = Registry(start_martlet(), "ann")
    good = versions(registry, 2)

    def begin_another(name, at_least):
        deploy(registry, name, release=arm(good, 1, url=backends[0].url), check=False)
        begin(registry, name, good, backends, steps=[10_000, 1_000_000], at_least=at_least)

    for number in range(100):
        begin_another(f"waiting-{number}", 1_000_000)
    begin_another("bot", 0)
    reaches(registry, "bot", "done")
    assert rollout(registry, "waiting-0")["stepsDone"] == 1


def test_a_step_that_is_due_and_not_taken_says_why(supervised, backends):
    registry = supervised("--supervise-start-seconds", "2")
    good, stuck = versions(registry), versions(registry, name="stuck")
    deploy(registry, "bot", release=arm(good, 1, url=backends[0].url))
    begin_supervised(registry, "bot", stuck)
    waiting = wait_until(lambda: (r := rollout(registry, "bot")).get("remark") and r, 20, "a remark")
    assert (waiting["state"], waiting["stepsDone"]) == ("scheduled", 0)
    assert waiting["remark"].startswith("step 1 of 1 was not taken yet: ")
    assert "not ready after 2" in waiting["remark"]
