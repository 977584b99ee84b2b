"""Backends that serve models, well or badly, each a real server on a port of its own."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Backend:
    """Answers every request with who it is and what it was asked; `answer` may be replaced."""

    def __init__(self, name: str):
        self.name = name
        self.requests = []
        self.answer = self.say_who
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.title(): value for name, value in self.headers.items()}
                backend.requests.append((self.command, self.path, headers, body))
                backend.answer(self, body)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_one

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def say_who(self, handler, body: bytes) -> None:
        self.send(
            handler, 200, {"by": self.name, "path": handler.path, "body": body.decode(errors="replace")}
        )

    @staticmethod
    def send(handler, status: int, message) -> None:
        data = json.dumps(message).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.send_header("Connection-Note", "kept")
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(data)


class EverySecond:
    """Answers every second request with 500: never so many in a row that the gateway leaves it alone."""

    def __init__(self, backend: Backend):
        self.lock = threading.Lock()
        self.count = 0
        self.failed = 0
        self.backend = backend

    def __call__(self, handler, body):
        with self.lock:
            self.count += 1
            is_failure = self.count % 2 == 0
            self.failed += is_failure
        if is_failure:
            Backend.send(handler, 500, {"why": "broken"})
        else:
            self.backend.say_who(handler, body)


def slow(seconds: float):
    """An answer that takes its time."""

    def answer(handler, body):
        time.sleep(seconds)
        Backend.send(handler, 200, {})

    return answer


@contextlib.contextmanager
def closed_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{probe.getsockname()[1]}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class RawBackend:
    """Speaks whatever `serve(connection, number)` says, to each connection in a thread of its own."""

    def __init__(self, serve):
        self.serve = serve
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Wakes the thread that accepts, which closing alone does not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.converse, args=(connection, self.connections), daemon=True).start()

    def converse(self, connection, number):
        # Whoever goes away in the middle is part of what is tested.
        with connection, contextlib.suppress(OSError):
            self.serve(connection, number)


def read_head(connection) -> bytes:
    """A request up to the empty line, byte by byte so that nothing more is taken; nothing at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head


def read_request(connection) -> tuple[bytes, bytes] | None:
    """The head and the body of the next request, which says its length; `None` at the end."""
    head = read_head(connection)
    if not head:
        return None
    length = next(
        (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
    )
    body = b""
    while len(body) < length:
        piece = connection.recv(length - len(body))
        if not piece:
            return None
        body += piece
    return head, body


def hello(extra: bytes = b"") -> bytes:
    """An answer, with more fields."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n" + extra + b"\r\nhello"
