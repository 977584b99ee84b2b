"""Requests to deployments, and the records of what was decided, as tests make and find them."""

from registry import Registry
from support import wait_until
from test_deployments import arm, deploy


def sticky(registry, model, deployment, backends) -> str:
    """A deployment of the first version, sticky by a header, which keeps strict records."""
    subject = {"subject": {"header": "x-user"}, "decisions": "strict"}
    deploy(registry, deployment, release=arm(model, 1, url=backends[0].url), settings=subject)
    return deployment


def ask(server, name, body=None, path="/invocations", method="POST", status=200, **headers):
    reply = server.request(method, f"/serve/{name}{path}", body, headers=headers)
    return reply.expect(status) if status else reply


def decision_of(registry, reply, timeout=10.0):
    """The record of a decision, which may take a moment to be written."""
    identifier = reply.headers["Martlet-Decision"]
    found = wait_until(
        lambda: (reply := registry.request("GET", f"/decisions/{identifier}")).status == 200 and reply,
        timeout,
    )
    return found.json


def serving(start_martlet, backend, decisions):
    """A server of its own with the deployment `bot`."""
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    registry.register(model)
    registry.move(model, 1, "staging")
    deploy(registry, "bot", release=arm(model, 1, url=backend.url), settings={"decisions": decisions})
    return server, registry
