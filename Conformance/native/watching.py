"""What tests of conditions and roll-outs ask a server again and again."""

from __future__ import annotations

from support import wait_until
from test_deployments import arm, deploy

FAILING = "error rate over 20% for 2s on 20 requests"


def canary(registry, bot, served, backends, *conditions):
    """The second version beside the first."""
    return deploy(
        registry,
        bot,
        add=arm(served, 2, role="canary", partsPerMillion=500_000, url=backends[1].url),
        settings={"conditions": list(conditions)},
    )


def revision(registry, bot):
    return registry.get(f"/deployments/{bot}")["revision"]


def findings(registry, bot):
    return registry.get(f"/deployments/{bot}/findings")["findings"]


def rolled_back(registry, bot, timeout=20):
    return wait_until(
        lambda: (found := revision(registry, bot))["cause"] == "rollback" and found, timeout, "a rollback"
    )


def found(registry, bot, count=1):
    return wait_until(lambda: len(all_ := findings(registry, bot)) >= count and all_, 20, "a finding")
