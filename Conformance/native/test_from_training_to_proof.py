"""The page that walks the whole story does what it says, command by command, with the real client."""

import os
import sys
from pathlib import Path

import walkthrough
from support import REPOSITORY, free_port, martlet_binary

PAGE = REPOSITORY / "docs" / "from-training-to-proof.md"


def environment(folder: Path) -> dict[str, str]:
    """A newcomer's: `martlet` and `python` on the PATH, a home of their own, and no settings."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "martlet").symlink_to(martlet_binary())
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MLFLOW_", "MARTLET_", "GIT_"))
    }
    return kept | {
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "PORT": str(free_port()),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def test_every_command_of_the_page_does_what_it_says(tmp_path):
    folder = tmp_path / "walk"
    folder.mkdir()
    outcome = walkthrough.run(PAGE, folder, environment(tmp_path), timeout=300)
    assert len(outcome) > 10
    for step, printed in outcome:
        assert walkthrough.missing(step, printed) is None, printed


def test_a_line_that_was_not_printed_is_missed():
    step = walkthrough.Step(commands="true", expected=["a … c", "d"])
    assert walkthrough.missing(step, "a b c\nd\n") is None
    assert walkthrough.missing(step, "d\na b c\n") == "d"
    assert walkthrough.missing(step, "a b\nd\n") == "a … c"
