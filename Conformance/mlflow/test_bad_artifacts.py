"""Bad requests about artifacts. bad_input.py says how a case reads."""

import pytest

from bad_input import answered, get, missing, post, unknown, written

CASES = [
    get("artifacts/list", {}, missing("run_id")),
    unknown(get("artifacts/list", {"run_id": "nobody"}, "Run with id=nobody not found")),
    get("artifacts/list", {"run_id": "$run", "path": "../x"}, "Invalid path"),
    post("/api/2.0/mlflow-artifacts/mpu/create/folder", {}, missing("path")),
    post("/api/2.0/mlflow-artifacts/mpu/create/%2e%2e/x", {"path": "x", "num_parts": 1}, "Invalid path"),
    post("/api/2.0/mlflow-artifacts/mpu/create/x", {"path": "x", "num_parts": 0}, oracle=None),
    post("/api/2.0/mlflow-artifacts/mpu/create/x", {"path": "x", "num_parts": 10**9}, oracle=None),
    post("/api/2.0/mlflow-artifacts/mpu/create/x", {"path": "..", "num_parts": 1}, oracle=None),
]


@answered(CASES)
def test_bad_input_is_answered_clearly(server, names, case):
    case.check_answer(server, names)


@pytest.mark.martlet_only
@written(CASES)
def test_bad_input_changes_nothing(server, names, case):
    case.check_nothing_changes(server, names)
