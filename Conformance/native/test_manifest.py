"""The manifest: what a version says it is made of, and how that is written."""

import json

import mlflow

from registry import canonical, sha256, tree_digest
from test_seal import download
from training import COMMIT, IRIS, MODEL_FILE, trained


def test_the_digest_is_that_of_the_manifest_and_the_tree_that_of_the_files(
    server, registry, client, experiment, model, tmp_path
):
    trained(model)
    version = registry.version(model, 1)
    manifest = registry.manifest_bytes(model, 1)
    files = download(server, model, 1, tmp_path)
    assert sha256(manifest) == version["digest"]
    assert tree_digest(files) == version["seal"]["tree"] == json.loads(manifest)["tree"]
    listed = {entry["path"]: entry for entry in json.loads(manifest)["files"]}
    assert {path: (len(data), sha256(data)) for path, data in files.items()} == {
        path: (entry["size"], entry["sha256"]) for path, entry in listed.items()
    }
    assert version["seal"]["byteCount"] == sum(map(len, files.values()))
    assert registry.version(model, f"sha256:{version['digest']}")["number"] == 1


def test_a_manifest_is_canonical_json(registry, client, experiment, model):
    trained(model, rows=40)
    manifest = registry.manifest_bytes(model, 1)
    assert canonical(json.loads(manifest)) == manifest


def test_a_manifest_orders_names_by_utf_16_and_writes_numbers_as_rfc_8785_does(registry, model):
    odd = {
        "\U0001f600": "emoji",
        "\ufb33": "dalet",
        "\u20ac": "euro",
        "a\u0301": "combining",
        '"\\': "\n\x01\u2028",
    }
    numbers = {"a": 1e21, "b": 1e-7, "c": 100.0, "d": 0.1, "e": 5e-324, "f": -0.0, "g": 333333333.33333329}
    metrics = [{"name": name, "value": value} for name, value in numbers.items()]
    registry.register(model, hyperparameters=odd, metrics=metrics)
    text = registry.manifest_bytes(model, 1).decode()
    ordered = sorted(odd, key=lambda name: name.encode("utf-16-be"))
    assert list(json.loads(text)["hyperparameters"]) == ordered
    written = [text.split(f'"name":"{name}",')[1].split('"value":')[1].split("}")[0] for name in numbers]
    assert written == ["1e+21", "1e-7", "100", "0.1", "5e-324", "0", "333333333.3333333"]


def test_a_manifest_says_everything_that_a_version_is_made_of(registry, client, experiment, model, acting):
    acting("ada")
    done = trained(model)
    manifest = registry.manifest(model, 1)
    assert (manifest["model"], manifest["number"], manifest["author"]) == (model, 1, "ada")
    assert manifest["hyperparameters"] == {"C": "1.0", "max_iter": "300"}
    (dataset,) = manifest["datasets"]
    assert (dataset["name"], dataset["digest"], dataset["context"]) == ("iris", done.dataset, "training")
    assert manifest["code"]["commit"] == COMMIT
    assert "scikit-learn==1.9.1" in manifest["environment"]["packages"]
    assert manifest["environment"]["python"].startswith("3.")
    (metric,) = [m for m in manifest["metrics"] if m["name"] == "accuracy"]
    assert 0.9 < metric["value"] <= 1
    assert [field["name"] for field in manifest["signature"]["inputs"]] == [
        "sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)",
    ]  # fmt: skip
    assert manifest["signature"]["outputs"]
    assert manifest["run"]["id"] == done.run
    assert manifest["source"].startswith("models:/m-")
    assert "parent" not in manifest
    roles = {file["path"]: file["role"] for file in manifest["files"]}
    assert roles[MODEL_FILE] == "weights"
    assert roles["MLmodel"] == roles["requirements.txt"] == roles["conda.yaml"] == "config"

    trained(model, c=2.0)
    parent = registry.manifest(model, 2)["parent"]
    assert parent == {"number": 1, "digest": registry.version(model, 1)["digest"]}


def test_a_metric_names_the_dataset_that_it_was_measured_on(registry, client, experiment, model):
    done = trained(None)
    held_out = mlflow.data.from_pandas(IRIS.tail(30), name="held-out")
    with mlflow.start_run(run_id=done.run):
        mlflow.log_metric("f1", 0.75, model_id=done.uri.removeprefix("models:/"), dataset=held_out)
    mlflow.register_model(done.uri, model)
    (metric,) = [m for m in registry.manifest(model, 1)["metrics"] if m["name"] == "f1"]
    assert (metric["datasetName"], metric["datasetDigest"]) == ("held-out", held_out.digest)


def test_files_have_the_roles_that_their_names_say_unless_their_author_says_otherwise(registry, model):
    by_role = {
        "weights": ["model.safetensors", "a.pt", "b.pkl", "c.h5", "d.onnx", "e.gguf"],
        "config": ["config.json", "requirements.txt"],
        "tokenizer": ["tokenizer.json"],
        "preprocessing": ["preprocessor_config.json"],
        "code": ["code/train.py"],
        "logs": ["train.log"],
        "other": ["LICENSE"],
    }
    expected = {path: role for role, paths in by_role.items() for path in paths}
    registry.register(model, dict.fromkeys(expected, b"{}"))
    assert {f["path"]: f["role"] for f in registry.manifest(model, 1)["files"]} == expected
    digest = registry.blob(b"{}")
    body = {"files": [{"path": "train.log", "sha256": digest, "role": "weights"}]}
    registry.post(f"/models/{model}/versions", body, status=201)
    assert registry.manifest(model, 2)["files"][0]["role"] == "weights"
