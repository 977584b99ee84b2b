"""Comparison and lineage: how versions differ, which is best, and what came from what."""

import json
import struct

import mlflow
import numpy
import pytest
from safetensors.numpy import save

from support import unique
from training import IRIS, trained


def diff(registry, model, old=1, new=2):
    return registry.get("/diff", **{"from": f"{model}/{old}", "to": f"{model}/{new}"})


def changes(values):
    return {value["name"]: (value.get("from"), value.get("to")) for value in values}


# Differences


def test_a_diff_of_two_trained_versions_says_what_changed(registry, client, experiment, model):
    first = trained(model, c=1.0, pip_requirements=["scikit-learn==1.9.1", "numpy==2.0.0", "six"])
    second = trained(model, c=0.5, rows=120, pip_requirements=["scikit-learn==1.9.1", "numpy==2.1.0"])
    found = registry.get("/diff", **{"from": f"{model}@1.0.0", "to": f"{model}@latest"})
    assert (found["from"]["number"], found["to"]["number"]) == (1, 2)
    assert found["fromModel"] == found["toModel"] == model
    assert changes(found["hyperparameters"]) == {"C": ("1.0", "0.5")}
    assert changes(found["datasets"]) == {"iris (training)": (first.dataset, second.dataset)}
    assert changes(found["packages"]) == {"numpy": ("numpy==2.0.0", "numpy==2.1.0"), "six": ("six", None)}
    assert changes(found["code"]) == {}
    assert found["signature"] == []
    assert {f["path"]: f["change"] for f in found["files"]}["model.pkl"] == "changed"
    listed = [registry.get(f"/models/{model}/versions/{n}/files")["files"] for n in (1, 2)]
    same = {(f["path"], f["sha256"]) for f in listed[0]} & {(f["path"], f["sha256"]) for f in listed[1]}
    assert found["sameFileCount"] == len(same)


def test_a_version_does_not_differ_from_itself(registry, client, experiment, model):
    trained(model)
    found = diff(registry, model, 1, 1)
    parts = ("hyperparameters", "datasets", "code", "packages", "signature", "files", "tensors")
    assert {part: found[part] for part in parts} == {part: [] for part in parts}
    assert {metric["verdict"] for metric in found["metrics"]} == {"same"}


def test_metrics_are_compared_with_direction_and_relative_change(registry, model):
    def metrics(**values):
        return [{"name": name, "value": value} for name, value in values.items()]

    registry.register(model, metrics=metrics(accuracy=0.8, val_loss=0.5, rmse=2, zero=0, gone=1, same=3))
    registry.register(model, metrics=metrics(accuracy=0.9, val_loss=0.6, rmse=1, zero=1, new=1, same=3))
    found = {metric["name"]: metric for metric in diff(registry, model)["metrics"]}
    assert {name: metric["verdict"] for name, metric in found.items()} == {
        "accuracy": "better", "val_loss": "worse", "rmse": "better", "zero": "better",
        "gone": "removed", "new": "added", "same": "same",
    }  # fmt: skip
    assert found["accuracy"]["relative"] == pytest.approx(0.125)
    assert found["val_loss"]["relative"] == pytest.approx(0.2)
    assert found["rmse"]["relative"] == pytest.approx(-0.5)
    assert "relative" not in found["zero"]
    assert (found["accuracy"]["better"], found["val_loss"]["better"]) == ("higher", "lower")


def test_metrics_on_different_datasets_are_not_compared(registry, model):
    def on(digest, value):
        return [{"name": "f1", "value": value, "datasetName": "test", "datasetDigest": digest}]

    registry.register(model, metrics=on("d1", 0.5))
    registry.register(model, metrics=on("d2", 0.9))
    assert sorted(metric["verdict"] for metric in diff(registry, model)["metrics"]) == ["added", "removed"]


def test_code_is_compared_by_its_commits(registry, model):
    registry.register(model, code={"commit": "aaa", "branch": "main", "dirty": False})
    registry.register(model, code={"commit": "bbb", "branch": "main", "dirty": True})
    assert changes(diff(registry, model)["code"]) == {"commit": ("aaa", "bbb"), "dirty": ("false", "true")}


def test_signatures_are_compared_for_callers(registry, client, experiment, model):
    trained(model)
    trained(model, signature=None)
    (reason,) = diff(registry, model)["signature"]
    assert "removed" in reason


def test_files_are_added_removed_changed_or_the_same(registry, model):
    registry.register(model, {"same": b"s", "gone.py": b"g", "changed.pt": b"12"})
    registry.register(model, {"same": b"s", "new.txt": b"", "changed.pt": b"123"})
    found = diff(registry, model)
    assert found["sameFileCount"] == 1
    assert [
        (f["path"], f["role"], f["change"], f.get("fromSize"), f.get("toSize")) for f in found["files"]
    ] == [
        ("changed.pt", "weights", "changed", 2, 3),
        ("gone.py", "code", "removed", 1, None),
        ("new.txt", "other", "added", None, 0),
    ]


TENSORS = {"same": numpy.arange(2000, dtype="float32"), "small": numpy.zeros(3, dtype="int64")}


def test_tensors_are_compared_by_name_type_shape_and_bytes(registry, model):
    late = numpy.arange(3_000_000, dtype="uint8")
    other = late.copy()
    other[-1] += 1
    old = {**TENSORS, "late": late, "gone": numpy.ones(2, "float32"), "shape": numpy.ones((2, 3), "float32")}
    new = {**TENSORS, "late": other, "new": numpy.ones(2, "float16"), "shape": numpy.ones((3, 2), "float32")}
    new["small"] = numpy.ones(3, dtype="int64")
    registry.register(model, {"model.safetensors": save(old)})
    registry.register(model, {"model.safetensors": save(new)})
    found = diff(registry, model)
    assert found["sameTensorCount"] == 1
    assert {t["name"]: (t["change"], t.get("from"), t.get("to")) for t in found["tensors"]} == {
        "gone": ("removed", "F32 [2]", None),
        "new": ("added", None, "F16 [2]"),
        "late": ("changed", "U8 [3000000]", "U8 [3000000]"),
        "small": ("changed", "I64 [3]", "I64 [3]"),
        "shape": ("reshaped", "F32 [2, 3]", "F32 [3, 2]"),
    }
    assert {t["file"] for t in found["tensors"]} == {"model.safetensors"}


def test_another_type_of_the_same_bytes_is_another_tensor(registry, model):
    for kind in ("float32", "int32"):
        registry.register(model, {"model.safetensors": save({"a": numpy.zeros(4, dtype=kind)})})
    (tensor,) = diff(registry, model)["tensors"]
    assert (tensor["from"], tensor["to"]) == ("F32 [4]", "I32 [4]")


def test_tensors_that_moved_to_another_file_are_found_there(registry, model):
    registry.register(model, {"model.safetensors": save(TENSORS)})
    shards = {
        f"model-0000{i}-of-00002.safetensors": save({name: TENSORS[name]})
        for i, name in enumerate(TENSORS, 1)
    }
    registry.register(model, shards)
    found = diff(registry, model)
    assert found["sameTensorCount"] == 2
    assert found["tensors"] == []


def test_a_lying_header_is_compared_as_a_file(registry, model):
    registry.register(model, {"model.safetensors": save(TENSORS)})
    registry.register(model, {"model.safetensors": struct.pack("<Q", 1 << 40) + b"{}"})
    found = diff(registry, model)
    assert found["tensors"] == []
    assert [f["change"] for f in found["files"]] == ["changed"]


def test_versions_of_different_models_can_be_compared(registry, model):
    other = registry.model()
    registry.register(model, {"a": b"1"})
    registry.register(other, {"a": b"1", "b": b"2"})
    found = registry.get("/diff", **{"from": f"{model}@1.0.0", "to": f"{other}/1"})
    assert (found["fromModel"], found["toModel"]) == (model, other)
    assert [f["path"] for f in found["files"]] == ["b"]


@pytest.mark.parametrize(
    ("old", "new", "status"), [("x", "y", 400), ("nobody/1", "nobody/2", 404), (None, "a/1", 400)]
)
def test_what_cannot_be_compared_is_refused(registry, old, new, status):
    query = {name: value for name, value in (("from", old), ("to", new)) if value}
    assert registry.request("GET", "/diff", **query).status == status


# The best


def measured(*values):
    names = ("name", "value", "datasetName", "datasetDigest")
    return {"metrics": [dict(zip(names, value, strict=False)) for value in values]}


def test_a_leaderboard_compares_only_like_with_like(registry, model):
    registry.register(model, **measured(("accuracy", 0.9, "a", "a1"), ("accuracy", 0.1, "b", "b1")))
    registry.register(model, **measured(("accuracy", 0.95, "a", "a2")))
    registry.register(model, **measured(("accuracy", 0.92, "a", "a1"), ("loss", 5)))
    registry.register(model, **measured(("accuracy", 0.99)))
    board = registry.get(f"/models/{model}/best", metric="accuracy")
    assert board["better"] == "higher"
    found = {
        (r.get("datasetName"), r.get("datasetDigest")): [(e["number"], e["value"]) for e in r["entries"]]
        for r in board["rankings"]
    }
    assert found == {
        ("a", "a1"): [(3, 0.92), (1, 0.9)],
        ("a", "a2"): [(2, 0.95)],
        ("b", "b1"): [(1, 0.1)],
        (None, None): [(4, 0.99)],
    }
    for dataset, count in (("a", 2), ("a1", 1), ("zzz", 0)):
        board = registry.get(f"/models/{model}/best", metric="accuracy", dataset=dataset)
        assert len(board["rankings"]) == count


def test_a_dataset_is_what_its_digest_says_whatever_it_is_called(registry, model):
    registry.register(model, **measured(("accuracy", 0.9, "test", "d1")))
    registry.register(model, **measured(("accuracy", 0.95, "held-out", "d1")))
    board = registry.get(f"/models/{model}/best", metric="accuracy")
    assert [[e["number"] for e in ranking["entries"]] for ranking in board["rankings"]] == [[2, 1]]


def test_the_best_is_the_lowest_where_lower_is_better(registry, model):
    for value in (0.3, 0.1, 0.2):
        registry.register(model, **measured(("val_loss", value), ("odd", value)))
    registry.move(model, 2, "production")
    entries = registry.get(f"/models/{model}/best", metric="val_loss")["rankings"][0]["entries"]
    assert [(e["number"], e["stage"]) for e in entries] == [
        (2, "production"), (3, "candidate"), (1, "candidate"),
    ]  # fmt: skip
    entries = registry.get(f"/models/{model}/best", metric="odd", better="lower")["rankings"][0]["entries"]
    assert [e["number"] for e in entries] == [2, 3, 1]
    registry.refused("GET", f"/models/{model}/best", status=400, code="invalid")
    registry.refused("GET", f"/models/{model}/best", metric="odd", better="up", status=400, code="invalid")


def test_deleted_versions_are_not_ranked(registry, model):
    registry.register(model, **measured(("f1", 0.9)))
    registry.register(model, **measured(("f1", 0.5)))
    registry.request("DELETE", f"/models/{model}/versions/1").expect(204)
    (ranking,) = registry.get(f"/models/{model}/best", metric="f1")["rankings"]
    assert [entry["number"] for entry in ranking["entries"]] == [2]


def test_a_metric_without_a_number_is_no_contender(registry, client, experiment, model):
    for value in (float("nan"), float("inf"), 0.5):
        with mlflow.start_run() as run:
            mlflow.log_metric("score", value)
        client.create_model_version(model, f"runs:/{run.info.run_id}/model", run.info.run_id)
    (ranking,) = registry.get(f"/models/{model}/best", metric="score")["rankings"]
    assert [entry["number"] for entry in ranking["entries"]][-1] == 3
    assert 1 not in [entry["number"] for entry in ranking["entries"]]
    assert all(metric["name"] == "score" for metric in diff(registry, model, 1, 2)["metrics"])


def test_metrics_that_mlflow_logged_on_datasets_are_ranked(registry, client, experiment, model):
    held_out = mlflow.data.from_pandas(IRIS.tail(30), name="held-out")
    for value in (0.7, 0.9):
        done = trained()
        with mlflow.start_run(run_id=done.run):
            mlflow.log_metric("f1", value, model_id=done.uri.removeprefix("models:/"), dataset=held_out)
        mlflow.register_model(done.uri, model)
    board = registry.get(f"/models/{model}/best", metric="f1", dataset=held_out.digest)
    (ranking,) = board["rankings"]
    assert ranking["datasetName"] == "held-out"
    assert [(e["number"], e["value"]) for e in ranking["entries"]] == [(2, 0.9), (1, 0.7)]


# Lineage


def arrows(graph):
    kinds = {node["id"]: node["kind"] for node in graph["nodes"]}
    assert all(edge["from"] in kinds and edge["to"] in kinds for edge in graph["edges"])
    return {(edge["from"], edge["to"]) for edge in graph["edges"]}


def test_lineage_leads_from_a_dataset_to_production_and_back(registry, client, experiment, model):
    done = trained(model)
    client.transition_model_version_stage(model, "1", "Production")
    dataset, run = f"dataset:iris@{done.dataset}", f"run:{done.run}"
    logged, version = f"loggedModel:{done.uri.removeprefix('models:/')}", f"version:{model}/1"
    path = {(dataset, run), (run, logged), (logged, version), (version, f"stage:{model}/production")}
    graph = registry.get(f"/models/{model}/versions/1/lineage")
    assert arrows(graph) == path
    assert {node["kind"] for node in graph["nodes"]} == {"dataset", "run", "loggedModel", "version", "stage"}
    assert "training" in {edge["label"] for edge in graph["edges"]}
    for name in (done.dataset, "iris"):
        assert path <= arrows(registry.get("/lineage", dataset=name))


def test_lineage_of_a_dataset_shows_runs_that_made_no_version(registry, client, experiment):
    name = unique("data")
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(IRIS.head(9), name=name), context="training")
    graph = registry.get("/lineage", dataset=name)
    assert [edge["to"] for edge in graph["edges"]] == [f"run:{run.info.run_id}"]
    registry.refused("GET", "/lineage", dataset=unique("never"), status=404, code="not_found")


def test_lineage_of_versions_that_were_pushed_needs_no_run(registry, model):
    name = unique("data")
    registry.register(model, datasets=[{"name": name, "digest": "d9", "context": "training"}])
    expected = {
        (f"dataset:{name}@d9", f"version:{model}/1"),
        (f"version:{model}/1", f"stage:{model}/candidate"),
    }
    assert arrows(registry.get(f"/models/{model}/versions/1/lineage")) == expected
    assert arrows(registry.get("/lineage", dataset=name)) == expected


def test_lineage_of_a_copy_leads_to_its_source(registry, client, model):
    registry.register(model)
    copy = client.copy_model_version(f"models:/{model}/1", unique("copy")).name
    graph = registry.get(f"/models/{copy}/versions/1/lineage")
    assert (f"version:{model}/1", f"version:{copy}/1") in arrows(graph)


def test_a_deleted_version_is_not_what_came_from_a_dataset(registry, model):
    name = unique("data")
    registry.versions(model, 2, datasets=[{"name": name, "digest": "d9"}])
    registry.request("DELETE", f"/models/{model}/versions/1").expect(204)
    nodes = {node["id"] for node in registry.get("/lineage", dataset=name)["nodes"]}
    assert f"version:{model}/2" in nodes
    assert f"version:{model}/1" not in nodes


def test_answers_are_valid_json_whatever_was_measured(registry, client, experiment, model):
    with mlflow.start_run() as run:
        mlflow.log_metrics({"a": float("inf"), "b": float("-inf"), "c": float("nan"), "d": 1e308})
    for _ in range(2):
        client.create_model_version(model, f"runs:/{run.info.run_id}/m", run.info.run_id)
    reply = registry.request("GET", "/diff", **{"from": f"{model}/1", "to": f"{model}/2"}).expect()

    def forbidden(text):
        raise AssertionError(text)

    json.loads(reply.body, parse_constant=forbidden)
