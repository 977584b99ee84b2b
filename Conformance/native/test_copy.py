"""`martlet copy`: a registry moves from SQLite to PostgreSQL and S3 and back, and stays the same registry."""

from __future__ import annotations

import subprocess
import time

import pytest

import object_store
import postgres
import second_implementation as second
from live_ledger import key_of, note_from, rows_from
from registry import Registry
from support import MartletServer, martlet_binary, unique, wait_until

LARGE = b"0123456789abcdef" * (1_100_000)  # beyond one part of an object store

NOBODY = "http://127.0.0.1:1"

# They begin with a folder, and name the database servers themselves.
pytestmark = pytest.mark.sqlite_only


def copy(*arguments, data=None) -> subprocess.CompletedProcess:
    """Runs the command, with the credentials of the object store."""
    return subprocess.run([martlet_binary(), "copy", *map(str, arguments)], env=surroundings(data), **OUTPUT)


def surroundings(data) -> dict[str, str]:
    """The environment of a copy; `data` stands for the object store's place."""
    inherited = MartletServer(data.parent, data=data, keeps_bytes_in_s3=True).environment() if data else None
    if inherited:
        inherited.pop("MARTLET_BLOBS")
    return inherited


OUTPUT = {"capture_output": True, "text": True, "timeout": 300}


def s3_place(data) -> str:
    return object_store.environment(data)["MARTLET_BLOBS"]


def pg_place(data) -> str:
    return postgres.connection_string(data)


def fill(server) -> Registry:
    """One of everything, under names that are hard to carry."""
    registry = Registry(server, "ann")
    run = server.new_run(tags=[{"key": "some key", "value": "знач\n\t'\"\\"}])
    metrics = [
        {"key": "loss/a", "value": v, "timestamp": 1, "step": s} for s, v in enumerate([0.1, -0.0, 1e308])
    ]
    server.post("runs/log-batch", {"run_id": run, "metrics": metrics}).expect()
    server.put_artifact(f"0/{run}/artifacts/größe/файл ☃.bin", LARGE).expect()
    model = registry.model(description="цветы ☃")
    registry.register(model, {"weights.bin": b"weights", "empty.txt": b""}, tags={"k": "v ☃"})
    registry.register(model, {"weights.bin": LARGE})
    registry.policy(model, production={"mode": "warn", "requires": ["weights"]})
    registry.put(f"/models/{model}/aliases/champion", {"version": "1"})
    registry.move(model, 1, "production", reason="first ☃")
    registry.move(model, 2, "production", reason="better")
    registry.post(f"/models/{model}/versions/1/notes", {"text": "☃"}, status=201)
    registry.register(model)
    registry.request("DELETE", f"/models/{model}/versions/3").expect(204)
    fill_deployment(server, registry, model)
    watch(registry, model)
    return registry


def fill_deployment(server, registry, model) -> None:
    """Decisions of two versions that are compared; nobody is there to serve them."""
    arms = [{"model": model, "version": str(n), "partsPerMillion": 500_000, "url": NOBODY} for n in (1, 2)]
    arms[1]["role"] = "challenger"
    settings = {"decisions": "strict", "subject": {"header": "x-user"}, "stages": ["production", "archived"]}
    registry.post(
        "/deployments/bot/revisions", {"arms": arms, "settings": settings, "check": False}, status=201
    )
    plan = {"goal": {"name": "sale"}, "guardrails": [{"name": "gateway.error"}], "reason": "☃"}
    registry.post("/deployments/bot/experiments", plan, status=201)
    for user in range(6):
        server.request("POST", "/serve/bot/x", {}, headers={"X-User": str(user)})
        outcome = {"subject": str(user), "metrics": {"sale": user % 2}}
        registry.post("/deployments/bot/outcomes", {"outcomes": [outcome]})


def watch(registry, model) -> None:
    """A deployment that was asked once, and found wanting, and of which more is planned."""
    arm = {"model": model, "version": "2", "url": "http://127.0.0.1:1"}
    conditions = {"conditions": ["error rate over 1% for 2s on 1 requests: notify"]}
    registry.post(
        "/deployments/watched/revisions", {"release": arm, "settings": conditions, "check": False}, status=201
    )
    later = {"version": "1", "steps": [1_000_000], "everyMs": 1000, "start": "2999-01-01T00:00Z"}
    registry.post("/deployments/watched/rollout", {**arm, **later}, status=201)
    wait_until(
        lambda: (
            registry.server.request("POST", "/serve/watched", {}).status >= 500
            and registry.get("/deployments/watched/findings")["findings"]
        )
    )


def everything(server) -> dict:
    """What a registry says of itself, as far as it does not say when it was asked."""
    registry = Registry(server, "ann")
    models = sorted(model["name"] for model in registry.get("/models", limit=1000)["models"])
    runs = server.post("runs/search", {"experiment_ids": ["0"], "max_results": 1000}).expect().json["runs"]
    said = {"runs": sorted(runs, key=lambda run: run["info"]["run_id"]), "models": {}}
    said["deployment"] = registry.get("/deployments/bot/revisions")
    said["experiment"] = registry.get("/deployments/bot/experiments/latest")
    said["decisions"] = registry.get("/deployments/bot/decisions", subject="1")
    said["watched"] = [
        registry.get(f"/deployments/watched/{part}") for part in ("revisions", "findings", "rollout")
    ]
    for run in said["runs"]:
        identity = run["info"]["run_id"]
        listed = server.get("metrics/get-history", run_id=identity, metric_key="loss/a").json
        bytes_ = server.get_artifact(f"0/{identity}/artifacts/größe/файл ☃.bin").body
        said[identity] = (listed, len(bytes_), bytes_ == LARGE)
    for model in models:
        versions = registry.get(f"/models/{model}/versions", limit=1000)["versions"]
        said["models"][model] = {
            "model": registry.get(f"/models/{model}"),
            "versions": versions,
            "history": registry.get(f"/models/{model}/history", limit=1000),
            "files": [registry.file(model, version["number"], "weights.bin").body for version in versions],
            "manifests": [registry.manifest_bytes(model, version["number"]) for version in versions],
        }
    return said


def ledger(server) -> tuple[list[second.Row], str, second.Key]:
    """Rows, a checkpoint and the key."""
    registry = Registry(server, "ann")
    return rows_from(registry), note_from(registry), key_of(registry)


@pytest.fixture
def places(tmp_path):
    """Folders that stand for the three places."""
    return [tmp_path / name for name in ("first", "shared", "back")]


def test_a_registry_moves_to_servers_and_back_and_stays_the_same(places, start_martlet):
    first, shared, back = places
    server = start_martlet(data=first, keeps_bytes_in_s3=False)
    fill(server)
    before, (rows, note, key) = everything(server), ledger(server)
    assert server.terminate() == 0

    done = copy(
        "--from", f"sqlite:{first}", "--to", pg_place(shared), "--blobs", s3_place(shared), data=shared
    )
    assert done.returncode == 0, done.stderr
    assert "Both hold the same" in done.stdout
    assert "serve --ledger-key" in done.stdout
    counted = "SELECT reltuples > 0 FROM pg_class WHERE relname = 'model_version'"
    assert postgres.run(counted, postgres.database_of(shared)).strip() == "t"

    flags = ("--database", pg_place(shared), "--ledger-key", str(first / "ledger-key"))
    server = start_martlet(*flags, data=shared, keeps_bytes_in_s3=True)
    assert everything(server) == before
    # The database goes on to hand out keys where the other one ended.
    registry = Registry(server, "bob")
    model = next(iter(before["models"]))
    assert registry.register(model)["number"] == 4
    server.new_run()
    after, (grown, later, same_key) = everything(server), ledger(server)
    assert (same_key, grown[: len(rows)]) == (key, rows)
    assert second.audit(grown, [note, later], [key]) is None
    assert server.terminate() == 0

    places_ = ("--from", pg_place(shared), "--from-blobs", s3_place(shared), "--to", f"sqlite:{back}")
    done = copy(*places_, data=shared)
    assert done.returncode == 0, done.stderr
    (back / "ledger-key").write_bytes((first / "ledger-key").read_bytes())
    (back / "ledger-key").chmod(0o600)
    server = start_martlet(data=back, keeps_bytes_in_s3=False)
    assert everything(server) == after
    final, newest, _ = ledger(server)
    assert final == grown
    assert second.audit(final, [note, later, newest], [key]) is None


def test_a_copy_that_was_killed_goes_on_and_nobody_serves_before(places, start_martlet):
    first, shared, _ = places
    server = start_martlet(data=first, keeps_bytes_in_s3=False)
    registry = fill(server)
    for number in range(30):
        registry.register(registry.model(), {"weights.bin": unique("w").encode() * 40_000 * (1 + number % 3)})
    before = everything(server)
    assert server.terminate() == 0
    arguments = ("--from", f"sqlite:{first}", "--to", pg_place(shared), "--blobs", s3_place(shared))
    killed = 0
    for delay in (0.15, 0.3, 0.6):
        command = [martlet_binary(), "copy", *arguments]
        process = subprocess.Popen(command, env=surroundings(shared), stdout=subprocess.DEVNULL)
        time.sleep(delay)
        killed += process.poll() is None
        process.kill()
        process.wait()
    assert killed, "every copy had ended before it was killed"
    if copy_is_unfinished(shared):
        private = MartletServer(
            first.parent, "--database", pg_place(shared), data=shared, keeps_bytes_in_s3=True
        )
        with pytest.raises(AssertionError, match="not to the end"):
            private.start()
    if copy_is_unfinished(shared) or not is_there(shared):
        done = copy(*arguments, data=shared)
        assert done.returncode == 0, done.stderr
    flags = ("--database", pg_place(shared), "--ledger-key", str(first / "ledger-key"))
    assert everything(start_martlet(*flags, data=shared, keeps_bytes_in_s3=True)) == before


def copy_is_unfinished(data) -> bool:
    name = postgres.database_of(data)
    if not postgres.run("SELECT to_regclass('unfinished_copy')", name).strip():
        return False
    return postgres.run("SELECT count(*) FROM unfinished_copy", name).strip() != "0"


def is_there(data) -> bool:
    name = postgres.database_of(data)
    if not postgres.run("SELECT to_regclass('ledger_head')", name).strip():
        return False
    return postgres.run("SELECT size FROM ledger_head", name).strip() not in ("", "0")


def refusal(code: int, *arguments) -> str:
    """What a copy says that must be refused."""
    done = copy(*arguments)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr


def test_what_cannot_be_copied_is_refused_with_the_reason(places, start_martlet):
    first, shared, back = places
    server = start_martlet(data=first, keeps_bytes_in_s3=False)
    fill(server)
    source, target = ("--from", f"sqlite:{first}"), ("--to", f"sqlite:{back}")
    assert "in use" in refusal(1, *source, *target)
    assert server.terminate() == 0
    assert "nowhere" in refusal(1, "--from", f"sqlite:{first.parent}/nowhere", *target)
    assert "--blobs" in refusal(64, *source, "--to", pg_place(shared))
    assert "--from" in refusal(64, "--from", "mysql://x", *target)
    done = copy(*source, *target)
    assert done.returncode == 0, done.stderr
    assert "was taken along" in done.stdout
    assert "holds a registry already" in refusal(1, *source, *target)
