"""Logging metrics, params and tags in one call: all or nothing, within limits."""

import math

import mlflow
import pytest
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from client_calls import history


def test_a_batch_stores_all_kinds(client, run):
    client.log_batch(
        run,
        metrics=[Metric("a", 1, 10, 0), Metric("a", 2, 20, 1), Metric("b", math.nan, 10, 0)],
        params=[Param("p", "1"), Param("q", "2")],
        tags=[RunTag("t", "first"), RunTag("t", "last")],
    )
    data = client.get_run(run).data
    assert data.metrics["a"] == 2
    assert math.isnan(data.metrics["b"])
    assert data.params == {"p": "1", "q": "2"}
    assert data.tags["t"] == "last"
    assert history(client, run, "a") == [(0, 10, 1.0), (1, 20, 2.0)]


def test_the_fluent_calls_log_many_at_once(client, experiment):
    with mlflow.start_run() as active:
        mlflow.log_metrics({f"m{i}": float(i) for i in range(300)}, step=4)
        mlflow.log_params({f"p{i}": i for i in range(250)})
    data = client.get_run(active.info.run_id).data
    assert data.metrics == {f"m{i}": float(i) for i in range(300)}
    assert data.params == {f"p{i}": str(i) for i in range(250)}


def test_an_empty_batch_is_fine(server, run):
    assert server.post("runs/log-batch", {"run_id": run}).expect().json == {}


def test_a_batch_with_a_changed_param_stores_nothing(server, client, run):
    client.log_param(run, "p", "1")
    batch = {
        "params": [{"key": "new", "value": "x"}, {"key": "p", "value": "2"}],
        "metrics": [{"key": "m", "value": 1, "timestamp": 1}],
        "tags": [{"key": "t", "value": "v"}],
    }
    reply = server.post("runs/log-batch", {"run_id": run, **batch}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert "Changing param values is not allowed. Params were already logged=" in reply.message
    assert "{'key': 'p', 'old_value': '1', 'new_value': '2'}" in reply.message
    data = client.get_run(run).data
    assert (data.params, data.metrics) == ({"p": "1"}, {})
    assert "t" not in data.tags


def test_a_batch_must_not_name_a_param_twice(client, run):
    with pytest.raises(
        MlflowException, match=r"Duplicate parameter keys have been submitted: \['p'\]"
    ) as refused:
        client.log_batch(run, params=[Param("p", "1"), Param("p", "1")])
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def metrics(count):
    return [{"key": "m", "value": i, "timestamp": i, "step": i} for i in range(count)]


def texts(count):
    return [{"key": f"k{i}", "value": "v"} for i in range(count)]


def test_the_largest_batch_is_taken(server, client, run):
    batch = {"metrics": metrics(800), "params": texts(100), "tags": texts(100)}
    server.post("runs/log-batch", {"run_id": run, **batch}).expect()
    data = client.get_run(run).data
    assert (len(data.params), len(data.tags)) == (100, 101)
    assert len(client.get_metric_history(run, "m")) == 800


@pytest.mark.parametrize(
    ("batch", "limit", "what", "got"),
    [
        ({"metrics": metrics(1001)}, 1000, "metrics", 1001),
        ({"params": texts(101)}, 100, "params", 101),
        ({"tags": texts(101)}, 100, "tags", 101),
        ({"metrics": metrics(901), "params": texts(100)}, 1000, "metrics, params, and tags", 1001),
    ],
    ids=["metrics", "params", "tags", "total"],
)
def test_a_batch_over_a_limit_is_refused_and_stores_nothing(server, client, run, batch, limit, what, got):
    reply = server.post("runs/log-batch", {"run_id": run, **batch}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert reply.message == (
        f"A batch logging request can contain at most {limit} {what}. Got {got} {what}. "
        f"Please split up {what} across multiple requests and try again."
    )
    data = client.get_run(run).data
    assert (data.metrics, data.params, set(data.tags)) == ({}, {}, {"mlflow.runName"})
