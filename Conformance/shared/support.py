"""What the tests share: a server process, raw HTTP to it, and waiting that polls."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import itertools
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import uuid
from dataclasses import dataclass
from pathlib import Path

import object_store
import postgres

REPOSITORY = Path(__file__).resolve().parents[2]
API = "/api/2.0/mlflow/"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"

_numbers = itertools.count(1)
_session = uuid.uuid4().hex[:6]


def unique(prefix: str) -> str:
    """A name nobody has used on this server."""
    return f"{prefix}-{_session}-{next(_numbers)}"


def wait_until(condition, timeout: float = 10.0, what: str = "the condition"):
    """Polls until `condition()` is truthy and returns it; fails the test after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}")
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def martlet_binary() -> Path:
    """MARTLET_BINARY, or the newer of the two builds in the repository."""
    if given := os.environ.get("MARTLET_BINARY"):
        return Path(given).resolve()
    builds = [REPOSITORY / ".build" / kind / "martlet" for kind in ("release", "debug")]
    present = [path for path in builds if path.exists()]
    if not present:
        raise FileNotFoundError("no martlet binary: build it, or set MARTLET_BINARY")
    return max(present, key=lambda path: path.stat().st_mtime)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error_code(self) -> str:
        return self.json["error_code"]

    @property
    def message(self) -> str:
        return self.json["message"]

    def expect(self, status: int = 200) -> Reply:
        assert self.status == status, f"expected {status}, got {self.status}: {self.body[:500]!r}"
        return self


class Server:
    """One server process on a free port of 127.0.0.1."""

    is_martlet = False

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.log_path = folder / "server.log"
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def start(self, timeout: float = 60.0) -> Server:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, env=self.environment(), start_new_session=True
            )
        wait_until(self.is_ready, timeout, f"{self.url}/health")
        return self

    def is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"server ended with {self.process.returncode}:\n{self.log_tail()}")
        try:
            return self.request("GET", "/health", timeout=2).status == 200
        except OSError:
            return False

    def terminate(self, timeout: float = 30.0) -> int:
        """SIGTERM, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def log_tail(self, lines: int = 40) -> str:
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def connection(self, timeout: float = 30.0) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def request(self, method, path, body=None, *, query=None, raw=None, headers=None, timeout=30.0) -> Reply:
        """One request on a connection of its own; a relative path is below /api/2.0/mlflow/."""
        target = path if path.startswith("/") else API + path
        if query:
            target += "?" + urllib.parse.urlencode(query, doseq=True)
        sent = dict(headers or {})
        data = raw
        if body is not None:
            data = json.dumps(body)
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection = self.connection(timeout)
        try:
            connection.request(method, target, data, sent)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path, /, **query) -> Reply:
        return self.request("GET", path, query=query)

    def post(self, path, body) -> Reply:
        return self.request("POST", path, body)

    def put_artifact(self, key: str, data: bytes, **headers) -> Reply:
        sent = {"Content-Type": "application/octet-stream", **headers}
        return self.request("PUT", ARTIFACTS + urllib.parse.quote(key), raw=data, headers=sent)

    def get_artifact(self, key: str, **headers) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", ARTIFACTS + urllib.parse.quote(key), headers=sent)

    def new_experiment(self) -> str:
        return self.post("experiments/create", {"name": unique("raw")}).expect().json["experiment_id"]

    def new_run(self, experiment_id: str = "0", **fields) -> str:
        reply = self.post("runs/create", {"experiment_id": experiment_id, **fields}).expect()
        return reply.json["run"]["info"]["run_id"]


class MartletServer(Server):
    is_martlet = True

    def __init__(self, folder: Path, *flags: str, data: Path | None = None, keeps_bytes_in_s3: bool | None = None):
        super().__init__(folder)
        self.keeps_bytes_in_s3 = object_store.is_wanted() if keeps_bytes_in_s3 is None else keeps_bytes_in_s3
        self.data = data or folder / "data"
        self.flags = flags

    def command(self) -> list[str]:
        place = ["--data", str(self.data), "--host", "127.0.0.1", "--port", str(self.port)]
        return [str(martlet_binary()), "serve", *place, *self.flags]

    def environment(self) -> dict[str, str]:
        inherited = super().environment()
        if postgres.is_chosen:
            inherited["MARTLET_DATABASE"] = postgres.connection_string(self.data)
            inherited["MARTLET_DATABASE_CONNECTIONS"] = "8"
        if self.keeps_bytes_in_s3:
            inherited |= object_store.environment(self.data)
        return inherited


class OracleServer(Server):
    """The real `mlflow server`; ORACLE_MLFLOW names the program to run."""

    def command(self) -> list[str]:
        beside_python = Path(sys.executable).with_name("mlflow")
        program = os.environ.get("ORACLE_MLFLOW", str(beside_python))
        return [
            program, "server",
            "--backend-store-uri", f"sqlite:///{self.folder}/oracle.sqlite",
            "--artifacts-destination", str(self.folder / "artifacts"),
            "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        inherited = super().environment()
        return {name: value for name, value in inherited.items() if not name.startswith("MLFLOW_")}

    def terminate(self, timeout: float = 30.0) -> int:
        """Ends the whole group, for its workers are processes of their own, and reports 0."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout)
        return 0


def stored(server: MartletServer, data: bytes) -> Path | object_store.StoredObject:
    """Where a server keeps these bytes, if it has them; they are few."""
    digest = hashlib.sha256(data).hexdigest()
    if server.keeps_bytes_in_s3:
        return object_store.StoredObject(server.data, f"blobs/{digest[:2]}/{digest}")
    return server.data / "blobs" / "plain" / digest[:2] / digest


def a_day_passes(server: MartletServer) -> None:
    """What was condemned was condemned a day earlier; the server must not run."""
    ask(server, "UPDATE blob SET condemned_ms = condemned_ms - 90000000")


def ask(server: MartletServer, statement: str) -> str:
    """Asks a server's database behind its back, for one value; to change something, the server must not run."""
    if postgres.is_chosen:
        return postgres.run(statement, postgres.database_of(server.data)).strip()
    with contextlib.closing(sqlite3.connect(server.data / "martlet.sqlite")) as database, database:
        row = database.execute(statement).fetchone()
        return str(row[0]) if row else ""
