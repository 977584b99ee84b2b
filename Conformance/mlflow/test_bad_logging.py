"""Bad requests to log to a run or to read what was logged. bad_input.py says how a case reads."""

import pytest

from bad_input import GONE, answered, get, missing, post, raw, unknown, written, wrong

POINT = {"run_id": "$run", "key": "m", "value": 1, "timestamp": 1}
BATCH = {"run_id": "$run"}

CASES = [
    post("runs/log-metric", {**POINT, "run_id": None}, missing("run_id")),
    post("runs/log-metric", {**POINT, "key": None}, missing("key")),
    post("runs/log-metric", {**POINT, "value": None}, missing("value")),
    post("runs/log-metric", {**POINT, "timestamp": None}, missing("timestamp")),
    post("runs/log-metric", {**POINT, "value": "high"}, wrong("value", "high", "str")),
    post("runs/log-metric", {**POINT, "value": [1]}, oracle=None),
    post("runs/log-metric", {**POINT, "timestamp": "now"}, wrong("timestamp", "now", "str")),
    post(
        "runs/log-metric", {**POINT, "timestamp": -1}, "Timestamp must be a nonnegative long (64-bit integer)"
    ),
    post("runs/log-metric", {**POINT, "timestamp": 2**63}, oracle=None),
    post("runs/log-metric", {**POINT, "timestamp": 1.5}, oracle=None),
    post("runs/log-metric", {**POINT, "step": "first"}, wrong("step", "first", "str")),
    post("runs/log-metric", {**POINT, "step": 1.5}, oracle=None),
    post("runs/log-metric", {**POINT, "value": True}, oracle=None),
    raw("runs/log-metric", b'{"run_id": "$run", "key": "m", "value": 1e400, "timestamp": 1}', oracle=None),
    unknown(post("runs/log-metric", {**POINT, "run_id": "nobody"}, "Run with id=nobody not found")),
    post("runs/log-metric", {**POINT, "run_id": "$gone"}, GONE),
    post(
        "runs/log-metric",
        {**POINT, "key": "k" * 251},
        "'Metric name' exceeds the maximum length of 250 characters",
    ),
    post("runs/log-parameter", {"run_id": "$run", "value": "v"}, missing("key")),
    post("runs/log-parameter", {"run_id": "$run", "key": "p", "value": 5}, wrong("value", 5, "int")),
    post(
        "runs/log-parameter",
        {"run_id": "$run", "key": "k" * 251, "value": "v"},
        "'Param key' exceeds the maximum length",
    ),
    unknown(
        post(
            "runs/log-parameter",
            {"run_id": "nobody", "key": "k", "value": "v"},
            "Run with id=nobody not found",
        )
    ),
    post("runs/log-batch", {}, missing("run_id")),
    unknown(post("runs/log-batch", {"run_id": "nobody"}, "Run with id=nobody not found")),
    post(
        "runs/log-batch", {"run_id": "no/body"}, "Invalid value \"no/body\" for parameter 'run_id' supplied."
    ),
    post("runs/log-batch", {**BATCH, "metrics": "x"}, wrong("metrics", "x", "str")),
    post("runs/log-batch", {**BATCH, "metrics": [1]}, oracle=None),
    post("runs/log-batch", {**BATCH, "metrics": [{"value": 1, "timestamp": 1}]}, missing("metrics[0].key")),
    post("runs/log-batch", {**BATCH, "metrics": [{"key": "m", "timestamp": 1}]}, missing("metrics[0].value")),
    post("runs/log-batch", {**BATCH, "metrics": [{"key": "m", "value": 1}]}, missing("metrics[0].timestamp")),
    post("runs/log-batch", {**BATCH, "metrics": [{"key": "m", "value": "x", "timestamp": 1}]}, oracle=None),
    post(
        "runs/log-batch",
        {**BATCH, "metrics": [{"key": "m", "value": 1, "timestamp": -1}]},
        "parameter 'metrics[0].timestamp'",
    ),
    post("runs/log-batch", {**BATCH, "params": [{"value": "v"}]}, missing("params[0].key")),
    post("runs/log-batch", {**BATCH, "params": [{"key": "p", "value": 5}]}, oracle=None),
    post("runs/log-batch", {**BATCH, "tags": [{"value": "v"}]}, missing("tags[0].key")),
    post(
        "runs/log-batch",
        {**BATCH, "tags": [{"key": "k" * 251, "value": "v"}]},
        "'tags[0].key' exceeds the maximum length",
    ),
    get("metrics/get-history", {"metric_key": "m"}, missing("run_id")),
    get("metrics/get-history", {"run_id": "$run"}, missing("metric_key")),
    get(
        "metrics/get-history",
        {"run_id": "$run", "metric_key": "m", "max_results": 0},
        "It must be a positive integer.",
    ),
    get("metrics/get-history", {"run_id": "$run", "metric_key": "m", "max_results": "x"}, oracle=None),
    get(
        "metrics/get-history", {"run_id": "$run", "metric_key": "m", "page_token": "zz"}, "Invalid page token"
    ),
    get(
        "/ajax-api/2.0/mlflow/metrics/get-history-bulk",
        {"run_id": "r", "metric_key": "m", "max_results": "x"},
        oracle=None,
    ),
    post("runs/log-inputs", {"datasets": []}, missing("run_id")),
    unknown(post("runs/log-inputs", {"run_id": "nobody"}, "Run with id=nobody not found")),
    post("runs/log-inputs", {**BATCH, "datasets": "x"}, wrong("datasets", "x", "str")),
    post("runs/log-inputs", {**BATCH, "datasets": [{"tags": []}]}, oracle=None),
    post("runs/outputs", {**BATCH}, missing("models")),
    post("runs/log-model", {**BATCH}, missing("model_json")),
    post("runs/log-model", {**BATCH, "model_json": "[]"}, oracle=None),
]


@answered(CASES)
def test_bad_input_is_answered_clearly(server, names, case):
    case.check_answer(server, names)


@pytest.mark.martlet_only
@written(CASES)
def test_bad_input_changes_nothing(server, names, case):
    case.check_nothing_changes(server, names)
