"""Datasets that runs used."""

import json

import mlflow
import numpy
import pandas
import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag


def dataset(name="data", digest="d1", **more):
    return Dataset(name=name, digest=digest, source_type="local", source='{"uri": "file"}', **more)


def inputs_of(client, run):
    """(name, digest, context) of each dataset of the run."""
    return [
        (i.dataset.name, i.dataset.digest, {tag.key: tag.value for tag in i.tags}.get("mlflow.data.context"))
        for i in client.get_run(run).inputs.dataset_inputs
    ]


def test_a_numpy_and_a_pandas_dataset_are_logged(client, experiment):
    with mlflow.start_run() as active:
        mlflow.log_input(mlflow.data.from_numpy(numpy.arange(6.0), name="array"), context="training")
        frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
        mlflow.log_input(mlflow.data.from_pandas(frame, name="frame"), context="eval")
    found = client.get_run(active.info.run_id).inputs.dataset_inputs
    by_name = {i.dataset.name: i for i in found}
    assert set(by_name) == {"array", "frame"}
    assert by_name["array"].tags[0].value == "training"
    schema = json.loads(by_name["frame"].dataset.schema)
    assert [column["name"] for column in schema["mlflow_colspec"]] == ["a", "b"]
    assert json.loads(by_name["frame"].dataset.profile)["num_rows"] == 2
    assert mlflow.data.get_source(by_name["frame"].dataset) is not None


def test_a_dataset_keeps_all_its_fields(client, run):
    tags = [InputTag("mlflow.data.context", "train"), InputTag("k", "v")]
    client.log_inputs(run, [DatasetInput(dataset(schema="{}", profile='{"n": 1}'), tags)])
    (kept,) = client.get_run(run).inputs.dataset_inputs
    expected = {**dict(dataset(schema="{}", profile='{"n": 1}'))}
    assert dict(kept.dataset) == expected
    assert {tag.key: tag.value for tag in kept.tags} == {"mlflow.data.context": "train", "k": "v"}


def test_one_dataset_is_logged_once_per_run(client, experiment, run):
    other = client.create_run(experiment).info.run_id
    for target, context in [(run, "train"), (run, "again"), (other, "test")]:
        client.log_inputs(target, [DatasetInput(dataset(), [InputTag("mlflow.data.context", context)])])
    assert inputs_of(client, run) == [("data", "d1", "train")]
    assert inputs_of(client, other) == [("data", "d1", "test")]


def test_datasets_of_one_name_differ_by_digest(client, run):
    client.log_inputs(run, [DatasetInput(dataset(digest="d1"), []), DatasetInput(dataset(digest="d2"), [])])
    assert sorted(inputs_of(client, run)) == [("data", "d1", None), ("data", "d2", None)]


def test_search_returns_datasets_too(client, experiment, run):
    client.log_inputs(run, [DatasetInput(dataset(), [])])
    (found,) = client.search_runs([experiment])
    assert found.inputs.dataset_inputs[0].dataset.name == "data"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "n" * 501}, "'name' exceeds the maximum length of 500 characters"),
        ({"digest": "n" * 37}, "'digest' exceeds the maximum length of 36 characters"),
        ({"source": "n" * 65536}, "'source' exceeds the maximum length of 65535 characters"),
    ],
    ids=["name", "digest", "source"],
)
def test_dataset_fields_have_limits(server, run, change, message):
    fields = {"name": "n", "digest": "d", "source_type": "s", "source": "s", **change}
    reply = server.post("runs/log-inputs", {"run_id": run, "datasets": [{"dataset": fields}]}).expect(400)
    assert (reply.error_code, reply.message) == ("INVALID_PARAMETER_VALUE", message)


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ({"key": "k" * 256, "value": "v"}, "'key' exceeds the maximum length of 255 characters"),
        ({"key": "k", "value": "v" * 501}, "'value' exceeds the maximum length of 500 characters"),
    ],
    ids=["key", "value"],
)
def test_dataset_tags_have_limits(server, run, tag, message):
    fields = {"name": "n", "digest": "d", "source_type": "s", "source": "s"}
    body = {"run_id": run, "datasets": [{"dataset": fields, "tags": [tag]}]}
    reply = server.post("runs/log-inputs", body).expect(400)
    assert (reply.error_code, reply.message) == ("INVALID_PARAMETER_VALUE", message)


def test_the_datasets_of_experiments_can_be_listed(server, client, experiment, run):
    tags = [InputTag("mlflow.data.context", "train")]
    client.log_inputs(run, [DatasetInput(dataset(), tags), DatasetInput(dataset(name="bare"), [])])
    path = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    summaries = server.post(path, {"experiment_ids": [experiment]}).expect().json["dataset_summaries"]
    assert sorted(summaries, key=lambda each: each["name"]) == [
        {"experiment_id": experiment, "name": "bare", "digest": "d1"},
        {"experiment_id": experiment, "name": "data", "digest": "d1", "context": "train"},
    ]
    assert server.post(path, {"experiment_ids": []}).expect(400).error_code == "INVALID_PARAMETER_VALUE"
    too_many = server.post(path, {"experiment_ids": [str(i) for i in range(21)]}).expect(400)
    assert "cannot specify more than 20 experiment_ids" in too_many.message
