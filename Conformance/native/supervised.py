"""What tests of supervised backends share: what is run for a version, and what a server is asked about it."""

from __future__ import annotations

import http.client
import sys
import threading
from pathlib import Path

from support import unique

PROGRAM = Path(__file__).with_name("supervised_program.py")
COMMAND = f"{sys.executable} {PROGRAM} {{port}} {{model}} {{version}}"
FAST = ("--supervise", "--supervise-command", COMMAND, "--supervise-stop-seconds", "2")


def versions(registry, count=1, name="model"):
    """A model with versions that may serve."""
    model = registry.model(name=unique(name))
    for version in registry.versions(model, count):
        registry.move(model, version["number"], "staging")
    return model


def arm(model, version=1, **fields):
    return {"model": model, "version": str(version), **fields}


def ask(registry, deployment, path="/invocations", body=b"0", status=200):
    return registry.server.request("POST", f"/serve/{deployment}{path}", raw=body).expect(status).json


def backends(registry, **query):
    return {b["label"]: b for b in registry.get("/backends", **query)["backends"]}


def is_alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def processes_of(registry) -> list[int]:
    """All processes that a server's backends consist of."""
    mark = f"MARTLET_BACKEND={registry.server.data.resolve()}/supervised:".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


class Stream:
    """An answer that is read as it comes: numbers up to an end, ten a second."""

    def __init__(self, registry, deployment: str, end: int):
        self.numbers = []
        connection = registry.server.connection()
        connection.request("POST", f"/serve/{deployment}/count", str(end).encode())
        self.answer = connection.getresponse()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            for line in self.answer:
                if line.startswith(b"data: "):
                    self.numbers.append(int(line[6:]))
        except (http.client.HTTPException, OSError):
            # How far it came shows in the numbers.
            return

    def join(self) -> list[int]:
        self.thread.join(30)
        assert not self.thread.is_alive()
        return self.numbers
