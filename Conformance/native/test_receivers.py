"""The receivers of examples/receivers, from a real server's webhook to a stand-in for the CI system."""

import base64
import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from receiver import Receiver, reply, signature
from registry import Registry
from support import REPOSITORY, free_port, wait_until

RELAY = REPOSITORY / "examples" / "receivers" / "relay.py"
SECRET = "between us"
RETRAINING = "retraining.requested"
EXPECTED = {
    "model": "example_model", "version": "1", "deployment": "example_deployment", "reason": "An example",
}  # fmt: skip


@pytest.fixture
def ci():
    """What stands in for GitHub and Jenkins."""
    receiver = Receiver(lambda handler, _: reply(handler, 201))
    yield receiver
    receiver.close()


@contextlib.contextmanager
def relay(system, **settings):
    port = free_port()
    environment = {**os.environ, "MARTLET_WEBHOOK_SECRET": SECRET, "RELAY_PORT": str(port), **settings}
    process = subprocess.Popen(
        [sys.executable, RELAY, system], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout.readline().startswith(b"listening")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def for_github(ci):
    return relay(
        "github",
        GITHUB_API_URL=ci.url,
        GITHUB_REPOSITORY="team/models",
        GITHUB_WORKFLOW="retrain.yml",
        GITHUB_TOKEN="t0ken",
        GITHUB_REF_NAME="main",
    )


def listen(start_martlet, url, *events):
    registry = Registry(start_martlet("--webhook-allowed-targets", "127.0.0.1"), "ann")
    body = {"name": "retrain", "url": url, "events": list(events or [RETRAINING]), "secret": SECRET}
    return registry, registry.post("/webhooks", body, status=201)["id"]


def send(url, body, secret=SECRET, delivery="d-1", at=None):
    """A message as Martlet would sign it; its status."""
    timestamp = str(int(time.time() if at is None else at))
    headers = {
        "X-MLflow-Delivery-Id": delivery,
        "X-MLflow-Timestamp": timestamp,
        "X-MLflow-Signature": signature(secret, delivery, timestamp, body),
    }
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_request_for_training_starts_a_workflow(start_martlet, ci):
    with for_github(ci) as url:
        registry, webhook = listen(start_martlet, url)
        result = registry.post(f"/webhooks/{webhook}/test")
        assert (result["isSuccess"], result["answer"]) == (True, "started")
    (call,) = ci.received
    assert call.path == "/repos/team/models/actions/workflows/retrain.yml/dispatches"
    assert call.headers["authorization"] == "Bearer t0ken"
    inputs = call.json["inputs"]
    assert len(inputs.pop("delivery")) == 36
    assert (call.json["ref"], inputs) == ("main", EXPECTED)


def test_a_request_for_training_builds_a_job(start_martlet, ci):
    settings = {"JENKINS_JOB": "team/retrain it", "JENKINS_USER": "martlet", "JENKINS_TOKEN": "t0ken"}
    with relay("jenkins", JENKINS_URL=ci.url + "/", **settings) as url:
        registry, webhook = listen(start_martlet, url)
        assert registry.post(f"/webhooks/{webhook}/test")["isSuccess"]
    (call,) = ci.received
    assert call.path == "/job/team/job/retrain%20it/buildWithParameters"
    assert call.headers["authorization"] == "Basic " + base64.b64encode(b"martlet:t0ken").decode()
    parameters = dict(urllib.parse.parse_qsl(call.body.decode()))
    assert len(parameters.pop("DELIVERY")) == 36
    assert parameters == {name.upper(): value for name, value in EXPECTED.items()}


def test_other_events_start_nothing(start_martlet, ci):
    with for_github(ci) as url:
        registry, webhook = listen(start_martlet, url, "registered_model.created")
        registry.model()

        def delivered():
            return registry.get(f"/webhooks/{webhook}/deliveries", state="delivered")["deliveries"]

        wait_until(delivered)
    assert ci.received == []


MESSAGE = b'{"entity":"retraining","action":"requested","timestamp":"x","data":{"name":"m"}}'


def test_a_message_that_comes_twice_starts_one_training(ci):
    with for_github(ci) as url:
        assert [send(url, MESSAGE) for _ in range(3)] == [200, 200, 200]
        assert send(url, MESSAGE, delivery="d-2") == 200
    assert len(ci.received) == 2


def test_what_the_ci_system_refuses_can_come_again(ci):
    with for_github(ci) as url:
        ci.answer = lambda handler, _: reply(handler, 503)
        assert send(url, MESSAGE) == 502
        ci.answer = lambda handler, _: reply(handler, 204)
        assert send(url, MESSAGE) == 200
    assert len(ci.received) == 2


@pytest.mark.parametrize(
    "forged",
    [{"secret": "guessed"}, {"at": time.time() - 3600}, {"at": time.time() + 3600}],
    ids=["signature", "old", "future"],
)
def test_a_message_that_is_not_martlets_starts_nothing(ci, forged):
    with for_github(ci) as url:
        assert send(url, MESSAGE, **forged) == 401
    assert ci.received == []


def test_a_message_that_was_changed_starts_nothing(ci):
    with for_github(ci) as url:
        timestamp = str(int(time.time()))
        headers = {
            "X-MLflow-Delivery-Id": "d-1",
            "X-MLflow-Timestamp": timestamp,
            "X-MLflow-Signature": signature(SECRET, "d-1", timestamp, MESSAGE),
        }
        request = urllib.request.Request(url, MESSAGE.replace(b'"m"', b'"n"'), headers, method="POST")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=10)
        assert caught.value.code == 401
    assert ci.received == []
