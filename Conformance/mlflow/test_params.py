"""Logging params to a run."""

import pytest
from mlflow.entities import Param
from mlflow.exceptions import MlflowException


def test_a_param_keeps_its_text(client, run):
    for key, value in [("number", 0.5), ("text", "a'b\"c\n\u00e9"), ("empty", ""), ("none", None)]:
        client.log_param(run, key, value)
    expected = {"number": "0.5", "text": "a'b\"c\n\u00e9", "empty": "", "none": "None"}
    assert client.get_run(run).data.params == expected


def test_a_param_may_be_logged_again_with_the_same_value(client, run):
    client.log_param(run, "p", 1)
    client.log_param(run, "p", "1")
    client.log_batch(run, params=[Param("p", "1"), Param("q", "2")])
    assert client.get_run(run).data.params == {"p": "1", "q": "2"}


def test_a_param_cannot_change_its_value(server, client, run):
    client.log_param(run, "p", "1")
    reply = server.post("runs/log-parameter", {"run_id": run, "key": "p", "value": "2"}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert reply.message == (
        "Changing param values is not allowed. Param with key='p' was already logged with value='1' "
        f"for run ID='{run}'. Attempted logging new value '2'."
    )
    with pytest.raises(MlflowException, match="Changing param values is not allowed"):
        client.log_param(run, "p", "2")
    assert client.get_run(run).data.params == {"p": "1"}
