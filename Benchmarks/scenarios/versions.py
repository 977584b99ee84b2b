"""Sealed versions: registering, finding, promoting and comparing them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path

from client import API, ARTIFACTS, NATIVE
from figures import Figure
from load import Load
from processes import Unmeasurable
from proofs import require
from scenarios.artifacts import MEGABYTE, NO_EXPECT, transfer
from servers import Product, Server
from trial import Trial
from workload import MODEL, TrainedModel

SEALS = ("seal-1000",)
LOOKUPS = ("lookup-by-digest", "lookup-by-alias", "lookup-by-semantic-version", "lookup-spread")
MOVES = ("set-tag-1", "promote-1", "move-1", "set-tag-16", "promote-16", "move-16")
COMPARISONS = ("diff-before-index", "diff", "diff-read")

APPROVER = "bob"
FILES, FILE_BYTES = 1_000, 4_096
# More than connections, so that no two requests move the same version at once.
VERSIONS = 32
GATED = ("staging", "production")
DIFFS = 20
TENSOR_SHAPE, TENSOR_BYTES = (1_250, 1_000), 5_000_000
SMALL_BYTES = 4_000
INDEX_SECONDS_MAX = 120


def measure_seals(trial: Trial, martlet: Product) -> None:
    """Single requests from one connection, with what the client takes; one file is another one each time."""
    with trial.running(martlet) as server:
        client = server.client
        model = TrainedModel.train(server)
        for number in range(FILES - 2):
            model.put(f"data/{number:04}.bin", number.to_bytes(4, "big") * (FILE_BYTES // 4))
        client.post("registered-models/create", {"name": MODEL})
        seconds = []
        for number in range(trial.settings.seals + 1):
            model.put("data/0000.bin", f"another {number}".encode())
            began = time.perf_counter()
            client.post("model-versions/create", {"name": MODEL, **model.source})
            seconds.append(time.perf_counter() - began)
        first, last = (client.native("GET", f"models/{MODEL}/versions/{name}") for name in ("1", "latest"))
    for version in (first, last):
        require(version["seal"].get("fileCount") == FILES, f"sealed was {version['seal']}")
    require(first["seal"]["tree"] != last["seal"]["tree"], "the same tree was sealed each time")
    trial.record("seal-1000", "martlet", Figure.of_seconds(seconds[1:]))


def measure_lookups(trial: Trial, martlet: Product) -> None:
    with trial.running(martlet) as server:
        model = TrainedModel.train(server)
        wanted = [model.register() for _ in range(VERSIONS)][VERSIONS // 2]
        number, semantic = str(wanted["number"]), wanted["semanticVersion"]
        alias = {"name": MODEL, "alias": "champion", "version": number}
        server.client.post("registered-models/alias", alias)
        native = f"{NATIVE}models/{MODEL}/versions"
        mlflow = f"{API}registered-models/alias?name={MODEL}&alias="
        paths = {
            ("lookup-by-digest", "native"): f"{NATIVE}digests/{wanted['digest']}",
            ("lookup-by-alias", "native"): f"{native}/champion",
            ("lookup-by-semantic-version", "native"): f"{native}/{semantic}",
            ("lookup-by-alias", "through MLflow"): f"{mlflow}champion",
            ("lookup-by-semantic-version", "through MLflow"): f"{mlflow}{semantic}",
        }
        trial.interleave(*((*name, warmed(trial, server, Load.get(path))) for name, path in paths.items()))
    for api in ("native", "through MLflow"):
        found = [trial.figures.find(*name) for name in paths if name[1] == api]
        rates = [figure.value for figure in found]
        spread = Figure(max(rates) / min(rates), "×", errors=sum(figure.errors for figure in found))
        trial.record("lookup-spread", api, spread)


def measure_moves(trial: Trial, martlet: Product) -> None:
    """Through gates that are enforced, beside a tag in a transaction of its own."""
    with trial.running(martlet) as server:
        versions = gated_versions(server)
        for connections in (1, 16):
            tags = Load.numbered(
                "set_tag", f"{API}model-versions/set-tag", MODEL, *versions, connections=connections
            )
            # Each one archives the one before it: two versions move, with an entry each.
            promotions = moves(versions, [("production", False)], connections)
            single = moves(versions, [("production", True), ("staging", True)], connections)
            trial.interleave(
                (f"set-tag-{connections}", "martlet", entering(trial, server, tags)),
                (f"promote-{connections}", "martlet", entering(trial, server, promotions)),
                (f"move-{connections}", "martlet", entering(trial, server, single)),
            )


def gated_versions(server: Server) -> list[str]:
    """Versions that may go to staging and production, with as many gates as it takes."""
    model = TrainedModel.train(server)
    versions = [str(model.register()["number"]) for _ in range(VERSIONS)]
    gates = {
        "mode": "enforce",
        "requires": ["weights", "signature"],
        "thresholds": [{"metric": "accuracy", "min": 0.9}],
        "approvals": 1,
    }
    client = server.client
    client.native("PUT", f"models/{MODEL}/policy", {"stages": dict.fromkeys(GATED, gates)})
    asked = client.native("GET", f"models/{MODEL}/versions/1/gates?stage=production")
    closed = [gate["gate"] for gate in asked["gates"] if not gate["passed"]]
    require(len(asked["gates"]) == 4 and closed == ["approvals"], f"the gates are {asked}")
    for version, stage in product(versions, GATED):
        client.native("POST", f"models/{MODEL}/versions/{version}/approvals", {"stage": stage}, APPROVER)
    return versions


def moves(versions: list[str], targets: list[tuple[str, bool]], connections: int) -> Load:
    """Every version to each stage in turn; the others there are archived unless they are kept."""
    requests = [
        (
            f"{NATIVE}models/{MODEL}/versions/{version}/transitions",
            json.dumps({"to": stage, "keepsOthers": keeps, "reason": "measured"}),
        )
        for (stage, keeps), version in product(targets, versions)
    ]
    return Load.post_each(requests, connections)


def entering(trial: Trial, server: Server, load: Load) -> Callable[[], Figure]:
    """The load, which must make an entry in the ledger for each of its requests."""

    def measure() -> Figure:
        before = ledger_size(server)
        figure = warmed(trial, server, load)()
        entered = ledger_size(server) - before
        require(entered >= figure.count, f"{figure.count} changes made {entered} entries")
        return figure

    return measure


def ledger_size(server: Server) -> int:
    return server.client.native("GET", "ledger/entries?limit=1")["size"]


def warmed(trial: Trial, server: Server, load: Load) -> Callable[[], Figure]:
    return lambda: trial.warmed(load, server, trial.settings.turn_seconds)


def measure_comparisons(trial: Trial, martlet: Product) -> None:
    """Two versions with a large file each, alike but for one small tensor."""
    tensors = trial.settings.compared_megabytes * MEGABYTE // TENSOR_BYTES
    folder = trial.new_folder("tensors")
    folder.mkdir()
    path = folder / "model.safetensors"
    with trial.running(martlet) as server:
        models = [TrainedModel.train(server) for _ in range(2)]
        for number, model in enumerate(models):
            size = write_tensors(path, tensors, bytes([number]) * SMALL_BYTES)
            url = f"http://127.0.0.1:{server.port}{ARTIFACTS}{model.key(path.name)}"
            transfer(size, *NO_EXPECT, "-T", str(path), url)
        path.unlink()
        before = server.process.read_bytes()
        for model in models:
            model.register()
        # The index is being made meanwhile, on the same cores.
        trial.record("diff-before-index", "martlet", Figure.of_seconds([compare(server, tensors)]))
        wait_for_index(server)
        compare(server, tensors)
        require(server.process.read_bytes() - before > 2 * size, "what the server reads is not seen")
        before = server.process.read_bytes()
        trial.record("diff", "martlet", Figure.of_seconds([compare(server, tensors) for _ in range(DIFFS)]))
        read = (server.process.read_bytes() - before) / DIFFS
        trial.record("diff-read", "martlet", Figure(100 * read / (2 * size), "%", count=DIFFS))
    folder.rmdir()


def write_tensors(path: Path, count: int, small: bytes) -> int:
    """Zeros, which take no place on the disk and have to be compared like others; returns the file's size."""
    header = {
        f"layers.{number}.weight": {
            "dtype": "F32",
            "shape": TENSOR_SHAPE,
            "data_offsets": [number * TENSOR_BYTES, (number + 1) * TENSOR_BYTES],
        }
        for number in range(count)
    }
    end = count * TENSOR_BYTES
    places = [end, end + len(small)]
    header["head.bias"] = {"dtype": "F32", "shape": [len(small) // 4], "data_offsets": places}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.seek(end, 1)
        file.write(small)
        return file.tell()


def compare(server: Server, tensors: int) -> float:
    """How many seconds it took, if the answer was right."""
    began = time.perf_counter()
    diff = server.client.native("GET", f"diff?from={MODEL}@1&to={MODEL}@2")
    took = time.perf_counter() - began
    changed = [tensor["name"] for tensor in diff["tensors"]]
    require(changed == ["head.bias"] and diff["sameTensorCount"] == tensors, f"the tensors {changed} differ")
    return took


def wait_for_index(server: Server) -> None:
    deadline = time.monotonic() + INDEX_SECONDS_MAX
    query = "SELECT count(*), count(digests) FROM tensor_index"
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as database:
        while database.execute(query).fetchone() != (2, 2):
            if time.monotonic() > deadline:
                raise Unmeasurable(f"the tensors were not indexed within {INDEX_SECONDS_MAX} s")
            time.sleep(0.1)
