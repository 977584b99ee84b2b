"""Nothing is lost: deletes hide, restores bring back, and a purge leaves a tombstone."""

import os

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from registry import Registry
from support import a_day_passes, stored, unique, wait_until
from training import assert_same_predictions, trained


def tombstone(registry, model, number):
    """A deleted or purged version."""
    gone = registry.get(f"/models/{model}/versions", deleted="true")["versions"]
    (version,) = [version for version in gone if version["number"] == number]
    return version


def purge(registry, model, number, reason="it must go"):
    return registry.post(f"/models/{model}/versions/{number}/purge", {"reason": reason})


def cannot_purge(registry, model, number):
    body = {"reason": "it must go"}
    path = f"/models/{model}/versions/{number}/purge"
    return registry.refused("POST", path, body, status=409, code="conflict")


# Hiding and bringing back


def test_a_delete_through_mlflow_hides_and_a_restore_brings_everything_back(
    registry, client, experiment, model, acting
):
    done = trained(model)
    client.set_model_version_tag(model, "1", "k", "v")
    client.set_registered_model_alias(model, "champion", "1")
    client.update_model_version(model, "1", "mine")
    client.transition_model_version_stage(model, "1", "Production")
    before = registry.version(model, 1)
    manifest = registry.manifest_bytes(model, 1)
    acting("mallory")
    client.delete_model_version(model, "1")
    with pytest.raises(MlflowException):
        client.get_model_version(model, "1")
    with pytest.raises(MlflowException):
        client.get_model_version_by_alias(model, "champion")
    assert registry.request("GET", f"/models/{model}/versions/1").status == 404
    hidden = tombstone(registry, model, 1)
    assert (hidden["digest"], hidden["semanticVersion"]) == (before["digest"], before["semanticVersion"])
    assert hidden["deletedAt"]
    assert registry.history(model, 1)[0]["actor"] == "mallory"

    restored = registry.post(f"/models/{model}/versions/1/restore", {"reason": "it was not hers to delete"})
    assert {**restored, "updatedAt": ""} == {**before, "updatedAt": ""}
    assert registry.manifest_bytes(model, 1) == manifest
    assert client.get_model_version_by_alias(model, "champion").description == "mine"
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}/Production"), done.model)
    assert registry.history(model, 1)[0]["reason"] == "it was not hers to delete"


def test_a_deleted_version_is_restored_by_its_semantic_version(registry, model):
    registry.register(model, semanticVersion="3.0.0")
    registry.request("DELETE", f"/models/{model}/versions/3.0.0", reason="a test").expect(204)
    assert registry.history(model, 1)[0]["reason"] == "a test"
    assert registry.post(f"/models/{model}/versions/3.0.0/restore")["number"] == 1


def test_restoring_what_was_not_deleted_changes_nothing(registry, model):
    registry.register(model)
    size = registry.ledger_size()
    assert registry.post(f"/models/{model}/versions/1/restore")["number"] == 1
    assert registry.ledger_size() == size


def test_a_deleted_model_comes_back_with_all_that_it_had(registry, client, experiment, model):
    done = trained(model)
    client.set_registered_model_alias(model, "champion", "1")
    before = registry.get(f"/models/{model}")
    client.delete_registered_model(model)
    assert registry.request("GET", f"/models/{model}").status == 404
    assert registry.request("GET", f"/models/{model}/versions/1").status == 404
    registry.post(f"/models/{model}/restore")
    assert registry.get(f"/models/{model}")["aliases"] == before["aliases"] == {"champion": 1}
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}@champion"), done.model)


def test_a_model_whose_name_was_taken_cannot_be_restored_over_the_new_one(registry, client, model):
    registry.register(model)
    client.delete_registered_model(model)
    client.create_registered_model(model)
    registry.refused("POST", f"/models/{model}/restore", None, status=409, code="already_exists")
    assert registry.get(f"/models/{model}/versions")["versions"] == []


def test_a_version_that_was_in_production_does_not_come_back_beside_its_successor(registry, model):
    registry.versions(model, 2)
    registry.move(model, 1, "production")
    registry.request("DELETE", f"/models/{model}/versions/1").expect(204)
    registry.move(model, 2, "production")
    registry.request("POST", f"/models/{model}/versions/1/restore")
    assert registry.production(model) == [2]


def test_versions_have_the_same_aliases_in_a_list_as_alone(registry, model):
    registry.register(model)
    registry.put(f"/models/{model}/aliases/champion", {"version": "1"})
    (listed,) = registry.get(f"/models/{model}/versions")["versions"]
    assert listed == registry.version(model, 1)


# Purging


def test_a_purge_needs_a_reason(registry, model):
    registry.register(model)
    for body in (None, {}, {"reason": ""}, {"reason": "  \n"}):
        registry.refused("POST", f"/models/{model}/versions/1/purge", body, status=400, code="invalid")
    assert registry.version(model, 1)["seal"]["state"] == "sealed"


def test_a_purge_leaves_a_tombstone_with_the_digest_and_the_numbers(registry, client, model):
    registry.register(model, {"a": b"secret"}, tags={"k": "v"}, description="secret", semanticVersion="2.1.0")
    digest = registry.version(model, 1)["digest"]
    registry.post(f"/models/{model}/versions/1/notes", {"text": "secret"}, status=201)
    purged = registry.as_actor("officer").post(f"/models/{model}/versions/1/purge", {"reason": "GDPR"})
    for version in (purged, tombstone(registry, model, 1)):
        assert (version["number"], version["semanticVersion"], version["digest"]) == (1, "2.1.0", digest)
        assert version["seal"]["state"] == "purged"
        assert version["purgedAt"]
        assert (version["tags"], version.get("description")) == ({}, None)
    entry = registry.history(model, 1)[0]
    assert (entry["action"], entry["actor"], entry["reason"]) == ("version.purge", "officer", "GDPR")
    assert (entry["details"]["digest"], entry["details"]["semanticVersion"]) == (digest, "2.1.0")
    for path in ("", "/manifest", "/files", "/files/a", "/notes", "/capture"):
        assert registry.request("GET", f"/models/{model}/versions/1{path}").status == 404
    with pytest.raises(MlflowException):
        client.get_model_version(model, "1")
    registry.refused("POST", f"/models/{model}/versions/1/restore", None, status=409, code="conflict")
    assert registry.register(model)["number"] == 2


def test_a_purge_twice_is_one(registry, model):
    registry.register(model)
    purge(registry, model, 1)
    size = registry.ledger_size()
    purge(registry, model, 1)
    assert registry.ledger_size() == size


@pytest.mark.parametrize("stage", ["staging", "production"])
def test_what_is_in_use_cannot_be_purged(registry, model, stage):
    registry.register(model)
    registry.move(model, 1, stage)
    assert stage in cannot_purge(registry, model, 1)
    registry.request("DELETE", f"/models/{model}/versions/1").expect(204)
    assert stage in cannot_purge(registry, model, 1)


@pytest.mark.parametrize("back_in", ["archived", "candidate", "staging"])
def test_what_was_ever_in_production_is_kept_for_ten_years(registry, client, model, back_in):
    registry.register(model)
    client.transition_model_version_stage(model, "1", "Production")
    registry.move(model, 1, back_in)
    if back_in == "staging":
        registry.move(model, 1, "archived")
    message = cannot_purge(registry, model, 1)
    assert "10 years" in message
    year = int(registry.state(model)["at"][:4])
    assert str(year + 10) in message or str(year + 9) in message


def test_what_a_rollback_brought_to_production_is_kept_too(registry, model):
    registry.versions(model, 2)
    registry.move(model, 1, "production")
    registry.move(model, 2, "production")
    registry.post(f"/models/{model}/rollback")
    for number in (1, 2):
        registry.move(model, number, "archived")
        assert "10 years" in cannot_purge(registry, model, number)


def test_the_retention_floor_is_the_models_own(registry, model):
    registry.versions(model, 2)
    registry.move(model, 1, "production")
    registry.move(model, 2, "production")
    registry.policy(model, retentionYears=25)
    assert "25 years" in cannot_purge(registry, model, 1)
    registry.policy(model, retentionYears=0)
    assert purge(registry, model, 1)["purgedAt"]


def test_a_legal_hold_forbids_a_purge_until_it_is_released(registry, model):
    registry.register(model)
    path = f"/models/{model}/versions/1/hold"
    registry.refused("PUT", path, {}, status=400, code="invalid")
    held = registry.as_actor("lawyer").put(path, {"reason": "case 7"}, status=200)
    assert held["legalHold"] == "case 7"
    assert "case 7" in cannot_purge(registry, model, 1)
    registry.request("DELETE", f"/models/{model}/versions/1").expect(204)
    assert "case 7" in cannot_purge(registry, model, 1)
    registry.request("DELETE", path, reason="case closed").expect()
    assert [entry["action"] for entry in registry.history(model, 1)[:3]] == [
        "version.release", "version.delete", "version.hold",
    ]  # fmt: skip
    assert purge(registry, model, 1)["purgedAt"]


def test_what_an_alias_points_at_cannot_be_purged(registry, model):
    registry.register(model)
    registry.put(f"/models/{model}/aliases/champion", {"version": "1"})
    assert "champion" in cannot_purge(registry, model, 1)
    registry.request("DELETE", f"/models/{model}/aliases/champion").expect(204)
    assert purge(registry, model, 1)["purgedAt"]


def test_what_was_copied_cannot_be_purged(registry, client, model):
    registry.register(model)
    copy = client.copy_model_version(f"models:/{model}/1", unique("copy")).name
    assert copy in cannot_purge(registry, model, 1)
    purge(registry, copy, 1)
    assert purge(registry, model, 1)["purgedAt"]


def test_what_was_copied_cannot_be_purged_after_a_rename(registry, client, model):
    registry.register(model)
    client.copy_model_version(f"models:/{model}/1", unique("copy"))
    renamed = unique("renamed")
    client.rename_registered_model(model, renamed)
    cannot_purge(registry, renamed, 1)


# The bytes


def test_purged_bytes_are_collected_later_and_only_if_nobody_needs_them(start_martlet):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    alone, shared, logged, kept = (os.urandom(1000) for _ in range(4))
    run = server.new_run()
    server.put_artifact(f"0/{run}/artifacts/logged", logged).expect()
    registry.register(model, {"alone": alone, "shared": shared, "logged": logged})
    registry.register(model, {"shared": shared, "kept": kept})
    registry.register(model, {"kept": kept, "shared": shared})
    purge(registry, model, 1)
    purge(registry, model, 2)
    assert stored(server, alone).exists()
    assert server.terminate() == 0
    a_day_passes(server)
    server = start_martlet(data=server.data)
    registry = Registry(server, "ann")
    wait_until(lambda: not stored(server, alone).exists(), 20, "the purged file to be removed")
    assert registry.file(model, 3, "kept").expect().body == kept
    assert registry.file(model, 3, "shared").expect().body == shared
    assert server.get_artifact(f"0/{run}/artifacts/logged").expect().body == logged
    again = registry.register(model, {"alone": alone})
    assert registry.file(model, again["number"], "alone").expect().body == alone


def test_bytes_of_a_deleted_version_are_never_collected(start_martlet):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    data = os.urandom(1000)
    registry.register(model, {"a": data})
    registry.request("DELETE", f"/models/{model}/versions/1").expect(204)
    registry.request("DELETE", f"/models/{model}").expect(204)
    assert server.terminate() == 0
    a_day_passes(server)
    server = start_martlet(data=server.data)
    registry = Registry(server, "ann")
    registry.post(f"/models/{model}/restore")
    registry.post(f"/models/{model}/versions/1/restore")
    assert registry.file(model, 1, "a").expect().body == data
