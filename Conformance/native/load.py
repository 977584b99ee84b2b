"""Callers of a deployment who go on while others change it."""

from __future__ import annotations

import collections
import http.client
import threading


class Load:
    """Asks a deployment again and again, through any of some servers, and counts what it is answered."""

    def __init__(self, servers, deployment: str, callers: int = 4):
        self.servers = servers
        self.path = f"/serve/{deployment}/invocations"
        self.statuses = collections.Counter()
        self.lost = 0
        self.is_over = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(callers)
        ]

    def __enter__(self) -> Load:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.is_over.set()
        for thread in self.threads:
            thread.join(30)

    @property
    def count(self) -> int:
        return sum(self.statuses.values())

    def _run(self, number: int) -> None:
        turn = number
        while not self.is_over.is_set():
            turn += 1
            server = self.servers[turn % len(self.servers)]
            connection = server.connection(timeout=30)
            try:
                # A few on each connection.
                for _ in range(5):
                    connection.request("POST", self.path, b"{}", {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    self.statuses[answer.status] += 1
                    self.is_over.wait(0.005)
            except (OSError, http.client.HTTPException):
                self.lost += 1
            finally:
                connection.close()
