"""The gateway's connections: kept, lost, slow, endless, and to backends that do not keep to the rules."""

import hashlib
import http.client
import socket
import threading
import time
from pathlib import Path

import pytest

from backends import RawBackend, hello, read_head, read_request, sha256
from gateway import ask, decision_of
from support import wait_until
from test_deployments import arm, deploy

MEGABYTE = 1 << 20


@pytest.fixture
def serve(registry, served, deployment):
    """Makes a deployment that is served by what talks to a connection as the given function says."""
    opened = []

    def start(talk, **settings):
        backend = RawBackend(talk)
        opened.append(backend)
        deploy(
            registry,
            deployment,
            release=arm(served, 1, url=backend.url),
            settings={"decisions": "strict", **settings},
            # Its connections are counted from here on.
            check=False,
        )
        return deployment, backend

    yield start
    for backend in opened:
        backend.__exit__()


def answering(answer: bytes):
    """Gives every request the same answer, on connections that are kept."""

    def talk(connection, number):
        while read_request(connection):
            connection.sendall(answer)

    return talk


def resident_megabytes(server) -> float:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


# Connections that are kept


def test_a_connection_is_used_again(server, serve):
    bot, backend = serve(answering(hello()))
    connection = server.connection()
    for _ in range(20):
        connection.request("POST", f"/serve/{bot}/x", b"{}")
        assert connection.getresponse().read() == b"hello"
    assert backend.connections == 1


@pytest.mark.parametrize("pause", [0.0, 0.3])
def test_a_connection_that_the_backend_closed_meanwhile_fails_no_request(server, serve, pause):
    requests = []

    def talk(connection, number):
        requests.append(read_request(connection))
        connection.sendall(hello())
        if pause:
            time.sleep(pause / 3)

    bot, backend = serve(talk)
    for _ in range(5):
        ask(server, bot, {}, status=200)
        time.sleep(pause or 0.02)
    assert len(requests) == backend.connections == 5


def test_a_connection_whose_backend_has_failed_is_not_used_again(server, serve):
    def talk(connection, number):
        read_request(connection)
        if number > 1:
            connection.sendall(hello())
            return
        connection.sendall(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n")
        # It will answer nothing more, and nobody knows.
        read_request(connection)

    bot, backend = serve(talk)
    # From one connection, and so by one event loop and its pool.
    connection = server.connection()
    statuses = []
    for _ in range(2):
        connection.request("POST", f"/serve/{bot}/x", b"{}")
        reply = connection.getresponse()
        reply.read()
        statuses.append(reply.status)
    assert statuses == [500, 200]
    assert backend.connections == 2


def test_a_kept_connection_that_breaks_is_made_up_for_only_where_that_does_no_harm(server, registry, serve):
    requests = []

    def talk(connection, number):
        requests.append(read_request(connection))
        connection.sendall(hello())
        requests.append(read_request(connection))

    bot, backend = serve(talk)
    ask(server, bot, {})
    assert ask(server, bot, method="GET").body == b"hello"
    assert backend.connections == 2
    requests.clear()
    reply = ask(server, bot, {}, status=502)
    assert reply.json["code"] == decision_of(registry, reply)["failure"] == "broken"
    assert len(requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        hello(b"Connection: close\r\n"),
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
        hello() + b"and more",
        hello() + hello(),
    ],
    ids=["says-close", "old", "without-length", "too-long", "answers-twice"],
)
def test_an_answer_after_which_the_connection_is_of_no_use_is_whole_all_the_same(server, serve, answer):
    def talk(connection, number):
        read_request(connection)
        connection.sendall(answer)
        if b"Length" in answer:
            connection.recv(1)

    bot, backend = serve(talk)
    for _ in range(3):
        assert ask(server, bot, {}).body == b"hello"
        time.sleep(0.05)
    assert backend.connections == 3


# Answers of every form


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", 304, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + hello(), 200, b"hello"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + hello(), 200, b"hello"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            200,
            b"hello",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, b""),
    ],
    ids=["204", "304", "100", "103", "chunked", "empty"],
)
def test_an_answer_of_any_form_is_passed_on_and_the_next_one_after_it(
    server, registry, serve, answer, status, body
):
    bot, backend = serve(answering(answer))
    connection = server.connection()
    for _ in range(3):
        connection.request("GET", f"/serve/{bot}/x")
        reply = connection.getresponse()
        assert (reply.status, reply.read()) == (status, body)
    assert backend.connections == 1
    assert decision_of(registry, reply)["answerSha256"] == sha256(body)


def test_the_answer_to_head_says_a_length_and_has_no_body(server, serve):
    bot, backend = serve(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 12345678\r\n\r\n"))
    connection = server.connection()
    for _ in range(3):
        connection.request("HEAD", f"/serve/{bot}/x")
        reply = connection.getresponse()
        assert (reply.read(), reply.headers["Content-Length"]) == (b"", "12345678")
    assert backend.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        b"\x16\x03\x01\x02\x00",
    ],
    ids=["negative", "two-lengths", "switches", "too-short", "tls"],
)
def test_nonsense_is_told_with_the_decision(server, registry, serve, answer):
    def talk(connection, number):
        read_request(connection)
        connection.sendall(answer)

    bot, _ = serve(talk)
    reply = ask(server, bot, {}, status=502)
    assert reply.json["code"] == decision_of(registry, reply)["failure"] == "broken"


def test_a_short_answer_that_stalls_is_given_up(server, registry, serve):
    def talk(connection, number):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")
        connection.recv(1)

    bot, _ = serve(talk, timeoutMs=300)
    assert decision_of(registry, ask(server, bot, {}, status=504))["failure"] == "timeout"


# Slow readers and writers


def test_an_answer_goes_no_faster_than_it_is_read(server, serve):
    sent = []

    def talk(connection, number):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while len(sent) < 200:
            connection.sendall(b"100000\r\n" + bytes(MEGABYTE) + b"\r\n")
            sent.append(1)
        connection.sendall(b"0\r\n\r\n")

    bot, _ = serve(talk)
    connection = server.connection(timeout=60)
    before = resident_megabytes(server)
    connection.request("POST", f"/serve/{bot}/x", b"{}")
    reply = connection.getresponse()
    reply.read(10)
    time.sleep(1)
    assert len(sent) < 40
    assert resident_megabytes(server) < before + 40
    assert 10 + len(reply.read()) == 200 * MEGABYTE


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_long_request_is_passed_on_as_it_comes(server, registry, serve, is_chunked):
    received = {"bytes": 0}

    def talk(connection, number):
        head = read_head(connection)
        received["head"] = head.lower()
        digest, last = hashlib.sha256(), b""
        while received["bytes"] < 300 * MEGABYTE and not last.endswith(b"\r\n0\r\n\r\n"):
            piece = connection.recv(MEGABYTE)
            received["bytes"] += len(piece)
            digest.update(piece)
            last = (last + piece)[-7:]
        received["digest"] = digest.hexdigest()
        connection.sendall(hello())

    bot, _ = serve(talk, bodyBytesMax=1 << 32)
    before, peaks, wanted = resident_megabytes(server), [], hashlib.sha256()

    def pieces():
        for number in range(300):
            piece = bytes([number % 256]) * MEGABYTE
            wanted.update(piece)
            yield piece
            if number == 20:
                wait_until(lambda: received["bytes"] > MEGABYTE, 20)
            if number % 10 == 0:
                peaks.append(resident_megabytes(server))

    connection = server.connection(timeout=120)
    headers = {} if is_chunked else {"Content-Length": str(300 * MEGABYTE)}
    connection.request("POST", f"/serve/{bot}/x", pieces(), headers, encode_chunked=is_chunked)
    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"hello")
    assert max(peaks) < before + 40
    assert decision_of(registry, reply)["requestSha256"] == wanted.hexdigest()
    assert (b"transfer-encoding: chunked" in received["head"]) == is_chunked
    if not is_chunked:
        assert received["digest"] == wanted.hexdigest()


def test_a_long_request_that_is_too_long_after_all_is_refused(server, serve):
    bot, _ = serve(lambda connection, number: connection.recv(MEGABYTE) and time.sleep(5), bodyBytesMax=1000)
    connection = server.connection(timeout=30)
    connection.request(
        "POST",
        f"/serve/{bot}/x",
        (b"x" * 100 for _ in range(20)),
        {"Connection": "close"},
        encode_chunked=True,
    )
    assert connection.getresponse().status == 413


def test_an_answer_before_the_end_of_the_request_arrives(server, serve):
    def talk(connection, number):
        read_head(connection)
        connection.sendall(
            b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nnever"
        )
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(MEGABYTE):
            pass

    bot, _ = serve(talk, bodyBytesMax=1 << 32)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(
            b"POST /serve/%s/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"
            % bot.encode()
        )
        client.sendall(bytes(MEGABYTE))
        answer = b""
        while b"never" not in answer:
            piece = client.recv(65536)
            assert piece, answer
            answer += piece
    assert b" 413 " in answer


# Clients that go away


def test_a_client_that_goes_away_takes_its_request_along(server, registry, serve):
    gone = threading.Event()

    def talk(connection, number):
        read_request(connection)
        if connection.recv(1) == b"":
            gone.set()

    bot, _ = serve(talk, subject={"header": "x-user"})
    client = http.client.HTTPConnection("127.0.0.1", server.port)
    client.request("POST", f"/serve/{bot}/x", b"{}", {"X-User": "ann"})
    time.sleep(0.3)
    assert not gone.is_set()
    client.close()
    assert gone.wait(5)
    found = wait_until(lambda: registry.get(f"/deployments/{bot}/decisions", subject="ann")["decisions"])
    assert (found[0]["failure"], found[0]["status"]) == ("abandoned", 499)


def test_a_client_that_goes_away_in_the_middle_of_an_endless_answer_ends_it(server, registry, serve):
    gone = threading.Event()

    def talk(connection, number):
        read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        if connection.recv(1) == b"":
            gone.set()

    bot, _ = serve(talk)
    client = http.client.HTTPConnection("127.0.0.1", server.port)
    client.request("POST", f"/serve/{bot}/x", b"{}")
    reply = client.getresponse()
    assert reply.read(3) == b"abc"
    reply.close()
    client.close()
    assert gone.wait(5)
    wait_until(lambda: decision_of(registry, reply).get("failure") == "abandoned")


def test_a_client_that_breaks_off_its_upload_ends_it_at_the_backend(server, serve):
    gone = threading.Event()

    def talk(connection, number):
        if number > 1:
            answering(hello())(connection, number)
            return
        read_head(connection)
        while connection.recv(MEGABYTE):
            pass
        gone.set()

    bot, _ = serve(talk, bodyBytesMax=1 << 32)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(
            b"POST /serve/%s/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n"
            % bot.encode()
        )
        client.sendall(bytes(MEGABYTE))
        time.sleep(0.2)
    assert gone.wait(5)
    ask(server, bot, method="GET")


# Requests that follow each other


def test_requests_that_do_not_wait_for_answers_are_answered_in_their_order(server, serve):
    bot, _ = serve(answering(hello()))
    plain = b"POST /serve/%s/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}" % bot.encode()
    others = [
        b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HEAD /serve/%s/x HTTP/1.1\r\nHost: localhost\r\n\r\n" % bot.encode(),
        b"GET /serve/nobody HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    requests = [*(each for other in others for each in (plain, plain, other)), plain]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(b"".join(requests) + b"nonsense\r\n\r\n")
        said = b""
        while piece := client.recv(65536):
            said += piece
    statuses = [int(answer[:4]) for answer in said.split(b"HTTP/1.1")[1:]]
    assert statuses == [200, 200, 200, 200, 200, 200, 200, 200, 404, 200, 400]
    assert said.count(b"\r\n\r\nhello") == 7


def test_a_name_that_the_server_is_not_called_by_reaches_no_deployment(server, serve):
    bot, backend = serve(answering(hello()))
    reply = server.request("POST", f"/serve/{bot}/x", {}, headers={"Host": "evil.example"})
    assert reply.status == 403
    reply = server.request("POST", f"/serve/{bot}/x", {}, headers={"Origin": "http://evil.example"})
    assert reply.status == 403
    assert backend.connections == 0


def test_requests_to_deployments_are_counted_by_their_route(server, serve):
    bot, _ = serve(answering(hello()))

    def count(method):
        labels = f'{{method="{method}",route="/serve/{{deployment}}/**",status="200"}}'
        text = server.request("GET", "/metrics").body.decode()
        found = text.split(f"martlet_http_request_seconds_count{labels} ")[1:]
        return int(found[0].split("\n")[0]) if found else 0

    for method in ("POST", "HEAD"):
        before = count(method)
        ask(server, bot, method=method)
        assert count(method) == before + 1
