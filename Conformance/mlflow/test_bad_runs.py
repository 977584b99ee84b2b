"""Bad requests about runs. bad_input.py says how a case reads."""

import pytest

from bad_input import GONE, answered, get, missing, post, unknown, written, wrong

CASES = [
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


@answered(CASES)
def test_bad_input_is_answered_clearly(server, names, case):
    case.check_answer(server, names)


@pytest.mark.martlet_only
@written(CASES)
def test_bad_input_changes_nothing(server, names, case):
    case.check_nothing_changes(server, names)
