"""Backends are asked before requests go to them, and may be left unasked."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from backends import Backend, closed_port
from command_line import CommandLine
from registry import problem
from support import wait_until
from test_deployments import arm, deploy, rollback, shares


@pytest.fixture
def backend():
    started = Backend("one")
    yield started
    started.stop()


def refusal(registry, deployment, path="revisions", **change):
    reply = registry.request("POST", f"/deployments/{deployment}/{path}", change)
    return problem(reply.expect(503), "unavailable")["detail"]


def test_a_version_that_cannot_be_reached_is_not_deployed_unless_that_shall_not_matter(
    registry, served, deployment
):
    with closed_port() as url:
        detail = refusal(registry, deployment, release=arm(served, 1, url=url))
        assert url in detail
        assert "--no-check" in detail
        registry.request("GET", f"/deployments/{deployment}").expect(404)
        deploy(registry, deployment, release=arm(served, 1, url=url), check=False)


def test_a_version_is_asked_for_the_path_that_the_settings_name(registry, served, deployment, backend):
    backend.answer = lambda handler, body: backend.send(handler, 404 if handler.path == "/ok" else 500, {})
    deploy(registry, deployment, release=arm(served, 1, url=backend.url), settings={"healthPath": "/ok"})
    assert [request[:2] for request in backend.requests] == [("GET", "/ok")]
    change = {"release": arm(served, 2, url=backend.url), "settings": {"healthPath": "/broken?deep=1"}}
    assert "answers /broken?deep=1 with 500" in refusal(registry, deployment, **change)
    assert "with 500" in refusal(registry, deployment, **change)


@pytest.mark.parametrize("path", ["health", "/a b", "", 7])
def test_a_health_path_is_a_path(registry, served, deployment, path):
    change = {"release": arm(served, 1), "settings": {"healthPath": path}}
    registry.request("POST", f"/deployments/{deployment}/revisions", change).expect(400)


def test_a_shadow_is_not_asked(registry, served, deployment):
    deploy(registry, deployment, release=arm(served, 1))
    with closed_port() as url:
        deploy(registry, deployment, add=arm(served, 2, role="shadow", partsPerMillion=1_000, url=url))


def test_a_rollback_to_what_does_not_answer_is_refused_and_can_be_forced(
    server, registry, served, deployment, tmp_path
):
    old = Backend("old")
    deploy(registry, deployment, release=arm(served, 1, url=old.url))
    deploy(registry, deployment, release=arm(served, 2))
    old.stop()
    detail = refusal(registry, deployment, "rollback")
    assert old.url in detail
    assert "--force" in detail
    assert shares(registry.get(f"/deployments/{deployment}")) == {2: ("primary", 1_000_000)}
    command = CommandLine(tmp_path, server)
    assert "--force" in command("rollback", deployment, code=1)
    command("rollback", deployment, "--force")
    assert shares(registry.get(f"/deployments/{deployment}")) == {1: ("primary", 1_000_000)}


@pytest.fixture
def late(registry, served, deployment, backend):
    """Deploys the third version, whose backend is not ready before it is told to be."""
    ready = threading.Event()

    def answer(handler, body):
        ready.wait(timeout=1.5)
        backend.send(handler, 200, {})

    backend.answer = answer
    for version in (1, 2):
        deploy(registry, deployment, release=arm(served, version))
    change = {"release": arm(served, 3, url=backend.url), "settings": {"healthPath": "/ok"}}
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(registry.request, "POST", f"/deployments/{deployment}/revisions", change)
        wait_until(lambda: backend.requests or reply.done())

        def go_on():
            ready.set()
            return reply.result()

        yield go_on


def test_a_deploy_that_waits_does_not_undo_a_rollback(registry, deployment, late):
    rollback(registry, deployment)
    detail = problem(late().expect(412), "precondition_failed")["detail"]
    assert "'ann' went back to revision 1" in detail
    assert shares(registry.get(f"/deployments/{deployment}")) == {1: ("primary", 1_000_000)}


def test_a_deploy_that_waits_does_not_bring_back_what_was_taken_away(registry, deployment, late):
    registry.request("DELETE", f"/deployments/{deployment}").expect(204)
    assert "taken away" in problem(late().expect(412), "precondition_failed")["detail"]
    registry.request("GET", f"/deployments/{deployment}").expect(404)


def test_a_deploy_that_waits_goes_on_when_only_settings_change(registry, deployment, late):
    deploy(registry, deployment, settings={"timeoutMs": 10_000})
    late().expect(201)
    found = registry.get(f"/deployments/{deployment}")
    assert shares(found) == {3: ("primary", 1_000_000)}
    assert found["revision"]["settings"]["timeoutMs"] == 10_000
