"""The key that a ledger is signed with: whose it is, and how another one takes its place."""

import stat

import pytest

import postgres
import second_implementation as second
from live_ledger import key_of, note_from, rows_from
from registry import Registry
from test_ledger import checkpoint_of, hashes


@pytest.mark.sqlite_only
def test_the_key_is_its_owners_alone(start_martlet):
    server = start_martlet()
    file = server.data / "ledger-key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = file.read_text()
    assert secret.startswith("PRIVATE+KEY+")
    assert server.terminate() == 0
    private = secret.strip().split("+", 4)[4]
    assert private.encode() not in (server.data / "martlet.sqlite").read_bytes()
    assert private not in server.log_path.read_text()
    file.chmod(0o644)
    with pytest.raises(AssertionError, match="can be read by others"):
        start_martlet(data=server.data)


def test_a_new_key_leaves_an_entry_and_signs_the_same_ledger(start_martlet):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    registry.register(model)
    old_key, old = key_of(registry), checkpoint_of(registry)
    old_note = note_from(registry)
    assert server.terminate() == 0
    (server.data / "ledger-key").rename(server.data / "ledger-key.old")
    # Servers that share a database do not each make a key for it.
    server = start_martlet(*(["--new-ledger-key"] if postgres.is_chosen else []), data=server.data)
    registry = Registry(server, "ann")
    new_key, new = key_of(registry), checkpoint_of(registry)
    assert (new_key.name, new.origin) == (old_key.name, old.origin)
    assert new_key.public != old_key.public
    path = hashes(registry.get("/ledger/consistency", **{"from": old.size, "to": new.size}))
    second.check_consistency(old.size, old.root, new.size, new.root, path)
    keys = [entry["publicKey"] for entry in registry.entries() if entry["action"] == "ledger.key"]
    assert [second.Key.parse(key) for key in keys] == [old_key, new_key]
    assert second.audit(rows_from(registry), [old_note], [old_key, new_key]) is None
    assert second.check_bundle(registry.get(f"/models/{model}/versions/1/proof"))["number"] == 1


def test_a_restart_changes_neither_key_nor_ledger(start_martlet):
    server = start_martlet()
    registry = Registry(server, "ann")
    registry.register(registry.model())
    before = registry.request("GET", "/ledger/checkpoint").expect().body
    assert server.terminate() == 0
    server = start_martlet(data=server.data)
    assert Registry(server).request("GET", "/ledger/checkpoint").expect().body == before


def test_the_key_of_another_ledger_is_refused(start_martlet):
    one, other = start_martlet(), start_martlet()
    assert one.terminate() == 0
    assert other.terminate() == 0
    (other.data / "ledger-key").write_text((one.data / "ledger-key").read_text())
    with pytest.raises(AssertionError, match="is the key of the ledger"):
        start_martlet(data=other.data)
