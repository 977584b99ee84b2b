"""The gateway: who answers a request, what is passed on, and what happens when a backend fails."""

import http.client
import json
import socket
import threading
import time

import pytest

from backends import Backend, closed_port, sha256
from registry import Registry
from support import wait_until
from test_deployments import arm, deploy, rollback


@pytest.fixture
def bot(registry, served, deployment, backends):
    """A deployment of the first version, sticky by a header."""
    subject = {"subject": {"header": "x-user"}, "decisions": "strict"}
    deploy(registry, deployment, release=arm(served, 1, url=backends[0].url), settings=subject)
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


# What is passed on


def test_a_request_reaches_the_version_that_serves_and_its_answer_comes_back(
    server, registry, bot, backends, served
):
    reply = ask(
        server, bot, {"inputs": [1]}, path="/invocations?a=1&b=%2F", **{"X-User": "ann", "X-Trace": "7"}
    )
    assert reply.json["by"] == "one"
    assert json.loads(reply.json["body"]) == {"inputs": [1]}
    assert reply.headers["Martlet-Arm"] == reply.headers["Martlet-Version"]
    assert reply.headers["Connection-Note"] == "kept"
    method, path, headers, _ = backends[0].requests[-1]
    assert (method, path) == ("POST", "/invocations?a=1&b=%2F")
    assert headers["X-Trace"] == "7"
    assert headers["Martlet-Decision"] == reply.headers["Martlet-Decision"]
    assert headers["Host"] in backends[0].url


@pytest.mark.parametrize("path", ["", "/", "/v2/models/x/infer", "/a//b/c..d/.../e", "/%C3%A4%20b?x=%3F"])
def test_any_path_below_a_deployment_is_its_backends_own(server, bot, backends, path):
    connection = server.connection()
    connection.request("GET", f"/serve/{bot}{path}")
    assert connection.getresponse().status == 200
    assert backends[0].requests[-1][1] == (path or "/")


@pytest.mark.parametrize("path", ["/..", "/a/../b", "/%2e%2E/b", "/.%2e"])
def test_no_path_leads_out_of_a_deployment(server, bot, backends, path):
    connection = server.connection()
    connection.request("GET", f"/serve/{bot}{path}")
    assert connection.getresponse().status == 400
    assert backends[0].requests == []


def test_every_method_is_passed_on(server, bot, backends):
    for method in ("GET", "PUT", "DELETE", "POST", "HEAD"):
        ask(server, bot, method=method)
        assert backends[0].requests[-1][0] == method


def test_fields_that_are_about_one_connection_stay_on_it(server, bot, backends):
    ask(
        server,
        bot,
        {},
        **{"Connection": "keep-alive, X-Mine", "X-Mine": "1", "Keep-Alive": "9", "X-Yours": "2"},
    )
    headers = backends[0].requests[-1][2]
    assert "X-Mine" not in headers
    assert "Keep-Alive" not in headers
    assert headers["X-Yours"] == "2"


def test_what_a_backend_refuses_comes_back_as_it_said_it(server, registry, bot, backends):
    backends[0].answer = lambda handler, body: Backend.send(handler, 422, {"why": "no"})
    reply = ask(server, bot, {}, status=422)
    assert reply.json == {"why": "no"}
    assert decision_of(registry, reply)["status"] == 422


def test_there_is_nothing_below_a_name_that_is_no_deployment(server):
    reply = ask(server, "nobody", {}, status=404)
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_an_answer_that_never_ends_is_passed_on_as_it_comes(server, registry, bot, backends):
    may_end = threading.Event()

    def stream(handler, body):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in (b"data: 1\n\n", b"data: 2\n\n"):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            handler.wfile.flush()
            if piece.endswith(b"1\n\n"):
                may_end.wait(20)
        handler.wfile.write(b"0\r\n\r\n")

    backends[0].answer = stream
    connection = server.connection(timeout=30)
    connection.request("POST", f"/serve/{bot}/stream", b"{}")
    reply = connection.getresponse()
    assert reply.read(9) == b"data: 1\n\n"
    may_end.set()
    assert reply.read() == b"data: 2\n\n"
    answer = sha256(b"data: 1\n\ndata: 2\n\n")
    wait_until(lambda: decision_of(registry, reply).get("answerSha256") == answer)


def test_a_body_beyond_the_limit_is_refused(server, registry, bot, backends):
    deploy(registry, bot, settings={"bodyBytesMax": 1000})
    seen = len(backends[0].requests)
    reply = server.request("POST", f"/serve/{bot}/x", raw=b"x" * 1001)
    assert reply.expect(413).json["code"] == "limitExceeded"
    assert len(backends[0].requests) == seen
    server.request("POST", f"/serve/{bot}/x", raw=b"x" * 1000).expect(200)


# Who answers


def test_a_subject_stays_with_its_version(server, registry, bot, served, backends):
    deploy(registry, bot, add=arm(served, 2, role="challenger", partsPerMillion=500_000, url=backends[1].url))
    first = {user: ask(server, bot, {}, **{"X-User": user}).json["by"] for user in map(str, range(40))}
    assert set(first.values()) == {"one", "two"}
    again = {user: ask(server, bot, {}, **{"X-User": user}).json["by"] for user in first}
    assert again == first


def test_a_canary_that_grows_loses_nobody(server, registry, bot, served, backends):
    grown = deploy(
        registry, bot, add=arm(served, 2, role="canary", partsPerMillion=200_000, url=backends[1].url)
    )
    canary = grown["revision"]["arms"][1]["name"]
    users = [str(user) for user in range(60)]
    before = {user for user in users if ask(server, bot, {}, **{"X-User": user}).json["by"] == "two"}
    deploy(registry, bot, shares={canary: 600_000})
    after = {user for user in users if ask(server, bot, {}, **{"X-User": user}).json["by"] == "two"}
    assert before < after


def test_the_arm_can_be_recomputed_by_anybody(server, registry, bot, served, backends):
    deployed = deploy(
        registry, bot, add=arm(served, 2, role="canary", partsPerMillion=300_000, url=backends[1].url)
    )
    page = (server_docs() / "routing.md").read_text()
    program = page.split("```python\n")[1].split("```")[0]
    computed = {}
    exec(program, computed)
    shares = {a["name"]: a["partsPerMillion"] for a in deployed["revision"]["arms"]}
    for user in map(str, range(30)):
        reply = ask(server, bot, {}, **{"X-User": user})
        assert reply.headers["Martlet-Arm"] == computed["arm"](
            deployed["salt"].encode(), user.encode(), shares
        )
        record = decision_of(registry, reply)
        assert record["subject"] == computed["subject_hash"](deployed["salt"].encode(), user.encode()).hex()


def server_docs():
    from pathlib import Path

    return Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    ("subject", "body", "headers"),
    [
        ({"cookie": "sid"}, {}, {"Cookie": "a=1; sid=ann; b=2"}),
        ({"member": ["user", "id"]}, {"user": {"id": "ann"}}, {}),
        ({"member": ["id"]}, {"id": 17}, {}),
        ({"header": "x-user"}, {}, {"X-User": "ann"}),
    ],
)
def test_the_subject_is_found_where_the_deployment_says(server, registry, bot, subject, body, headers):
    deploy(registry, bot, settings={"subject": subject})
    record = decision_of(registry, ask(server, bot, body, **headers))
    wanted = "17" if body.get("id") == 17 else "ann"
    found = registry.get(f"/deployments/{bot}/decisions", subject=wanted)["decisions"]
    assert [d["id"] for d in found] == [record["id"]]


def test_a_request_without_a_subject_is_decided_by_chance(server, registry, bot, served, backends):
    deploy(registry, bot, add=arm(served, 2, role="canary", partsPerMillion=500_000, url=backends[1].url))
    replies = [ask(server, bot, {}) for _ in range(40)]
    assert {reply.json["by"] for reply in replies} == {"one", "two"}
    assert "subject" not in decision_of(registry, replies[0])


def test_a_shadow_gets_copies_and_is_never_heard(server, registry, bot, served, backends):
    deploy(registry, bot, add=arm(served, 2, role="shadow", url=backends[1].url))
    reply = ask(server, bot, {"a": 1}, **{"X-User": "ann"})
    assert reply.json["by"] == "one"
    wait_until(lambda: backends[1].requests)
    assert json.loads(backends[1].requests[0][3]) == {"a": 1}
    found = wait_until(lambda: both_decisions(registry, bot))
    shadow = next(d for d in found if d.get("shadowOf"))
    assert shadow["shadowOf"] == reply.headers["Martlet-Decision"]
    assert shadow["arm"]["role"] == "shadow"


def both_decisions(registry, bot):
    found = registry.get(f"/deployments/{bot}/decisions", subject="ann")["decisions"]
    return found if len(found) == 2 else None


# Going back


def test_a_rollback_under_load_takes_effect_at_once_and_fails_no_request(
    server, registry, bot, served, backends
):
    deploy(registry, bot, release=arm(served, 2, url=backends[1].url))
    stop, statuses, late = threading.Event(), [], []
    rolled_back = threading.Event()

    def load(user):
        connection = server.connection(timeout=30)
        while not stop.is_set():
            after = rolled_back.is_set()
            connection.request("POST", f"/serve/{bot}/x", b"{}", {"X-User": user})
            reply = connection.getresponse()
            by = json.loads(reply.read())["by"]
            statuses.append(reply.status)
            if after and by != "one":
                late.append(by)

    threads = [threading.Thread(target=load, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(statuses) > 50, 30)
    rollback(registry, bot)
    rolled_back.set()
    seen = len(statuses)
    wait_until(lambda: len(statuses) > seen + 50, 30)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert set(statuses) == {200}
    assert not late


# Backends that fail


def test_a_backend_that_is_away_is_told_with_the_decision(server, registry, bot, served):
    with closed_port() as url:
        deploy(registry, bot, release=arm(served, 2, url=url), check=False)
        reply = ask(server, bot, {}, status=502)
    assert reply.json["code"] == "unreachable"
    record = decision_of(registry, reply)
    assert (record["failure"], record["status"]) == ("unreachable", 502)
    assert "answerSha256" not in record


def test_a_backend_that_is_slow_is_told_with_the_decision(server, registry, bot, backends):
    deploy(registry, bot, settings={"timeoutMs": 300})
    release = threading.Event()
    backends[0].answer = lambda handler, body: release.wait(20)
    reply = ask(server, bot, {}, status=504)
    release.set()
    assert decision_of(registry, reply)["failure"] == "timeout"


def close_early(handler, body):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def lie_about_length(handler, body):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"short")
    close_early(handler, body)


def say_nonsense(handler, body):
    handler.wfile.write(b"I am no HTTP\r\n\r\n")
    handler.wfile.flush()
    handler.close_connection = True


@pytest.mark.parametrize("answer", [close_early, lie_about_length, say_nonsense])
def test_a_backend_that_breaks_off_is_told_with_the_decision(server, registry, bot, backends, answer):
    backends[0].answer = answer
    reply = ask(server, bot, {}, status=502)
    assert reply.json["code"] in ("broken", "unreachable")
    assert decision_of(registry, reply)["failure"] == reply.json["code"]


def test_a_stream_that_breaks_off_is_noted(server, registry, bot, backends):
    def stream(handler, body):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"3\r\nabc\r\n")
        close_early(handler, body)

    backends[0].answer = stream
    connection = server.connection(timeout=30)
    connection.request("POST", f"/serve/{bot}/x", b"{}")
    reply = connection.getresponse()
    with pytest.raises((http.client.HTTPException, OSError)):
        while reply.read(1):
            pass
        raise http.client.IncompleteRead(b"")
    wait_until(lambda: decision_of(registry, reply).get("failure"))


def test_a_backend_that_fails_again_and_again_is_left_alone_and_tried_again(server, registry, bot, served):
    backend = Backend("fragile")
    try:
        deploy(registry, bot, release=arm(served, 2, url=backend.url))
        backend.answer = close_early
        codes = [ask(server, bot, {}, status=None).json["code"] for _ in range(7)]
        assert codes[-1] == "ejected"
        reached = len(backend.requests)
        reply = ask(server, bot, {}, status=503)
        assert len(backend.requests) == reached
        assert decision_of(registry, reply)["failure"] == "ejected"
        backend.answer = backend.say_who
        wait_until(lambda: ask(server, bot, {}, status=None).status == 200, 30)
    finally:
        backend.stop()


def test_a_request_that_may_be_repeated_is_sent_again(server, registry, bot, backends):
    tries = []

    def once(handler, body):
        tries.append(handler.command)
        return close_early(handler, body) if len(tries) == 1 else backends[0].say_who(handler, body)

    backends[0].answer = once
    ask(server, bot, method="GET")
    assert len(tries) == 2
    tries.clear()
    ask(server, bot, {}, status=502)
    assert len(tries) == 1


# Records


def serving(start_martlet, backend, decisions):
    """A server of its own with the deployment `bot`."""
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    registry.register(model)
    registry.move(model, 1, "staging")
    deploy(registry, "bot", release=arm(model, 1, url=backend.url), settings={"decisions": decisions})
    return server, registry


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
