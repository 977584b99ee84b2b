"""Requests and answers that are kept: of which decisions, and what of them is not."""

from __future__ import annotations

import base64
import json

import pytest

from backends import Backend, sha256
from command_line import CommandLine
from support import wait_until
from test_deployments import arm, deploy


@pytest.fixture
def backend():
    started = Backend("one")
    yield started
    started.stop()


@pytest.fixture
def keep(registry, served, deployment, backend):
    """Deploys a version of which requests and answers are kept."""

    def start(**payloads):
        settings = {"decisions": "strict", "payloads": {"partsPerMillion": 1_000_000, **payloads}}
        deploy(registry, deployment, release=arm(served, 1, url=backend.url), settings=settings)
        return deployment

    return start


def ask(server, bot, body: bytes, kind="application/json"):
    headers = {"Content-Type": kind}
    reply = server.request("POST", f"/serve/{bot}/invocations", raw=body, headers=headers)
    return reply.headers["Martlet-Decision"]


def payload_of(registry, decision):
    path = f"/decisions/{decision}/payload"
    return wait_until(lambda: (reply := registry.request("GET", path)).status == 200 and reply.json)


def test_what_was_asked_and_answered_is_kept_as_it_was(server, registry, keep, backend):
    bot = keep()
    decision = ask(server, bot, b'{"user": {"email": "a@b.c"}}')
    kept = payload_of(registry, decision)
    record = registry.get(f"/decisions/{decision}")
    assert (kept["request"]["type"], kept["isRedacted"]) == ("application/json", False)
    assert kept["request"]["text"] == '{"user": {"email": "a@b.c"}}'
    assert sha256(kept["request"]["text"].encode()) == record["requestSha256"]
    assert sha256(kept["answer"]["text"].encode()) == record["answerSha256"]


def test_bytes_that_are_no_text_are_kept_in_base64(server, registry, keep):
    bot = keep()
    kept = payload_of(registry, ask(server, bot, b"\xff\x00", "application/octet-stream"))
    assert "text" not in kept["request"]
    assert base64.b64decode(kept["request"]["base64"]) == b"\xff\x00"


def test_what_is_redacted_is_never_written(server, registry, keep):
    bot = keep(redact=[["user", "email"], ["inputs", "*", "name"], ["body"]])
    asked = {"user": {"email": "a@b.c", "age": 7}, "inputs": [{"name": "ann", "x": 1}]}
    kept = payload_of(registry, ask(server, bot, json.dumps(asked).encode()))
    hidden = "[redacted]"
    assert kept["isRedacted"]
    assert json.loads(kept["request"]["text"]) == {
        "user": {"email": hidden, "age": 7},
        "inputs": [{"name": hidden, "x": 1}],
    }
    # The backend of this test says what it was asked.
    assert json.loads(kept["answer"]["text"])["body"] == hidden


def test_who_wants_more_to_be_kept_does_not_take_back_what_is_redacted(server, registry, keep):
    bot = keep(redact=[["user"]])

    def kept(**payloads):
        changed = deploy(registry, bot, settings={"payloads": payloads})["revision"]["settings"]["payloads"]
        text = payload_of(registry, ask(server, bot, b'{"user":"ann","age":7}'))["request"]["text"]
        return changed["partsPerMillion"], json.loads(text)

    assert kept(partsPerMillion=999_999) == (999_999, {"user": "[redacted]", "age": 7})
    assert kept(redact=[["age"]]) == (999_999, {"user": "ann", "age": "[redacted]"})
    assert kept(redact=[]) == (999_999, {"user": "ann", "age": 7})


def test_of_what_cannot_be_redacted_nothing_is_kept(server, registry, keep):
    bot = keep(redact=[["user"]])
    kept = payload_of(registry, ask(server, bot, b"user=ann", "text/plain"))
    assert "text" not in kept["request"]
    assert "base64" not in kept["request"]
    assert kept["request"]["type"] == "text/plain"


def test_bodies_that_are_too_long_are_not_kept(server, registry, keep):
    bot = keep()
    decision = ask(server, bot, b"[" + b"1," * 200_000 + b"1]")
    reply = registry.request("GET", f"/decisions/{decision}/payload")
    assert reply.status == 404 or "text" not in reply.json["request"]


def test_of_other_decisions_nothing_is_kept(server, registry, keep):
    bot = keep(partsPerMillion=0)
    decision = ask(server, bot, b"{}")
    payload_of(registry, ask(server, keep(), b"{}"))
    registry.refused("GET", f"/decisions/{decision}/payload", status=404, code="not_found")


def test_of_a_request_without_an_answer_the_request_is_kept(server, registry, keep, backend):
    bot = keep()
    backend.stop()
    kept = payload_of(registry, ask(server, bot, b"[7]"))
    assert kept["request"]["text"] == "[7]"
    assert "text" not in kept["answer"]


def test_a_shadow_s_answer_is_kept_with_the_original(server, registry, keep, served, backend):
    bot = keep()
    deploy(
        registry,
        bot,
        add=arm(served, 2, role="shadow", url=backend.url),
        settings={"subject": {"header": "x-u"}},
    )
    headers = {"X-U": "ann", "Content-Type": "application/json"}
    server.request("POST", f"/serve/{bot}/x", raw=b"{}", headers=headers)
    found = wait_until(
        lambda: (
            (d := registry.get(f"/deployments/{bot}/decisions", subject="ann")["decisions"])
            and len(d) == 2
            and d
        )
    )
    for decision in found:
        assert json.loads(payload_of(registry, decision["id"])["answer"]["text"])["by"] == "one"


@pytest.mark.parametrize(
    "payloads",
    [
        {},
        {"partsPerMillion": 1_000_001},
        {"partsPerMillion": 1, "redact": "user"},
        {"partsPerMillion": 1, "redact": [[]]},
        {"partsPerMillion": 1, "redact": [[1]]},
        {"partsPerMillion": 1, "bytes": 7},
    ],
    ids=str,
)
def test_settings_that_cannot_be_meant_are_refused(registry, served, deployment, backend, payloads):
    body = {"release": arm(served, 1, url=backend.url), "settings": {"payloads": payloads}}
    registry.refused("POST", f"/deployments/{deployment}/revisions", body, status=400, code="invalid")


def test_the_command_line_asks_for_it_and_shows_it(server, registry, served, deployment, backend, tmp_path):
    run = CommandLine(tmp_path, server)
    run("deploy", deployment, f"{served}@1", "--url", backend.url, "--decisions", "strict",
        "--payloads", "100%", "--redact", "user.email", "--redact", "body")  # fmt: skip
    decision = ask(server, deployment, b'{"user": {"email": "a@b.c"}, "n": 7}')
    payload_of(registry, decision)
    shown = run("decision", decision, "--payload")
    assert '{"user":{"email":"[redacted]"},"n":7}' in shown
    assert "a@b.c" not in shown
