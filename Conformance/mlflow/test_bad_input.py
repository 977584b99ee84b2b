"""
What a client should never send, over raw HTTP.

A case says what the real server answers. Where that is absurd (a 500, a half-read message, SQL in the text)
the case is `oracle=None`: it is tried with Martlet only, and wants 400 INVALID_PARAMETER_VALUE unless it says
otherwise.
"""

import contextlib
import json
import string
import urllib.parse
from dataclasses import dataclass, field

import pytest

from support import unique

BAD = "INVALID_PARAMETER_VALUE"
UNKNOWN = "RESOURCE_DOES_NOT_EXIST"
GONE = "must be in the 'active' state. Current state is deleted."
SAME = object()


def missing(name):
    return f"Missing value for required parameter '{name}'."


def wrong(name, value, kind):
    value = json.dumps(value)
    return f"Invalid value {value} for parameter '{name}' supplied:  Hint: Value was of type '{kind}'."


@dataclass
class Case:
    method: str
    path: str
    sent: dict | list | str | int | None = None
    message: str = ""
    status: int = 400
    code: str = BAD
    oracle: object = SAME
    headers: dict = field(default_factory=dict)
    raw: bytes | None = None

    def __str__(self):
        sent = self.raw if self.raw is not None else json.dumps(self.sent)
        return f"{self.method} {self.path} {sent}"[:100]


def get(path, query, message="", **more):
    return Case("GET", path, query, message, **more)


def post(path, body, message="", **more):
    return Case("POST", path, body, message, **more)


def patch(path, body, message="", **more):
    return Case("PATCH", path, body, message, **more)


def delete(path, body, message="", **more):
    return Case("DELETE", path, body, message, **more)


def raw(path, data, message="", **more):
    return Case("POST", path, None, message, raw=data, **more)


def unknown(case):
    case.status, case.code = 404, UNKNOWN
    return case


MALFORMED = [
    raw("experiments/create", b"{bad"),
    raw("experiments/create", b""),
    raw("experiments/create", b"null"),
    raw("experiments/create", b"[]", oracle=None),
    raw("experiments/create", b"5", oracle=None),
    raw("experiments/create", b"true", oracle=None),
    raw("experiments/create", b'"text"', oracle=None),
    raw("experiments/create", b"\xff\xfe{", oracle=None),
    raw("experiments/create", b'{"name": "a\\ud800b"}', oracle=None),
    raw("experiments/create", b"[" * 100_000, oracle=None),
    raw("experiments/create", b'{"name":' * 50_000, oracle=None),
    raw(
        "experiments/create",
        b'{"name": "x"}',
        "Content-Type must be one of",
        headers={"Content-Type": "text/plain"},
    ),
    raw("runs/log-batch", b"{bad", oracle=None),
    raw("runs/log-batch", b"[]", oracle=None),
    raw("runs/search", b"[]", oracle=None),
    raw("model-versions/create", b"{bad"),
    post(
        "runs/set-tag",
        {"run_id": "$run", "runId": "$run", "key": "k", "value": "v"},
        "provide only one of them.",
    ),
]

EXPERIMENTS = [
    post("experiments/create", {}, missing("name")),
    post("experiments/create", {"name": ""}, missing("name")),
    post("experiments/create", {"name": None}, missing("name")),
    post("experiments/create", {"name": 5}, wrong("name", 5, "int")),
    post("experiments/create", {"name": ["a"]}, wrong("name", ["a"], "list")),
    post("experiments/create", {"name": "x" * 501}, "'name' exceeds the maximum length of 500 characters"),
    post("experiments/create", {"name": "bad", "tags": "x"}, wrong("tags", "x", "str")),
    post("experiments/create", {"name": "bad", "tags": [5]}, oracle=None),
    post(
        "experiments/create", {"name": "bad", "tags": [{"key": "a$", "value": "v"}]}, "Names may only contain"
    ),
    post("experiments/create", {"name": "bad", "tags": [{"value": "v"}]}, oracle=None),
    get("experiments/get", {}, missing("experiment_id")),
    get("experiments/get", {"experiment_id": "abc"}, "Experiment ID must be a valid integer."),
    get("experiments/get", {"experiment_id": "9" * 30}, oracle=None, status=(400, 404), code=(BAD, UNKNOWN)),
    unknown(get("experiments/get", {"experiment_id": "987654321"}, "No Experiment with id=987654321 exists")),
    unknown(get("experiments/get", {"experiment_id": "-1"}, "No Experiment with id=-1 exists")),
    get("experiments/get-by-name", {}, missing("experiment_name")),
    unknown(
        get("experiments/get-by-name", {"experiment_name": "nobody"}, "Could not find experiment with name")
    ),
    post("experiments/update", {"experiment_id": "$experiment"}, missing("new_name")),
    unknown(
        post("experiments/update", {"experiment_id": "987654321", "new_name": "x"}, "No Experiment with id=")
    ),
    unknown(
        post("experiments/delete", {"experiment_id": "987654321"}, "No Experiment with id=987654321 exists")
    ),
    post("experiments/delete", {}, missing("experiment_id")),
    unknown(
        post(
            "experiments/restore",
            {"experiment_id": "$experiment"},
            "No Experiment with id=$experiment exists",
        )
    ),
    post("experiments/set-experiment-tag", {"experiment_id": "$experiment", "value": "v"}, missing("key")),
    post(
        "experiments/set-experiment-tag",
        {"experiment_id": "$experiment", "key": "k", "value": 5},
        wrong("value", 5, "int"),
    ),
    post(
        "experiments/set-experiment-tag",
        {"experiment_id": "x", "key": "k"},
        "Experiment ID must be a valid integer.",
    ),
    post(
        "experiments/search",
        {},
        "Invalid value 0 for parameter 'max_results' supplied. It must be a positive integer",
    ),
    post("experiments/search", {"max_results": -5}, "Invalid value -5 for parameter 'max_results' supplied."),
    post("experiments/search", {"max_results": 10**6}, "It must be at most 50000"),
    post("experiments/search", {"max_results": "many"}, wrong("max_results", "many", "str")),
    post("experiments/search", {"max_results": 10**30}, oracle=None),
    post("experiments/search", {"max_results": 5, "filter": 5}, wrong("filter", 5, "int")),
    post("experiments/search", {"max_results": 5, "order_by": "name"}, wrong("order_by", "name", "str")),
    post("experiments/search", {"max_results": 5, "page_token": "bm8="}, "Invalid page token"),
    post("experiments/search", {"max_results": 5, "page_token": "\u00fc"}, oracle=None),
    post("experiments/search", {"max_results": 5, "view_type": "SOME"}, oracle=None),
]

RUNS = [
    post("runs/create", {}, oracle=None),
    post("runs/create", {"experiment_id": 5}, wrong("experiment_id", 5, "int")),
    post("runs/create", {"experiment_id": "abc"}, "Experiment ID must be a valid integer."),
    unknown(post("runs/create", {"experiment_id": "987654321"}, "No Experiment with id=987654321 exists")),
    post(
        "runs/create",
        {"experiment_id": "$experiment", "start_time": "now"},
        wrong("start_time", "now", "str"),
    ),
    post("runs/create", {"experiment_id": "$experiment", "start_time": 10**30}, oracle=None),
    post("runs/create", {"experiment_id": "$experiment", "run_name": 5}, wrong("run_name", 5, "int")),
    post("runs/create", {"experiment_id": "$experiment", "tags": {"k": "v"}}, oracle=None),
    post(
        "runs/create", {"experiment_id": "$experiment", "tags": [{"key": "k", "value": "1"}] * 2}, oracle=None
    ),
    get("runs/get", {}, missing("run_id")),
    unknown(get("runs/get", {"run_id": "nobody"}, "Run with id=nobody not found")),
    unknown(get("runs/get", {"run_id": "../../etc"}, "Run with id=../../etc not found")),
    unknown(get("runs/get", {"run_id": "' OR 1=1 --"}, "Run with id=' OR 1=1 -- not found")),
    post("runs/update", {"status": "FINISHED"}, missing("run_id")),
    unknown(post("runs/update", {"run_id": "nobody"}, "Run with id=nobody not found")),
    post("runs/update", {"run_id": "$run", "status": 9}, wrong("status", 9, "int")),
    post("runs/update", {"run_id": "$run", "status": "DONE"}, oracle=None),
    post("runs/update", {"run_id": "$run", "end_time": "later"}, wrong("end_time", "later", "str")),
    post("runs/update", {"run_id": "$gone", "status": "FINISHED"}, GONE),
    post("runs/delete", {}, missing("run_id")),
    unknown(post("runs/delete", {"run_id": "nobody"}, "Run with id=nobody not found")),
    unknown(post("runs/restore", {"run_id": "nobody"}, "Run with id=nobody not found")),
    post("runs/set-tag", {"run_id": "$run", "value": "v"}, missing("key")),
    post("runs/set-tag", {"run_id": "$run", "key": "k", "value": 5}, wrong("value", 5, "int")),
    post("runs/set-tag", {"run_id": "$run", "key": "k$$"}, "Names may only contain"),
    unknown(
        post("runs/set-tag", {"run_id": "nobody", "key": "k", "value": "v"}, "Run with id=nobody not found")
    ),
    post("runs/delete-tag", {"run_id": "$run"}, missing("key")),
    unknown(
        post("runs/delete-tag", {"run_id": "$run", "key": "no"}, "No tag with name: no in run with id $run")
    ),
    post("runs/search", {"experiment_ids": ["x"]}, "Experiment ID must be a valid integer."),
    post("runs/search", {"experiment_ids": "1"}, wrong("experiment_ids", "1", "str")),
    post("runs/search", {"experiment_ids": ["$experiment"], "filter": 5}, wrong("filter", 5, "int")),
    post("runs/search", {"experiment_ids": ["$experiment"], "order_by": [5]}, wrong("order_by", [5], "list")),
    post(
        "runs/search",
        {"experiment_ids": ["$experiment"], "max_results": 10**12},
        wrong("max_results", 10**12, "int"),
    ),
    post(
        "runs/search",
        {"experiment_ids": ["$experiment"], "max_results": "x"},
        wrong("max_results", "x", "str"),
    ),
    post("runs/search", {"experiment_ids": ["$experiment"], "page_token": "zz"}, "Invalid page token"),
    post(
        "runs/search",
        {"experiment_ids": ["$experiment"], "filter": "metrics.a > 1" + " AND metrics.a > 1" * 50 + " OR"},
        "Invalid clause(s)",
    ),
    post("runs/search", {"experiment_ids": ["$experiment"], "filter": "(" * 5000}, oracle=None),
    post("runs/search", {"experiment_ids": ["$experiment"], "filter": "run_id IN (a)"}, oracle=None),
    post(
        "runs/search",
        {"experiment_ids": ["$experiment"], "filter": "metrics.a > 1" + "0" * 400},
        oracle=None,
        status=200,
    ),
    post("runs/search", {"experiment_ids": ["$experiment"], "run_view_type": "SOME"}, oracle=None),
    post(
        "runs/search",
        {"experiment_ids": ["$experiment"], "order_by": ["params.a", "params.a DESC"]},
        oracle=None,
    ),
]

POINT = {"run_id": "$run", "key": "m", "value": 1, "timestamp": 1}
BATCH = {"run_id": "$run"}

LOGGING = [
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

REGISTRY = [
    post("registered-models/create", {}, missing("name")),
    post("registered-models/create", {"name": 5}, wrong("name", 5, "int")),
    post("registered-models/create", {"name": "a/b"}, "Names cannot contain '/' or ':'."),
    post(
        "registered-models/create",
        {"name": "bad", "tags": [{"key": "a$", "value": "v"}]},
        "Names may only contain",
    ),
    post("registered-models/create", {"name": "bad", "description": 5}, wrong("description", 5, "int")),
    get("registered-models/get", {}, missing("name")),
    unknown(get("registered-models/get", {"name": "nobody"}, "Registered Model with name=nobody not found")),
    patch("registered-models/update", {"description": "x"}, missing("name")),
    unknown(
        patch("registered-models/update", {"name": "nobody"}, "Registered Model with name=nobody not found")
    ),
    post("registered-models/rename", {"name": "$model"}, missing("new_name")),
    delete("registered-models/delete", {}, missing("name")),
    unknown(
        delete("registered-models/delete", {"name": "nobody"}, "Registered Model with name=nobody not found")
    ),
    get("registered-models/search", {"max_results": "x"}, wrong("max_results", "x", "str")),
    get("registered-models/search", {"max_results": 0}, oracle=None),
    get("registered-models/search", {"max_results": -1}, oracle=None),
    get("registered-models/search", {"filter": "tags.t IS NULL"}, oracle=None),
    get("registered-models/search", {"order_by": ["name", "name DESC"]}, oracle=None),
    post(
        "registered-models/get-latest-versions",
        {"name": "$model", "stages": "x"},
        wrong("stages", "x", "str"),
    ),
    post(
        "registered-models/get-latest-versions",
        {"name": "$model", "stages": ["x"]},
        "Invalid Model Version stage: x.",
    ),
    post("registered-models/alias", {"name": "$model", "alias": "a"}, missing("version")),
    post(
        "registered-models/alias",
        {"name": "$model", "alias": "a", "version": "x"},
        "must be an integer, got 'x'.",
    ),
    unknown(
        post(
            "registered-models/alias",
            {"name": "$model", "alias": "a", "version": "99"},
            "version=99) not found",
        )
    ),
    get(
        "registered-models/alias",
        {"name": "$model", "alias": "nobody"},
        "Registered model alias nobody not found.",
    ),
    post("model-versions/create", {"name": "$model"}, missing("source")),
    unknown(post("model-versions/create", {"name": "nobody", "source": "s3://a/b"}, "name=nobody not found")),
    post(
        "model-versions/create",
        {"name": "$model", "source": "models:/m-nobody", "model_id": "m-nobody"},
        oracle=None,
        status=(400, 404),
        code=(BAD, UNKNOWN),
    ),
    get("model-versions/get", {"name": "$model"}, missing("version")),
    get(
        "model-versions/get",
        {"name": "$model", "version": "x"},
        "Parameter 'version' must be an integer, got 'x'.",
    ),
    get(
        "model-versions/get",
        {"name": "$model", "version": "9" * 30},
        oracle=None,
        status=(400, 404),
        code=(BAD, UNKNOWN),
    ),
    unknown(
        get("model-versions/get", {"name": "$model", "version": "99"}, "(name=$model, version=99) not found")
    ),
    get("model-versions/get-download-uri", {"name": "$model"}, oracle=None),
    patch("model-versions/update", {"name": "$model", "version": 1}, wrong("version", 1, "int")),
    post("model-versions/transition-stage", {"name": "$model", "version": "1"}, missing("stage")),
    post(
        "model-versions/transition-stage",
        {"name": "$model", "version": "1", "stage": "x"},
        "Invalid Model Version stage: x.",
    ),
    unknown(delete("model-versions/delete", {"name": "$model", "version": "99"}, "version=99) not found")),
    get("model-versions/search", {"max_results": 0}, "It must be a positive integer, but got 0"),
    get("model-versions/search", {"max_results": "x"}, wrong("max_results", "x", "str")),
    get("model-versions/search", {"order_by": ["name", "name"]}, oracle=None),
]

LOGGED_MODELS = [
    post("logged-models", {}, missing("experiment_id")),
    unknown(post("logged-models", {"experiment_id": "987654321"}, "No Experiment with id=987654321 exists")),
    post(
        "logged-models",
        {"experiment_id": "$experiment", "name": "a/b"},
        "Invalid model name ('a/b') provided.",
    ),
    post("logged-models", {"experiment_id": "$experiment", "params": "x"}, wrong("params", "x", "str")),
    post(
        "logged-models",
        {"experiment_id": "$experiment", "params": [{"key": "k", "value": "v"}] * 2},
        oracle=None,
    ),
    unknown(get("logged-models/m-nobody", {}, "Logged model with ID 'm-nobody' not found.")),
    unknown(delete("logged-models/m-nobody", None, "Logged model with ID 'm-nobody' not found.")),
    patch("logged-models/m-nobody", {"model_id": "m-nobody"}, missing("status")),
    unknown(patch("logged-models/m-nobody", {"model_id": "m-nobody", "status": 2}, "'m-nobody' not found.")),
    unknown(patch("logged-models/m-nobody/tags", {"tags": []}, "'m-nobody' not found.")),
    unknown(delete("logged-models/m-nobody/tags/t", None, "'m-nobody' not found.")),
    unknown(get("logged-models/m-nobody/artifacts/directories", {}, "'m-nobody' not found.")),
    post("logged-models/search", {}, missing("experiment_ids")),
    post("logged-models/search", {"experiment_ids": ["x"]}, "Experiment ID must be a valid integer."),
    post("logged-models/search", {"experiment_ids": [1]}, wrong("experiment_ids", [1], "list")),
]

ARTIFACTS = [
    get("artifacts/list", {}, missing("run_id")),
    unknown(get("artifacts/list", {"run_id": "nobody"}, "Run with id=nobody not found")),
    get("artifacts/list", {"run_id": "$run", "path": "../x"}, "Invalid path"),
    post("/api/2.0/mlflow-artifacts/mpu/create/folder", {}, missing("path")),
    post("/api/2.0/mlflow-artifacts/mpu/create/%2e%2e/x", {"path": "x", "num_parts": 1}, "Invalid path"),
    post("/api/2.0/mlflow-artifacts/mpu/create/x", {"path": "x", "num_parts": 0}, oracle=None),
    post("/api/2.0/mlflow-artifacts/mpu/create/x", {"path": "x", "num_parts": 10**9}, oracle=None),
    post("/api/2.0/mlflow-artifacts/mpu/create/x", {"path": "..", "num_parts": 1}, oracle=None),
]

ALL = MALFORMED + EXPERIMENTS + RUNS + LOGGING + REGISTRY + LOGGED_MODELS + ARTIFACTS


class World(dict):
    """What the names in the cases stand for; each is made when it is first needed."""

    def __init__(self, server):
        self.server = server

    def __missing__(self, name):
        self[name] = getattr(self, f"new_{name}")()
        return self[name]

    def new_experiment(self):
        return self.server.new_experiment()

    def new_run(self):
        return self.server.new_run(self["experiment"])

    def new_gone(self):
        """A deleted run."""
        run = self.new_run()
        self.server.post("runs/delete", {"run_id": run}).expect()
        return run

    def new_model(self):
        """A registered model of one version."""
        name = unique("model")
        self.server.post("registered-models/create", {"name": name}).expect()
        self.server.post("model-versions/create", {"name": name, "source": "s3://a/b"}).expect()
        return name


@pytest.fixture(scope="module")
def world(server):
    return World(server)


def filled(value, world):
    """`value` with each $name in its texts replaced."""
    if isinstance(value, str):
        return string.Template(value).safe_substitute(world)
    if isinstance(value, list):
        return [filled(item, world) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, world) for key, item in value.items()}
    return value


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.martlet_only if case.oracle is None else ()) for case in ALL],
    ids=str,
)
def test_bad_input_is_answered_clearly(server, world, case):
    sent = filled(case.sent, world)
    data = None if case.raw is None else filled(case.raw.decode("latin-1"), world).encode("latin-1")
    if case.method == "GET":
        reply = server.get(case.path, **sent)
    else:
        reply = server.request(case.method, case.path, sent, raw=data, headers=case.headers)
    statuses = case.status if isinstance(case.status, tuple) else (case.status,)
    assert reply.status in statuses, reply.body[:500]
    if reply.status == 200:
        return
    assert reply.headers["Content-Type"].startswith("application/json")
    codes = case.code if isinstance(case.code, tuple) else (case.code,)
    assert reply.error_code in codes
    assert filled(case.message, world) in reply.message
    assert reply.message
    assert "sqlite" not in reply.message.lower()


@pytest.mark.martlet_only
@pytest.mark.parametrize("case", [case for case in ALL if case.method != "GET"], ids=str)
def test_bad_input_changes_nothing(server, world, case):
    if case.status == 200 or case.path.endswith("/search"):
        pytest.skip("a search changes nothing anyway")

    filled([case.path, case.sent], world)

    def picture():
        everything = {"experiment_ids": [world["experiment"]], "run_view_type": "ALL"}
        seen = [
            server.post("experiments/search", {"max_results": 50000, "view_type": "ALL"}),
            server.get("runs/get", run_id=world["run"]),
            server.post("runs/search", everything),
        ]
        if "model" in case.path:
            seen.append(server.get("registered-models/search", max_results=1000))
        return [reply.expect().json for reply in seen]

    before = picture()
    test_bad_input_is_answered_clearly(server, world, case)
    assert picture() == before


# Paths of artifacts

BAD_PATHS = [
    "../x",
    "a/../b",
    "a/..",
    "..",
    "%2e%2e/x",
    "a/%2e%2e/b",
    "..%2fx",
    "%2e%2e%2fx",
    "%252e%252e/x",
    "%252e%252e%252fx",
    "%25252e%25252e/x",
    "/etc/passwd",
    "%2fetc/passwd",
    "%252fetc/passwd",
    "C:/x",
    "C:%5cx",
    "c%3a%5cx",
    "file:///etc/passwd",
]

# mlflow server takes these; Martlet does not.
WORSE_PATHS = [
    ".",
    "./x",
    "a/./b",
    "a%5cb",
    "..%5cx",
    "a%5c..%5cb",
    "%255c..%255cx",
    "a%00b",
    "a%2500b",
    "a%0ab",
    "a%0d%0ab",
    "a%7fb",
    "x" * 5000,
    "a/" * 3000 + "b",
    "%ff%fe",
]

bad_paths = pytest.mark.parametrize(
    "path",
    [*BAD_PATHS, *(pytest.param(path, marks=pytest.mark.martlet_only) for path in WORSE_PATHS)],
    ids=lambda path: path[:20],
)


@bad_paths
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_bad_artifact_path_is_refused(server, world, path, method):
    if (
        method == "DELETE"
        and path.lower().removeprefix("%2f").startswith(("/", "etc"))
        and not server.is_martlet
    ):
        pytest.skip("mlflow server redirects this one")
    data = b"evil" if method == "PUT" else None
    headers = {"Content-Type": "application/octet-stream"} if data else {}
    target = "/api/2.0/mlflow-artifacts/artifacts/" + path
    reply = server.request(method, target, raw=data, headers=headers)
    assert reply.status == 400
    assert reply.error_code == BAD
    if path in BAD_PATHS:
        assert reply.message == "Invalid path"


@bad_paths
def test_a_bad_path_in_a_query_is_refused(server, world, path):
    query = urllib.parse.unquote(path, errors="surrogateescape").encode("utf-8", "surrogateescape")
    for reply in (
        server.get("artifacts/list", run_id=world["run"], path=query),
        server.get("/get-artifact", run_id=world["run"], path=query),
        server.get("/api/2.0/mlflow-artifacts/artifacts", path=query),
    ):
        assert reply.status == 400
        assert reply.error_code == BAD


@pytest.mark.martlet_only
def test_a_file_cannot_become_a_folder_nor_a_folder_a_file(server, world):
    root = f"{world['experiment']}/{world['run']}/artifacts"
    server.put_artifact(f"{root}/file", b"x").expect()
    server.put_artifact(f"{root}/folder/x", b"x").expect()
    for path in ("file/below", "folder"):
        reply = server.put_artifact(f"{root}/{path}", b"y").expect(400)
        assert reply.error_code == BAD
    assert server.get_artifact(f"{root}/file").expect().body == b"x"
    assert server.get_artifact(f"{root}/folder/x").expect().body == b"x"


def test_an_artifact_needs_a_name(server):
    for path in ("folder/", ""):
        reply = server.request("PUT", "/api/2.0/mlflow-artifacts/artifacts/" + path, raw=b"x")
        assert reply.status == 400


# Routes


@pytest.mark.martlet_only
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/bogus"),
        ("GET", "/api/2.0/mlflow/bogus"),
        ("POST", "/api/2.0/mlflow/runs/bogus"),
        ("POST", "/api/2.0/bogus"),
        ("POST", "/api/3.0/mlflow/traces"),
        ("GET", "/api/2.0/mlflow/webhooks"),
        ("POST", "/ajax-api/2.0/mlflow/bogus"),
        ("GET", "/api/2.0/mlflow-artifacts/bogus/x"),
    ],
)
def test_an_unknown_route_is_not_found(server, method, path):
    reply = server.request(method, path, {} if method == "POST" else None).expect(404)
    assert reply.headers["Content-Type"].startswith("application/json")
    assert reply.error_code == "ENDPOINT_NOT_FOUND"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "runs/create"), ("DELETE", "runs/get"), ("POST", "runs/get"), ("PUT", "experiments/create")],
)
def test_a_wrong_method_is_refused(server, method, path):
    assert server.request(method, path).status in (404, 405)


@pytest.mark.martlet_only
def test_nonsense_instead_of_http_does_not_harm(server):
    for data in (
        b"\x16\x03\x01\x02\x00",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0" * 1000,
        b"A" * 100_000,
    ):
        connection = server.connection(timeout=5)
        connection.connect()
        try:
            connection.sock.sendall(data)
            connection.sock.recv(1000)
        except OSError:
            pass
        finally:
            connection.close()
    server.request("GET", "/health").expect()


@pytest.mark.martlet_only
def test_too_long_a_request_line_or_header_is_refused(server):
    for target, headers in [("/" + "x" * 200_000, {}), ("/health", {"X-Long": "x" * 200_000})]:
        with contextlib.suppress(OSError):
            assert server.request("GET", target, headers=headers).status in (400, 404, 414, 431)
    server.request("GET", "/health").expect()
