"""A PostgreSQL server of this call alone, which syncs as it does by default."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from processes import Process, Unmeasurable, free_port

USER = "bench"
START_SECONDS_MAX = 60


class Postgres:
    """The newest one that Debian's packages have put here, on an address of its own; a context manager."""

    def __init__(self):
        # Who it runs as may not enter our own folder; this one is on a disk too.
        self.folder = Path(tempfile.mkdtemp(prefix="martlet-bench-", dir="/var/tmp"))
        self.port = free_port()
        self.programs = _programs()
        self._numbers = itertools.count(1)
        # It refuses to run as root.
        self._as = (
            ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        )

    def __enter__(self) -> Postgres:
        if self._as:
            shutil.chown(self.folder, "postgres")
        _run(*self._as, str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", USER, "-A", "trust",
             "-E", "UTF8", "--no-locale")  # fmt: skip
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "max_connections": 300}
        command = [
            *self._as,
            str(self.programs / "postgres"),
            "-D",
            str(self.folder / "data"),
            "-k",
            str(self.folder),
        ]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.process = Process(command, self.folder)
        try:
            self._wait_until_ready()
        except BaseException:
            self.process.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"bench{next(self._numbers)}"
        self.ask(f"CREATE DATABASE {name}")
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def analyze(self, database: str) -> None:
        """Counts the rows of a database, by which statements are planned."""
        self._ask(database, "ANALYZE")

    def ask(self, statement: str) -> str:
        return self._ask(f"postgresql://{USER}@127.0.0.1:{self.port}/postgres", statement)

    def _ask(self, database: str, statement: str) -> str:
        return _run(str(self.programs / "psql"), "-qtA", "-c", statement, database)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            self.process.check_alive()
            try:
                self.ask("SELECT 1")
                return
            except Unmeasurable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Unmeasurable("there is no PostgreSQL server: apt-get install postgresql")
    return found[-1].parent


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/")
    if done.returncode != 0:
        raise Unmeasurable(f"{Path(command[0]).name}: {done.stderr.strip()[-500:]}")
    return done.stdout.strip()
