"""Bad requests about experiments. bad_input.py says how a case reads."""

import pytest

from bad_input import BAD, UNKNOWN, answered, get, missing, post, unknown, written, wrong

CASES = [
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


@answered(CASES)
def test_bad_input_is_answered_clearly(server, names, case):
    case.check_answer(server, names)


@pytest.mark.martlet_only
@written(CASES)
def test_bad_input_changes_nothing(server, names, case):
    case.check_nothing_changes(server, names)
