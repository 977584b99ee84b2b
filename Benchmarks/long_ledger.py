"""A server whose ledger is long, beside which one with a short one can be measured."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import parts
from processes import Unmeasurable
from proofs import Checkpoint, require
from servers import Product, Server
from trial import Trial
from workload import TrainedModel

SOURCE = Path(__file__).resolve().parent / "long_ledger.c"
MODELS = [f"net-{number:03}" for number in range(100)]
# With indexes, and what sorting those takes.
BYTES_PER_ENTRY = 900


@dataclass(frozen=True)
class LongLedger:
    server: Server
    # From before it was made long.
    beginning: Checkpoint


@contextmanager
def long_ledger(trial: Trial, martlet: Product) -> Iterator[LongLedger]:
    """One of as many entries as the settings say, on a folder that is deleted afterwards."""
    entries = trial.settings.ledger_entries
    free = shutil.disk_usage(trial.folder).free
    if free < entries * BYTES_PER_ENTRY:
        raise Unmeasurable(f"{free / 1e9:.0f} GB free in {trial.folder} are too few for {entries:,} entries")
    folder = trial.new_folder("ledger")
    try:
        with Server(martlet, folder) as server:
            register_models(server)
            beginning = signed(server)
        program = parts.compile_program(folder, SOURCE)
        root = parts.output(str(program), str(server.database), str(entries)).strip()
        with Server(martlet, folder) as server:
            ledger = signed(server)
            require(ledger.size == entries, f"the server counts {ledger.size} entries instead of {entries}")
            require(ledger.root.hex() == root, "the server's root is not that of the program")
            yield LongLedger(server, beginning)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def register_models(server: Server) -> None:
    model = TrainedModel.train(server)
    for name in MODELS:
        model.register(name)


def signed(server: Server) -> Checkpoint:
    """What the server signs that its ledger is."""
    note, key = (server.client.native_text(f"ledger/{name}") for name in ("checkpoint", "key"))
    return Checkpoint.verified(note, key)
