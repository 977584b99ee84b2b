"""A receiver of webhooks that remembers what it gets and answers as a test wants."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import threading
import time
from dataclasses import dataclass

from support import wait_until


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        return f"{self.json['entity']}.{self.json['action']}"

    @property
    def data(self) -> dict:
        return self.json["data"]

    @property
    def delivery_id(self) -> str:
        return self.headers["x-mlflow-delivery-id"]

    def is_signed_with(self, secret: str) -> bool:
        expected = signature(secret, self.delivery_id, self.headers["x-mlflow-timestamp"], self.body)
        return self.headers.get("x-mlflow-signature") == expected


def signature(secret: str, delivery_id: str, timestamp: str, body: bytes) -> str:
    """What MLflow's documentation tells receivers to compute."""
    signed = b".".join([delivery_id.encode(), timestamp.encode(), body])
    code = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(code).decode()


class Receiver:
    """An HTTP server on a port of 127.0.0.1; `answer(handler, received)` may do anything to a connection."""

    def __init__(self, answer=None, port=0):
        self.answer = answer
        self.received: list[Received] = []
        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.httpd.daemon_threads = True
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.httpd.server_address[1]}"

    def close(self) -> None:
        self.httpd.shutdown()
        self.httpd.server_close()

    def wait_for(self, count: int, timeout: float = 15.0) -> list[Received]:
        """The first `count` requests."""
        wait_until(lambda: len(self.received) >= count, timeout, f"{count} requests")
        return self.received[:count]

    def kinds(self) -> list[str]:
        return [received.kind for received in self.received]

    def _handler(receiver):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received = Received(self.path, headers, self.rfile.read(length), time.monotonic())
                receiver.received.append(received)
                if receiver.answer is not None:
                    receiver.answer(self, received)
                else:
                    reply(self, 200, b'{"ok":true}')

            do_GET = do_POST

            def log_message(self, *_):
                pass

        return Handler


def reply(handler, status: int, body: bytes = b"", **headers) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)
