"""Model versions: numbers, sources, stages, tags."""

import time

import pytest

from client_calls import add_version, refused
from support import unique


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
