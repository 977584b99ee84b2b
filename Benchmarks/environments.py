"""The other servers' programs: from the environment, or installed from PyPI below .venv/bench."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import Unmeasurable

REPOSITORY = Path(__file__).resolve().parents[1]
ENVIRONMENTS = REPOSITORY / ".venv" / "bench"


@dataclass(frozen=True)
class Package:
    """A package on PyPI with a program in it."""

    name: str
    program: str
    # Set to a path, it is used instead of an installation.
    variable: str
    pip_options: tuple[str, ...] = ()
    # What else it needs for what is measured.
    others: tuple[str, ...] = ()

    def ensure(self) -> Path:
        """The program, of the newest version that PyPI has; without network the one that is there."""
        if given := os.environ.get(self.variable):
            return Path(given).resolve()
        environment = ENVIRONMENTS / self.name
        program = environment / "bin" / self.program
        if not (environment / "bin" / "pip").exists():
            _run([sys.executable, "-m", "venv", "--clear", str(environment)])
        pip = [
            str(environment / "bin" / "pip"),
            "install",
            "--quiet",
            "--upgrade",
            *self.pip_options,
            self.name,
            *self.others,
        ]
        try:
            print(f"installing the newest {self.name} in {environment.relative_to(REPOSITORY)}", flush=True)
            _run(pip)
        except Unmeasurable as reason:
            if not program.exists():
                raise
            print(f"keeping the {self.name} that is installed: {reason}", flush=True)
        return program


MLFLOW = Package("mlflow", "mlflow", "BENCH_MLFLOW", others=("psycopg[binary]",))
# Its program needs no Python; what it would pull in, the MLflow client, is not run here.
FASTTRACKML = Package("fasttrackml", "fml", "BENCH_FML", ("--no-deps",))


def martlet_program() -> Path:
    program = Path(os.environ.get("MARTLET_BINARY", REPOSITORY / ".build" / "release" / "martlet")).resolve()
    if not program.exists():
        raise Unmeasurable(f"{program} does not exist: `make build`, or set MARTLET_BINARY")
    return program


def version_of(program: Path) -> str:
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        raise Unmeasurable(f"{program} --version does not end") from None
    found = re.search(r"\d+\.\d+\S*", done.stdout + done.stderr)
    return found.group() if found else "unknown"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Unmeasurable(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
