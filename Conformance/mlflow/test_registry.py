"""The model registry: models, versions, aliases, stages, tags, search, loading."""

import time

import mlflow
import pytest
from mlflow.exceptions import MlflowException

import sklearn_models
from support import unique


@pytest.fixture
def model(client):
    """The name of a new registered model."""
    return client.create_registered_model(unique("model")).name


def add_version(client, name, number=None, **fields):
    """A version whose source is somewhere outside the server; its number as text."""
    return client.create_model_version(name, f"s3://bucket/{number or 0}", **fields).version


def refused(error_code):
    """`with refused(code) as caught`: the client raises an MlflowException of that code."""

    class Refused:
        def __enter__(self):
            self.context = pytest.raises(MlflowException)
            self.caught = self.context.__enter__()
            return self.caught

        def __exit__(self, *error):
            swallowed = self.context.__exit__(*error)
            assert self.caught.value.error_code == error_code, self.caught.value
            return swallowed

    return Refused()


# Registered models


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


# Versions


def test_a_version_keeps_what_it_was_given(client, experiment, run, model):
    source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/model"
    made = client.create_model_version(
        model, source, run, tags={"k": "v"}, run_link="http://run", description="first", await_creation_for=0
    )
    for version in (made, client.get_model_version(model, "1")):
        assert (version.name, str(version.version)) == (model, "1")
        assert (version.source, version.run_id, version.run_link) == (source, run, "http://run")
        assert (version.description, version.tags) == ("first", {"k": "v"})
        assert (version.status, version.current_stage) == ("READY", "None")
        assert version.creation_timestamp == version.last_updated_timestamp
    assert client.get_model_version_download_uri(model, "1") == source


def test_versions_count_up_and_are_never_reused(client, model):
    assert [str(add_version(client, model)) for _ in range(3)] == ["1", "2", "3"]
    client.delete_model_version(model, "3")
    assert str(add_version(client, model)) == "4"


def test_models_count_their_versions_independently(client, model):
    add_version(client, model)
    other = client.create_registered_model(unique("other")).name
    assert str(add_version(client, other)) == "1"


def test_a_new_version_touches_the_model(client, model):
    before = client.get_registered_model(model)
    time.sleep(0.002)
    add_version(client, model)
    assert client.get_registered_model(model).last_updated_timestamp > before.last_updated_timestamp


def test_the_description_of_a_version_can_be_changed(client, model):
    add_version(client, model, description="old")
    assert client.update_model_version(model, "1", "new").description == "new"
    assert client.get_model_version(model, "1").description == "new"


def test_version_tags_are_set_overwritten_and_deleted(client, model):
    add_version(client, model, tags={"at": "creation"})
    client.set_model_version_tag(model, "1", "k", "old")
    client.set_model_version_tag(model, "1", "k", "new")
    client.delete_model_version_tag(model, "1", "at")
    client.delete_model_version_tag(model, "1", "never there")
    assert client.get_model_version(model, "1").tags == {"k": "new"}


def test_a_deleted_version_is_gone(client, model):
    for _ in range(2):
        add_version(client, model)
    client.delete_model_version(model, "2")
    message = f"Model Version (name={model}, version=2) not found"
    for call in (
        client.get_model_version,
        client.delete_model_version,
        client.get_model_version_download_uri,
    ):
        with refused("RESOURCE_DOES_NOT_EXIST") as caught:
            call(model, "2")
        assert message in caught.value.message
    assert [str(v.version) for v in client.search_model_versions(f"name = '{model}'")] == ["1"]
    assert [str(v.version) for v in client.get_latest_versions(model)] == ["1"]


def test_a_version_must_be_a_number(client, model):
    with refused("INVALID_PARAMETER_VALUE") as caught:
        client.get_model_version(model, "newest")
    assert "Parameter 'version' must be an integer, got 'newest'." in caught.value.message


def test_a_version_can_copy_another(client, experiment, run, model):
    source = f"mlflow-artifacts:/{experiment}/{run}/artifacts/m"
    client.create_model_version(model, source, run)
    copy = client.copy_model_version(f"models:/{model}/1", unique("copy"))
    assert (copy.source, copy.run_id) == (f"models:/{model}/1", run)
    assert client.get_model_version_download_uri(copy.name, copy.version) == source


def test_a_copy_of_an_unknown_version_is_refused(server, model):
    body = {"name": model, "source": f"models:/{model}/99"}
    reply = server.post("model-versions/create", body).expect(404)
    assert reply.error_code == "RESOURCE_DOES_NOT_EXIST"
    assert reply.message == f"Model Version (name={model}, version=99) not found"


OUTSIDE = "parameter must identify the resource that contains the source."
RELATIVE = "an absolute path must be provided without relative path references present."
LOCAL = "To use a local path as a model version source"


@pytest.mark.parametrize(
    ("source", "with_run", "message"),
    [
        ("/etc/passwd", False, LOCAL),
        ("/etc/passwd", True, LOCAL),
        ("file:///etc/passwd", True, LOCAL),
        ("relative/path", True, LOCAL),
        ("runs:/{run}/model", False, OUTSIDE),
        ("runs:/other/model", True, OUTSIDE),
        ("mlflow-artifacts:/{experiment}/{run}/artifacts/m", False, OUTSIDE),
        ("mlflow-artifacts:/{experiment}/other/artifacts/m", True, OUTSIDE),
        ("mlflow-artifacts:/{experiment}/{run}/artifacts/../../x", True, RELATIVE),
        ("mlflow-artifacts:/{experiment}/{run}/artifacts/%2e%2e/x", True, RELATIVE),
        ("mlflow-artifacts:/{experiment}/{run}/artifacts/%252e%252e/x", True, RELATIVE),
        ("s3://bucket/../other", False, RELATIVE),
        ("models:/m-unknown", False, OUTSIDE),
    ],
)
def test_a_source_outside_its_run_is_refused(server, experiment, run, model, source, with_run, message):
    body = {"name": model, "source": source.format(run=run, experiment=experiment)}
    reply = server.post("model-versions/create", {**body, **({"run_id": run} if with_run else {})}).expect(
        400
    )
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


def test_a_runs_uri_is_a_source(server, run, model):
    body = {"name": model, "source": f"runs:/{run}/model", "run_id": run}
    made = server.post("model-versions/create", body).expect().json["model_version"]
    assert made["source"] == f"runs:/{run}/model"


def test_a_version_answer_leaves_out_only_what_is_unset(server, client, model):
    add_version(client, model)
    answer = server.get("model-versions/get", name=model, version="1").expect().json["model_version"]
    assert answer["version"] == "1"
    assert isinstance(answer["creation_timestamp"], int)
    assert "tags" not in answer
    assert "aliases" not in answer


# Stages


def test_a_version_moves_through_the_stages(client, model):
    add_version(client, model)
    for stage in ("Staging", "Production", "Archived", "None"):
        moved = client.transition_model_version_stage(model, "1", stage.lower())
        assert moved.current_stage == stage
        assert client.get_model_version(model, "1").current_stage == stage


def test_existing_versions_can_be_archived(client, model):
    for _ in range(4):
        add_version(client, model)
    client.transition_model_version_stage(model, "1", "Production")
    client.transition_model_version_stage(model, "2", "Staging")
    client.transition_model_version_stage(model, "3", "Production")
    client.transition_model_version_stage(model, "4", "Production", archive_existing_versions=True)
    stages = [client.get_model_version(model, str(number)).current_stage for number in (1, 2, 3, 4)]
    assert stages == ["Archived", "Staging", "Archived", "Production"]


def test_a_bad_stage_is_refused(client, model):
    add_version(client, model)
    with refused("INVALID_PARAMETER_VALUE") as caught:
        client.transition_model_version_stage(model, "1", "Live")
    expected = "Invalid Model Version stage: Live. Value must be one of None, Staging, Production, Archived."
    assert expected in caught.value.message


@pytest.mark.martlet_only
def test_only_active_stages_can_archive(server, client, model):
    add_version(client, model)
    body = {"name": model, "version": "1", "stage": "None", "archive_existing_versions": True}
    reply = server.post("model-versions/transition-stage", body).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert "cannot archive existing model versions because 'None' is not an Active stage" in reply.message


def test_latest_versions_are_the_newest_of_each_stage(client, model):
    for _ in range(5):
        add_version(client, model)
    for number, stage in [("1", "Production"), ("2", "Production"), ("3", "Staging"), ("4", "None")]:
        client.transition_model_version_stage(model, number, stage)

    def latest(stages=None):
        return {v.current_stage: str(v.version) for v in client.get_latest_versions(model, stages)}

    assert latest() == {"Production": "2", "Staging": "3", "None": "5"}
    assert latest(["Production"]) == {"Production": "2"}
    assert latest(["staging", "none"]) == {"Staging": "3", "None": "5"}
    assert latest(["Archived"]) == {}
    found = client.get_registered_model(model).latest_versions
    assert sorted(str(v.version) for v in found) == ["2", "3", "5"]
    with refused("INVALID_PARAMETER_VALUE"):
        client.get_latest_versions(model, ["Live"])


def test_latest_versions_can_be_asked_for_by_get(server, client, model):
    add_version(client, model)
    answer = server.get("registered-models/get-latest-versions", name=model, stages=["None"]).expect().json
    assert [version["version"] for version in answer["model_versions"]] == ["1"]


# Aliases


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


# Search


@pytest.fixture(scope="module")
def library(server, client):
    """Models a, B, c and d_e (a has versions 1 to 3, B one of a run) and a prompt, under a common prefix."""
    prefix = unique("library")
    for name in ("a", "B", "c", "d_e"):
        tags = {} if name == "c" else {"t": name, "x.y": "1"}
        client.create_registered_model(f"{prefix}{name}", tags=tags)
        time.sleep(0.002)
    experiment = client.create_experiment(prefix)
    run = client.create_run(experiment).info.run_id
    for number in range(3):
        add_version(client, f"{prefix}a", number, tags={"i": str(number), "j": "J"})
        time.sleep(0.002)
    client.create_model_version(f"{prefix}B", f"runs:/{run}/m", run)
    prompt = {"name": f"{prefix}prompt", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
    server.post("registered-models/create", prompt).expect()
    server.post("model-versions/create", {**prompt, "source": "dummy-source"}).expect()
    return {"p": prefix, "run": run}


def models(library, found):
    return [model.name.removeprefix(library["p"]) for model in found if model.name.startswith(library["p"])]


def versions(library, found):
    prefix = library["p"]
    return [f"{v.name.removeprefix(prefix)}{v.version}" for v in found if v.name.startswith(prefix)]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name LIKE '{p}%'", ["B", "a", "c", "d_e"]),
        ("name = '{p}a'", ["a"]),
        ("name != '{p}a' AND name LIKE '{p}%'", ["B", "c", "d_e"]),
        ("name like '{p}b%'", []),
        ("name ILIKE '{p}b%'", ["B"]),
        ("name LIKE '{p}%_e'", ["d_e"]),
        ("attribute.name = '{p}a'", ["a"]),
        ("tags.t = 'a' AND name LIKE '{p}%'", ["a"]),
        ("tag.t = 'a' AND name LIKE '{p}%'", ["a"]),
        ("tags.t != 'a' AND name LIKE '{p}%'", ["B", "d_e"]),
        ("tags.`x.y` = '1' AND name LIKE '{p}%'", ["B", "a", "d_e"]),
        ("tags.t LIKE 'b' AND name LIKE '{p}%'", []),
        ("tags.t ILIKE 'b' AND name LIKE '{p}%'", ["B"]),
        ("tags.t = 'a' AND tags.`x.y` = '1' AND name LIKE '{p}%'", ["a"]),
        ("tags.t = 'a' AND tags.t = 'B'", []),
    ],
)
def test_models_are_filtered(client, library, condition, expected):
    assert models(library, client.search_registered_models(condition.format(**library))) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name IN ('{p}a', '{p}B')", ["B", "a"]),
        ("name NOT IN ('{p}a') AND name LIKE '{p}%'", ["B", "c", "d_e"]),
    ],
)
def test_models_are_filtered_by_lists_of_names(client, library, condition, expected):
    assert models(library, client.search_registered_models(condition.format(**library))) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("tags.`mlflow.prompt.is_prompt` = 'true'", ["prompt"]),
        ("tags.`mlflow.prompt.is_prompt` != 'false'", ["prompt"]),
        ("tags.`mlflow.prompt.is_prompt` = 'false'", ["B", "a", "c", "d_e"]),
        ("tags.`mlflow.prompt.is_prompt` != 'true'", ["B", "a", "c", "d_e"]),
    ],
)
def test_prompts_are_hidden_from_searches_unless_asked_for(client, library, condition, expected):
    condition += f" AND name LIKE '{library['p']}%'"
    assert models(library, client.search_registered_models(condition)) == expected
    if expected == ["prompt"]:
        assert versions(library, client.search_model_versions(condition)) == ["prompt1"]
    hidden = client.search_model_versions(f"name = '{library['p']}prompt'")
    assert versions(library, hidden) == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["name"], ["B", "a", "c", "d_e"]),
        (["name DESC"], ["d_e", "c", "a", "B"]),
        (["timestamp"], ["c", "d_e", "a", "B"]),
        (["timestamp DESC"], ["B", "a", "d_e", "c"]),
        (["last_updated_timestamp DESC"], ["B", "a", "d_e", "c"]),
        (["last_updated_timestamp ASC", "name DESC"], ["c", "d_e", "a", "B"]),
    ],
)
def test_models_are_ordered(client, library, order, expected):
    found = client.search_registered_models(f"name LIKE '{library['p']}%'", order_by=order)
    assert models(library, found) == expected


def test_found_models_carry_versions_tags_and_aliases(client, library):
    name = f"{library['p']}a"
    client.set_registered_model_alias(name, "best", "2")
    (found,) = client.search_registered_models(f"name = '{name}'")
    assert [str(version.version) for version in found.latest_versions] == ["3"]
    assert (found.tags["t"], found.aliases) == ("a", {"best": "2"})


def test_model_pages_are_disjoint_and_complete(client, library):
    condition = f"name LIKE '{library['p']}%'"
    first = client.search_registered_models(condition, max_results=3)
    second = client.search_registered_models(condition, max_results=3, page_token=first.token)
    assert models(library, first) == ["B", "a", "c"]
    assert models(library, second) == ["d_e"]
    assert not second.token


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name = '{p}a'", ["a3", "a2", "a1"]),
        ("name LIKE '{p}%'", ["B1", "a3", "a2", "a1"]),
        ("name ILIKE '{p}b'", ["B1"]),
        ("run_id = '{run}'", ["B1"]),
        ("run_id IN ('{run}', 'x')", ["B1"]),
        ("run_id != '{run}' AND name LIKE '{p}%'", ["a3", "a2", "a1"]),
        ("source_path = 's3://bucket/1' AND name LIKE '{p}%'", ["a2"]),
        ("source_path LIKE 's3:%' AND name LIKE '{p}%'", ["a3", "a2", "a1"]),
        ("version_number = 1 AND name LIKE '{p}%'", ["B1", "a1"]),
        ("version_number >= 2 AND name LIKE '{p}%'", ["a3", "a2"]),
        ("version_number != 2 AND name = '{p}a'", ["a3", "a1"]),
        ("tags.i = '1' AND name LIKE '{p}%'", ["a2"]),
        ("tags.i != '1' AND name LIKE '{p}%'", ["a3", "a1"]),
        ("tags.i = '1' AND tags.j = 'J' AND name = '{p}a'", ["a2"]),
        ("tags.i = '1' AND tags.j = 'K' AND name = '{p}a'", []),
    ],
)
def test_versions_are_filtered(client, library, condition, expected):
    assert versions(library, client.search_model_versions(condition.format(**library))) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["name"], ["B1", "a3", "a2", "a1"]),
        (["name DESC"], ["a3", "a2", "a1", "B1"]),
        (["version_number"], ["B1", "a1", "a2", "a3"]),
        (["version_number DESC"], ["a3", "a2", "B1", "a1"]),
        (["creation_timestamp ASC"], ["a1", "a2", "a3", "B1"]),
        (["last_updated_timestamp DESC"], ["B1", "a3", "a2", "a1"]),
        (["name DESC", "version_number ASC"], ["a1", "a2", "a3", "B1"]),
    ],
)
def test_versions_are_ordered(client, library, order, expected):
    found = client.search_model_versions(f"name LIKE '{library['p']}%'", order_by=order)
    assert versions(library, found) == expected


def test_version_pages_are_disjoint_and_complete(client, library):
    condition = f"name LIKE '{library['p']}%'"
    seen, token = [], None
    for _ in range(3):
        page = client.search_model_versions(condition, max_results=2, page_token=token)
        seen.append(versions(library, page))
        token = page.token
        if not token:
            break
    assert seen == [["B1", "a3"], ["a2", "a1"]]


@pytest.mark.parametrize(
    ("kind", "question", "message"),
    [
        ("registered-models", {"filter": "name > 'a'"}, "Invalid comparator for attribute: >"),
        (
            "registered-models",
            {"filter": "description = 'x'"},
            "Invalid attribute key 'description' specified.",
        ),
        ("registered-models", {"filter": "metrics.x > 1"}, "Invalid entity type 'metrics'."),
        ("registered-models", {"filter": "name = 5"}, "Expected a quoted string value"),
        (
            "registered-models",
            {"filter": "name = 'a' OR name = 'b'"},
            "Invalid clause(s) in filter string",
        ),
        ("registered-models", {"filter": "tags.t IN ('a')"}, "Expected a quoted string value for tag"),
        ("registered-models", {"order_by": "bogus"}, "Invalid order by key 'bogus' specified."),
        (
            "registered-models",
            {"order_by": "name FOO"},
            "Invalid ordering key in order_by clause 'name FOO'.",
        ),
        (
            "registered-models",
            {"max_results": 1001},
            "Invalid value \"1001\" for parameter 'max_results' supplied",
        ),
        ("registered-models", {"page_token": "zz"}, "Invalid page token"),
        ("model-versions", {"filter": "name > 'a'"}, "Invalid comparator for attribute: >"),
        ("model-versions", {"filter": "bogus = 'x'"}, "Invalid attribute key 'bogus' specified."),
        (
            "model-versions",
            {"filter": "current_stage = 'None'"},
            "Invalid attribute key 'current_stage' specified.",
        ),
        (
            "model-versions",
            {"filter": "version_number = 1.5"},
            "Invalid value for numeric attribute 'version_number'",
        ),
        (
            "model-versions",
            {"filter": "version_number LIKE '1'"},
            "Invalid comparator for attribute version_number",
        ),
        (
            "model-versions",
            {"filter": "source_path IN ('x')"},
            "attributes support comparison with a list of quoted",
        ),
        ("model-versions", {"filter": "params.x = '1'"}, "Invalid entity type 'params'."),
        ("model-versions", {"order_by": "run_id"}, "Invalid attribute key 'run_id' specified."),
        (
            "model-versions",
            {"max_results": 0},
            "Invalid value for max_results. It must be a positive integer",
        ),
        (
            "model-versions",
            {"max_results": 200001},
            "Invalid value \"200001\" for parameter 'max_results' supplied",
        ),
        ("model-versions", {"page_token": "zz"}, "Invalid page token"),
    ],
)
def test_bad_searches_are_refused(server, kind, question, message):
    reply = server.get(f"{kind}/search", **question).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


# Loading


@pytest.fixture(scope="module")
def lines(client):
    """A registered model of three versions, which multiply by 1, 2 and 3."""
    name = unique("lines")
    mlflow.set_experiment(unique("lines"))
    with mlflow.start_run() as active:
        for slope in (1.0, 2.0, 3.0):
            sklearn_models.log(
                sklearn_models.line(slope), name=f"line{slope:.0f}", registered_model_name=name
            )
    return name, active.info.run_id


def test_registering_while_logging_makes_versions_of_the_run(client, lines):
    name, run_id = lines
    found = client.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
    assert [str(version.version) for version in found] == ["1", "2", "3"]
    assert {version.run_id for version in found} == {run_id}


def test_a_model_is_loaded_by_version_alias_stage_and_latest(client, lines):
    name, _ = lines
    client.set_registered_model_alias(name, "champion", "1")
    client.transition_model_version_stage(name, "2", "Production")
    for reference, slope in [
        ("/1", 1.0),
        ("/2", 2.0),
        ("@champion", 1.0),
        ("/Production", 2.0),
        ("/latest", 3.0),
    ]:
        sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{name}{reference}"), slope)
    sklearn_models.assert_line(mlflow.pyfunc.load_model(f"models:/{name}@champion"), 1.0)


def test_a_logged_model_can_be_registered_later(client, lines):
    _, run_id = lines
    name = unique("later")
    version = mlflow.register_model(f"runs:/{run_id}/line2", name)
    assert (str(version.version), version.run_id) == ("1", run_id)
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{name}/1"), 2.0)


def test_a_copied_version_is_loadable(client, lines):
    name, _ = lines
    copy = client.copy_model_version(f"models:/{name}/3", unique("copied"))
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{copy.name}/1"), 3.0)


@pytest.mark.parametrize("reference", ["/99", "@nobody", "/Staging"])
def test_what_is_not_there_cannot_be_loaded(client, lines, reference):
    name, _ = lines
    with pytest.raises(MlflowException):
        mlflow.sklearn.load_model(f"models:/{name}{reference}")
