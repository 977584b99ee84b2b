"""A real S3 server for the servers under test, when MARTLET_TEST_BLOBS=s3 asks for one."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def is_wanted() -> bool:
    kind = os.environ.get("MARTLET_TEST_BLOBS", "local")
    if kind not in ("local", "s3"):
        raise ValueError(f"MARTLET_TEST_BLOBS is local or s3, not '{kind}'")
    return kind == "s3"


@functools.cache
def shared() -> dict:
    """The facts of a server that ends with this process."""
    install = [REPOSITORY / "Scripts/venv.sh", "s3"]
    python = subprocess.run(install, check=True, capture_output=True, text=True).stdout.strip()
    command = [python, REPOSITORY / "Scripts/s3_server.py", "seaweedfs"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    # Kept, so that its input stays open.
    shared.process = process
    return json.loads(process.stdout.readline())


def order(command: str) -> None:
    """Has the server end as in a crash (`kill`), or begin again (`start`)."""
    shared()
    shared.process.stdin.write(f"{command}\n")
    shared.process.stdin.flush()
    answer = shared.process.stdout.readline().strip()
    assert answer == "done", answer


def _prefix(data: Path) -> str:
    """The place that belongs to a data folder."""
    return hashlib.sha256(str(data).encode()).hexdigest()[:16]


def environment(data: Path) -> dict[str, str]:
    """What makes a server keep its bytes there."""
    facts = shared()
    return {
        "AWS_ACCESS_KEY_ID": facts["accessKey"],
        "AWS_SECRET_ACCESS_KEY": facts["secretKey"],
        "MARTLET_BLOBS": f"s3://{facts['bucket']}/{_prefix(data)}",
        "MARTLET_S3_ENDPOINT": facts["endpoint"],
    }


class StoredObject:
    """An object as the S3 server's own interface for files shows it; behaves like a path."""

    def __init__(self, data: Path, key: str):
        self.url = f"{shared()['files']}{_prefix(data)}/{key}"

    def exists(self) -> bool:
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, method="HEAD"), timeout=10):
                return True
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return False

    def write_bytes(self, content: bytes) -> None:
        urllib.request.urlopen(urllib.request.Request(self.url, content, method="PUT"), timeout=10).close()
