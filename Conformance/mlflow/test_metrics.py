"""Logging metrics to a run: values, steps, what is latest."""

import math
import sys

import pytest
from mlflow.entities import Metric

from client_calls import history


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
