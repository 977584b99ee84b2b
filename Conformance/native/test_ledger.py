"""The ledger: every change is an entry, and nobody can take one back without being found out.

Whatever is proved here is verified by `second_implementation.py`, which shares no code with the server.
"""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

import second_implementation as second
from live_ledger import key_of, note_from, rows_from
from registry import Registry, canonical, sha256
from support import unique
from training import trained

HOOK = "http://127.0.0.1:9/hook"

# Everything that a client can change, by who does it: how, and the entry's action.


def through_mlflow(client, model):
    name = unique("renamed")
    return [
        (lambda: client.update_registered_model(model, "text"), "model.describe"),
        (lambda: client.set_registered_model_tag(model, "k", "v"), "model.tag"),
        (lambda: client.delete_registered_model_tag(model, "k"), "model.untag"),
        (lambda: client.create_model_version(model, "s3://b/1"), "version.register"),
        (lambda: client.update_model_version(model, "1", "text"), "version.describe"),
        (lambda: client.set_model_version_tag(model, "1", "k", "v"), "version.tag"),
        (lambda: client.delete_model_version_tag(model, "1", "k"), "version.untag"),
        (lambda: client.set_registered_model_alias(model, "a", "1"), "alias.set"),
        (lambda: client.delete_registered_model_alias(model, "a"), "alias.delete"),
        (lambda: client.transition_model_version_stage(model, "1", "Staging"), "version.transition"),
        (lambda: client.delete_model_version(model, "1"), "version.delete"),
        (lambda: client.rename_registered_model(model, name), "model.rename"),
        (lambda: client.delete_registered_model(name), "model.delete"),
    ]


def natively(registry, model):
    version = f"/models/{model}/versions/1"
    gone = registry.blob(b"some bytes")
    policy = {"stages": {}, "retentionYears": 0}

    def send(method, path, body=None, **query):
        return lambda: expect_success(registry.request(method, path, body, **query))

    def expect_success(reply):
        assert reply.status < 300, reply.body

    files = {"files": [{"path": "a", "sha256": gone}]}
    return [
        (send("PUT", f"/models/{model}/description", {"description": "x"}), "model.describe"),
        (send("PUT", f"/models/{model}/tags/k", {"value": "v"}), "model.tag"),
        (send("DELETE", f"/models/{model}/tags/k"), "model.untag"),
        (send("PUT", f"/models/{model}/policy", policy), "model.policy"),
        (send("POST", f"/models/{model}/versions", files), "version.register"),
        (send("POST", f"/models/{model}/versions", files), "version.register"),
        (send("PUT", f"{version}/semantic-version", {"semanticVersion": "7.0.0"}), "version.renumber"),
        (send("PUT", f"{version}/description", {"description": "x"}), "version.describe"),
        (send("PUT", f"{version}/tags/k", {"value": "v"}), "version.tag"),
        (send("DELETE", f"{version}/tags/k"), "version.untag"),
        (send("PUT", f"/models/{model}/aliases/a", {"version": "1"}), "alias.set"),
        (send("DELETE", f"/models/{model}/aliases/a"), "alias.delete"),
        (send("POST", f"{version}/notes", {"text": "x"}), "version.note"),
        (lambda: registry.as_actor("bob").post(f"{version}/approvals", {}, status=201), "version.approve"),
        (send("POST", f"{version}/transitions", {"to": "production"}), "version.transition"),
        (send("POST", f"{version}/transitions", {"to": "archived"}), "version.transition"),
        (send("POST", f"/models/{model}/rollback", {}), "version.rollback"),
        (send("PUT", f"/models/{model}/versions/2/hold", {"reason": "x"}), "version.hold"),
        (send("DELETE", f"/models/{model}/versions/2/hold"), "version.release"),
        (send("DELETE", f"/models/{model}/versions/2"), "version.delete"),
        (send("POST", f"/models/{model}/versions/2/restore"), "version.restore"),
        (send("POST", f"/models/{model}/versions/2/purge", {"reason": "x"}), "version.purge"),
        (send("DELETE", f"/models/{model}"), "model.delete"),
        (send("POST", f"/models/{model}/restore"), "model.restore"),
    ]  # fmt: skip


def each_is_one_entry(registry, changes):
    for change, action in changes:
        start = registry.ledger_size()
        change()
        entries = registry.entries(start)
        if action == "version.rollback":
            # What was in the way has an entry of its own.
            entries = [entry for entry in entries if entry["action"] == action]
        assert [entry["action"] for entry in entries] == [action]


def test_every_change_through_mlflow_is_one_entry(registry, client, acting):
    acting("ada")
    start = registry.ledger_size()
    model = client.create_registered_model(unique("model"), tags={"k": "v"}).name
    assert [entry["action"] for entry in registry.entries(start)] == ["model.create"]
    each_is_one_entry(registry, through_mlflow(client, model))
    assert {entry["actor"] for entry in registry.entries(start)} == {"ada"}


def test_every_native_change_is_one_entry(registry, model):
    each_is_one_entry(registry, natively(registry, model))


@pytest.fixture
def calling(start_martlet):
    """A server that may call receivers on this machine; nobody listens to what it says."""
    return Registry(start_martlet("--webhook-allowed-targets", "127.0.0.1"), "ann")


def test_every_change_of_a_webhook_through_mlflow_is_one_entry(calling, acting):
    acting("ada")
    client = MlflowClient(calling.server.url, calling.server.url)
    start = calling.ledger_size()
    webhook = client.create_webhook("hook", HOOK, ["model_version.created"]).webhook_id
    client.update_webhook(webhook, status="DISABLED")
    client.delete_webhook(webhook)
    assert [(entry["action"], entry["actor"]) for entry in calling.entries(start)] == [
        ("webhook.create", "ada"), ("webhook.change", "ada"), ("webhook.delete", "ada"),
    ]  # fmt: skip


def test_every_change_of_a_webhook_is_one_entry(calling):
    """Which says what is called, and neither the secret nor what else of a URL may be one."""
    registry = calling
    start = registry.ledger_size()
    fields = {"name": "hook", "url": f"{HOOK}?token=x", "events": ["model_version.moved"], "secret": "hidden"}
    webhook = registry.request("POST", "/webhooks", fields, reason="chat").expect(201).json["id"]
    path = f"/webhooks/{webhook}"
    registry.request("PATCH", path, {"isActive": False, "secret": "other"}, reason="too loud").expect()
    registry.request("PATCH", path, {"isActive": False}).expect()
    registry.request("DELETE", path, reason="gone").expect(204)
    created, changed, deleted = registry.entries(start)
    assert {(e["webhook"], e["webhookId"], e["actor"]) for e in (created, changed, deleted)} == {
        ("hook", webhook, "ann")
    }
    assert (created["action"], created["reason"]) == ("webhook.create", "chat")
    assert (created["target"], created["signed"], created["active"]) == ("http://127.0.0.1:9", True, True)
    assert created["events"] == ["model_version.moved"]
    assert (changed["action"], changed["changed"]) == ("webhook.change", ["active", "secret"])
    assert (changed["active"], changed["reason"]) == (False, "too loud")
    assert (deleted["action"], deleted["reason"]) == ("webhook.delete", "gone")
    assert not any(word in str(registry.entries(start)) for word in ("token", "hidden", "other", "/hook"))


def test_training_and_registering_is_one_entry(registry, client, experiment, model):
    """Runs, artifacts and logged models are no business of the registry."""
    start = registry.ledger_size()
    trained(model)
    assert [entry["action"] for entry in registry.entries(start)] == ["version.register"]


def test_what_was_refused_and_what_changed_nothing_is_no_entry(registry, client, model):
    registry.register(model)
    start = registry.ledger_size()
    registry.request("POST", f"/models/{model}/versions", {"files": [{"path": "a", "sha256": "0" * 64}]})
    registry.request("POST", f"/models/{model}/versions/1/transitions", {"to": "nowhere"})
    registry.request("DELETE", f"/models/{model}/tags/never")
    registry.request("DELETE", f"/models/{model}/aliases/never")
    registry.request("DELETE", f"/models/{model}/versions/9")
    registry.request("POST", f"/models/{model}/versions/1/purge", {})
    registry.get(f"/models/{model}/versions/1/proof")
    client.search_model_versions(f"name = '{model}'")
    assert registry.ledger_size() == start


def test_entries_are_canonical_and_chained(registry, model):
    registry.versions(model, 3)
    records = registry.get("/ledger/entries", limit=1000)["entries"]
    previous = "0" * 64
    for index, record in enumerate(records):
        body = record["body"].encode()
        entry = json.loads(body)
        assert canonical(entry) == body
        assert (entry["index"], record["index"], entry["previous"]) == (index, index, previous)
        previous = record["leafHash"]
        assert previous == second.leaf_hash(body).hex()
    times = [json.loads(record["body"])["at"] for record in records]
    assert times == sorted(times)


# Checkpoints and proofs


def checkpoint_of(registry):
    return second.Checkpoint.parse(note_from(registry), key_of(registry))


def hashes(reply):
    return [base64.b64decode(text, validate=True) for text in reply["hashes"]]


def test_a_checkpoint_is_a_signed_note_over_the_root(registry, model):
    registry.register(model)
    note = note_from(registry)
    shape = r"[^\n+ ]+\n[1-9]\d*\n[A-Za-z0-9+/]{43}=\n\n\u2014 [^\n+ ]+ [A-Za-z0-9+/]+={0,2}\n"
    assert re.fullmatch(shape, note)
    checkpoint = second.Checkpoint.parse(note, key_of(registry))
    leaves = [row.leaf for row in rows_from(registry)]
    assert (checkpoint.size, checkpoint.root) == (len(leaves), second.tree_hash(leaves))
    assert checkpoint.origin == key_of(registry).name
    assert note_from(registry) == note


def test_a_checkpoint_that_was_changed_is_refused(registry):
    note = note_from(registry)
    key = key_of(registry)
    size = note.split("\n")[1]
    with pytest.raises(second.Refused):
        second.Checkpoint.parse(note.replace(f"\n{size}\n", f"\n{int(size) + 1}\n", 1), key)


def test_checkpoints_that_were_handed_out_are_kept(registry, model):
    first = note_from(registry)
    registry.register(model)
    latest = note_from(registry)
    kept = registry.request("GET", "/ledger/checkpoints").expect().body.decode()
    assert first in kept
    assert latest in kept


def test_kept_checkpoints_are_listed_page_by_page(registry, model):
    first = note_from(registry)
    registry.register(model)
    latest = note_from(registry)
    start = int(first.split("\n")[1])
    page = registry.request("GET", "/ledger/checkpoints", start=start, limit=1).expect().body.decode()
    assert page == first
    rest = registry.request("GET", "/ledger/checkpoints", start=start + 1).expect().body.decode()
    assert latest in rest
    assert first not in rest
    assert registry.request("GET", "/ledger/checkpoints", limit=1001).status == 400


def test_every_entry_is_proved_to_be_in_the_ledger(registry, model):
    registry.versions(model, 5)
    checkpoint, rows = checkpoint_of(registry), rows_from(registry)
    for row in rows[: checkpoint.size]:
        path = hashes(registry.get("/ledger/inclusion", index=row.index, size=checkpoint.size))
        assert second.root_of_inclusion(row.leaf, row.index, checkpoint.size, path) == checkpoint.root
        other = second.leaf_hash(b"something else")
        assert second.root_of_inclusion(other, row.index, checkpoint.size, path) != checkpoint.root


def test_a_ledger_is_proved_to_begin_with_what_it_was(registry, model):
    registry.versions(model, 5)
    checkpoint = checkpoint_of(registry)
    leaves = [row.leaf for row in rows_from(registry)][: checkpoint.size]
    for size in {*range(1, 20), checkpoint.size // 2, checkpoint.size - 1, checkpoint.size} & {
        *range(1, len(leaves) + 1)
    }:
        old = second.tree_hash(leaves[:size])
        path = hashes(registry.get("/ledger/consistency", **{"from": size, "to": checkpoint.size}))
        second.check_consistency(size, old, checkpoint.size, checkpoint.root, path)
        if size < checkpoint.size:
            with pytest.raises(second.Refused):
                second.check_consistency(size, second.leaf_hash(old), checkpoint.size, checkpoint.root, path)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("inclusion", {"index": 0, "size": 10**9}),
        ("inclusion", {"index": 0, "size": 0}),
        ("inclusion", {"index": 0, "size": -1}),
        ("inclusion", {"index": 1, "size": 1}),
        ("inclusion", {"index": -1, "size": 1}),
        ("inclusion", {"index": 2**63 - 1, "size": 2**63 - 1}),
        ("inclusion", {"index": "a", "size": 1}),
        ("inclusion", {"index": 0}),
        ("consistency", {"from": 2, "to": 1}),
        ("consistency", {"from": -1, "to": 1}),
        ("consistency", {"from": 1, "to": 10**9}),
        ("consistency", {"to": 1}),
        ("entries", {"start": -1}),
        ("entries", {"limit": 0}),
        ("entries", {"limit": 10**9}),
    ],
)
def test_a_proof_of_what_never_was_is_refused(registry, path, query):
    registry.refused("GET", f"/ledger/{path}", **query, status=400, code="invalid")


# A version's proof bundle


@pytest.fixture
def bundle(registry, client, experiment, model):
    trained(model)
    registry.register(model)
    return registry.get(f"/models/{model}/versions/1/proof")


def test_a_stranger_verifies_a_version_with_the_public_key_alone(registry, bundle, tmp_path):
    key = registry.request("GET", "/ledger/key").expect().body.decode()
    manifest = second.check_bundle(bundle, key)
    assert manifest == registry.manifest(bundle["model"], 1)
    file = tmp_path / "bundle.json"
    file.write_text(json.dumps(bundle))
    script = Path(second.__file__)
    done = subprocess.run(
        [sys.executable, script, file, key.strip()], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert bundle["model"] in done.stdout


@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("manifest", lambda text: text.replace('"1.0"', '"2.0"')),
        ("entry", lambda text: text.replace("sklearn", "sklearn2") + " "),
        ("index", lambda index: index - 1),
        ("treeSize", lambda size: size + 1),
        ("inclusion", lambda path: path[:-1]),
        ("inclusion", lambda path: path[::-1] + path[:1]),
        ("digest", lambda digest: sha256(digest.encode())),
        ("model", lambda model: model + "x"),
        ("number", lambda number: number + 1),
        ("checkpoint", lambda note: note.replace("\n", "\nx", 1)),
        ("publicKey", lambda key: second_key(key)),
    ],
)
def test_a_bundle_that_was_changed_proves_nothing(bundle, member, change):
    second.check_bundle(bundle)
    changed = {**bundle, member: change(bundle[member])}
    assert changed != bundle
    with pytest.raises((second.Refused, ValueError)):
        second.check_bundle(changed)


def second_key(text):
    """Another public key of the same name."""
    name = text.split("+")[0]
    public = b"\x01" + bytes(range(32))
    key_id = second.hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(public).decode()}"
