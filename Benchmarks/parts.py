"""The parts that Martlet is made of or stands beside, measured bare: SQLite, SHA-256, nginx."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from figures import Figure
from processes import Process, Unmeasurable, free_port

SOURCE = Path(__file__).resolve().parent / "bare_sqlite.c"
HASHED_BYTES = 1 << 20


@dataclass(frozen=True)
class BareSQLite:
    """bare_sqlite.c, with the table as Martlet has made it in its own database."""

    program: Path
    ddl: str

    @classmethod
    def build(cls, folder: Path, martlet_database: Path) -> BareSQLite:
        with closing(sqlite3.connect(f"file:{martlet_database}?mode=ro", uri=True)) as database:
            (ddl,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'metric_point'").fetchone()
        return cls(compile_program(folder), ddl)

    def bulk_insert(self, rows: int) -> Figure:
        (rate,) = self._run("bulk", str(rows))
        return Figure(rate, "rows/s", count=rows)

    def commits(self, seconds: int) -> Figure:
        rate, p50_ms, p99_ms = self._run("commits", str(seconds))
        return Figure(rate, p50_ms=p50_ms, p99_ms=p99_ms, count=round(rate * seconds))

    def delete(self) -> None:
        shutil.rmtree(self.program.parent)

    def _run(self, what: str, amount: str) -> list[float]:
        database = self.program.parent / "bare.sqlite"
        try:
            return [
                float(word)
                for word in output(str(self.program), what, str(database), self.ddl, amount).split()
            ]
        finally:
            for path in self.program.parent.glob("bare.sqlite*"):
                path.unlink()


def compile_program(folder: Path, source: Path = SOURCE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / source.stem
    output("cc", "-O2", "-Wall", "-o", str(program), str(source), "-lsqlite3", "-lcrypto")
    return program


def sha256_speed() -> Figure:
    """What one core hashes, by openssl's own account."""
    text = output("openssl", "speed", "-seconds", "1", "-bytes", str(HASHED_BYTES), "-evp", "sha256")
    thousands = re.search(r"^sha256\s+([\d.]+)k", text, re.M | re.I)
    if thousands is None:
        raise Unmeasurable(f"openssl speed said: {text[-200:]}")
    return Figure(float(thousands.group(1)) / 1000, "MB/s", count=1)


@contextmanager
def nginx(file: Path, folder: Path) -> Iterator[int]:
    """nginx that serves the folder of `file` from its port, with sendfile."""
    folder.mkdir()
    port = free_port()
    temporary = "\n".join(
        f"    {module}_temp_path {folder}/{module};"
        for module in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, its workers would otherwise be somebody who may not read our folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(f"""
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
{temporary}
    server {{ listen 127.0.0.1:{port}; root {file.parent}; }}
}}
""")
    command = ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    process = Process(command, folder)
    try:
        process.wait_until_accepts(port, timeout=10)
        yield port
    finally:
        process.stop()
        shutil.rmtree(folder)


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unmeasurable(f"{command[0]}: {done.stderr.strip()[-500:]}")
    return done.stdout
