"""Artifacts, small and large."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import parts
from client import ARTIFACTS
from figures import Figure, best
from load import Load
from processes import Unmeasurable
from servers import Product, Server
from trial import Trial
from workload import new_experiment

SMALL = ("put-small",)
LARGE = ("upload", "download")
LIMITS = ("upload-beside-sha256", "download-beside-nginx", "sha256", "nginx-download")

SMALL_BYTES = 4096
MEGABYTE = 1_000_000
# curl would otherwise wait for a server's leave to send the body.
NO_EXPECT = ("-H", "Expect:")


def measure_small(trial: Trial, server: Server) -> None:
    folder = artifact_folder(server)
    server.client.put_artifact(f"{folder}/first.bin", b"x")
    load = Load.numbered("put_numbered", f"{ARTIFACTS}{folder}/small", str(SMALL_BYTES))
    trial.load("put-small", server, load)


def measure_large(trial: Trial, server: Server) -> None:
    folder = artifact_folder(server)
    server.client.put_artifact(f"{folder}/first.bin", b"x")
    body = LargeFile(trial)
    rounds = range(trial.settings.artifact_rounds)
    trial.record("upload", server.name, best([body.upload(server, folder) for _ in rounds]))
    trial.record(
        "download", server.name, best([body.download(server.port, body.path_of(folder)) for _ in rounds])
    )
    body.delete()


def measure_limits(trial: Trial, martlet: Product) -> None:
    """Uploads beside openssl's SHA-256 and downloads beside nginx, in turn, the best of each."""
    body = LargeFile(trial)
    rounds = range(trial.settings.artifact_rounds)
    with trial.running(martlet) as server, parts.nginx(body.path, trial.new_folder("nginx")) as nginx_port:
        folder = artifact_folder(server)
        uploads = [(parts.sha256_speed(), body.upload(server, folder)) for _ in rounds]
        downloads = [
            (
                body.download(nginx_port, f"/{body.path.name}"),
                body.download(server.port, body.path_of(folder)),
            )
            for _ in rounds
        ]
    trial.record("sha256", "openssl", best([pair[0] for pair in uploads]))
    trial.record("upload-beside-sha256", "martlet", best([pair[1] for pair in uploads]))
    trial.record("nginx-download", "nginx", best([pair[0] for pair in downloads]))
    trial.record("download-beside-nginx", "martlet", best([pair[1] for pair in downloads]))
    body.delete()


def artifact_folder(server: Server) -> str:
    experiment = new_experiment(server)
    return f"{experiment}/{server.client.new_run(experiment)}/artifacts"


class LargeFile:
    """A file of random bytes that is another one each time it is uploaded."""

    def __init__(self, trial: Trial):
        self.bytes = trial.settings.artifact_megabytes << 20
        folder = trial.new_folder("file")
        folder.mkdir()
        self.path = folder / "large.bin"
        with self.path.open("wb") as file:
            for _ in range(trial.settings.artifact_megabytes):
                file.write(os.urandom(1 << 20))

    def path_of(self, folder: str) -> str:
        return f"{ARTIFACTS}{folder}/{self.path.name}"

    def upload(self, server: Server, folder: str) -> Figure:
        # A store that knows the bytes already would have less to do.
        with self.path.open("r+b") as file:
            file.write(os.urandom(16))
        url = f"http://127.0.0.1:{server.port}{self.path_of(folder)}"
        return transfer(self.bytes, *NO_EXPECT, "-T", str(self.path), url)

    def download(self, port: int, path: str) -> Figure:
        return transfer(self.bytes, f"http://127.0.0.1:{port}{path}")

    def delete(self) -> None:
        shutil.rmtree(self.path.parent)


def transfer(size: int, *arguments: str, body_from: subprocess.Popen | None = None) -> Figure:
    """What curl says of one transfer; it fails unless all of the bytes went through."""
    said = "%{http_code} %{time_total} %{size_upload} %{size_download}"
    command = ["curl", "-sS", "-o", "/dev/null", "-w", said, *arguments]
    source = body_from.stdout if body_from else subprocess.DEVNULL
    done = subprocess.run(command, stdin=source, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unmeasurable(f"curl: {done.stderr.strip()}")
    status, seconds, sent, received = done.stdout.split()
    if not 200 <= int(status) < 300 or max(int(sent), int(received)) < size:
        raise Unmeasurable(
            f"{Path(arguments[-1]).name}: HTTP {status} after {sent} sent, {received} received"
        )
    return Figure(size / MEGABYTE / float(seconds), "MB/s", count=1)
