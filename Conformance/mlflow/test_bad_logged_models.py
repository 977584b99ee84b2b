"""Bad requests about logged models. bad_input.py says how a case reads."""

import pytest

from bad_input import answered, delete, get, missing, patch, post, unknown, written, wrong

CASES = [
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


@answered(CASES)
def test_bad_input_is_answered_clearly(server, names, case):
    case.check_answer(server, names)


@pytest.mark.martlet_only
@written(CASES)
def test_bad_input_changes_nothing(server, names, case):
    case.check_nothing_changes(server, names)
