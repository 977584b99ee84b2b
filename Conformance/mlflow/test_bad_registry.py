"""Bad requests to the model registry. bad_input.py says how a case reads."""

import pytest

from bad_input import BAD, UNKNOWN, answered, delete, get, missing, patch, post, unknown, written, wrong

CASES = [
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


@answered(CASES)
def test_bad_input_is_answered_clearly(server, names, case):
    case.check_answer(server, names)


@pytest.mark.martlet_only
@written(CASES)
def test_bad_input_changes_nothing(server, names, case):
    case.check_nothing_changes(server, names)
