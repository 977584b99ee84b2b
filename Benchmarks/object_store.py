"""A real S3 server, and what boto3's TransferManager does with it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from environments import REPOSITORY
from figures import Figure
from processes import Unmeasurable

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class ObjectStore:
    python: str
    facts: dict

    @property
    def flags(self) -> str:
        """What makes `martlet serve` keep its bytes there."""
        return f" --blobs s3://{self.facts['bucket']}/bench --s3-endpoint {self.facts['endpoint']}"

    @property
    def credentials(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.facts["accessKey"],
            "AWS_SECRET_ACCESS_KEY": self.facts["secretKey"],
        }

    def upload(self, path: Path) -> Figure:
        """By the TransferManager as boto3 configures it, in a process that is warm; then deleted."""
        command = [self.python, REPOSITORY / "Benchmarks" / "transfer_manager.py", path]
        done = subprocess.run(command, input=json.dumps(self.facts), capture_output=True, text=True)
        if done.returncode != 0:
            raise Unmeasurable(f"boto3: {done.stderr.strip()[-500:]}")
        return Figure(path.stat().st_size / MEGABYTE / float(done.stdout), "MB/s", count=1)


@contextmanager
def seaweedfs() -> Iterator[ObjectStore]:
    """SeaweedFS as the tests run it; it ends with its input."""
    installed = subprocess.run([REPOSITORY / "Scripts/venv.sh", "s3"], capture_output=True, text=True)
    if installed.returncode != 0:
        raise Unmeasurable(f"venv.sh: {installed.stderr.strip()[-500:]}")
    python = installed.stdout.strip()
    command = [python, REPOSITORY / "Scripts/s3_server.py", "seaweedfs"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        if not line:
            raise Unmeasurable("the S3 server did not start")
        try:
            yield ObjectStore(python, json.loads(line))
        finally:
            process.stdin.close()
