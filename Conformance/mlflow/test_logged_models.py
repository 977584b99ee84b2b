"""Logged models (MLflow 3): life, params, tags, metrics, artifacts."""

import math

import mlflow
import pytest
from mlflow.exceptions import MlflowException

import sklearn_models
from support import unique

pytestmark = pytest.mark.needs_client_3


@pytest.fixture
def model(client, experiment):
    """The id of a new logged model."""
    return client.create_logged_model(experiment, name="m").model_id


def test_a_new_model_is_pending_and_keeps_what_it_was_given(client, experiment, run):
    made = client.create_logged_model(
        experiment, name="first", source_run_id=run, tags={"t": "v"}, params={"p": "1"}, model_type="tree"
    )
    for model in (made, client.get_logged_model(made.model_id)):
        assert model.model_id.startswith("m-")
        assert len(model.model_id) == 34
        assert (model.experiment_id, model.name, model.model_type) == (experiment, "first", "tree")
        assert (model.source_run_id, model.status) == (run, "PENDING")
        assert model.artifact_location == f"mlflow-artifacts:/{experiment}/models/{model.model_id}/artifacts"
        assert model.tags == {"t": "v"}
        assert model.params == {"p": "1"}
        assert model.creation_timestamp == model.last_updated_timestamp
        assert not model.metrics


def test_a_model_without_a_name_gets_one(client, experiment):
    assert client.create_logged_model(experiment).name


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"])
def test_a_bad_name_is_refused(server, experiment, name):
    reply = server.post("logged-models", {"experiment_id": experiment, "name": name}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert (
        "Model name must be a non-empty string and cannot contain the following characters" in reply.message
    )


def test_two_models_may_share_a_name(client, experiment):
    first, second = (client.create_logged_model(experiment, name="same") for _ in range(2))
    assert first.model_id != second.model_id


@pytest.mark.parametrize(
    ("status", "expected"),
    [("READY", "READY"), ("FAILED", "FAILED")],
)
def test_a_model_is_finalized(client, model, status, expected):
    assert client.finalize_logged_model(model, status).status == expected
    assert client.get_logged_model(model).status == expected


@pytest.mark.parametrize(
    "call",
    [
        lambda client, model: client.get_logged_model(model),
        lambda client, model: client.finalize_logged_model(model, "READY"),
        lambda client, model: client.delete_logged_model(model),
        lambda client, model: client.delete_logged_model_tag(model, "t"),
    ],
    ids=["get", "finalize", "delete", "delete tag"],
)
def test_an_unknown_model_is_not_found(client, call):
    with pytest.raises(MlflowException, match="Logged model with ID 'm-nobody' not found") as missing:
        call(client, "m-nobody")
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_deleted_model_is_gone_unless_asked_for(server, client, experiment, model):
    client.delete_logged_model(model)
    with pytest.raises(MlflowException, match="not found"):
        client.get_logged_model(model)
    assert client.search_logged_models([experiment]) == []
    kept = server.get(f"logged-models/{model}", allow_deleted="true").expect().json
    assert kept["model"]["info"]["model_id"] == model


def test_tags_are_set_overwritten_and_deleted(client, model):
    client.set_logged_model_tags(model, {"a": "1", "b": "2"})
    client.set_logged_model_tags(model, {"b": "3", "c": "4"})
    client.delete_logged_model_tag(model, "a")
    assert client.get_logged_model(model).tags == {"b": "3", "c": "4"}
    with pytest.raises(
        MlflowException, match=f"No tag with key 'a' found for model with ID '{model}'"
    ) as missing:
        client.delete_logged_model_tag(model, "a")
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_more_than_100_params_are_kept(client, experiment):
    params = {f"p{i}": str(i) for i in range(250)}
    model = client.create_logged_model(experiment, params=params)
    assert client.get_logged_model(model.model_id).params == params


def test_params_can_be_added_later(client, model):
    client.log_model_params(model, {f"p{i}": str(i) for i in range(120)})
    client.log_model_params(model, {"last": "x"})
    params = client.get_logged_model(model).params
    assert (len(params), params["p119"], params["last"]) == (121, "119", "x")


def test_a_param_is_set_once(server, client, model):
    client.log_model_params(model, {"p": "1"})
    server.post(
        f"logged-models/{model}/params", {"model_id": model, "params": [{"key": "p", "value": "2"}]}
    ).expect(400)
    assert client.get_logged_model(model).params == {"p": "1"}


def test_a_metric_can_name_the_model_and_the_dataset(client, run, model):
    client.log_metric(
        run, "acc", 0.5, timestamp=10, step=1, model_id=model, dataset_name="d", dataset_digest="g"
    )
    (metric,) = client.get_logged_model(model).metrics
    assert (metric.key, metric.value, metric.timestamp, metric.step) == ("acc", 0.5, 10, 1)
    assert (metric.dataset_name, metric.dataset_digest) == ("d", "g")
    assert (metric.run_id, metric.model_id) == (run, model)
    assert client.get_run(run).data.metrics == {"acc": 0.5}


def test_metrics_of_a_batch_can_name_the_model(client, experiment, model):
    with mlflow.start_run() as active:
        mlflow.log_metrics({"a": 1.0, "b": 2.0}, step=3, model_id=model)
        mlflow.log_metric("c", 3.0, model_id=model)
    found = {metric.key: metric.value for metric in client.get_logged_model(model).metrics}
    assert found == {"a": 1.0, "b": 2.0, "c": 3.0}
    assert client.get_run(active.info.run_id).data.metrics == found


def test_a_metric_of_an_unknown_model_is_refused(server, client, run):
    body = {"run_id": run, "key": "a", "value": 1, "timestamp": 1, "model_id": "m-nobody"}
    reply = server.post("runs/log-metric", body)
    assert reply.status in (400, 404)
    assert reply.error_code in ("BAD_REQUEST", "INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST")


# Through the flavors


def test_log_model_makes_a_ready_model_with_its_files(client, experiment):
    with mlflow.start_run() as active:
        info = sklearn_models.log(sklearn_models.line(2.0), params={"depth": 3}, tags={"t": "v"})
    model = mlflow.last_logged_model()
    assert model.model_id == info.model_id
    assert info.model_uri == f"models:/{model.model_id}"
    assert (model.status, model.source_run_id) == ("READY", active.info.run_id)
    assert (model.params, model.tags["t"]) == ({"depth": "3"}, "v")
    outputs = client.get_run(active.info.run_id).outputs.model_outputs
    assert [output.model_id for output in outputs] == [model.model_id]
    files = {file.path: file for file in mlflow.artifacts.list_artifacts(info.model_uri)}
    assert "MLmodel" in files
    assert files["MLmodel"].file_size > 0


def test_a_model_is_loaded_by_its_id(client, experiment):
    with mlflow.start_run():
        first = sklearn_models.log(sklearn_models.line(2.0))
        second = sklearn_models.log(sklearn_models.line(3.0))
    sklearn_models.assert_line(mlflow.sklearn.load_model(first.model_uri), 2.0)
    sklearn_models.assert_line(mlflow.pyfunc.load_model(second.model_uri), 3.0)


def test_a_model_is_loaded_through_its_run(client, experiment):
    with mlflow.start_run() as active:
        sklearn_models.log(sklearn_models.line(4.0), name="by-run")
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"runs:/{active.info.run_id}/by-run"), 4.0)


def test_a_model_can_be_logged_without_a_run(client, experiment):
    info = sklearn_models.log(sklearn_models.line(5.0), name="alone")
    sklearn_models.assert_line(mlflow.sklearn.load_model(info.model_uri), 5.0)


def test_a_model_can_be_registered_while_it_is_logged(client, experiment, server):
    name = unique("at-once")
    with mlflow.start_run() as active:
        info = sklearn_models.log(sklearn_models.line(6.0), registered_model_name=name)
    version = client.get_model_version(name, "1")
    assert version.source == info.model_uri
    assert version.run_id == active.info.run_id
    assert f'"name": "{name}"' in client.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    location = client.get_logged_model(info.model_id).artifact_location
    files = client.get_model_version_download_uri(name, "1")
    # Ours come from the seal, which nothing that happens to the logged model can change.
    assert files.startswith("mlflow-artifacts:/sealed/") if server.is_martlet else files == location
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{name}/1"), 6.0)


def test_an_external_model_is_ready_at_once(client, experiment):
    model = mlflow.create_external_model(name="outside", params={"p": "1"})
    assert client.get_logged_model(model.model_id).status == "READY"


def test_artifacts_are_listed_and_served(server, client, model):
    experiment = client.get_logged_model(model).experiment_id
    root = f"{experiment}/models/{model}/artifacts"
    for path, data in [("MLmodel", b"12345"), ("data/x.bin", b"abc")]:
        server.put_artifact(f"{root}/{path}", data).expect()
    listing = server.get(f"logged-models/{model}/artifacts/directories").expect().json
    assert listing["root_uri"] == f"mlflow-artifacts:/{root}"
    assert listing["files"] == [
        {"path": "MLmodel", "is_dir": False, "file_size": 5},
        {"path": "data", "is_dir": True},
    ]
    below = server.get(
        f"logged-models/{model}/artifacts/directories", artifact_directory_path="data"
    ).expect()
    assert below.json["files"] == [{"path": "data/x.bin", "is_dir": False, "file_size": 3}]
    files = f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files"
    assert server.get(files, artifact_file_path="data/x.bin").expect().body == b"abc"
    assert server.get(files, artifact_file_path="nope").expect(404).error_code == "RESOURCE_DOES_NOT_EXIST"
    assert server.get(files, artifact_file_path="../x").expect(400).error_code == "INVALID_PARAMETER_VALUE"


def test_nan_can_be_logged_for_a_model(client, run, model):
    client.log_metric(run, "x", math.nan, model_id=model)
    assert math.isnan(client.get_run(run).data.metrics["x"])
    assert [metric.key for metric in client.get_logged_model(model).metrics] == ["x"]
