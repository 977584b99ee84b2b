"""What Martlet costs when nothing, or one very large thing, is asked of it."""

from __future__ import annotations

import shutil
import subprocess
import time

from client import ARTIFACTS
from figures import Figure
from processes import Unmeasurable
from scenarios.artifacts import MEGABYTE, NO_EXPECT, artifact_folder, transfer
from servers import Product, Server
from trial import Trial

IDLE = ("ready", "idle-memory")
AFTER_LOAD = ("memory-after-load",)
START = ("start",)
BIG_UPLOAD = ("big-upload-memory", "big-upload")

IDLE_SECONDS = 2
# Cheap for the processor, and nothing that a disk could compress.
RANDOM_BYTES = "openssl enc -aes-128-ctr -nosalt -pass pass:bench -bufsize 1048576 -in /dev/zero 2>/dev/null"


def measure_idle(trial: Trial, server: Server) -> None:
    """It comes first: nobody has asked anything but /health yet."""
    trial.record("ready", server.name, Figure(server.ready_seconds, "s", count=1))
    time.sleep(IDLE_SECONDS)
    trial.record("idle-memory", server.name, resident(server))


def measure_after_load(trial: Trial, server: Server) -> None:
    trial.record("memory-after-load", server.name, resident(server))


def resident(server: Server) -> Figure:
    return Figure(server.process.resident_bytes() / MEGABYTE, "MB", count=1)


def measure_start(trial: Trial, martlet: Product) -> None:
    for _ in range(trial.settings.starts):
        with trial.running(martlet) as server:
            trial.record("start", "martlet", Figure(server.ready_seconds, "s", count=1))


def measure_big_upload(trial: Trial, martlet: Product) -> None:
    size = int(trial.settings.big_gigabytes * 1_000_000_000)
    if size == 0:
        return
    free = shutil.disk_usage(trial.folder).free
    if free < size * 1.2:
        raise Unmeasurable(f"{free / 1e9:.0f} GB free in {trial.folder} are too few for {size / 1e9:.0f} GB")
    with trial.running(martlet) as server:
        path = f"{ARTIFACTS}{artifact_folder(server)}/big.bin"
        speed = upload_random(server, path, size)
        peak = server.process.peak_resident_bytes()
    trial.record("big-upload-memory", "martlet", Figure(peak / MEGABYTE, "MB", count=1))
    trial.record("big-upload", "martlet", speed)


def upload_random(server: Server, path: str, size: int) -> Figure:
    """Bytes that are made while they are sent, with their length said first, as the MLflow client does."""
    command = f"{RANDOM_BYTES} | head -c {size}"
    length = ("-H", "Transfer-Encoding:", "-H", f"Content-Length: {size}")
    url = f"http://127.0.0.1:{server.port}{path}"
    with subprocess.Popen(command, shell=True, stdout=subprocess.PIPE) as source:
        return transfer(size, *NO_EXPECT, *length, "-T", "-", url, body_from=source)
