"""Small disks, as a pytest plugin, for servers that run out of space."""

from __future__ import annotations

import contextlib
import subprocess

import pytest


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of its own, of 48 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small disk here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(path):
    """Writes zeros until the disk is full."""
    block = bytes(1 << 20)
    with path.open("wb", buffering=0) as file:
        for size in (len(block), 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(block[:size]) == size:
                    pass
