"""The `martlet` program as somebody at a terminal uses it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from support import Server, martlet_binary


@dataclass
class CommandLine:
    """Commands of one person against one server, or on one data folder, with a home of their own."""

    home: Path
    server: Server | None = None
    actor: str = "ann"
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments, code: int = 0, folder: Path | None = None) -> str:
        """Runs a command that is to end with `code`, and returns what it printed."""
        done = subprocess.run(
            [str(martlet_binary()), *map(str, arguments)],
            cwd=folder or self.home, env=self.variables(), capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    def begin(self, *arguments, **options) -> subprocess.Popen:
        """A command whose output is read while it goes on, or goes elsewhere; nothing is read ahead."""
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0} | options
        command = [str(martlet_binary()), *map(str, arguments)]
        return subprocess.Popen(command, cwd=self.home, env=self.variables(), **options)

    def json(self, *arguments):
        return json.loads(self(*arguments, "--json"))

    def variables(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MLFLOW_", "MARTLET_", "GIT_"))
        }
        own = {
            "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / "config"), "MARTLET_ACTOR": self.actor,
            "GIT_CONFIG_GLOBAL": str(self.home / "gitconfig"), "NO_COLOR": "1",
        }  # fmt: skip
        if self.server is not None:
            own["MARTLET_URL"] = self.server.url
        return kept | own | self.environment
