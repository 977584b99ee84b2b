"""Logging to a run: metrics and their history, params, batches, datasets, models."""

import json
import math
import re
import sys

import mlflow
import numpy
import pandas
import pytest
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.models import Model


def history(client, run, key):
    return [(m.step, m.timestamp, m.value) for m in client.get_metric_history(run, key)]


# Metrics


def test_a_metric_keeps_value_time_and_step(client, run):
    client.log_metric(run, "loss", 0.1 + 0.2, timestamp=1_700_000_000_123, step=7)
    assert history(client, run, "loss") == [(7, 1_700_000_000_123, 0.1 + 0.2)]
    assert client.get_run(run).data.metrics == {"loss": 0.1 + 0.2}


@pytest.mark.parametrize("value", [0.0, -0.0, 5e-324, -1e308, 2**53, 123456789.123456789, sys.float_info.max])
def test_a_float_comes_back_exactly(client, run, value):
    client.log_metric(run, "x", value)
    assert client.get_run(run).data.metrics["x"] == value


def test_nan_comes_back_as_nan(client, run):
    client.log_metric(run, "x", math.nan, step=1)
    assert math.isnan(client.get_run(run).data.metrics["x"])
    assert math.isnan(client.get_metric_history(run, "x")[0].value)


@pytest.mark.parametrize("sign", [1, -1])
def test_infinity_comes_back_as_infinity_or_the_largest_double(client, run, sign):
    client.log_metric(run, "x", sign * math.inf)
    value = client.get_run(run).data.metrics["x"]
    assert value in (sign * math.inf, sign * sys.float_info.max)
    assert client.get_metric_history(run, "x")[0].value == value


def test_steps_may_be_negative_and_repeat(client, run):
    for step, value in [(-3, 1.0), (0, 2.0), (0, 3.0)]:
        client.log_metric(run, "x", value, timestamp=10, step=step)
    assert history(client, run, "x") == [(-3, 10, 1.0), (0, 10, 2.0), (0, 10, 3.0)]


def test_logging_the_same_point_twice_keeps_one(client, run):
    for value in (1.5, math.nan):
        for _ in range(2):
            client.log_metric(run, f"m{value}", value, timestamp=10, step=1)
            client.log_batch(run, metrics=[Metric(f"m{value}", value, 10, 1)] * 2)
        assert len(client.get_metric_history(run, f"m{value}")) == 1


def test_history_is_ordered_by_time_then_step_then_value(client, run):
    points = [(2, 30, 1.0), (1, 30, 9.0), (1, 30, -9.0), (5, 10, 0.0), (0, 99, 0.0)]
    client.log_batch(run, metrics=[Metric("x", value, time, step) for step, time, value in points])
    assert history(client, run, "x") == [
        (5, 10, 0.0),
        (1, 30, -9.0),
        (1, 30, 9.0),
        (2, 30, 1.0),
        (0, 99, 0.0),
    ]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_the_latest_value_has_the_greatest_step_then_time_then_value(client, run, in_one_batch):
    points = [(1, 100, 1.0), (1, 50, 9.0), (0, 999, 5.0), (1, 100, 0.5), (1, 100, 2.0), (1, 100, 1.5)]
    metrics = [Metric("x", value, time, step) for step, time, value in points]
    for batch in [metrics] if in_one_batch else [[metric] for metric in metrics]:
        client.log_batch(run, metrics=batch)
    assert client.get_run(run).data.metrics == {"x": 2.0}


def test_nan_ranks_as_zero_among_values_of_one_step_and_time(client, run):
    latest = []
    for value in (-3.0, math.nan, -1.0, 3.0):
        client.log_metric(run, "x", value, timestamp=1, step=1)
        latest.append(client.get_run(run).data.metrics["x"])
    assert latest[0] == -3.0
    assert math.isnan(latest[1])
    assert math.isnan(latest[2])
    assert latest[3] == 3.0


def test_metrics_of_one_run_do_not_leak_into_another(client, experiment, run):
    other = client.create_run(experiment).info.run_id
    client.log_metric(run, "x", 1.0)
    assert client.get_run(other).data.metrics == {}
    assert client.get_metric_history(other, "x") == []


@pytest.mark.parametrize(
    "key", ["a/b", "a.b", "a-b", "a b", "a:b", "\u00e9t\u00e9", "\u65e5\u672c", "k" * 250]
)
def test_a_key_may_hold_words_and_some_punctuation(client, run, key):
    client.log_metric(run, key, 1.0)
    client.log_param(run, key, "v")
    client.set_tag(run, key, "v")
    data = client.get_run(run).data
    assert data.metrics == {key: 1.0}
    assert data.params == {key: "v"}
    assert data.tags[key] == "v"
    assert len(client.get_metric_history(run, key)) == 1


BAD_KEYS = {
    "a$": "Names may only contain alphanumerics",
    "a#b": "Names may only contain alphanumerics",
    "a//b": "This name would resolve to 'a/b'",
    "a/../b": "This name would resolve to 'b'",
    "../a": r"This name would resolve to '\.\./a'",
    "/a": "This name would resolve to '/a'",
    "a/": "This name would resolve to 'a'",
    ".": r"This name would resolve to '\.'",
    "k" * 251: "exceeds the maximum length of 250 characters",
}


@pytest.mark.parametrize("key", BAD_KEYS, ids=lambda key: key[:6])
@pytest.mark.parametrize("kind", ["metric", "param", "tag"])
def test_a_bad_key_is_refused(server, client, run, kind, key):
    value = {"metric": {"value": 1.0, "timestamp": 1}, "param": {"value": "v"}, "tag": {"value": "v"}}[kind]
    path = {"metric": "runs/log-metric", "param": "runs/log-parameter", "tag": "runs/set-tag"}[kind]
    for reply in (
        server.post(path, {"run_id": run, "key": key, **value}),
        server.post("runs/log-batch", {"run_id": run, f"{kind}s": [{"key": key, **value}]}),
    ):
        assert reply.expect(400).error_code == "INVALID_PARAMETER_VALUE"
        assert re.search(BAD_KEYS[key], reply.message), reply.message
    data = client.get_run(run).data
    assert (data.metrics, data.params, set(data.tags)) == ({}, {}, {"mlflow.runName"})


# Metric history over raw HTTP, as the UI asks for it


@pytest.fixture
def curve(client, run):
    """A run with x = step squared at steps 0 to 9."""
    client.log_batch(run, metrics=[Metric("x", step**2, 1000 + step, step) for step in range(10)])
    return run


def test_history_comes_in_pages(server, curve):
    seen, token = [], None
    while True:
        query = {"run_id": curve, "metric_key": "x", "max_results": 4}
        page = (
            server.get("metrics/get-history", **query, **({"page_token": token} if token else {}))
            .expect()
            .json
        )
        assert len(page["metrics"]) <= 4
        seen += [metric["step"] for metric in page["metrics"]]
        token = page.get("next_page_token")
        if not token:
            break
    assert seen == list(range(10))


def test_a_last_full_page_has_no_token(server, curve):
    page = server.get("metrics/get-history", run_id=curve, metric_key="x", max_results=10).expect().json
    assert len(page["metrics"]) == 10
    assert "next_page_token" not in page


def test_history_without_a_limit_is_whole(server, client, run):
    client.log_batch(run, metrics=[Metric("x", i, i, i) for i in range(1000)])
    client.log_batch(run, metrics=[Metric("x", i, i, i) for i in range(1000, 2000)])
    answer = server.get("metrics/get-history", run_id=run, metric_key="x").expect().json
    assert [metric["step"] for metric in answer["metrics"]] == list(range(2000))
    assert "next_page_token" not in answer


def test_history_of_an_unknown_run_or_key_is_empty(server, curve):
    assert server.get("metrics/get-history", run_id=curve, metric_key="nope").expect().json == {}
    assert server.get("metrics/get-history", run_id="nope", metric_key="x").expect().json == {}


def test_nan_is_a_string_on_the_wire(server, run):
    point = {"run_id": run, "key": "x", "value": "NaN", "timestamp": 1}
    server.post("runs/log-metric", point).expect()
    answer = server.get("metrics/get-history", run_id=run, metric_key="x").expect().json
    assert answer["metrics"] == [{"key": "x", "value": "NaN", "timestamp": 1, "step": 0}]


BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"


def test_bulk_history_is_ordered_by_run_and_limited_in_total(server, client, experiment, curve):
    other = client.create_run(experiment).info.run_id
    client.log_batch(other, metrics=[Metric("x", step, 1000 + step, step) for step in range(10)])
    ask = {"run_id": [curve, other], "metric_key": "x"}
    metrics = server.get(BULK, **ask).expect().json["metrics"]
    assert [m["run_id"] for m in metrics] == sorted([curve, other] * 10)
    assert set(metrics[0]) == {"key", "run_id", "step", "timestamp", "value"}
    assert server.get(BULK, **ask, max_results=13).expect().json["metrics"] == metrics[:13]
    assert server.get(BULK, run_id="nope", metric_key="x").expect().json == {"metrics": []}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"metric_key": "x"}, "GetMetricHistoryBulk request must specify at least one run_id."),
        ({"run_id": "a"}, "GetMetricHistoryBulk request must specify a metric_key."),
        (
            {"run_id": ["a"] * 101, "metric_key": "x"},
            "GetMetricHistoryBulk request cannot specify more than 100 run_ids. Received 101 run_ids.",
        ),
    ],
)
def test_bad_bulk_history_questions_are_refused(server, query, message):
    reply = server.get(BULK, **query).expect(400)
    assert (reply.error_code, reply.message) == ("INVALID_PARAMETER_VALUE", message)


@pytest.fixture(params=["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/"], ids=["api", "ajax-api"])
def interval(request):
    return request.param + "metrics/get-history-bulk-interval"


def steps(reply):
    return [metric["step"] for metric in reply.expect().json.get("metrics", [])]


def test_interval_history_is_whole_when_it_fits(server, curve, interval):
    assert steps(server.get(interval, run_ids=curve, metric_key="x")) == list(range(10))
    assert steps(server.get(interval, run_ids=curve, metric_key="x", max_results=10)) == list(range(10))


@pytest.mark.parametrize(
    ("max_results", "expected"),
    [(1, [9]), (3, [0, 4, 9]), (4, [0, 3, 6, 9]), (5, [0, 2, 4, 6, 9])],
)
def test_interval_history_is_sampled_evenly_and_keeps_the_ends(
    server, curve, interval, max_results, expected
):
    assert steps(server.get(interval, run_ids=curve, metric_key="x", max_results=max_results)) == expected


def test_interval_history_can_be_cut_to_steps(server, curve, interval):
    assert steps(server.get(interval, run_ids=curve, metric_key="x", start_step=2, end_step=4)) == [2, 3, 4]
    assert steps(server.get(interval, run_ids=curve, metric_key="x", start_step=20, end_step=40)) == []


def test_interval_history_names_the_run_of_each_point(server, client, experiment, curve, interval):
    other = client.create_run(experiment).info.run_id
    client.log_metric(other, "x", 5.0, step=3)
    answer = server.get(interval, run_ids=[other, curve], metric_key="x", max_results=2).expect().json
    assert [metric["run_id"] for metric in answer["metrics"]] == [other, curve, curve]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"metric_key": "x"}, "Missing value for required parameter 'run_ids'."),
        ({"run_ids": "r"}, "Missing value for required parameter 'metric_key'."),
        (
            {"run_ids": ["r"] * 101, "metric_key": "x"},
            "must specify at most 100 run_ids. Received 101 run_ids.",
        ),
        ({"run_ids": "r", "metric_key": "x", "max_results": 0}, "max_results must be between 1 and 2500."),
        ({"run_ids": "r", "metric_key": "x", "max_results": 2501}, "max_results must be between 1 and 2500."),
        ({"run_ids": "r", "metric_key": "x", "start_step": 2}, "both must be specified."),
        (
            {"run_ids": "r", "metric_key": "x", "start_step": 5, "end_step": 2},
            "end_step must be greater than start_step. Found start_step=5 and end_step=2.",
        ),
    ],
)
def test_bad_interval_questions_are_refused(server, interval, query, message):
    reply = server.get(interval, **query).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


# Params


def test_a_param_keeps_its_text(client, run):
    for key, value in [("number", 0.5), ("text", "a'b\"c\n\u00e9"), ("empty", ""), ("none", None)]:
        client.log_param(run, key, value)
    expected = {"number": "0.5", "text": "a'b\"c\n\u00e9", "empty": "", "none": "None"}
    assert client.get_run(run).data.params == expected


def test_a_param_may_be_logged_again_with_the_same_value(client, run):
    client.log_param(run, "p", 1)
    client.log_param(run, "p", "1")
    client.log_batch(run, params=[Param("p", "1"), Param("q", "2")])
    assert client.get_run(run).data.params == {"p": "1", "q": "2"}


def test_a_param_cannot_change_its_value(server, client, run):
    client.log_param(run, "p", "1")
    reply = server.post("runs/log-parameter", {"run_id": run, "key": "p", "value": "2"}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert reply.message == (
        "Changing param values is not allowed. Param with key='p' was already logged with value='1' "
        f"for run ID='{run}'. Attempted logging new value '2'."
    )
    with pytest.raises(MlflowException, match="Changing param values is not allowed"):
        client.log_param(run, "p", "2")
    assert client.get_run(run).data.params == {"p": "1"}


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


def test_a_long_param_value_is_cut_to_6000_characters(client, run):
    for _ in range(2):
        client.log_param(run, "p", "\u00e9" * 6001)
    client.log_batch(run, params=[Param("q", "x" * 7000)])
    assert client.get_run(run).data.params == {"p": "\u00e9" * 6000, "q": "x" * 6000}


def test_a_long_tag_value_is_cut_to_8000_characters(client, run):
    client.set_tag(run, "t", "\u00e9" * 8001)
    client.log_batch(run, tags=[RunTag("u", "x" * 9000)])
    tags = client.get_run(run).data.tags
    assert (tags["t"], tags["u"]) == ("\u00e9" * 8000, "x" * 8000)


# Batches


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


# Datasets


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


# Models, inputs and outputs


def test_a_recorded_model_is_appended_to_the_history_tag(client, run):
    for path in ("first", "second"):
        client._record_logged_model(run, Model(artifact_path=path, run_id=run, flavors={"f": {"k": 1}}))
    recorded = json.loads(client.get_run(run).data.tags["mlflow.log-model.history"])
    assert [model["artifact_path"] for model in recorded] == ["first", "second"]
    assert recorded[0]["run_id"] == run
    assert recorded[0]["flavors"] == {"f": {"k": 1}}


@pytest.mark.parametrize(
    ("model_json", "message"),
    [("{x", "is not a valid JSON"), ("{}", "Model json is missing mandatory fields")],
)
def test_a_malformed_model_is_refused(server, run, model_json, message):
    reply = server.post("runs/log-model", {"run_id": run, "model_json": model_json}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


def test_model_inputs_and_outputs_of_a_run_are_kept(server, run):
    server.post("runs/log-inputs", {"run_id": run, "models": [{"model_id": "m-in"}]}).expect()
    server.post("runs/outputs", {"run_id": run, "models": [{"model_id": "m-out", "step": 3}]}).expect()
    answer = server.get("runs/get", run_id=run).expect().json["run"]
    assert answer["inputs"] == {"model_inputs": [{"model_id": "m-in"}]}
    assert answer["outputs"] == {"model_outputs": [{"model_id": "m-out", "step": 3}]}
