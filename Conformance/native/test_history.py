"""Time travel: what was, at any moment, who made it so, and why."""

import time

import pytest

from support import unique
from training import trained


def moment(registry, model):
    """A moment after all that has happened and before all that will."""
    time.sleep(0.003)
    at = registry.state(model)["at"]
    time.sleep(0.003)
    return at


def version_at(registry, model, number, at=None):
    (version,) = [v for v in registry.state(model, at)["versions"] if v["number"] == number]
    return version


def test_what_was_in_production_at_a_moment_who_put_it_there_and_what_it_was_made_of(
    registry, client, experiment, model, acting
):
    trained(model)
    trained(model, c=0.5)
    before = moment(registry, model)
    acting("bob")
    client.transition_model_version_stage(model, "1", "Production")
    first = moment(registry, model)
    registry.as_actor("carol").move(model, 2, "production", reason="it is better")
    second = moment(registry, model)
    registry.as_actor("dan").post(f"/models/{model}/rollback", {"reason": "it is not"})

    def production(at):
        found = [v for v in registry.state(model, at)["versions"] if v["stage"] == "production"]
        return [(v["number"], v["movedBy"], v.get("moveReason")) for v in found]

    assert production(before) == []
    assert production(first) == [(1, "bob", None)]
    assert production(second) == [(2, "carol", "it is better")]
    assert production(None) == [(1, "dan", "it is not")]
    then = version_at(registry, model, 1, first)
    assert then["digest"] == registry.version(model, 1)["digest"]
    assert then["semanticVersion"] == "1.0.0"
    assert before < then["movedAt"] < first
    assert version_at(registry, model, 1, second)["stage"] == "archived"


def test_aliases_tags_and_descriptions_are_what_they_were(registry, client, model):
    client.create_model_version(model, "s3://b/1", tags={"a": "1"}, description="first")
    client.create_model_version(model, "s3://b/2")
    client.set_registered_model_alias(model, "champion", "1")
    client.set_registered_model_tag(model, "team", "red")
    client.update_registered_model(model, "a model")
    client.set_model_version_tag(model, "1", "b", "2")
    early = moment(registry, model)
    client.set_registered_model_alias(model, "champion", "2")
    client.set_registered_model_tag(model, "team", "blue")
    client.update_registered_model(model, "the model")
    client.update_model_version(model, "1", "changed")
    client.set_model_version_tag(model, "1", "a", "9")
    client.delete_model_version_tag(model, "1", "b")
    late = moment(registry, model)
    client.delete_registered_model_alias(model, "champion")
    client.delete_registered_model_tag(model, "team")

    then = registry.state(model, early)
    assert (then["aliases"], then["tags"], then["description"]) == (
        {"champion": 1}, {"team": "red"}, "a model",
    )  # fmt: skip
    version = version_at(registry, model, 1, early)
    assert (version["tags"], version["description"]) == ({"a": "1", "b": "2"}, "first")
    then = registry.state(model, late)
    assert (then["aliases"], then["tags"], then["description"]) == (
        {"champion": 2}, {"team": "blue"}, "the model",
    )  # fmt: skip
    version = version_at(registry, model, 1, late)
    assert (version["tags"], version["description"]) == ({"a": "9"}, "changed")
    now = registry.state(model)
    assert (now["aliases"], now["tags"]) == ({}, {})


def test_now_is_what_the_registry_says(registry, client, model):
    registry.versions(model, 3)
    client.set_registered_model_alias(model, "champion", "2")
    registry.move(model, 2, "production")
    registry.put(f"/models/{model}/versions/3/semantic-version", {"semanticVersion": "9.0.0"}, status=200)
    now = registry.state(model)
    for version in registry.get(f"/models/{model}/versions")["versions"]:
        same = ("semanticVersion", "digest", "stage", "tags")
        state = version_at(registry, model, version["number"])
        assert {key: state[key] for key in same} == {key: version[key] for key in same}
    assert now["aliases"] == registry.get(f"/models/{model}")["aliases"]


def test_a_number_was_what_it_was_before_it_was_changed(registry, model):
    registry.register(model)
    at = moment(registry, model)
    registry.put(f"/models/{model}/versions/1/semantic-version", {"semanticVersion": "9.0.0"}, status=200)
    assert version_at(registry, model, 1, at)["semanticVersion"] == "1.0.0"
    assert version_at(registry, model, 1)["semanticVersion"] == "9.0.0"


def test_deleted_restored_and_purged_versions_were_there(registry, model):
    registry.register(model)
    there = moment(registry, model)
    registry.request("DELETE", f"/models/{model}/versions/1").expect(204)
    hidden = moment(registry, model)
    registry.post(f"/models/{model}/versions/1/restore")
    back = moment(registry, model)
    registry.post(f"/models/{model}/versions/1/purge", {"reason": "a test"})
    seen = [version_at(registry, model, 1, at)["isDeleted"] for at in (there, hidden, back, None)]
    assert seen == [False, True, False, True]
    assert version_at(registry, model, 1, there)["digest"]


def test_a_renamed_model_keeps_its_past(registry, client, model):
    registry.register(model)
    registry.move(model, 1, "production")
    at = moment(registry, model)
    renamed = unique("renamed")
    client.rename_registered_model(model, renamed)
    assert registry.state(renamed, at)["model"] == model
    assert version_at(registry, renamed, 1, at)["stage"] == "production"
    assert registry.state(renamed)["model"] == renamed
    actions = [entry["action"] for entry in registry.history(renamed)]
    assert actions == ["model.rename", "version.transition", "version.register", "model.create"]


def test_a_deleted_model_keeps_its_past(registry, client, model):
    registry.register(model)
    at = moment(registry, model)
    client.delete_registered_model(model)
    assert registry.state(model, at)["exists"]
    assert not registry.state(model)["exists"]
    assert registry.history(model)[0]["action"] == "model.delete"
    assert [e["action"] for e in registry.history(model, 1)] == ["version.register"]


def test_a_namesake_has_a_past_of_its_own(registry, client, model):
    registry.versions(model, 2)
    client.delete_registered_model(model)
    client.create_registered_model(model)
    assert [entry["action"] for entry in registry.history(model)] == ["model.create"]
    assert registry.state(model)["versions"] == []


def test_a_name_means_what_it_meant_at_that_moment(registry, client, model):
    """What was in production under that name, at a time when it belonged to another model?"""
    registry.register(model)
    registry.move(model, 1, "production")
    at = moment(registry, model)
    client.delete_registered_model(model)
    client.create_registered_model(model)
    assert registry.state(model)["versions"] == []
    assert version_at(registry, model, 1, at)["stage"] == "production"


def test_before_it_was_made_a_model_did_not_exist(registry, model):
    state = registry.state(model, "2001-01-01T00:00Z")
    assert not state["exists"]
    assert (state["versions"], state["aliases"]) == ([], {})


def test_history_is_told_by_pages_the_newest_first(registry, model):
    registry.versions(model, 5)
    first = registry.get(f"/models/{model}/history", limit=2)
    second = registry.get(f"/models/{model}/history", limit=2, pageToken=first["nextPageToken"])
    third = registry.get(f"/models/{model}/history", limit=2, pageToken=second["nextPageToken"])
    indexes = [entry["index"] for page in (first, second, third) for entry in page["entries"]]
    assert len(indexes) == 6
    assert indexes == sorted(indexes, reverse=True)
    assert third.get("nextPageToken") is None
    path = f"/models/{model}/versions/1/history"
    registry.refused("GET", path, pageToken=first["nextPageToken"], status=400, code="invalid")


def test_history_up_to_a_moment_leaves_out_what_came_later(registry, model):
    registry.register(model)
    at = moment(registry, model)
    registry.register(model)
    actions = [entry["action"] for entry in registry.get(f"/models/{model}/history", at=at)["entries"]]
    assert actions == ["version.register", "model.create"]


@pytest.mark.parametrize(
    "at", ["yesterday", "2026-05-03T14:00", "2026-13-01", "2026-02-30", "1746280800", "now"]
)
def test_what_is_no_moment_is_refused(registry, model, at):
    registry.refused("GET", f"/models/{model}/state", at=at, status=400, code="invalid")


def test_moments_may_have_an_offset_or_be_a_day(registry, model):
    registry.register(model)
    for at in ("2999-01-01", "2999-01-01T00:00Z", "2999-01-01T00:00:00.5+02:00"):
        assert len(registry.state(model, at)["versions"]) == 1


def test_the_aliases_of_a_deleted_version_are_hidden_in_the_state_too(registry, client, model):
    registry.register(model)
    client.set_registered_model_alias(model, "champion", "1")
    client.delete_model_version(model, "1")
    assert registry.get(f"/models/{model}")["aliases"] == {}
    assert registry.state(model)["aliases"] == {}


def test_who_put_a_version_there_is_not_who_asked_for_it_again(registry, client, model, acting):
    registry.register(model)
    registry.as_actor("carol").move(model, 1, "production", reason="it is better")
    size = registry.ledger_size()
    acting("mallory")
    client.transition_model_version_stage(model, "1", "Production")
    assert version_at(registry, model, 1)["movedBy"] == "carol"
    assert registry.ledger_size() == size
