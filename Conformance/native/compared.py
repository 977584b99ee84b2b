"""A deployment whose versions are compared, as the tests speak to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import second_routing
from support import unique, wait_until
from test_deployments import arm, deploy


class Bot:
    """A deployment of two versions that share its subjects."""

    def __init__(self, server, registry, model, name, backends, **settings):
        self.server, self.registry, self.model, self.name = server, registry, model, name
        self.path = f"/deployments/{name}/experiments"
        settings = {"subject": {"header": "x-user"}, **settings}
        deploy(registry, name, release=arm(model, 1, url=backends[0].url), settings=settings)
        added = arm(model, 2, role="challenger", partsPerMillion=500_000, url=backends[1].url)
        self.deployed = deploy(registry, name, add=added)
        self.arms = [a["name"] for a in self.deployed["revision"]["arms"]]

    def arm_of(self, subject: str) -> str:
        """Who would answer a subject, by a program of its own."""
        hashed = second_routing.subject_hash(self.deployed["salt"].encode(), subject.encode())
        return second_routing.arm(hashed, dict.fromkeys(self.arms, 500_000))

    def ask(self, subject: str | None, server=None) -> str:
        """The id of a decision."""
        headers = {} if subject is None else {"X-User": subject}
        reply = (server or self.server).request("POST", f"/serve/{self.name}/x", {}, headers=headers)
        return reply.headers["Martlet-Decision"]

    def ask_all(self, subjects) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self.ask, subjects))

    def tell(self, outcomes: dict[str, dict[str, float]]):
        batch = [{"subject": subject, "metrics": metrics} for subject, metrics in outcomes.items()]
        return self.registry.post(f"/deployments/{self.name}/outcomes", {"outcomes": batch})

    def tell_when_recorded(self, outcomes) -> None:
        """Tells again those whose decisions are not written yet."""
        wait_until(lambda: self.tell(outcomes)["refusals"] == [])

    def start(self, goal="resolved", status=201, **fields):
        goal = goal if isinstance(goal, dict) else {"name": goal}
        return self.registry.post(self.path, {"goal": goal, **fields}, status=status)

    def refused(self, status, code, **body) -> str:
        return self.registry.refused("POST", self.path, body, status=status, code=code)

    def report(self, number="latest"):
        return self.registry.get(f"{self.path}/{number}")

    def verdict(self) -> dict:
        (verdict,) = self.report()["verdicts"]
        return verdict

    def subjects(self) -> int:
        return sum(self.report()["subjects"].values())

    def stop(self, **fields):
        return self.registry.post(f"{self.path}/latest/stop", fields)


def users(count: int) -> list[str]:
    prefix = unique("user")
    return [f"{prefix}-{number}" for number in range(count)]


def goal_of(verdict) -> tuple[int, int]:
    return verdict["metrics"][0]["baselineCount"], verdict["metrics"][0]["challengerCount"]


def decisions(registry, bot, subject, count):
    found = registry.get(f"/deployments/{bot.name}/decisions", subject=subject)["decisions"]
    return found if len(found) == count else None
