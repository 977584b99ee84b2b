"""What the client does in the demo, told step by step. To be imported before MLflow."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

# Read by the client when it is imported; what it would print stands in our own words.
os.environ.update(
    GIT_PYTHON_REFRESH="quiet",
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true",
)

# Without it the client would make a store of its own in this folder.
if not os.environ.get("MLFLOW_TRACKING_URI"):
    sys.exit("set MLFLOW_TRACKING_URI to the address of a server, or call 'make demo'")

COLOURS = {"done": "\033[32m", "dim": "\033[2m", "end": "\033[0m"}
if os.environ.get("NO_COLOR") or not os.isatty(1):
    COLOURS = dict.fromkeys(COLOURS, "")


class Step:
    """What a step has to say when it has ended."""

    text = ""


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Times a step and prints it as one line."""
    this = Step()
    began = time.perf_counter()
    noise = io.StringIO()
    try:
        with redirect_stderr(noise):
            yield this
    except BaseException:
        print(f"  ✗ {title}\n{noise.getvalue()}")
        raise
    milliseconds = (time.perf_counter() - began) * 1000
    mark = f"{COLOURS['done']}✓{COLOURS['end']}"
    print(
        f"  {mark} {title:<14} {this.text:<62} {COLOURS['dim']}{milliseconds:7,.0f} ms{COLOURS['end']}",
        flush=True,
    )
