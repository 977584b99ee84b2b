"""Programs that run while something is measured: starting, stopping, their memory."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path


class Unmeasurable(Exception):
    """Something could not be measured; the message says why."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program in a session of its own, so that its children can be counted and ended with it."""

    def __init__(self, command: list[str], folder: Path):
        self.log_path = folder / "output.log"
        self.started_at = time.monotonic()
        with self.log_path.open("ab") as log:
            self._popen = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, start_new_session=True
            )
        self.pid = self._popen.pid

    def wait_until_accepts(self, port: int, timeout: float) -> None:
        """Waits for somebody to listen; for a server's own word ask its /health."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.002)
        raise Unmeasurable(f"nothing listened on port {port} within {timeout:.0f} s:\n{self.log_tail()}")

    def check_alive(self) -> None:
        if self._popen.poll() is not None:
            raise Unmeasurable(f"ended with {self._popen.returncode}:\n{self.log_tail()}")

    def stop(self) -> None:
        """SIGTERM to all of them, SIGKILL to who is left after ten seconds."""
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(10)
        self._signal(signal.SIGKILL)
        self._popen.wait()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def resident_bytes(self) -> int:
        """Of the whole session; memory that its processes share is counted for each."""
        return sum(_status_kilobytes(pid, "VmRSS") for pid in _session_members(self.pid)) * 1024

    def peak_resident_bytes(self) -> int:
        """The kernel's own record, of the process alone: nothing can fall between two samples of it."""
        return _status_kilobytes(self.pid, "VmHWM") * 1024

    def read_bytes(self) -> int:
        """What its calls have read so far, from files or from the cache of the kernel, sockets included."""
        return int(re.search(r"^rchar: (\d+)", Path(f"/proc/{self.pid}/io").read_text(), re.M).group(1))

    def log_tail(self, lines: int = 20) -> str:
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])


def _session_members(session: int) -> list[int]:
    members = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            # After the name in parentheses, which may hold anything: state, parent, group, session.
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == session:
            members.append(int(entry.name))
    return members


def _status_kilobytes(pid: int, field: str) -> int:
    try:
        found = re.search(rf"^{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    except OSError:
        return 0  # it has just ended
    return int(found.group(1)) if found else 0
