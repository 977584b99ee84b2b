"""What an answer is worth after a power cut: what each server asks of its disk, counted."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from processes import Unmeasurable
from scenarios.artifacts import artifact_folder
from servers import Product, Server
from trial import Trial
from workload import STARTED_MS

REQUESTS = 50
# Of a file's header in SQLite's format: how its pages are written.
JOURNAL_BYTE = 18
JOURNALS = {1: "rollback journal", 2: "WAL"}
SYNC = re.compile(r"\b(?:fsync|fdatasync|msync|sync_file_range|syncfs)\(")
TRACED = "trace=fsync,fdatasync,msync,sync_file_range,syncfs"


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
    prefix = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", TRACED, "-o", str(trace)) if traced else ()
    with trial.running(product, prefix) as server:
        per_metric = per_artifact = None
        if traced:
            per_metric = syncs_of(trace, metric_writer(server))
            try:
                per_artifact = syncs_of(trace, artifact_writer(server))
            except Unmeasurable:
                pass  # it serves none
        return Durability(product, journal_of(server.database), per_metric, per_artifact)


def metric_writer(server: Server):
    run = server.client.new_run("0")

    def write(step: int) -> None:
        point = {"run_id": run, "key": "loss", "value": 0.5, "timestamp": STARTED_MS + step, "step": step}
        server.client.post("runs/log-metric", point)

    return write


def artifact_writer(server: Server):
    folder = artifact_folder(server)

    def write(number: int) -> None:
        server.client.put_artifact(f"{folder}/{number}.bin", f"content {number}".encode())

    return write


def syncs_of(trace: Path, write) -> float:
    write(0)
    before = count_syncs(trace)
    for number in range(1, REQUESTS + 1):
        write(number)
    return (count_syncs(trace) - before) / REQUESTS


def count_syncs(trace: Path) -> int:
    # Whatever still goes on after the last answer.
    time.sleep(0.5)
    return len(SYNC.findall(trace.read_text(errors="replace")))


def journal_of(database: Path) -> str:
    with database.open("rb") as file:
        header = file.read(JOURNAL_BYTE + 1)
    return JOURNALS.get(header[JOURNAL_BYTE], "unknown")
