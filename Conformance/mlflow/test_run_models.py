"""What a run says of models: those that it read, made, and (MLflow 2) stored below itself."""

import json

import pytest
from mlflow.models import Model


def test_a_recorded_model_is_appended_to_the_history_tag(client, run):
    for path in ("first", "second"):
        client._record_logged_model(run, Model(artifact_path=path, run_id=run, flavors={"f": {"k": 1}}))
    recorded = json.loads(client.get_run(run).data.tags["mlflow.log-model.history"])
    assert [model["artifact_path"] for model in recorded] == ["first", "second"]
    assert recorded[0]["run_id"] == run
    assert recorded[0]["flavors"] == {"f": {"k": 1}}


@pytest.mark.parametrize(
    ("model_json", "message"),
    [("{x", "is not a valid JSON"), ("{}", "Model json is missing mandatory fields")],
)
def test_a_malformed_model_is_refused(server, run, model_json, message):
    reply = server.post("runs/log-model", {"run_id": run, "model_json": model_json}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


def test_model_inputs_and_outputs_of_a_run_are_kept(server, run):
    server.post("runs/log-inputs", {"run_id": run, "models": [{"model_id": "m-in"}]}).expect()
    server.post("runs/outputs", {"run_id": run, "models": [{"model_id": "m-out", "step": 3}]}).expect()
    answer = server.get("runs/get", run_id=run).expect().json["run"]
    assert answer["inputs"] == {"model_inputs": [{"model_id": "m-in"}]}
    assert answer["outputs"] == {"model_outputs": [{"model_id": "m-out", "step": 3}]}
