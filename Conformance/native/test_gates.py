"""Gates and approvals: what a version must show before it may enter a stage, and who says so."""

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from registry import problem
from training import IRIS, trained


def closed(reply, name):
    """The message of the gate of that name, which must have refused a transition."""
    found = problem(reply.expect(409), "gate_closed")
    assert not found["gates"]["passed"]
    (gate,) = [gate for gate in found["gates"]["gates"] if gate["gate"] == name]
    assert not gate["passed"]
    assert name in found["detail"]
    assert gate["message"] in found["detail"]
    return gate["message"]


def try_move(registry, model, version, to, **fields):
    return registry.request("POST", f"/models/{model}/versions/{version}/transitions", {"to": to, **fields})


def measured(value, metric="accuracy", dataset="d1"):
    return {"metrics": [{"name": metric, "value": value, "datasetName": "test", "datasetDigest": dataset}]}


def test_by_default_production_warns_of_what_was_not_captured(registry, client, experiment, model):
    trained(model)
    client.create_model_version(model, "s3://b/1")
    report = registry.get(f"/models/{model}/versions/1/gates")
    assert (report["stage"], report["mode"], report["passed"]) == ("production", "warn", True)
    assert {gate["gate"] for gate in report["gates"]} == {
        "capture:weights", "capture:signature", "capture:dataset", "capture:code", "capture:environment",
        "capture:metric",
    }  # fmt: skip
    result = registry.move(model, 2, "production")
    assert result["version"]["stage"] == "production"
    assert not result["gates"]["passed"]
    warnings = registry.history(model, 2)[0]["details"]["warnings"]
    assert "capture:dataset" in warnings
    assert "mlflow.log_input" in warnings


def test_an_enforced_gate_refuses_what_was_not_captured_with_the_line_that_captures_it(
    registry, client, experiment, model
):
    registry.policy(model, production={"mode": "enforce", "requires": ["dataset", "signature", "weights"]})
    client.create_model_version(model, "s3://b/1")
    message = closed(try_move(registry, model, 1, "production"), "capture:dataset")
    assert "mlflow.log_input" in message
    with pytest.raises(MlflowException) as caught:
        client.transition_model_version_stage(model, "1", "Production")
    assert "capture:dataset" in caught.value.message
    assert "mlflow.log_input" in caught.value.message
    assert registry.stages(model) == {1: "candidate"}
    trained(model)
    client.transition_model_version_stage(model, "2", "Production")
    assert registry.stages(model)[2] == "production"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("code", {"code": {"commit": ""}}),
        ("dataset", {"datasets": [{"name": "", "digest": ""}]}),
        ("metric", {"metrics": [{"name": "", "value": 1}]}),
    ],
)
def test_saying_nothing_in_many_words_opens_no_gate(registry, model, item, said):
    registry.policy(model, production={"mode": "enforce", "requires": [item]})
    reply = registry.request("POST", f"/models/{model}/versions", {"source": "s3://b/1", **said})
    if reply.status == 400:
        return
    closed(try_move(registry, model, 1, "production"), f"capture:{item}")


def test_a_refused_transition_leaves_no_trace(registry, model):
    registry.versions(model, 2)
    registry.move(model, 1, "production")
    registry.policy(model, production={"mode": "enforce", "approvals": 1})
    size, state = registry.ledger_size(), registry.version(model, 2)
    assert try_move(registry, model, 2, "production").status == 409
    assert registry.ledger_size() == size
    assert registry.version(model, 2) == state
    assert registry.stages(model) == {1: "production", 2: "candidate"}


@pytest.mark.parametrize(
    ("bound", "value", "message"),
    [({"min": 0.9}, 0.85, "0.05 below 0.9"), ({"max": 0.2}, 0.5, "0.3 above 0.2")],
)
def test_a_threshold_says_by_how_much_it_was_missed(registry, model, bound, value, message):
    gate = {"mode": "enforce", "thresholds": [{"metric": "score", **bound}]}
    registry.policy(model, staging=gate)
    registry.register(model, **measured(value, "score"))
    assert message in closed(try_move(registry, model, 1, "staging"), "metric:score")
    registry.register(model, **measured(next(iter(bound.values())), "score"))
    assert registry.move(model, 2, "staging")["gates"]["passed"]


def test_a_threshold_on_a_dataset_asks_for_that_dataset(registry, model):
    threshold = {"metric": "accuracy", "min": 0.9, "dataset": "d2"}
    registry.policy(model, staging={"mode": "enforce", "thresholds": [threshold]})
    registry.register(model, **measured(0.99))
    assert "not measured" in closed(try_move(registry, model, 1, "staging"), "metric:accuracy")
    registry.register(model, **measured(0.99, dataset="d2"))
    registry.move(model, 2, "staging")


def test_a_metric_that_is_not_a_number_opens_no_gate(registry, client, experiment, model):
    """NaN is not above any threshold."""
    with mlflow.start_run() as run:
        mlflow.log_metric("score", float("nan"))
    client.create_model_version(model, f"runs:/{run.info.run_id}/model", run.info.run_id)
    registry.policy(model, staging={"mode": "enforce", "thresholds": [{"metric": "score", "min": 0}]})
    closed(try_move(registry, model, 1, "staging"), "metric:score")


REGRESSION = {"mode": "enforce", "regressions": [{"metric": "accuracy", "margin": 0.02}]}


def test_a_version_must_not_be_worse_than_production_on_the_same_dataset(registry, model):
    registry.policy(model, production=REGRESSION)
    registry.register(model, **measured(0.9))
    registry.move(model, 1, "production")
    registry.register(model, **measured(0.85))
    message = closed(try_move(registry, model, 2, "production"), "regression:accuracy")
    assert "worse by 0.05" in message
    assert "0.02" in message
    assert "1.0.0" in message
    registry.register(model, **measured(0.885))
    registry.move(model, 3, "production")


def test_a_version_that_was_measured_on_another_dataset_is_not_compared(registry, model):
    registry.policy(model, production=REGRESSION)
    registry.register(model, **measured(0.5))
    registry.move(model, 1, "production")
    registry.register(model, **measured(0.99, dataset="d2"))
    assert "not measured on a dataset" in closed(
        try_move(registry, model, 2, "production"), "regression:accuracy"
    )


def test_lower_is_better_for_a_loss(registry, model):
    registry.policy(model, production={"mode": "enforce", "regressions": [{"metric": "val_loss"}]})
    registry.register(model, **measured(0.5, "val_loss"))
    registry.move(model, 1, "production")
    registry.register(model, **measured(0.6, "val_loss"))
    assert "worse by 0.1" in closed(try_move(registry, model, 2, "production"), "regression:val_loss")
    registry.register(model, **measured(0.4, "val_loss"))
    registry.move(model, 3, "production")


@pytest.mark.parametrize("values", [(0.5, 0.9), (0.9, 0.5)])
def test_a_version_must_not_be_worse_than_any_that_is_in_production(registry, model, values):
    for number, value in enumerate(values, start=1):
        registry.register(model, **measured(value))
        registry.move(model, number, "production", keepsOthers=True)
    registry.policy(model, production=REGRESSION)
    registry.register(model, **measured(0.7))
    closed(try_move(registry, model, 3, "production"), "regression:accuracy")


def test_gates_of_metrics_that_mlflow_logged(registry, client, experiment, model):
    registry.policy(model, production={"mode": "enforce", "regressions": [{"metric": "f1"}]})
    held_out = mlflow.data.from_pandas(IRIS.tail(30), name="held-out")
    for value in (0.9, 0.7):
        done = trained()
        with mlflow.start_run(run_id=done.run):
            mlflow.log_metric("f1", value, model_id=done.uri.removeprefix("models:/"), dataset=held_out)
        mlflow.register_model(done.uri, model)
    client.transition_model_version_stage(model, "1", "Production")
    with pytest.raises(MlflowException) as caught:
        client.transition_model_version_stage(model, "2", "Production")
    assert "worse by 0.2" in caught.value.message
    assert "held-out" in caught.value.message


def test_approvals_come_from_others_than_the_author(registry, model):
    registry.policy(model, production={"mode": "enforce", "approvals": 2})
    registry.register(model)
    bob, carol = registry.as_actor("bob"), registry.as_actor("carol")
    path = f"/models/{model}/versions/1/approvals"
    registry.refused("POST", path, {}, status=403, code="forbidden")
    registry.as_actor(None).refused("POST", path, {}, status=403, code="forbidden")
    bob.post(path, {"reason": "looks good"}, status=201)
    bob.post(path, {"reason": "still does"}, status=201)
    carol.post(path, {"stage": "staging"}, status=201)
    assert "1 of 2" in closed(try_move(registry, model, 1, "production"), "approvals")
    carol.post(path, None, status=201)
    assert registry.move(model, 1, "production")["gates"]["passed"]
    given = registry.get(path)["approvals"]
    assert {(a["actor"], a["stage"]) for a in given} == {
        ("bob", "production"), ("carol", "staging"), ("carol", "production"),
    }  # fmt: skip


def test_an_author_of_an_mlflow_run_cannot_approve_what_it_made(registry, client, model, acting):
    acting("ada")
    client.create_model_version(model, "s3://b/1")
    ada = registry.as_actor("ada")
    assert registry.version(model, 1)["author"] == "ada"
    ada.refused("POST", f"/models/{model}/versions/1/approvals", {}, status=403, code="forbidden")


def test_a_gate_can_be_asked_without_moving_anything(registry, model):
    registry.policy(model, production={"mode": "enforce", "approvals": 1})
    registry.register(model)
    size = registry.ledger_size()
    report = registry.get(f"/models/{model}/versions/1/gates", stage="production")
    assert not report["passed"]
    assert registry.get(f"/models/{model}/versions/1/gates", stage="staging")["passed"]
    assert registry.ledger_size() == size


@pytest.mark.parametrize(
    "gates",
    [
        {},
        {"mode": "strict"},
        {"mode": "warn", "requires": ["luck"]},
        {"mode": "warn", "aprovals": 1},
        {"mode": "warn", "approvals": -1},
        {"mode": "warn", "approvals": 1.5},
        {"mode": "warn", "approvals": "1"},
        {"mode": "warn", "thresholds": [{"metric": "a"}]},
        {"mode": "warn", "thresholds": [{"min": 1}]},
        {"mode": "warn", "regressions": [{"metric": "a", "margin": -1}]},
        {"mode": "warn", "regressions": [{"metric": "a", "better": "up"}]},
        [],
        None,
        {"mode": "enforce", "requires": "dataset"},
        {"mode": "enforce", "thresholds": {"metric": "a", "min": 1}},
        {"mode": "enforce", "thresholds": [{"metric": "a", "min": 1, "dataset": 7}]},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_meant_is_refused(registry, model, gates):
    body = {"stages": {"production": gates}}
    registry.refused("PUT", f"/models/{model}/policy", body, status=400, code="invalid")
