"""Runs: life, names, tags, nesting."""

import re

import mlflow
import pytest
from mlflow.entities import Metric, Param, RunStatus, RunTag
from mlflow.exceptions import MlflowException

from support import unique

GENERATED_NAME = re.compile(r"^[a-z]+(-[a-z]+)+-\d+$")


def test_a_new_run_is_running_and_empty(client, experiment):
    made = client.create_run(experiment, start_time=1234, run_name="first", tags={"k": "v"})
    for run in (made, client.get_run(made.info.run_id)):
        assert re.fullmatch(r"[0-9a-f]{32}", run.info.run_id)
        assert run.info.experiment_id == experiment
        assert (run.info.run_name, run.info.status, run.info.lifecycle_stage) == (
            "first",
            "RUNNING",
            "active",
        )
        assert (run.info.start_time, run.info.end_time) == (1234, None)
        assert run.info.artifact_uri == f"mlflow-artifacts:/{experiment}/{run.info.run_id}/artifacts"
        assert (run.data.metrics, run.data.params) == ({}, {})
        assert run.data.tags["k"] == "v"
        assert run.data.tags["mlflow.runName"] == "first"


def test_a_run_without_a_name_gets_one(client, experiment):
    run = client.create_run(experiment)
    assert GENERATED_NAME.match(run.info.run_name)
    assert run.data.tags["mlflow.runName"] == run.info.run_name


def test_a_run_name_may_come_as_a_tag(client, experiment):
    run = client.create_run(experiment, tags={"mlflow.runName": "by tag"})
    assert run.info.run_name == "by tag"


def test_a_run_cannot_have_two_names(client, experiment):
    with pytest.raises(MlflowException, match="Both 'run_name' argument and 'mlflow.runName' tag") as refused:
        client.create_run(experiment, run_name="a", tags={"mlflow.runName": "b"})
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_a_run_needs_an_existing_experiment(client):
    with pytest.raises(MlflowException, match="No Experiment with id=987654321 exists") as missing:
        client.create_run("987654321")
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_run_records_who_started_it(server, experiment):
    run_id = server.new_run(experiment, user_id="ada")
    assert server.get("runs/get", run_id=run_id).json["run"]["info"]["user_id"] == "ada"


def test_the_fluent_api_sets_the_system_tags(client, experiment):
    with mlflow.start_run(description="why") as active:
        pass
    tags = client.get_run(active.info.run_id).data.tags
    assert {"mlflow.user", "mlflow.source.name", "mlflow.source.type", "mlflow.runName"} <= set(tags)
    assert tags["mlflow.note.content"] == "why"


def test_leaving_the_context_finishes_the_run(client, experiment):
    with mlflow.start_run(run_name="ctx") as active:
        assert client.get_run(active.info.run_id).info.status == "RUNNING"
    info = client.get_run(active.info.run_id).info
    assert info.status == "FINISHED"
    assert info.end_time >= info.start_time > 0


def test_an_exception_fails_the_run(client, experiment):
    with pytest.raises(ZeroDivisionError), mlflow.start_run() as active:
        raise ZeroDivisionError
    assert client.get_run(active.info.run_id).info.status == "FAILED"


@pytest.mark.parametrize("status", RunStatus.all_status(), ids=RunStatus.to_string)
def test_every_status_is_kept(client, run, status):
    client.set_terminated(run, RunStatus.to_string(status), end_time=99)
    info = client.get_run(run).info
    assert (info.status, info.end_time) == (RunStatus.to_string(status), 99)


def test_a_run_can_be_resumed(client, experiment):
    with mlflow.start_run() as first:
        mlflow.log_param("a", 1)
    with mlflow.start_run(run_id=first.info.run_id):
        assert client.get_run(first.info.run_id).info.status == "RUNNING"
        mlflow.log_param("b", 2)
    run = client.get_run(first.info.run_id)
    assert run.data.params == {"a": "1", "b": "2"}
    assert run.info.status == "FINISHED"


def test_nested_runs_know_their_parent(client, experiment):
    with (
        mlflow.start_run() as parent,
        mlflow.start_run(nested=True) as child,
        mlflow.start_run(nested=True) as grandchild,
    ):
        pass
    assert client.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
    assert client.get_parent_run(grandchild.info.run_id).info.run_id == child.info.run_id
    assert client.get_parent_run(parent.info.run_id) is None
    found = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert [run.info.run_id for run in found] == [child.info.run_id]


def test_status_and_name_can_be_updated(client, run):
    client.update_run(run, status="SCHEDULED", name="renamed")
    updated = client.get_run(run)
    assert (updated.info.status, updated.info.run_name) == ("SCHEDULED", "renamed")
    assert updated.data.tags["mlflow.runName"] == "renamed"


def test_an_update_changes_only_what_it_names(server, client, run):
    client.set_terminated(run, "FINISHED", end_time=500)
    before = client.get_run(run).info
    reply = server.post("runs/update", {"run_id": run, "run_name": "only this"}).expect()
    after = reply.json["run_info"]
    assert (after["run_name"], after["status"], after["end_time"]) == ("only this", "FINISHED", 500)
    assert after["start_time"] == before.start_time


def test_the_name_tag_renames_the_run(client, run):
    client.set_tag(run, "mlflow.runName", "by set-tag")
    assert client.get_run(run).info.run_name == "by set-tag"
    client.log_batch(run, tags=[RunTag("mlflow.runName", "by log-batch")])
    assert client.get_run(run).info.run_name == "by log-batch"


def test_tags_are_set_overwritten_and_deleted(client, run):
    client.set_tag(run, "k", "old")
    client.set_tag(run, "k", "new")
    client.set_tag(run, "empty", "")
    client.set_tag(run, "a/b:c d.e-f_g", "ok")
    tags = client.get_run(run).data.tags
    assert (tags["k"], tags["empty"], tags["a/b:c d.e-f_g"]) == ("new", "", "ok")
    client.delete_tag(run, "k")
    assert "k" not in client.get_run(run).data.tags


def test_many_tags_are_set_in_one_call(client, experiment):
    with mlflow.start_run(tags={"at": "start"}) as active:
        mlflow.set_tags({"one": 1, "two": "2"})
    tags = client.get_run(active.info.run_id).data.tags
    assert (tags["at"], tags["one"], tags["two"]) == ("start", "1", "2")


def test_deleting_a_missing_tag_is_an_error(client, run):
    with pytest.raises(MlflowException, match=f"No tag with name: nope in run with id {run}") as missing:
        client.delete_tag(run, "nope")
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_deleted_run_is_still_readable_and_can_be_restored(client, experiment, run):
    client.delete_run(run)
    client.delete_run(run)
    assert client.get_run(run).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment]) == []
    client.restore_run(run)
    client.restore_run(run)
    assert client.get_run(run).info.lifecycle_stage == "active"
    assert len(client.search_runs([experiment])) == 1


WRITES = {
    "log_metric": lambda client, run: client.log_metric(run, "m", 1.0),
    "log_param": lambda client, run: client.log_param(run, "p", "1"),
    "log_batch": lambda client, run: client.log_batch(run, [Metric("m", 1, 1, 1)], [Param("p", "1")]),
    "set_tag": lambda client, run: client.set_tag(run, "t", "1"),
    "delete_tag": lambda client, run: client.delete_tag(run, "mlflow.runName"),
    "update_run": lambda client, run: client.update_run(run, status="FINISHED"),
    "set_terminated": lambda client, run: client.set_terminated(run),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_deleted_run_takes_no_writes(client, run, write):
    client.delete_run(run)
    before = client.get_run(run).to_dictionary()
    with pytest.raises(MlflowException, match=f"The run {run} must be in the 'active' state") as refused:
        WRITES[write](client, run)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"
    assert client.get_run(run).to_dictionary() == before


@pytest.mark.parametrize("call", ["get_run", "delete_run", "restore_run", "set_terminated"])
def test_an_unknown_run_is_not_found(client, call):
    unknown = unique("nobody")
    with pytest.raises(MlflowException, match=f"Run with id={unknown} not found") as missing:
        getattr(client, call)(unknown)
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_run_uuid_is_another_name_for_run_id(server, run):
    info = server.get("runs/get", run_uuid=run).expect().json["run"]["info"]
    assert info["run_id"] == info["run_uuid"] == run
    server.post("runs/update", {"run_uuid": run, "run_name": "old client"}).expect()
    assert server.get("runs/get", run_id=run).json["run"]["info"]["run_name"] == "old client"


def test_the_answer_has_numbers_for_times_and_leaves_out_what_is_unset(server, run):
    answer = server.get("runs/get", run_id=run).expect().json["run"]
    assert isinstance(answer["info"]["start_time"], int)
    assert "end_time" not in answer["info"]
    assert set(answer["data"]) == {"tags"}
    assert answer["inputs"] == answer["outputs"] == {}
