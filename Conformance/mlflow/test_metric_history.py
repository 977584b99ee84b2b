"""Metric history over raw HTTP, as the UI asks for it: in pages, of many runs, sampled."""

import pytest
from mlflow.entities import Metric


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


# Of many runs

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


# Sampled


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
