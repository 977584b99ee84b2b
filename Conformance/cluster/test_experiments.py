"""Several servers count for one experiment, while one dies: nobody is lost, and nobody counts twice."""

import pytest

from backends import Backend
from cluster import Client, at_work, wait_for_progress
from compared import Bot, goal_of
from registry import ROOT, Registry
from support import wait_until

CLIENTS = 8
SUBJECTS_EACH = 25


class Visitor(Client):
    """Asks twice as each of many subjects, and tells what came of it twice, each time at any server."""

    def __init__(self, members, seed, bot):
        super().__init__(members, seed)
        self.bot = bot
        self.count = 0

    def step(self) -> None:
        self.count += 1
        headers = {"X-User": f"{self.bot.name}-{self.name}-{self.count}"}
        path = f"/serve/{self.bot.name}/x"
        first, second = (self.insist("POST", path, {}, headers=headers) for _ in range(2))
        assert first.headers["Martlet-Arm"] == second.headers["Martlet-Arm"]
        value = self.count % 2
        for reply in (first, second):
            decision = reply.expect().headers["Martlet-Decision"]
            outcome = {"metrics": {"resolved": value}}
            for _ in range(2):
                self.insist("POST", f"{ROOT}/decisions/{decision}/outcome", outcome).expect(204)
        self.acknowledged.append((first.headers["Martlet-Arm"], value))


@pytest.fixture
def backends():
    started = [Backend("one"), Backend("two")]
    yield started
    for backend in started:
        backend.stop()


def test_each_subject_counts_once_though_servers_share_the_work_and_one_dies(start_members, backends):
    members = start_members(3)
    registry = Registry(members[1], "ann")
    model = registry.model()
    for version in registry.versions(model, 2):
        registry.move(model, version["number"], "staging")
    bot = Bot(members[1], registry, model, "bot", backends, decisions="strict")
    first = bot.start(guardrails=[{"name": "gateway.latency"}])["experiment"]["firstRevision"]
    for member in members:
        wait_until(lambda member=member: revision_of(registry, bot.ask("nobody", member)) == first)
    visitors = [Visitor(members, seed, bot) for seed in range(CLIENTS)]
    with at_work(visitors):
        wait_for_progress(visitors)
        members[0].kill()
        wait_for_progress(visitors)
        members[0].start()
        wait_until(lambda: all(len(visitor.acknowledged) >= SUBJECTS_EACH for visitor in visitors), 60)
    told = [one for visitor in visitors for one in visitor.acknowledged]
    # One more has asked, of whom nothing was told.
    wait_until(lambda: bot.subjects() == len(told) + 1, 30)
    verdict = bot.verdict()
    assert goal_of(verdict) == tuple(sum(arm == name for arm, _ in told) for name in bot.arms)
    metric, latency = verdict["metrics"]
    assert latency["baselineCount"] + latency["challengerCount"] == len(told) + 1
    resolved = sum(metric[f"{arm}Mean"] * metric[f"{arm}Count"] for arm in ("baseline", "challenger"))
    assert resolved == pytest.approx(sum(value for _, value in told))
    assert [member.terminate() for member in members] == [0, 0, 0]


def revision_of(registry, decision) -> int | None:
    """By which a server decided; nothing as long as it does not know the deployment."""
    return registry.get(f"/decisions/{decision}")["revision"] if decision else None
