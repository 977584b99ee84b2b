"""Prompts: registered models with tags, through the prompt functions of both clients."""

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from conftest import CLIENT_MAJOR
from support import unique

# MLflow 3 has the functions in mlflow.genai, 2.22 has them in mlflow.
prompts = mlflow.genai if CLIENT_MAJOR >= 3 else mlflow


@pytest.fixture
def prompt(client):
    """The name of a prompt of one version."""
    return prompts.register_prompt(unique("prompt"), "Say {{what}}.", commit_message="first").name


def test_a_prompt_is_registered_and_loaded(client):
    name = unique("hello")
    made = prompts.register_prompt(name, "Hello {{who}}, \u00fc\n'quoted'", commit_message="why")
    assert int(made.version) == 1
    for loaded in (prompts.load_prompt(name, version=1), prompts.load_prompt(f"prompts:/{name}/1")):
        assert (loaded.name, int(loaded.version)) == (name, 1)
        assert loaded.template == "Hello {{who}}, \u00fc\n'quoted'"
        assert loaded.commit_message == "why"
        assert loaded.format(who="Ada") == "Hello Ada, \u00fc\n'quoted'"


def test_registering_again_makes_the_next_version(client, prompt):
    assert int(prompts.register_prompt(prompt, "Shout {{what}}!").version) == 2
    assert prompts.load_prompt(prompt, version=1).template == "Say {{what}}."
    assert prompts.load_prompt(prompt, version=2).template == "Shout {{what}}!"


def test_an_alias_of_a_prompt_points_at_a_version(client, prompt):
    prompts.register_prompt(prompt, "second")
    prompts.set_prompt_alias(prompt, "production", 1)
    assert int(prompts.load_prompt(f"prompts:/{prompt}@production").version) == 1
    prompts.set_prompt_alias(prompt, "candidate", 2)
    assert prompts.load_prompt(f"prompts:/{prompt}@candidate").template == "second"
    prompts.delete_prompt_alias(prompt, "candidate")
    with pytest.raises(MlflowException):
        prompts.load_prompt(f"prompts:/{prompt}@candidate")


def test_a_prompt_keeps_its_tags(client):
    name = unique("tagged")
    prompts.register_prompt(name, "x", tags={"k": "v"})
    assert prompts.load_prompt(name, version=1).tags["k"] == "v"


def test_an_unknown_prompt_is_not_found(client, prompt):
    with pytest.raises(MlflowException):
        prompts.load_prompt(prompt, version=99)
    if CLIENT_MAJOR >= 3:
        assert prompts.load_prompt(unique("nobody"), version=1, allow_missing=True) is None


def test_a_prompt_text_has_a_limit(client, prompt):
    with pytest.raises(MlflowException) as refused:
        prompts.register_prompt(prompt, "x" * 100_001)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_prompts_and_models_do_not_share_names(client, prompt):
    with pytest.raises(MlflowException, match="the name is already taken by a prompt") as refused:
        client.create_registered_model(prompt)
    assert refused.value.error_code == "RESOURCE_ALREADY_EXISTS"
    model = client.create_registered_model(unique("model")).name
    with pytest.raises(MlflowException):
        prompts.register_prompt(model, "x")
    assert client.search_model_versions(f"name = '{model}'") == []


def test_the_server_names_the_clash_of_a_prompt_with_a_model(server, client, prompt):
    is_prompt = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    again = server.post("registered-models/create", {"name": prompt, "tags": is_prompt}).expect(400)
    assert (again.error_code, again.message) == (
        "RESOURCE_ALREADY_EXISTS",
        f"Prompt (name={prompt}) already exists.",
    )
    model = client.create_registered_model(unique("model")).name
    clash = server.post("registered-models/create", {"name": model, "tags": is_prompt}).expect(400)
    assert clash.error_code == "RESOURCE_ALREADY_EXISTS"
    assert f"Tried to create a prompt with name '{model}'" in clash.message


def test_a_prompt_has_a_placeholder_for_a_source(server, client, prompt):
    body = {"name": prompt, "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
    reply = server.post("model-versions/create", {**body, "source": "s3://bucket/x"}).expect(400)
    assert (
        reply.message
        == "Invalid prompt source: 's3://bucket/x'. Prompt sources must use an MLflow placeholder."
    )
    for source in ("prompt-template", "dummy-source"):
        server.post("model-versions/create", {**body, "source": source}).expect()


def test_prompts_are_hidden_among_models(client, prompt):
    assert client.search_registered_models(f"name = '{prompt}'") == []
    assert client.search_model_versions(f"name = '{prompt}'") == []


@pytest.mark.needs_client_3
def test_prompts_are_searched_with_pages(client):
    prefix = unique("searched")
    for number in range(3):
        prompts.register_prompt(f"{prefix}-{number}", f"text {number}", tags={"kind": "x"})
    client.create_registered_model(f"{prefix}-model")
    found = prompts.search_prompts(f"name LIKE '{prefix}%'")
    assert [each.name for each in found] == [f"{prefix}-{number}" for number in range(3)]
    first = client.search_prompts(f"name LIKE '{prefix}%'", max_results=2)
    second = client.search_prompts(f"name LIKE '{prefix}%'", max_results=2, page_token=first.token)
    assert [each.name for each in [*first, *second]] == [f"{prefix}-{number}" for number in range(3)]


@pytest.mark.needs_client_3
def test_prompt_and_version_tags_are_set_and_deleted(client, prompt):
    prompts.set_prompt_tag(prompt, "team", "red")
    assert prompts.get_prompt_tags(prompt)["team"] == "red"
    prompts.delete_prompt_tag(prompt, "team")
    assert "team" not in prompts.get_prompt_tags(prompt)
    prompts.set_prompt_version_tag(prompt, 1, "author", "ada")
    assert client.get_prompt_version(prompt, 1).tags["author"] == "ada"
    prompts.delete_prompt_version_tag(prompt, 1, "author")
    assert "author" not in client.get_prompt_version(prompt, 1).tags


@pytest.mark.needs_client_3
def test_a_chat_prompt_and_its_response_format_are_kept(client):
    name = unique("chat")
    template = [{"role": "system", "content": "Be {{mood}}."}, {"role": "user", "content": "{{question}}"}]
    wanted = {"type": "object", "properties": {"answer": {"type": "string"}}}
    prompts.register_prompt(name, template, response_format=wanted)
    loaded = prompts.load_prompt(name, version=1)
    assert loaded.template == template
    assert loaded.response_format == wanted
    assert loaded.format(mood="kind", question="Why?")[1]["content"] == "Why?"


@pytest.mark.needs_client_3
def test_a_prompt_version_and_a_prompt_can_be_deleted(client, prompt):
    client.delete_prompt_version(prompt, "1")
    with pytest.raises(MlflowException):
        client.get_prompt_version(prompt, 1)
    client.delete_prompt(prompt)
    assert client.search_prompts(f"name = '{prompt}'") == []
