"""Decisions: what is recorded of a request, when it is durable, and what came of it."""

import json
import subprocess
import time

import pytest

from backends import Backend, sha256
from command_line import CommandLine
from gateway import ask, decision_of, serving, sticky
from registry import ROOT, Registry, problem
from support import martlet_binary
from test_deployments import deploy


@pytest.fixture
def bot(registry, served, deployment, backends):
    return sticky(registry, served, deployment, backends)


def test_a_decision_names_the_version_and_what_was_asked_and_answered(
    server, registry, bot, served, backends
):
    answer = {}

    def remember(handler, body):
        data = json.dumps({"by": "one"}).encode()
        answer["data"] = data
        Backend.send(handler, 200, {"by": "one"})

    backends[0].answer = remember
    body = b'{"inputs": [1, 2]}'
    reply = server.request("POST", f"/serve/{bot}/invocations", raw=body, headers={"X-User": "ann"}).expect(
        200
    )
    record = decision_of(registry, reply)
    version = registry.version(served, 1)
    assert record["arm"]["digest"] == version["digest"]
    assert (record["deployment"], record["revision"], record["status"]) == (bot, 1, 200)
    assert record["requestSha256"] == sha256(body)
    assert record["answerSha256"] == sha256(answer["data"]) == sha256(reply.body)
    assert record["latencyMicroseconds"] > 0
    entry = registry.entries(record["ledgerEntry"])[0]
    assert entry["arms"][0]["digest"] == version["digest"]


def test_a_strict_decision_survives_a_crash_the_moment_it_is_answered(start_martlet, backends):
    server, registry = serving(start_martlet, backends[0], "strict")
    replies = [ask(server, "bot", {}) for _ in range(20)]
    server.kill()
    registry = Registry(start_martlet(data=server.data), "ann")
    for reply in replies:
        assert registry.get(f"/decisions/{reply.headers['Martlet-Decision']}")["status"] == 200


def test_relaxed_decisions_are_written_soon_and_at_a_stop(start_martlet, backends):
    server, registry = serving(start_martlet, backends[0], "relaxed")
    decision_of(registry, ask(server, "bot", {}))
    last = ask(server, "bot", {})
    assert server.terminate() == 0
    registry = Registry(start_martlet(data=server.data), "ann")
    assert registry.get(f"/decisions/{last.headers['Martlet-Decision']}")["status"] == 200


def test_without_records_there_are_none(server, registry, bot):
    deploy(registry, bot, settings={"decisions": "off"})
    reply = ask(server, bot, {})
    time.sleep(0.5)
    registry.request("GET", f"/decisions/{reply.headers['Martlet-Decision']}").expect(404)


def test_a_deployment_is_routed_after_a_restart(start_martlet, backends):
    server, _ = serving(start_martlet, backends[0], "relaxed")
    assert server.terminate() == 0
    assert ask(start_martlet(data=server.data), "bot", {}).json["by"] == "one"


# Outcomes


def test_what_came_of_a_decision_is_told_later_and_once(server, registry, bot):
    identifier = ask(server, bot, {}, **{"X-User": "ann"}).headers["Martlet-Decision"]
    path = f"/decisions/{identifier}/outcome"
    registry.request("POST", path, {"metrics": {"sale": 1, "revenue": 9.5}}).expect(204)
    registry.request("POST", path, {"metrics": {"sale": 1}}).expect(204)
    outcomes = registry.get(f"/decisions/{identifier}")["outcomes"]
    assert [(o["metric"], o["value"], o["actor"]) for o in outcomes] == [
        ("revenue", 9.5, "ann"),
        ("sale", 1, "ann"),
    ]
    detail = registry.refused("POST", path, {"metrics": {"sale": 0}}, status=409, code="conflict")
    assert "'sale'" in detail
    unknown = "/decisions/0192e4b0-7c3a-7d51-9c0e-2f6a4b1d8e90/outcome"
    registry.refused("POST", unknown, {"metrics": {"sale": 1}}, status=404, code="not_found")
    registry.refused("POST", "/decisions/x/outcome", {"metrics": {"sale": 1}}, status=400, code="invalid")
    registry.refused("POST", path, {"metrics": {}}, status=400, code="invalid")


def test_outcomes_are_told_in_bulk_by_decision_or_by_subject(server, registry, bot):
    first = ask(server, bot, {}, **{"X-User": "ann"}).headers["Martlet-Decision"]
    second = ask(server, bot, {}, **{"X-User": "mo"}).headers["Martlet-Decision"]
    outcomes = [
        {"decision": first, "metrics": {"sale": 1}},
        {"subject": "mo", "metrics": {"sale": 0}},
        {"subject": "nobody", "metrics": {"sale": 0}},
        {"metrics": {"sale": 0}},
    ]
    result = registry.post(f"/deployments/{bot}/outcomes", {"outcomes": outcomes})
    assert result["acceptedCount"] == 2
    assert [refusal["index"] for refusal in result["refusals"]] == [2, 3]
    assert registry.get(f"/decisions/{second}")["outcomes"][0]["value"] == 0


def test_a_file_of_outcomes_may_be_windows_and_one_bad_line_keeps_no_other_from_being_noted(
    server, registry, bot, tmp_path
):
    martlet = CommandLine(tmp_path, server)
    identifier = ask(server, bot, {}, **{"X-User": "ann"}).headers["Martlet-Decision"]
    told = {"decision": identifier, "metrics": {"sale": 1, "a\u2028b": 2}}
    lines = [
        json.dumps(told, ensure_ascii=False),
        "{oops",
        "",
        json.dumps({"subject": "nobody", "metrics": {"sale": 0}}),
    ]
    file = tmp_path / "outcomes.jsonl"
    file.write_bytes("\r\n".join(lines).encode())
    said = martlet("outcomes", bot, "--file", str(file), code=1)
    assert "line 2: " in said
    assert "line 4: " in said
    assert {o["metric"] for o in registry.get(f"/decisions/{identifier}")["outcomes"]} == {"sale", "a\u2028b"}


@pytest.mark.parametrize("script", ['"$@" <(cat "$FILE")', 'cat "$FILE" | "$@" /dev/stdin'])
def test_a_file_of_outcomes_may_be_a_pipe_that_has_a_name(server, registry, bot, tmp_path, script):
    martlet = CommandLine(tmp_path, server)
    identifier = ask(server, bot, {}).headers["Martlet-Decision"]
    file = tmp_path / "outcomes.jsonl"
    file.write_text(json.dumps({"decision": identifier, "metrics": {"sale": 1}}))
    done = subprocess.run(
        ["bash", "-c", script, "bash", martlet_binary(), "outcomes", bot, "--file"],
        env=martlet.variables() | {"FILE": str(file)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [o["metric"] for o in registry.get(f"/decisions/{identifier}")["outcomes"]] == ["sale"]


@pytest.mark.parametrize("name", ["a\u0000b", "a\nb", "\u001b[31m", "a\u0085b", "\u007f"])
def test_a_metric_has_no_control_characters_in_its_name(server, registry, bot, name):
    identifier = ask(server, bot, {}, **{"X-User": "ann"}).headers["Martlet-Decision"]
    path, metrics = f"/decisions/{identifier}/outcome", {name: 1}
    detail = registry.refused("POST", path, {"metrics": metrics}, status=400, code="invalid")
    assert "control characters" in detail
    batch = {"outcomes": [{"decision": identifier, "metrics": metrics}]}
    told = registry.post(f"/deployments/{bot}/outcomes", batch)
    assert "control characters" in told["refusals"][0]["reason"]
    assert registry.get(f"/decisions/{identifier}")["outcomes"] == []


@pytest.mark.parametrize("names", [("sale", "sale"), ("sale", "s\\u0061le"), ("\u00e9", "e\u0301")])
def test_a_metric_that_is_named_twice_is_refused(server, registry, bot, names):
    identifier = ask(server, bot, {}, **{"X-User": "ann"}).headers["Martlet-Decision"]
    metrics = "{" + ", ".join(f'"{name}": {value}' for value, name in enumerate(names)) + "}"
    one = f'{{"metrics": {metrics}}}'.encode()
    reply = server.request("POST", f"{ROOT}/decisions/{identifier}/outcome", raw=one)
    assert "twice" in problem(reply.expect(400), "invalid")["detail"]
    both = f'{{"outcomes": [{{"decision": "{identifier}", "metrics": {metrics}}}, '
    both += f'{{"decision": "{identifier}", "metrics": {{"good": 1}}}}]}}'
    reply = server.request("POST", f"{ROOT}/deployments/{bot}/outcomes", raw=both.encode())
    told = reply.expect(200).json
    assert (told["acceptedCount"], [r["index"] for r in told["refusals"]]) == (1, [0])
    assert "twice" in told["refusals"][0]["reason"]
    assert [o["metric"] for o in registry.get(f"/decisions/{identifier}")["outcomes"]] == ["good"]
