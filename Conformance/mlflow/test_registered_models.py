"""Registered models: life, names, tags."""

import pytest

from client_calls import add_version, refused
from support import unique


def test_a_model_is_created_with_tags_and_description(client):
    name = unique("full")
    made = client.create_registered_model(name, tags={"team": "red", "n": 5}, description="what it does")
    for model in (made, client.get_registered_model(name)):
        assert (model.name, model.description) == (name, "what it does")
        assert model.tags == {"team": "red", "n": "5"}
        assert model.creation_timestamp == model.last_updated_timestamp
        assert not model.latest_versions
        assert not model.aliases


def test_a_name_is_taken_once(client, model):
    with refused("RESOURCE_ALREADY_EXISTS") as caught:
        client.create_registered_model(model)
    assert f"Registered Model (name={model}) already exists." in caught.value.message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a/b", "Invalid model name 'a/b'. Names cannot contain '/' or ':'."),
        ("a:b", "Invalid model name 'a:b'. Names cannot contain '/' or ':'."),
        (" ", "Missing value for required parameter 'name'."),
        ("", "Missing value for required parameter 'name'."),
        ("..", "This name would resolve to '..'"),
    ],
)
def test_a_bad_name_is_refused(server, name, message):
    reply = server.post("registered-models/create", {"name": name}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


@pytest.mark.parametrize("name", ["with space", "\u00fcnicode \u65e5", "a.b-c_d", "100%", "q?#&+='\""])
def test_most_text_is_a_name(client, name):
    name = unique(name)
    client.create_registered_model(name)
    add_version(client, name)
    assert client.get_registered_model(name).name == name
    assert client.get_model_version(name, "1").name == name


def test_a_description_can_be_changed(client, model):
    updated = client.update_registered_model(model, "new words")
    assert updated.description == "new words"
    after = client.get_registered_model(model)
    assert after.description == "new words"
    assert after.last_updated_timestamp >= after.creation_timestamp


def test_a_rename_takes_versions_tags_and_aliases_along(client, model):
    client.set_registered_model_tag(model, "t", "v")
    add_version(client, model, tags={"vt": "vv"})
    client.set_registered_model_alias(model, "champion", "1")
    name = unique("renamed")
    client.rename_registered_model(model, name)
    renamed = client.get_registered_model(name)
    assert (renamed.tags, renamed.aliases) == ({"t": "v"}, {"champion": "1"})
    version = client.get_model_version_by_alias(name, "champion")
    assert (version.name, version.tags) == (name, {"vt": "vv"})
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_registered_model(model)


def test_a_rename_to_a_taken_name_is_refused(client, model):
    other = client.create_registered_model(unique("other")).name
    with refused("RESOURCE_ALREADY_EXISTS") as caught:
        client.rename_registered_model(model, other)
    assert f"Registered Model (name={other}) already exists." in caught.value.message


def test_deleting_a_model_deletes_its_versions(client, model):
    add_version(client, model)
    client.set_registered_model_alias(model, "a", "1")
    client.delete_registered_model(model)
    with refused("RESOURCE_DOES_NOT_EXIST") as caught:
        client.get_registered_model(model)
    assert caught.value.message.endswith(f"Registered Model with name={model} not found")
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_model_version(model, "1")
    assert client.search_model_versions(f"name = '{model}'") == []


def test_a_deleted_name_can_be_used_again_and_starts_at_version_1(client, model):
    add_version(client, model)
    add_version(client, model)
    client.delete_registered_model(model)
    client.create_registered_model(model)
    assert client.get_registered_model(model).tags == {}
    assert str(add_version(client, model)) == "1"


@pytest.mark.parametrize(
    "call",
    [
        lambda client, name: client.get_registered_model(name),
        lambda client, name: client.update_registered_model(name, "x"),
        lambda client, name: client.rename_registered_model(name, unique("x")),
        lambda client, name: client.delete_registered_model(name),
        lambda client, name: client.set_registered_model_tag(name, "k", "v"),
        lambda client, name: client.delete_registered_model_tag(name, "k"),
        lambda client, name: client.get_latest_versions(name),
        lambda client, name: client.delete_registered_model_alias(name, "a"),
        lambda client, name: client.get_model_version_by_alias(name, "a"),
        lambda client, name: add_version(client, name),
    ],
    ids=[
        "get",
        "update",
        "rename",
        "delete",
        "set-tag",
        "delete-tag",
        "latest",
        "delete-alias",
        "by-alias",
        "new-version",
    ],
)
def test_an_unknown_model_is_not_found(client, call):
    name = unique("nobody")
    with refused("RESOURCE_DOES_NOT_EXIST") as caught:
        call(client, name)
    assert f"Registered Model with name={name} not found" in caught.value.message


def test_model_tags_are_set_overwritten_and_deleted(client, model):
    client.set_registered_model_tag(model, "k", "old")
    client.set_registered_model_tag(model, "k", "new")
    client.set_registered_model_tag(model, "long", "x" * 100_000)
    client.delete_registered_model_tag(model, "long")
    client.delete_registered_model_tag(model, "never there")
    assert client.get_registered_model(model).tags == {"k": "new"}


def test_registry_tags_have_limits(server, client, model):
    add_version(client, model)
    for path, where in [("registered-models", {}), ("model-versions", {"version": "1"})]:
        body = {"name": model, **where}
        reply = server.post(f"{path}/set-tag", {**body, "key": "k", "value": "x" * 100_001}).expect(400)
        assert reply.message == "'value' exceeds the maximum length of 100000 characters"
        reply = server.post(f"{path}/set-tag", {**body, "key": "k" * 251, "value": "x"}).expect(400)
        assert reply.message == "'key' exceeds the maximum length of 250 characters"
        reply = server.post(f"{path}/set-tag", {**body, "key": "k$", "value": "x"}).expect(400)
        assert reply.message.startswith(
            "Invalid value \"k$\" for parameter 'key' supplied: Names may only contain"
        )
