"""What an answer is worth after a power cut: what each server asks of its disk, counted."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from client import NotServed
from scenarios.artifacts import artifact_folder
from servers import Product, Server
from trial import Trial
from workload import STARTED_MS, wake

REQUESTS = 50
# Of a file's header in SQLite's format: how its pages are written.
JOURNAL_BYTE = 18
# Makes one request, of the given number.
Write = Callable[[int], None]
JOURNALS = {1: "rollback journal", 2: "WAL"}
CALLS = ("fsync", "fdatasync", "sync_file_range", "syncfs")


@dataclass(frozen=True)
class Durability:
    """Syncs are counted over single requests from one connection; None where it was not possible."""

    product: Product
    journal: str
    syncs_per_metric: float | None = None
    syncs_per_artifact: float | None = None


def observe(trial: Trial, product: Product) -> Durability:
    traced = shutil.which("strace") is not None
    trace = trial.folder / f"{product.name}.strace"
    options = ("-f", "-y", "-qq", "--seccomp-bpf", "-e", f"trace={','.join(CALLS)}", "-o", str(trace))
    with trial.running(product, ("strace", *options) if traced else ()) as server:
        wake(server)
        per_metric = per_artifact = None
        if traced:
            per_metric = syncs_of(server, trace, metric_writer(server))
            with suppress(NotServed):
                per_artifact = syncs_of(server, trace, artifact_writer(server))
        return Durability(product, journal_of(server.database), per_metric, per_artifact)


def metric_writer(server: Server) -> Write:
    run = server.client.new_run("0")

    def write(step: int) -> None:
        point = {"run_id": run, "key": "loss", "value": 0.5, "timestamp": STARTED_MS + step, "step": step}
        server.client.post("runs/log-metric", point)

    return write


def artifact_writer(server: Server) -> Write:
    folder = artifact_folder(server)

    def write(number: int) -> None:
        server.client.put_artifact(f"{folder}/{number}.bin", f"content {number}".encode())

    return write


def syncs_of(server: Server, trace: Path, write: Write) -> float:
    write(0)
    before = count_syncs(server, trace)
    for number in range(1, REQUESTS + 1):
        write(number)
    return (count_syncs(server, trace) - before) / REQUESTS


def count_syncs(server: Server, trace: Path) -> int:
    # Whatever still goes on after the last answer.
    time.sleep(0.5)
    # Files elsewhere, such as mlflow's job queues in /dev/shm, hold nothing of what was logged.
    of_its_data = re.compile(rf"\b(?:{'|'.join(CALLS)})\(\d+<{re.escape(str(server.folder))}")
    return len(of_its_data.findall(trace.read_text(errors="replace")))


def journal_of(database: Path) -> str:
    with database.open("rb") as file:
        header = file.read(JOURNAL_BYTE + 1)
    return JOURNALS.get(header[JOURNAL_BYTE], "unknown")
