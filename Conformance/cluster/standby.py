"""Two PostgreSQL servers, of which one replicates the other and can take over."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support import free_port, wait_until


class Pair:
    """A primary and its synchronous standby: what is acknowledged is on both."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="martlet-standby-", dir="/tmp"))
        # The servers refuse to run as root.
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.ports = free_port(), free_port()
        self.folders = self.folder / "primary", self.folder / "standby"
        options = ["--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", "--username=martlet"]
        self.run("initdb", "-D", self.folders[0], *options, "--no-sync")
        self.start(0)
        copy = ["-h", "127.0.0.1", "-p", self.ports[0], "-U", "martlet", "-R", "-C", "-S", "standby"]
        self.run("pg_basebackup", "-D", self.folders[1], *copy)
        primary = f"host=127.0.0.1 port={self.ports[0]} user=martlet application_name=standby"
        self.configure(1, primary_conninfo=primary)
        self.start(1)
        self.configure(0, synchronous_standby_names="standby")
        self.run("pg_ctl", "-D", self.folders[0], "reload")
        wait_until(self.is_synchronous, 30, "the standby to be in step")

    @property
    def connection_string(self) -> str:
        first, second = self.ports
        hosts = f"127.0.0.1:{first},127.0.0.1:{second}"
        return f"postgresql://martlet@{hosts}/postgres?target_session_attrs=read-write"

    def run(self, program, *arguments) -> None:
        command = [str(self.programs / program), *map(str, arguments)]
        with (self.folder / "log").open("ab") as log:
            subprocess.run(command, check=True, user=self.user, cwd=self.folder, stdout=log, stderr=log)

    def configure(self, index: int, **settings: str) -> None:
        with (self.folders[index] / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def start(self, index: int) -> None:
        place = f"-p {self.ports[index]} -k {self.folder} -c listen_addresses=127.0.0.1"
        log = self.folder / f"log-{index}"
        options = ["-w", "-l", log, "-o", f"{place} -c max_connections=200"]
        self.run("pg_ctl", "-D", self.folders[index], *options, "start")

    def is_synchronous(self) -> bool:
        place = ["-h", "127.0.0.1", "-p", str(self.ports[0]), "-U", "martlet", "-d", "postgres"]
        command = ["psql", "-qtA", *place, "-c", "SELECT sync_state FROM pg_stat_replication"]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        return answer.stdout.strip() == "sync"

    def end_primary(self) -> None:
        """As a crash would."""
        os.kill(int((self.folders[0] / "postmaster.pid").read_text().splitlines()[0]), 9)

    def promote_standby(self) -> None:
        self.run("pg_ctl", "-D", self.folders[1], "-w", "promote")

    def stop(self) -> None:
        for folder in self.folders:
            if (folder / "postmaster.pid").exists():
                subprocess.run(
                    [str(self.programs / "pg_ctl"), "-D", str(folder), "-m", "immediate", "stop"],
                    user=self.user, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
        shutil.rmtree(self.folder, ignore_errors=True)
