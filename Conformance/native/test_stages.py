"""Stages: who may move a version where, what stands in the way, and how one goes back."""

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from registry import problem
from support import unique
from training import assert_same_predictions, trained

STAGES = {"candidate": "None", "staging": "Staging", "production": "Production", "archived": "Archived"}
OWN = {
    "stages": [
        {"name": "candidate", "mlflowStage": "None"},
        {"name": "review", "mlflowStage": "Staging"},
        {"name": "live", "mlflowStage": "Production"},
        {"name": "retired", "mlflowStage": "Archived"},
    ],
    "transitions": [
        ["candidate", "review"],
        ["review", "live"],
        ["live", "retired"],
        ["review", "candidate"],
    ],
}


# The default machine, and MLflow's


@pytest.mark.parametrize(("stage", "mlflow_stage"), STAGES.items())
def test_stages_map_to_mlflows_in_both_directions(registry, client, model, stage, mlflow_stage):
    registry.versions(model, 2)
    registry.move(model, 1, "staging")
    registry.move(model, 1, stage)
    assert client.get_model_version(model, "1").current_stage == mlflow_stage
    client.transition_model_version_stage(model, "2", "Archived")
    client.transition_model_version_stage(model, "2", mlflow_stage)
    version = registry.version(model, 2)
    assert (version["stage"], version["mlflowStage"]) == (stage, mlflow_stage)


def test_a_new_version_is_a_candidate(registry, client, model):
    client.create_model_version(model, "s3://b/1")
    assert registry.version(model, 1)["stage"] == "candidate"


def test_production_holds_one_version_unless_it_is_asked_to_keep_the_others(registry, model):
    registry.versions(model, 3)
    registry.move(model, 1, "production")
    result = registry.move(model, 2, "production")
    assert [version["number"] for version in result["archived"]] == [1]
    assert registry.stages(model) == {1: "archived", 2: "production", 3: "candidate"}
    registry.move(model, 3, "production", keepsOthers=True)
    assert registry.stages(model) == {1: "archived", 2: "production", 3: "production"}


def test_mlflows_stage_call_keeps_the_others_unless_it_says_so(registry, client, model):
    registry.versions(model, 3)
    client.transition_model_version_stage(model, "1", "Production")
    client.transition_model_version_stage(model, "2", "Production")
    assert registry.stages(model) == {1: "production", 2: "production", 3: "candidate"}
    client.transition_model_version_stage(model, "3", "Production", archive_existing_versions=True)
    assert registry.stages(model) == {1: "archived", 2: "archived", 3: "production"}


def test_a_transition_says_who_why_and_what_it_did(registry, client, model, acting):
    registry.versions(model, 1)
    result = registry.as_actor("bob").move(model, 1, "production", reason="quarterly release")
    assert result["version"]["stage"] == "production"
    assert result["gates"]["mode"] == "warn"
    entry = registry.history(model, 1)[0]
    assert (entry["action"], entry["actor"], entry["reason"]) == (
        "version.transition", "bob", "quarterly release",
    )  # fmt: skip
    assert (entry["details"]["from"], entry["details"]["to"]) == ("candidate", "production")
    assert entry["index"] == result["version"]["revision"]
    acting("carol")
    client.transition_model_version_stage(model, "1", "Archived")
    assert registry.history(model, 1)[0]["actor"] == "carol"


def test_an_unknown_stage_is_refused_with_those_that_there_are(registry, model):
    registry.register(model)
    path = f"/models/{model}/versions/1/transitions"
    detail = registry.refused("POST", path, {"to": "live"}, status=400, code="invalid")
    assert all(stage in detail for stage in STAGES)


# A machine of one's own


def test_a_model_moves_by_its_own_machine(registry, client, model):
    registry.policy(model, machine=OWN)
    registry.versions(model, 2)
    path = f"/models/{model}/versions/1/transitions"
    detail = registry.refused("POST", path, {"to": "live"}, status=409, code="conflict")
    assert "review" in detail
    registry.refused("POST", path, {"to": "production"}, status=400, code="invalid")
    registry.move(model, 1, "review")
    registry.move(model, 1, "live")
    assert client.get_model_version(model, "1").current_stage == "Production"
    client.transition_model_version_stage(model, "2", "Staging")
    assert registry.version(model, 2)["stage"] == "review"
    with pytest.raises(MlflowException) as caught:
        client.transition_model_version_stage(model, "2", "Archived")
    assert "candidate, live" in caught.value.message
    assert registry.get(f"/models/{model}/policy")["machine"] == {
        "stages": OWN["stages"],
        "transitions": sorted(OWN["transitions"]),
    }


def test_new_versions_begin_in_the_first_stage_of_the_models_machine(registry, client, model):
    machine = {
        "stages": [
            {"name": "draft", "mlflowStage": "None"},
            {"name": "live", "mlflowStage": "Production"},
            {"name": "gone", "mlflowStage": "Archived"},
        ],
        "transitions": [["draft", "live"]],
    }
    registry.policy(model, machine=machine)
    assert registry.register(model)["stage"] == "draft"
    client.create_model_version(model, "s3://b/1")
    assert registry.stages(model) == {1: "draft", 2: "draft"}
    registry.move(model, 1, "live")


def test_a_rollback_needs_no_transition_back_in_the_machine(registry, model):
    registry.policy(model, machine=OWN)
    registry.versions(model, 2)
    for number in (1, 2):
        registry.move(model, number, "review")
        registry.move(model, number, "live")
    assert registry.stages(model) == {1: "retired", 2: "live"}
    registry.post(f"/models/{model}/rollback", {"stage": "live"})
    assert registry.stages(model) == {1: "live", 2: "retired"}


@pytest.mark.parametrize(
    "machine",
    [
        {"stages": []},
        {"stages": [{"name": "a", "mlflowStage": "None"}, {"name": "a", "mlflowStage": "Staging"}]},
        {"stages": [{"name": "a", "mlflowStage": "Staging"}]},
        # Where would what is in production go?
        {"stages": [{"name": "a", "mlflowStage": "None"}, {"name": "b", "mlflowStage": "Production"}]},
        {"stages": [{"name": "a", "mlflowStage": "Live"}]},
        {"stages": [{"name": "a b", "mlflowStage": "None"}]},
        {"stages": [{"name": "a", "mlflowStage": "None"}], "transitions": [["a", "b"]]},
        {"stages": [{"name": "a", "mlflowStage": "None"}], "transitions": [["a"]]},
        {"stages": [{"name": "a", "mlflowStage": "None", "more": 1}]},
        {"stages": {}},
        [],
    ],
    ids=str,
)
def test_a_machine_that_nothing_could_live_in_is_refused(registry, model, machine):
    before = registry.get(f"/models/{model}/policy")
    body = {"stages": {}, "machine": machine}
    registry.refused("PUT", f"/models/{model}/policy", body, status=400, code="invalid")
    assert registry.get(f"/models/{model}/policy") == before


def test_a_stage_that_is_in_use_cannot_be_taken_away(registry, model):
    registry.register(model)
    registry.move(model, 1, "staging")
    body = {"stages": {}, "machine": {"stages": [{"name": "candidate", "mlflowStage": "None"}]}}
    detail = registry.refused("PUT", f"/models/{model}/policy", body, status=409, code="conflict")
    assert "staging" in detail


# Lost races


def test_a_lost_race_names_who_won_it(registry, model):
    registry.register(model)
    bob = registry.as_actor("bob")
    bob.move(model, 1, "staging", reason="first come")
    path = f"/models/{model}/versions/1/transitions"
    body = {"to": "production", "from": "candidate"}
    detail = registry.refused("POST", path, body, status=412, code="precondition_failed")
    assert "bob" in detail
    assert "staging" in detail
    assert "first come" in detail
    registry.move(model, 1, "production", **{"from": "staging"})


def test_if_match_lets_only_the_first_through(registry, model):
    registry.register(model)
    tag = registry.request("GET", f"/models/{model}/versions/1").headers["ETag"]
    path = f"/models/{model}/versions/1/transitions"
    won = registry.request("POST", path, {"to": "staging"}, headers={"If-Match": tag}).expect()
    assert won.headers["ETag"] != tag
    bob = registry.as_actor("bob")
    lost = bob.request("POST", path, {"to": "archived"}, headers={"If-Match": tag})
    assert "ann" in problem(lost.expect(412), "precondition_failed")["detail"]
    bob.request("POST", path, {"to": "archived"}, headers={"If-Match": won.headers["ETag"]}).expect()
    bob.request("POST", path, {"to": "staging"}, headers={"If-Match": "*"}).expect()
    bob.refused("POST", path, {"to": "staging"}, headers={"If-Match": "17"}, status=400, code="invalid")


def test_if_match_works_on_mlflows_route_too(server, registry, model):
    registry.register(model)
    tag = registry.request("GET", f"/models/{model}/versions/1").headers["ETag"]
    registry.as_actor("bob").move(model, 1, "staging")
    body = {"name": model, "version": "1", "stage": "Production", "archive_existing_versions": False}
    lost = server.request("POST", "model-versions/transition-stage", body, headers={"If-Match": tag}).expect(
        409
    )
    assert lost.error_code == "ABORTED"
    assert "bob" in lost.message
    tag = registry.request("GET", f"/models/{model}/versions/1").headers["ETag"]
    server.request("POST", "model-versions/transition-stage", body, headers={"If-Match": tag}).expect()


# Rolling back


def roll_back(registry, model, **fields):
    return registry.post(f"/models/{model}/rollback", fields or None)


def test_a_rollback_brings_back_what_was_in_production_and_asks_no_gate(registry, client, experiment, model):
    first = trained(model)
    trained(model, c=0.0001)
    client.transition_model_version_stage(model, "1", "Production")
    registry.move(model, 2, "production")
    registry.policy(model, production={"mode": "enforce", "approvals": 5})
    result = registry.as_actor("oncall").post(f"/models/{model}/rollback", {"reason": "it was worse"})
    assert result["version"]["number"] == 1
    assert [version["number"] for version in result["archived"]] == [2]
    assert registry.production(model) == [1]
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}/Production"), first.model)
    entry = registry.history(model, 1)[0]
    assert (entry["action"], entry["actor"], entry["reason"]) == (
        "version.rollback",
        "oncall",
        "it was worse",
    )


def test_a_second_rollback_goes_further_back(registry, model):
    registry.versions(model, 4)
    for number in (1, 2, 3, 4):
        registry.move(model, number, "production")
    for expected in (3, 2, 1):
        assert roll_back(registry, model)["version"]["number"] == expected
        assert registry.production(model) == [expected]
    registry.refused("POST", f"/models/{model}/rollback", None, status=409, code="conflict")
    assert registry.production(model) == [1]


def test_after_a_rollback_a_new_promotion_is_rolled_back_to_what_was_before_it(registry, model):
    registry.versions(model, 3)
    for number in (1, 2):
        registry.move(model, number, "production")
    roll_back(registry, model)
    registry.move(model, 3, "production")
    assert roll_back(registry, model)["version"]["number"] == 1


def test_a_rollback_passes_over_what_was_deleted(registry, client, model):
    registry.versions(model, 3)
    for number in (1, 2, 3):
        registry.move(model, number, "production")
    client.delete_model_version(model, "2")
    assert roll_back(registry, model)["version"]["number"] == 1


def test_a_rollback_of_an_emptied_production_brings_back_the_last_one(registry, model):
    registry.versions(model, 2)
    registry.move(model, 1, "production")
    registry.move(model, 2, "production")
    registry.move(model, 2, "archived")
    assert roll_back(registry, model)["version"]["number"] == 2


def test_a_rollback_without_a_past_is_refused(registry, model):
    registry.register(model)
    registry.refused("POST", f"/models/{model}/rollback", None, status=409, code="conflict")
    registry.move(model, 1, "production")
    registry.refused("POST", f"/models/{model}/rollback", None, status=409, code="conflict")
    registry.refused("POST", f"/models/{unique('no')}/rollback", None, status=404, code="not_found")


def test_any_stage_can_be_rolled_back(registry, model):
    registry.versions(model, 2)
    registry.move(model, 1, "staging")
    registry.move(model, 2, "staging")
    registry.move(model, 1, "archived")
    assert roll_back(registry, model, stage="staging")["version"]["number"] == 1
