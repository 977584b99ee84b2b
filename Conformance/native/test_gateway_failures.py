"""What callers are told of backends that fail, and what becomes of the next requests."""

import http.client
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backends import Backend, RawBackend, closed_port
from gateway import ask, decision_of, sticky
from support import wait_until
from test_deployments import arm, deploy


@pytest.fixture
def bot(registry, served, deployment, backends):
    return sticky(registry, served, deployment, backends)


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
    with pytest.raises((http.client.IncompleteRead, OSError)):
        reply.read()
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


def test_a_version_that_is_brought_back_is_asked_at_once_though_it_failed_before(
    server, registry, bot, backends, served
):
    first, second, _ = backends
    first.answer = close_early
    codes = [ask(server, bot, {}, status=None).json["code"] for _ in range(6)]
    assert codes[-1] == "ejected"
    first.answer = first.say_who
    deploy(registry, bot, release=arm(served, 2, url=second.url))
    assert ask(server, bot, {}).json["by"] == second.name
    registry.post(f"/deployments/{bot}/rollback", {})
    with ThreadPoolExecutor(20) as callers:
        replies = list(callers.map(lambda _: ask(server, bot, {}, status=None), range(20)))
    assert {reply.status for reply in replies} == {200}
    assert {reply.json["by"] for reply in replies} == {first.name}


def test_a_client_that_sends_slowly_is_not_taken_for_a_slow_backend(server, registry, bot, backends):
    deploy(registry, bot, settings={"timeoutMs": 300})

    def pieces():
        for _ in range(10):
            time.sleep(0.1)
            yield bytes(40_000)

    connection = server.connection(timeout=30)
    connection.request("POST", f"/serve/{bot}/x", pieces(), {"Content-Length": "400000"})
    assert connection.getresponse().status == 200
    assert len(backends[0].requests[-1][3]) == 400_000


def test_a_backend_that_does_not_take_what_it_is_sent_is_told(server, registry, bot, served):
    gone = threading.Event()
    with RawBackend(lambda connection, number: gone.wait(20)) as backend:
        deploy(registry, bot, release=arm(served, 2, url=backend.url), settings={"timeoutMs": 300})
        # More than the system keeps between them.
        reply = server.request("POST", f"/serve/{bot}/x", raw=bytes(15 << 20)).expect(504)
        gone.set()
    assert decision_of(registry, reply)["failure"] == "timeout"


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
