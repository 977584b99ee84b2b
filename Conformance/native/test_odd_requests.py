"""Requests that the gateway must not take for others, and fields that stay on one connection."""

import socket

import pytest

from registry import problem
from test_deployments import arm, deploy
from test_gateway import ask, decision_of


@pytest.fixture
def bot(registry, served, deployment, backends):
    """A deployment of one version, sticky by a header."""
    settings = {"subject": {"header": "x-user"}, "decisions": "strict"}
    deploy(registry, deployment, release=arm(served, 1, url=backends[0].url), settings=settings)
    return deployment


# What they ask for


def test_slashes_at_the_front_are_no_part_of_a_backends_path(server, bot, backends):
    for target in (f"//serve/{bot}/a", f"/serve//{bot}/a"):
        connection = server.connection()
        connection.request("GET", target)
        assert connection.getresponse().status == 404
    assert backends[0].requests == []


@pytest.mark.parametrize("protocol", ["websocket", "WebSocket, h2c", "smtp/2"])
def test_another_protocol_is_refused_clearly(server, bot, backends, protocol):
    headers = {"Connection": "Upgrade", "Upgrade": protocol}
    reply = ask(server, bot, method="GET", status=501, **headers)
    assert protocol.split(",")[0] in problem(reply, "unsupported")["detail"]
    assert backends[0].requests == []


def test_an_offer_to_go_on_with_http_2_is_left_aside(server, bot, backends):
    headers = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}
    assert ask(server, bot, method="GET", **headers).json["by"] == "one"
    assert not {"Upgrade", "Http2-Settings"} & set(backends[0].requests[-1][2])


def test_fields_that_are_about_a_backends_connection_stay_on_it(server, bot, backends):
    def answer(handler, body):
        handler.send_response(200)
        for name, value in [("Connection", "keep-alive"), ("Connection", "X-Mine"), ("X-Mine", "1")]:
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    backends[0].answer = answer
    assert "X-Mine" not in ask(server, bot, {}).headers


@pytest.mark.parametrize("length", [2, 1 << 20])
def test_a_client_that_waits_until_it_may_send_its_body_is_told(server, bot, backends, length):
    def answer(handler, body):
        handler.send_response(204)
        handler.end_headers()

    backends[0].answer = answer
    head = f"POST /serve/{bot}/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        for _ in range(2):
            client.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
            assert client.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(bytes(length))
            assert client.recv(1024).startswith(b"HTTP/1.1 204")
    assert [len(body) for *_, body in backends[0].requests] == [length, length]


def test_a_client_of_http_1_0_is_answered_and_left(server, bot):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(f"GET /serve/{bot}/x HTTP/1.0\r\n\r\n".encode())
        said = b""
        while piece := client.recv(1024):
            said += piece
    assert b" 200 " in said.split(b"\r\n")[0] and b'"by"' in said


def test_the_name_of_a_model_cannot_end_the_head_of_an_answer(registry, deployment, backends):
    model = registry.model(name=f"mo\r\n\r\n{deployment}")
    registry.register(model)
    for name in ({}, {"name": "mine"}):
        change = {"release": arm(model, 1, url=backends[0].url, **name), "settings": {"stages": ["candidate"]}}
        refusal = registry.request("POST", f"/deployments/{deployment}/revisions", change).expect(400)
        assert "printable" in problem(refusal, "invalid")["detail"]


def test_a_field_on_several_lines_is_refused(server, bot, backends):
    head = f"GET /serve/{bot}/x HTTP/1.1\r\nHost: localhost\r\nX-Long: a\r\n X-Mine: 1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(head.encode())
        assert client.recv(1024).startswith(b"HTTP/1.1 400")
    assert backends[0].requests == []


# Whom they are about


@pytest.mark.parametrize(
    ("subject", "body", "headers"),
    [
        ({"cookie": "sid"}, {}, {"Cookie": "sid=; b=2"}),
        ({"member": ["id"]}, {"id": ""}, {}),
        ({"header": "x-user"}, {}, {"X-User": ""}),
    ],
)
def test_who_says_nothing_of_whom_it_is_about_is_nobody(server, registry, bot, subject, body, headers):
    deploy(registry, bot, settings={"subject": subject})
    assert "subject" not in decision_of(registry, ask(server, bot, body, **headers))


@pytest.mark.parametrize(
    "subject", ["é ü".encode(), b"a\tb", b"a, b", b"x" * 7_000, b"\xe9", b"a\xff\xfeb", b"\xe2\x82"]
)
def test_a_subject_of_any_bytes_can_be_recomputed(server, registry, bot, subject):
    request = b"GET /serve/%s/x HTTP/1.1\r\nHost: localhost\r\nX-User: %s\r\n\r\n" % (bot.encode(), subject)
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request)
        head = connection.recv(65536).decode()
    assert " 200 " in head
    identifier = head.split("Martlet-Decision: ")[1][:36]
    # What is no UTF-8 in a header is read as Python does it.
    text = subject.decode(errors="replace")
    found = registry.get(f"/deployments/{bot}/decisions", subject=text)["decisions"]
    assert [decision["id"] for decision in found] == [identifier]
