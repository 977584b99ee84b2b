"""Aliases of registered models."""

import pytest

from client_calls import add_version, refused


def test_an_alias_points_at_one_version_and_can_move(client, model):
    for _ in range(2):
        add_version(client, model)
    client.set_registered_model_alias(model, "champion", "1")
    client.set_registered_model_alias(model, "champion", "2")
    client.set_registered_model_alias(model, "second-name_2", "2")
    assert str(client.get_model_version_by_alias(model, "champion").version) == "2"
    assert client.get_registered_model(model).aliases == {"champion": "2", "second-name_2": "2"}
    assert sorted(client.get_model_version(model, "2").aliases) == ["champion", "second-name_2"]
    assert client.get_model_version(model, "1").aliases == []


def test_an_alias_can_be_deleted(client, model):
    add_version(client, model)
    client.set_registered_model_alias(model, "a", "1")
    client.delete_registered_model_alias(model, "a")
    client.delete_registered_model_alias(model, "a")
    assert client.get_registered_model(model).aliases == {}
    with refused("INVALID_PARAMETER_VALUE") as caught:
        client.get_model_version_by_alias(model, "a")
    assert "Registered model alias a not found." in caught.value.message


def test_the_alias_of_a_deleted_version_goes_with_it(client, model):
    for _ in range(2):
        add_version(client, model)
    client.set_registered_model_alias(model, "gone", "1")
    client.set_registered_model_alias(model, "stays", "2")
    client.delete_model_version(model, "1")
    assert client.get_registered_model(model).aliases == {"stays": "2"}


@pytest.mark.parametrize(
    ("alias", "message"),
    [
        ("latest", "'latest' alias name (case insensitive) is reserved."),
        ("LATEST", "'latest' alias name (case insensitive) is reserved."),
        ("v1", "Version alias name 'v1' is reserved."),
        ("V12", "Version alias name 'V12' is reserved."),
        ("a b", "Invalid alias name: 'a b'."),
        ("a/b", "Invalid alias name: 'a/b'."),
        ("a@b", "Invalid alias name: 'a@b'."),
        ("a" * 256, "'Registered model alias name' exceeds the maximum length of 255 characters"),
        ("", "Missing value for required parameter 'alias'."),
    ],
    ids=lambda text: text[:8],
)
def test_a_bad_alias_is_refused(server, client, model, alias, message):
    add_version(client, model)
    body = {"name": model, "alias": alias, "version": "1"}
    reply = server.post("registered-models/alias", body).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


@pytest.mark.parametrize("alias", ["v", "v1x", "x1", "a" * 255, "1"])
def test_an_alias_may_look_nearly_like_a_version(client, model, alias):
    add_version(client, model)
    client.set_registered_model_alias(model, alias, "1")
    assert client.get_registered_model(model).aliases == {alias: "1"}


def test_an_alias_needs_an_existing_version(client, model):
    with refused("RESOURCE_DOES_NOT_EXIST") as caught:
        client.set_registered_model_alias(model, "a", "99")
    assert f"Model Version (name={model}, version=99) not found" in caught.value.message


def test_latest_is_an_alias_for_the_newest_version(server, client, model):
    for _ in range(2):
        add_version(client, model)
    answer = server.get("registered-models/alias", name=model, alias="latest").expect().json
    assert answer["model_version"]["version"] == "2"
