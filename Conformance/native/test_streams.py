"""Long answers, and clients and backends that do not wait for each other."""

import random
import socket
import struct
import threading
import time

import pytest

from backends import RawBackend, read_head
from support import wait_until
from test_deployments import arm, deploy
from test_watching import counted

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def say_slowly(connection, number):
    while read_head(connection):
        time.sleep(0.02)
        connection.sendall(CHUNKED + b"5\r\nhello\r\n")
        time.sleep(0.01)
        connection.sendall(b"0\r\n\r\n")


@pytest.mark.parametrize("recording", ["strict", "relaxed"])
def test_answers_whose_clients_leave_at_any_moment_end_once(server, registry, served, deployment, recording):
    count = 300
    with RawBackend(say_slowly) as backend:
        settings = {"decisions": recording, "subject": {"header": "x-user"}}
        deploy(registry, deployment, release=arm(served, 1, url=backend.url), settings=settings)
        head = f"GET /serve/{deployment}/x HTTP/1.1\r\nHost: localhost\r\nX-User: ann\r\n\r\n".encode()

        def leave(seed):
            chance = random.Random(seed)
            for _ in range(count // 10):
                client = socket.create_connection(("127.0.0.1", server.port))
                client.sendall(head)
                time.sleep(0.018 + 0.016 * chance.random())
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()

        clients = [threading.Thread(target=leave, args=(seed,)) for seed in range(10)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        arms = counted(registry, deployment, count)
    assert sum(arm["requests"] for arm in arms.values()) == count

    def all_ended():
        records = registry.get(f"/deployments/{deployment}/decisions", subject="ann", limit=100)["decisions"]
        return records and all("failure" in r or "answerSha256" in r for r in records)

    wait_until(all_ended)


def echo(connection, number):
    """Says what it hears while it hears it."""
    head = read_head(connection).lower()
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    connection.sendall(CHUNKED)
    while length > 0 and (piece := connection.recv(1 << 16)):
        length -= len(piece)
        connection.sendall(b"%x\r\n" % len(piece) + piece + b"\r\n")
    connection.sendall(b"0\r\n\r\n")


@pytest.mark.parametrize("recording", ["strict", "relaxed"])
def test_a_backend_may_answer_while_it_reads_the_request(server, registry, served, deployment, recording):
    # More than the system keeps between them.
    body = bytes(40 << 20)
    with RawBackend(echo) as backend:
        settings = {"decisions": recording, "bodyBytesMax": len(body)}
        deploy(registry, deployment, release=arm(served, 1, url=backend.url), settings=settings)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
            head = f"POST /serve/{deployment}/x HTTP/1.1\r\nHost: localhost\r\n"
            request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
            sender = threading.Thread(target=client.sendall, args=(request,))
            sender.start()
            said, end = 0, b""
            while not end.endswith(b"\r\n0\r\n\r\n"):
                piece = client.recv(1 << 20)
                assert piece, f"it ended after {said} bytes"
                said += len(piece)
                end = (end + piece)[-7:]
            sender.join()
    assert said > len(body)
