"""A plain client of the REST APIs, MLflow's and our own, for what surrounds a measurement."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse

from processes import Unmeasurable

API = "/api/2.0/mlflow/"
NATIVE = "/api/martlet/v1/"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"
IDLE_SECONDS_MAX = 1.0


class NotServed(Unmeasurable):
    """The server does not have this route."""


class Client:
    """One connection that is kept while it is used; not for several threads at once."""

    def __init__(self, port: int):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._used_at = 0.0

    def post(self, route: str, body: dict) -> dict:
        return self._json("POST", API + route, json.dumps(body).encode(), "application/json")

    def get(self, route: str, **query: str) -> dict:
        return self._json("GET", f"{API}{route}?{urllib.parse.urlencode(query)}", None, None)

    def native(self, method: str, route: str, body: dict | None = None, actor: str | None = None) -> dict:
        """Martlet's own API, on behalf of somebody."""
        content = None if body is None else json.dumps(body).encode()
        kind = None if body is None else "application/json"
        return self._json(method, NATIVE + route, content, kind, {"Martlet-Actor": actor} if actor else {})

    def native_text(self, route: str) -> str:
        return self._send("GET", NATIVE + route, None, None).decode()

    def put_artifact(self, key: str, content: bytes) -> None:
        self._send("PUT", ARTIFACTS + key, content, "application/octet-stream")

    def new_experiment(self, name: str) -> str:
        return self.post("experiments/create", {"name": name})["experiment_id"]

    def new_run(self, experiment: str, started_ms: int = 1_700_000_000_000) -> str:
        reply = self.post("runs/create", {"experiment_id": experiment, "start_time": started_ms})
        return reply["run"]["info"]["run_id"]

    def close(self) -> None:
        self._connection.close()

    def _json(
        self, method: str, path: str, body: bytes | None, kind: str | None, headers: dict | None = None
    ) -> dict:
        return json.loads(self._send(method, path, body, kind, headers) or b"{}")

    def _send(
        self, method: str, path: str, body: bytes | None, kind: str | None, headers: dict | None = None
    ) -> bytes:
        headers = {**(headers or {}), **({"Content-Type": kind} if kind else {})}
        status, content = self._exchange(method, path, body, headers)
        if status < 300:
            return content
        message = f"{method} {path.partition('?')[0]}: {status} {content[:200].decode(errors='replace')}"
        # FastTrackML says so with a status of 500.
        if status in (404, 405, 501) or b"ENDPOINT_NOT_FOUND" in content:
            raise NotServed(message)
        raise Unmeasurable(message)

    def _exchange(self, method: str, path: str, body: bytes | None, headers: dict) -> tuple[int, bytes]:
        # Servers close what was idle for a while, and a request must not be sent twice.
        if time.monotonic() - self._used_at > IDLE_SECONDS_MAX:
            self._connection.close()
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except BaseException:
            self._connection.close()
            raise
        self._used_at = time.monotonic()
        return answer.status, content
