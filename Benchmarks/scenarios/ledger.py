"""The ledger when it is long: whether a change, a proof or a checkpoint takes longer then."""

from __future__ import annotations

import hashlib
import json
import random
import time

import parts
from client import API, NATIVE
from figures import Figure
from load import Load
from long_ledger import MODELS, LongLedger, long_ledger, register_models, signed
from proofs import Checkpoint, leaf_hash, require, require_consistency, require_inclusion
from scenarios.versions import entering, warmed
from servers import Product, Server
from trial import Trial

LEDGER = (
    "ledger-start", "ledger-append",
    "proof-inclusion", "proof-consistency", "proof-version", "proof-checkpoint",
    "audit-verify",
)  # fmt: skip

# Its version gets the tags, and more of a history than others have.
TAGGED, *PROVED = MODELS
CHECKED = 50
ASKED = 500
CHECKPOINTS = 200


def measure_ledger(trial: Trial, martlet: Product) -> None:
    with long_ledger(trial, martlet) as long:
        server = long.server
        trial.record("ledger-start", "martlet", Figure(server.ready_seconds, "s", count=1))
        check(long)
        measure_proofs(trial, server)
        if trial.wants("audit-verify"):
            trial.record("audit-verify", "martlet", audit(server))
        if trial.wants("ledger-append"):
            with trial.running(martlet) as short:
                register_models(short)
                trial.interleave(
                    *(
                        ("ledger-append", name, lambda side=side: append(trial, side))
                        for name, side in (("short", short), ("long", server))
                    )
                )


def append(trial: Trial, server: Server) -> Figure:
    """From one connection: each has a commit of its own."""
    load = Load.numbered("set_tag", f"{API}model-versions/set-tag", TAGGED, "1", connections=1)
    return entering(trial, server, load)().median_latency()


def check(long: LongLedger) -> None:
    """Proofs hold in eyes that share no code with the server."""
    server, ledger = long.server, signed(long.server)
    for index in random.Random(3).sample(range(ledger.size), CHECKED):
        (entry,) = server.client.native("GET", f"ledger/entries?start={index}&limit=1")["entries"]
        path = hashes(server, inclusion(index, ledger.size))
        require_inclusion(leaf_hash(entry["body"]), index, ledger, path)
    tag(server, "checked", "again")
    for old, new in ((long.beginning, ledger), (ledger, signed(server))):
        require_consistency(old, new, hashes(server, consistency(old.size, new.size)))
    bundle = server.client.native("GET", f"models/{PROVED[0]}/versions/1/proof")
    digest = hashlib.sha256(bundle["manifest"].encode()).hexdigest()
    require(json.loads(bundle["entry"])["digest"] == digest, "the manifest is not that of the entry")
    checkpoint = Checkpoint.verified(bundle["checkpoint"], server.client.native_text("ledger/key"))
    require_inclusion(leaf_hash(bundle["entry"]), bundle["index"], checkpoint, bundle["inclusion"])


def inclusion(index: int, size: int) -> str:
    return f"ledger/inclusion?index={index}&size={size}"


def consistency(old: int, new: int) -> str:
    return f"ledger/consistency?from={old}&to={new}"


def hashes(server: Server, route: str) -> list[str]:
    return server.client.native("GET", route)["hashes"]


def tag(server: Server, key: str, value: str) -> None:
    body = {"name": TAGGED, "version": "1", "key": key, "value": value}
    server.client.post("model-versions/set-tag", body)


def measure_proofs(trial: Trial, server: Server) -> None:
    """From one connection, of other entries and sizes each time."""
    size = signed(server).size
    numbers = random.Random(7)
    questions = {
        "proof-inclusion": [inclusion(numbers.randrange(size), size) for _ in range(ASKED)],
        "proof-consistency": [consistency(numbers.randrange(1, size), size) for _ in range(ASKED)],
        "proof-version": [f"models/{name}/versions/1/proof" for name in PROVED],
    }
    for measure, routes in questions.items():
        if trial.wants(measure):
            load = Load.get_each([NATIVE + route for route in routes], connections=1)
            trial.record(measure, "martlet", warmed(trial, server, load)().median_latency())
    if trial.wants("proof-checkpoint"):
        trial.record("proof-checkpoint", "martlet", new_checkpoints(server))


def new_checkpoints(server: Server) -> Figure:
    """Single requests, each for a ledger that has grown since: a kept checkpoint is not signed again."""
    seconds = []
    for number in range(CHECKPOINTS):
        tag(server, "signed", str(number))
        began = time.perf_counter()
        server.client.native_text("ledger/checkpoint")
        seconds.append(time.perf_counter() - began)
    return Figure.of_seconds(seconds)


def audit(server: Server) -> Figure:
    """`martlet audit verify`, which reads every entry through the API and hashes it."""
    key = server.client.native_text("ledger/key").strip()
    url = f"http://127.0.0.1:{server.port}"
    words = ("audit", "verify", "--forgetful", "--json", "--key", key, "--server", url)
    began = time.monotonic()
    report = json.loads(parts.output(str(server.product.program), *words))
    took = time.monotonic() - began
    require(report["sound"] and report["proven"] == report["entries"], f"the audit says {report}")
    return Figure(report["entries"] / took, "entries/s", count=report["entries"])
