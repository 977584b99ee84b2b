"""What tests of roll-outs share: how one begins, and what is asked about it."""

import datetime
import itertools

from support import wait_until
from test_deployments import arm

STEPS = [10_000, 500_000, 1_000_000]


def plan(served, backends, steps=STEPS, every=1000, at_least=0, version=2, **fields):
    url = backends[version - 1].url
    return arm(served, version, url=url, steps=steps, everyMs=every, atLeast=at_least, **fields)


def begin(registry, bot, *arguments, **fields):
    return registry.post(f"/deployments/{bot}/rollout", plan(*arguments, **fields), status=201)


def begin_supervised(registry, bot, model):
    """A roll-out in one step of a version that the server runs by itself, which begins by itself."""
    start = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
    plan = arm(model, 1, url=None, steps=[1_000_000], everyMs=1_000, atLeast=0, start=start.isoformat())
    return registry.post(f"/deployments/{bot}/rollout", plan, status=201)


def rollout(registry, bot):
    return registry.get(f"/deployments/{bot}/rollout")


def reaches(registry, bot, state, timeout=20):
    return wait_until(lambda: (r := rollout(registry, bot))["state"] == state and r, timeout, f"{state}")


def entries(registry, bot):
    """What the ledger says of roll-outs, the oldest first."""
    return [
        entry for entry in registry.entries()
        if entry["action"].startswith("rollout.") and entry["deployment"] == bot
    ]  # fmt: skip


def told(registry, bot):
    """What became of roll-outs, who did it, and why, in the ledger's words."""
    return [(e["action"], e["actor"], e.get("reason")) for e in entries(registry, bot)]


def pauses(registry, bot):
    """How many seconds each revision was in force, the oldest first, without the present one."""
    revisions = registry.get(f"/deployments/{bot}/revisions")["revisions"][::-1]
    times = [datetime.datetime.fromisoformat(r["at"]) for r in revisions]
    return [(later - sooner).total_seconds() for sooner, later in itertools.pairwise(times)]


def history(registry, bot):
    """The share of the second version in each revision, the oldest first."""
    revisions = registry.get(f"/deployments/{bot}/revisions")["revisions"][::-1]
    return [sum(a["partsPerMillion"] for a in r["arms"] if a["version"] == 2) for r in revisions]
