#!/usr/bin/env python3
"""Starts a GitHub Actions workflow or a Jenkins job when Martlet asks for a model to be trained again.

    relay.py github | jenkins

A receiver of Martlet's webhooks that needs nothing but Python 3.9. README.md says how to set it up.
"""

from __future__ import annotations

import base64
import collections
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

EVENT = ("retraining", "requested")
BODY_BYTES_MAX = 1 << 20
# How old a message may be: each attempt to deliver it has a time of its own.
AGE_SECONDS_MAX = 300
IDS_REMEMBERED = 10_000
CALL_SECONDS_MAX = 8


class Refusal(Exception):
    """What a message is answered with instead of 2xx; Martlet then sends it again later."""

    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status = status


def verified(secret: bytes, headers, body: bytes, now: float) -> dict:
    """The message, if whoever has the secret has sent it just now."""
    delivery, timestamp = headers.get("X-MLflow-Delivery-Id", ""), headers.get("X-MLflow-Timestamp", "")
    signed = b".".join([delivery.encode(), timestamp.encode(), body])
    expected = "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    given = headers.get("X-MLflow-Signature", "")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refusal(401, "the signature is not ours")
    # Signed, so it is a number.
    if abs(now - int(timestamp)) > AGE_SECONDS_MAX:
        raise Refusal(401, "the message is too old, or the clocks differ")
    return json.loads(body)


def post(url: str, body: bytes, headers: dict[str, str]) -> None:
    request = urllib.request.Request(url, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=CALL_SECONDS_MAX):
            pass
    except urllib.error.HTTPError as error:
        raise Refusal(502, f"the CI system answered with {error.code}") from error
    except OSError as error:
        raise Refusal(502, f"the CI system cannot be reached: {error}") from error


def setting(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if not value:
        sys.exit(f"relay.py: set {name}")
    return value


def github():
    """Dispatches a workflow, which must have these inputs."""
    api = setting("GITHUB_API_URL", "https://api.github.com")
    workflow = urllib.parse.quote(setting("GITHUB_WORKFLOW"))
    url = f"{api}/repos/{setting('GITHUB_REPOSITORY')}/actions/workflows/{workflow}/dispatches"
    ref, token = setting("GITHUB_REF_NAME", "main"), setting("GITHUB_TOKEN")

    def start(inputs: dict[str, str]) -> None:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        post(url, json.dumps({"ref": ref, "inputs": inputs}).encode(), headers)

    return start


def jenkins():
    """Builds a job, which must have these parameters, in capitals."""
    job = "/job/".join(urllib.parse.quote(part) for part in setting("JENKINS_JOB").split("/"))
    url = f"{setting('JENKINS_URL').rstrip('/')}/job/{job}/buildWithParameters"
    credentials = f"{setting('JENKINS_USER')}:{setting('JENKINS_TOKEN')}".encode()

    def start(inputs: dict[str, str]) -> None:
        parameters = urllib.parse.urlencode({name.upper(): value for name, value in inputs.items()})
        headers = {
            "Authorization": "Basic " + base64.b64encode(credentials).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        post(url, parameters.encode(), headers)

    return start


class Relay:
    """Starts one training for each delivery, however often it comes."""

    def __init__(self, secret: bytes, start):
        self.secret = secret
        self.start = start
        self.seen: collections.OrderedDict[str, None] = collections.OrderedDict()
        self.lock = threading.Lock()

    def receive(self, headers, body: bytes) -> str:
        message = verified(self.secret, headers, body, time.time())
        if (message["entity"], message["action"]) != EVENT:
            return "nothing to do"
        delivery = headers["X-MLflow-Delivery-Id"]
        # One at a time: the same message may arrive a second time while the first is being worked on.
        with self.lock:
            if delivery in self.seen:
                return "seen before"
            data = message["data"]
            inputs = {name: str(data.get(name) or "") for name in ("name", "version", "deployment", "reason")}
            self.start({"model": inputs.pop("name"), **inputs, "delivery": delivery})
            # Only now: what has failed must be able to come again.
            self.seen[delivery] = None
            if len(self.seen) > IDS_REMEMBERED:
                self.seen.popitem(last=False)
        return "started"


def handler(relay: Relay):
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self):
            try:
                length = int(self.headers.get("Content-Length", 0))
                if not 0 < length <= BODY_BYTES_MAX:
                    raise Refusal(413, "the message is empty or too long")
                status, text = 200, relay.receive(self.headers, self.rfile.read(length))
            except Refusal as refusal:
                status, text = refusal.status, str(refusal)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())
            self.log_message("%s: %s", self.headers.get("X-MLflow-Delivery-Id", "-"), text)

    return Handler


def main() -> None:
    systems = {"github": github, "jenkins": jenkins}
    if len(sys.argv) != 2 or sys.argv[1] not in systems:
        sys.exit(__doc__)
    relay = Relay(setting("MARTLET_WEBHOOK_SECRET").encode(), systems[sys.argv[1]]())
    address = (setting("RELAY_HOST", "127.0.0.1"), int(setting("RELAY_PORT", "8931")))
    server = http.server.ThreadingHTTPServer(address, handler(relay))
    print(f"listening on {address[0]}:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
