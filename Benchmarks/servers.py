"""The servers that are compared, and one of them while it runs."""

from __future__ import annotations

import http.client
import time
from dataclasses import dataclass, field
from pathlib import Path

import environments
from client import Client
from processes import Process, Unmeasurable, free_port

READY_SECONDS_MAX = 180


@dataclass(frozen=True)
class Product:
    """A program that speaks MLflow's REST API. In `arguments`, {folder} and {port} are filled in."""

    name: str
    title: str
    program: Path
    arguments: str
    database: str
    # What its code asks of SQLite; report.py adds what was counted.
    settings: str

    def command(self, folder: Path, port: int) -> list[str]:
        filled = (word.format(folder=folder, port=port) for word in self.arguments.split())
        return [str(self.program), *filled]


def martlet() -> Product:
    return Product(
        "martlet",
        "Martlet",
        environments.martlet_program(),
        "serve --data {folder}/data --host 127.0.0.1 --port {port}",
        "data/martlet.sqlite",
        "sets WAL and synchronous=FULL; many requests share a commit, and each is answered after it",
    )


def mlflow() -> Product:
    return Product(
        "mlflow",
        "mlflow server",
        environments.MLFLOW.ensure(),
        "server --host 127.0.0.1 --port {port} --backend-store-uri sqlite:///{folder}/mlflow.db "
        "--artifacts-destination {folder}/artifacts",
        "mlflow.db",
        "sets neither: SQLite's defaults, a rollback journal and synchronous=FULL; artifacts are not synced",
    )


def fasttrackml() -> Product:
    return Product(
        "fasttrackml",
        "FastTrackML",
        environments.FASTTRACKML.ensure(),
        "server --listen-address 127.0.0.1:{port} --database-uri sqlite://{folder}/fml.db "
        "--default-artifact-root {folder}/art",
        "fml.db",
        "sets WAL; its driver (go-sqlite3) sets synchronous=NORMAL, so a power cut may lose commits",
    )


PRODUCTS = {"martlet": martlet, "mlflow": mlflow, "fasttrackml": fasttrackml}


@dataclass
class Server:
    """A product that serves a folder, which is made where there is none; a context manager."""

    product: Product
    folder: Path
    prefix: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    ready_seconds: float = 0.0

    def __enter__(self) -> Server:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = Process([*self.prefix, *self.product.command(self.folder, self.port)], self.folder)
        try:
            self._wait_until_ready()
        except BaseException:
            self.process.stop()
            raise
        self.client = Client(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.process.stop()

    @property
    def name(self) -> str:
        return self.product.name

    @property
    def database(self) -> Path:
        return self.folder / self.product.database

    def _wait_until_ready(self) -> None:
        while time.monotonic() < self.process.started_at + READY_SECONDS_MAX:
            self.process.check_alive()
            if self._is_healthy():
                self.ready_seconds = time.monotonic() - self.process.started_at
                return
            time.sleep(0.002)
        raise Unmeasurable(f"{self.name} was not ready in {READY_SECONDS_MAX} s:\n{self.process.log_tail()}")

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
