"""Servers that share everything, and clients that do not care which of them they ask."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import random
import threading
import time
from pathlib import Path

import object_store
from support import API, ARTIFACTS, MartletServer, Reply



class Member(MartletServer):
    """One of several servers over one database and one bucket."""

    def __init__(self, folder: Path, database: str, key: Path, *flags: str):
        super().__init__(folder, "--ledger-key", str(key), *flags, keeps_bytes_in_s3=False)
        self.database = database
        self.shared = key.parent

    def environment(self) -> dict[str, str]:
        place = {"MARTLET_DATABASE": self.database, "MARTLET_DATABASE_CONNECTIONS": "8"}
        return super().environment() | place | object_store.environment(self.shared)


class Client(threading.Thread):
    """Does one thing again and again, through any of the servers, and keeps what was acknowledged."""

    def __init__(self, members: list[Member], seed: int):
        super().__init__(daemon=True)
        self.members = members
        self.random = random.Random(seed)
        self.acknowledged: list = []
        self.wrong: list = []
        self.unavailable = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            try:
                self.step()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test must hear of it
                self.wrong.append(repr(error))
                return

    def step(self) -> None:
        raise NotImplementedError

    def ask(self, method: str, path: str, body=None, member=None, **options) -> Reply | None:
        """The reply of any server; `None` when nobody knows, or the server says, that it did not work."""
        member = member or self.random.choice(self.members)
        try:
            reply = member.request(method, path, body, timeout=60, **options)
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            return None
        if reply.status == 503:
            self.unavailable += 1
            time.sleep(0.05)
            return None
        return reply

    def insist(self, method: str, path: str, body=None, **options) -> Reply:
        """The reply of a server that can answer; for what does no harm when it is done twice."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if reply := self.ask(method, path, body, **options):
                return reply
        raise AssertionError(f"{method} {path}: no server answers")


class Logger(Client):
    """Logs points to a run of its own; each is there for all servers as soon as it is acknowledged."""

    run_id = None

    def step(self) -> None:
        if self.run_id is None:
            reply = self.ask("POST", "runs/create", {"experiment_id": "0"})
            if reply:
                self.run_id = reply.expect().json["run"]["info"]["run_id"]
            return
        step = self.random.randrange(1 << 40)
        metrics = [{"key": "loss", "value": step, "timestamp": 1, "step": step}]
        body = {"run_id": self.run_id, "metrics": metrics, "tags": [{"key": "last", "value": str(step)}]}
        reply = self.ask("POST", "runs/log-batch", body)
        if reply and reply.expect():
            self.acknowledged.append(step)
            run = self.insist("GET", f"{API}runs/get?run_id={self.run_id}").expect().json["run"]
            (tag,) = [tag for tag in run["data"]["tags"] if tag["key"] == "last"]
            assert tag["value"] == str(step), "another server does not see what was acknowledged"

    def check(self, member: Member) -> None:
        points = member.get("metrics/get-history", run_id=self.run_id, metric_key="loss").expect().json
        steps = [point["step"] for point in points.get("metrics", [])]
        assert len(set(steps)) == len(steps), "a point was logged twice"
        assert set(self.acknowledged) <= set(steps), "what was acknowledged is missing"


class Registrar(Client):
    """Registers versions of a model that all registrars share; acknowledged is what it was told of each."""

    model = "shared"

    def step(self) -> None:
        source = f"s3://elsewhere/{self.random.randrange(1 << 60):x}"
        reply = self.ask("POST", "model-versions/create", {"name": self.model, "source": source})
        if reply:
            number = int(reply.expect().json["model_version"]["version"])
            self.acknowledged.append((number, source))
            # An alias moves to whatever version was registered last by somebody.
            body = {"name": self.model, "alias": "newest", "version": str(number)}
            if alias := self.ask("POST", "registered-models/alias", body):
                alias.expect()


class Racer(Client):
    """Moves one version to another stage, unless somebody was faster; acknowledged is what it has won."""

    path = f"/api/martlet/v1/models/{Registrar.model}/versions/1"

    def step(self) -> None:
        version = self.insist("GET", self.path).expect().json
        revision = version["revision"]
        # Moving it to where it is would succeed and change nothing.
        stage = self.random.choice(sorted({"staging", "archived", "candidate"} - {version["stage"]}))
        headers = {"If-Match": f'"{revision}"', "Martlet-Actor": self.name}
        reply = self.ask("POST", f"{self.path}/transitions", {"to": stage}, headers=headers)
        if reply and reply.status == 200:
            self.acknowledged.append(revision)
        elif reply:
            assert reply.status in (409, 412), reply.body


class Uploader(Client):
    """Uploads bytes that others upload and delete as well; acknowledged are the names that it left there."""

    CONTENTS = [b"few bytes" * size for size in (1, 100, 50_000)]

    def __init__(self, members, seed):
        super().__init__(members, seed)
        self.prefix = f"{ARTIFACTS}0/uploads/{seed}"
        self.count = 0

    def step(self) -> None:
        self.count += 1
        content = self.random.choice(self.CONTENTS)
        path = f"{self.prefix}/{self.count}"
        headers = {"Content-Type": "application/octet-stream"}
        reply = self.ask("PUT", path, raw=content, headers=headers)
        if not reply:
            return
        reply.expect()
        assert self.insist("GET", path).expect().body == content
        if self.count % 2:
            self.acknowledged.append((path, hashlib.sha256(content).hexdigest()))
        elif reply := self.ask("DELETE", path):
            reply.expect()

    def check(self, member: Member) -> None:
        for path, digest in self.acknowledged:
            content = member.request("GET", path).expect().body
            assert hashlib.sha256(content).hexdigest() == digest


@contextlib.contextmanager
def at_work(clients: list[Client]):
    """Has clients work until the end of the block, and hears what they found wrong."""
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.is_over.set()
        for client in clients:
            client.join(120)
    assert not any(client.is_alive() for client in clients), "a client never got an answer"
    assert [client.wrong for client in clients if client.wrong] == []


def wait_for_progress(clients: list[Client], timeout: float = 60) -> None:
    """Until each client has been told of something more."""
    before = [len(client.acknowledged) for client in clients]
    deadline = time.monotonic() + timeout
    while not all(len(c.acknowledged) > old + 1 for c, old in zip(clients, before, strict=True)):
        assert not any(client.wrong for client in clients), [client.wrong for client in clients]
        assert time.monotonic() < deadline, "a client gets nothing done"
        time.sleep(0.05)
