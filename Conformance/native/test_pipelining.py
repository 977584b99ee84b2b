"""Clients that send many requests to a deployment without waiting for the answers."""

import json
import socket
import time

import pytest

from backends import Backend, closed_port, slow
from gateway import ask
from support import wait_until
from test_deployments import arm, deploy


@pytest.fixture
def bot(registry, served, deployment, backends):
    """A deployment whose records nobody waits for, so that answers may be there at once."""
    deploy(
        registry, deployment, release=arm(served, 1, url=backends[0].url), settings={"decisions": "relaxed"}
    )
    return deployment


def send(server, name, count):
    """A client that has sent many requests, and still listens."""
    client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    client.sendall(f"GET /serve/{name}/x HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * count)
    return client


def count_answers(client, count, beginning=b"HTTP/1.1 "):
    said = 0
    tail = b""
    while said < count:
        piece = client.recv(1 << 20)
        assert piece, f"the server ended it after {said} of {count}"
        tail += piece
        said += tail.count(beginning)
        tail = tail[-len(beginning) + 1 :]
    return said


def test_one_that_leaves_while_thousands_wait_does_no_harm(server, bot, backends):
    backends[0].answer = slow(1)
    with send(server, bot, 3_000):
        wait_until(lambda: backends[0].requests)
        # So that much of what was sent has come.
        time.sleep(0.3)
    backends[0].answer = backends[0].say_who
    ask(server, bot)
    wait_until(lambda: len(backends[0].requests) > 1)
    assert len(backends[0].requests) < 100


def test_thousands_that_fail_at_once_are_all_answered(server, registry, bot, served):
    with closed_port() as url:
        deploy(registry, bot, release=arm(served, 2, url=url), check=False)
        with send(server, bot, 3_000) as client:
            assert count_answers(client, 3_000) == 3_000


def test_one_that_reads_no_answers_gets_no_more_of_them(server, bot, backends):
    long = json.dumps("x" * 200_000).encode()

    def answer(handler, body):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(long)))
        handler.end_headers()
        handler.wfile.write(long)

    backends[0].answer = answer
    with send(server, bot, 400) as client:
        reached = wait_until_quiet(backends[0])
        assert reached < 200
        assert count_answers(client, 400) == 400


def wait_until_quiet(backend: Backend) -> int:
    """How many requests have come, when no more of them come."""
    counts = []

    def is_quiet():
        counts.append(len(backend.requests))
        return counts[-1] > 0 and len(set(counts[-20:])) == 1 and len(counts) > 20

    wait_until(is_quiet)
    return counts[-1]
