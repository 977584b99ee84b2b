"""The gateway: who answers a request, and what is passed on."""

import json
import threading

import pytest

from backends import Backend, sha256
from gateway import ask, decision_of, sticky
from support import wait_until
from test_deployments import arm, deploy, rollback


@pytest.fixture
def bot(registry, served, deployment, backends):
    return sticky(registry, served, deployment, backends)


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


@pytest.mark.parametrize(
    "path", ["/..", "/a/../b", "/%2e%2E/b", "/.%2e", "/..%2Fb", "/a%2f..%2fb", "/..%5cb", "/..\\b", "/..;x/b"]
)
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
    assert reply.expect(413).json["code"] == "limit_exceeded"
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


def test_a_cookie_may_begin_with_what_joins_the_character_before_it(server, registry, bot):
    deploy(registry, bot, settings={"subject": {"cookie": "sid"}})
    subject = "\u0301ann"
    ask(server, bot, {}, Cookie=f"sid={subject}".encode().decode("latin-1"))
    assert len(registry.get(f"/deployments/{bot}/decisions", subject=subject)["decisions"]) == 1


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
