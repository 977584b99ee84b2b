"""
Where Martlet does better than mlflow server on purpose, as docs/protocols/mlflow.md lists it.

Differences that belong to a test of something else are there; `martlet_only` marks them.
"""

import math

import pytest

pytestmark = pytest.mark.martlet_only

BAD = "INVALID_PARAMETER_VALUE"


@pytest.fixture
def logged_model(server, experiment):
    """The id of a new logged model."""
    body = {"experiment_id": experiment, "name": "m"}
    return server.post("logged-models", body).expect().json["model"]["info"]["model_id"]


# Values


@pytest.mark.parametrize("sign", [1, -1])
def test_infinity_comes_back_as_infinity(client, run, sign):
    client.log_metric(run, "x", sign * math.inf)
    assert client.get_run(run).data.metrics["x"] == sign * math.inf
    assert client.get_metric_history(run, "x")[0].value == sign * math.inf


def test_nan_stays_nan_on_a_logged_model(server, run, logged_model):
    point = {"run_id": run, "key": "x", "value": "NaN", "timestamp": 1, "model_id": logged_model}
    server.post("runs/log-metric", point).expect()
    (metric,) = server.get(f"logged-models/{logged_model}").expect().json["model"]["data"]["metrics"]
    assert metric["value"] == "NaN"


def test_tags_of_a_new_run_are_held_to_the_rules_of_all_tags(server, experiment):
    for key in ("a$", "k" * 251):
        body = {"experiment_id": experiment, "tags": [{"key": key, "value": "v"}]}
        assert server.post("runs/create", body).expect(400).error_code == BAD
    made = server.new_run(experiment, tags=[{"key": "long", "value": "x" * 9000}])
    tags = server.get("runs/get", run_id=made).expect().json["run"]["data"]["tags"]
    assert {"key": "long", "value": "x" * 8000} in tags


def test_the_same_output_may_be_logged_again(server, run):
    for _ in range(2):
        server.post("runs/outputs", {"run_id": run, "models": [{"model_id": "m-out", "step": 1}]}).expect()
    outputs = server.get("runs/get", run_id=run).expect().json["run"]["outputs"]
    assert outputs == {"model_outputs": [{"model_id": "m-out", "step": 1}]}


def test_a_tag_of_a_logged_model_with_a_slash_can_be_deleted(server, logged_model):
    tags = {"tags": [{"key": "a/b", "value": "v"}]}
    server.request("PATCH", f"logged-models/{logged_model}/tags", tags).expect()
    server.request("DELETE", f"logged-models/{logged_model}/tags/a%2Fb").expect()
    assert "tags" not in server.get(f"logged-models/{logged_model}").expect().json["model"]["info"]


# Searches


@pytest.mark.parametrize("status", ["'READY'", "'LOGGED_MODEL_READY'", "'2'", "2"])
def test_logged_models_are_found_by_the_name_of_their_status(server, experiment, logged_model, status):
    body = {"model_id": logged_model, "status": "LOGGED_MODEL_READY"}
    server.request("PATCH", f"logged-models/{logged_model}", body).expect()
    question = {"experiment_ids": [experiment], "filter": f"status = {status}"}
    (found,) = server.post("logged-models/search", question).expect().json["models"]
    assert found["info"]["model_id"] == logged_model


def test_a_page_token_belongs_to_its_question(server, experiment):
    for _ in range(2):
        server.new_run(experiment)
    question = {"experiment_ids": [experiment], "max_results": 1}
    token = server.post("runs/search", question).expect().json["next_page_token"]
    server.post("runs/search", {**question, "page_token": token}).expect()
    other = {**question, "filter": "tags.x = 'y'", "page_token": token}
    assert server.post("runs/search", other).expect(400).error_code == BAD


def test_a_search_has_at_most_200_comparisons_and_20_order_keys(server, experiment):
    def search(comparisons, keys):
        question = {
            "experiment_ids": [experiment],
            "filter": " AND ".join(["tags.a = 'x'"] * comparisons),
            "order_by": [f"params.p{number}" for number in range(keys)],
        }
        return server.post("runs/search", question)

    search(200, 20).expect()
    for reply in (search(201, 1), search(1, 21)):
        assert reply.expect(400).error_code == BAD


# Artifacts


def test_a_name_may_have_a_hash(server, run, root):
    server.put_artifact(f"{root}/a#1.txt", b"data").expect()
    assert server.get_artifact(f"{root}/a#1.txt").expect().body == b"data"
    files = server.get("artifacts/list", run_id=run).expect().json["files"]
    assert [file["path"] for file in files] == ["a#1.txt"]


def test_several_ranges_at_once_get_the_whole_artifact(server, root):
    server.put_artifact(f"{root}/x", b"abcdef").expect()
    assert server.get_artifact(f"{root}/x", Range="bytes=0-1,3-4").expect(200).body == b"abcdef"


# Answers


@pytest.mark.parametrize(("method", "path"), [("GET", "runs/create"), ("DELETE", "runs/get")])
def test_a_wrong_method_is_an_unknown_route(server, method, path):
    assert server.request(method, path).expect(404).error_code == "ENDPOINT_NOT_FOUND"


def test_what_is_asked_for_twice_at_creation_is_not_a_name_taken(server, experiment):
    twice = [{"key": "k", "value": "old"}, {"key": "k", "value": "new"}]
    reply = server.post("runs/create", {"experiment_id": experiment, "tags": twice}).expect(400)
    assert reply.error_code == BAD
    assert "UNIQUE" not in reply.message
