"""The seal: what a version is made of is what it was when it was registered, for ever."""

import hashlib
import os

import mlflow
import pytest

import second_implementation
from registry import sha256, tree_digest
from support import ARTIFACTS, unique
from training import MODEL_FILE, assert_same_predictions, log_files, put_run, trained

MODEL = {"MLmodel": b"flavors: {python_function: {loader_module: x}}\n", "weights.bin": os.urandom(5000)}


def download(server, model, number, folder):
    """{path: bytes} of a version, as MLflow's client downloads it."""
    root = folder / unique("download")
    mlflow.artifacts.download_artifacts(f"models:/{model}/{number}", dst_path=str(root))
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    # The client notes there which version it has downloaded.
    files.pop("registered_model_meta", None)
    return files


@pytest.fixture
def run(client, experiment):
    return put_run(client, experiment)


# Later writes


def test_a_registered_model_is_what_was_trained_whatever_its_run_writes_later(
    server, registry, client, experiment, model
):
    first = trained(model)
    other = trained(None, c=0.0001)
    root = client.get_logged_model(first.uri.removeprefix("models:/")).artifact_location
    key = root.removeprefix("mlflow-artifacts:/")
    weights = server.get_artifact(f"{key}/{MODEL_FILE}").expect().body
    client.set_registered_model_alias(model, "champion", first.number)
    client.transition_model_version_stage(model, first.number, "Production")

    other_root = client.get_logged_model(other.uri.removeprefix("models:/")).artifact_location
    evil = server.get_artifact(other_root.removeprefix("mlflow-artifacts:/") + f"/{MODEL_FILE}").expect().body
    server.put_artifact(f"{key}/{MODEL_FILE}", evil).expect()
    server.request("DELETE", f"{ARTIFACTS}{key}/MLmodel").expect()
    assert server.get_artifact(f"{key}/{MODEL_FILE}").expect().body == evil

    for name in (
        f"{model}/{first.number}",
        f"{model}@champion",
        f"{model}/Production",
        f"{model}@1.0.0",
        f"{model}@^1",
    ):
        assert_same_predictions(mlflow.sklearn.load_model(f"models:/{name}"), first.model)
    for name in (first.number, "1.0.0", "^1", "champion", "production", "latest"):
        assert registry.file(model, name, MODEL_FILE).expect().body == weights


def test_a_model_that_is_registered_while_it_is_logged_is_sealed_whole(registry, client, experiment):
    name = unique("model")
    done = trained(registered_model_name=name)
    version = registry.version(name, 1)
    assert version["seal"]["state"] == "sealed"
    assert version["runId"] == done.run
    paths = {file["path"] for file in registry.get(f"/models/{name}/versions/1/files")["files"]}
    assert {"MLmodel", MODEL_FILE, "requirements.txt", "conda.yaml", "python_env.yaml"} <= paths
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{name}/1"), done.model)


def test_a_version_outlives_its_run_its_logged_model_and_its_experiment(client, experiment, model):
    done = trained(model)
    client.delete_logged_model(done.uri.removeprefix("models:/"))
    client.delete_run(done.run)
    client.delete_experiment(experiment)
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}/1"), done.model)


def test_later_writes_to_a_runs_folder_change_no_version_that_was_made_of_it(
    server, registry, client, experiment, run, model, tmp_path
):
    source = log_files(server, experiment, run, MODEL)
    client.create_model_version(model, source, run)
    before = registry.version(model, 1)
    root = f"{experiment}/{run}/artifacts/model"
    server.put_artifact(f"{root}/weights.bin", b"other weights").expect()
    server.put_artifact(f"{root}/added.txt", b"not there before").expect()
    server.request("DELETE", f"{ARTIFACTS}{root}/MLmodel").expect()
    assert download(server, model, 1, tmp_path) == MODEL
    assert {f["path"] for f in registry.get(f"/models/{model}/versions/1/files")["files"]} == set(MODEL)
    assert registry.version(model, 1) == before

    client.create_model_version(model, source, run)
    assert set(download(server, model, 2, tmp_path)) == {"weights.bin", "added.txt"}
    assert registry.version(model, 2)["digest"] != before["digest"]


def test_a_version_from_the_artifact_uri_is_sealed_like_one_from_the_run(
    server, registry, client, experiment, run, model
):
    """As MLflow 2 does it."""
    log_files(server, experiment, run, MODEL)
    for source in (f"runs:/{run}/model", f"mlflow-artifacts:/{experiment}/{run}/artifacts/model"):
        client.create_model_version(model, source, run)
    first, second = registry.version(model, 1), registry.version(model, 2)
    assert first["seal"]["state"] == second["seal"]["state"] == "sealed"
    assert first["seal"]["tree"] == second["seal"]["tree"] == tree_digest(MODEL)
    assert first["digest"] != second["digest"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nobody_can_write_into_a_sealed_tree(server, registry, model, method):
    version = registry.register(model, MODEL)
    tree = version["seal"]["tree"]
    for path in (f"sealed/{tree}/weights.bin", f"sealed/{tree}/new.txt", f"sealed/{tree}"):
        reply = server.request(method, ARTIFACTS + path, raw=b"evil" if method == "PUT" else None)
        reply.expect(400)
        assert reply.error_code == "INVALID_PARAMETER_VALUE"
        assert "sealed version" in reply.message
    multipart = server.request(
        "POST",
        f"/api/2.0/mlflow-artifacts/mpu/create/sealed/{tree}",
        {"path": "weights.bin", "num_parts": 1},
    )
    assert multipart.status == 400
    assert registry.file(model, 1, "weights.bin").expect().body == MODEL["weights.bin"]
    assert len(registry.get(f"/models/{model}/versions/1/files")["files"]) == len(MODEL)


# Sources


def test_a_version_from_elsewhere_is_visibly_unsealed(registry, client, model):
    client.create_model_version(model, "s3://bucket/model")
    version = registry.version(model, 1)
    assert version["seal"]["state"] == "unsealed"
    assert version["seal"]["reason"]
    assert "tree" not in version["seal"]
    assert version["digest"] == sha256(registry.manifest_bytes(model, 1))
    assert registry.manifest(model, 1)["unsealedReason"] == version["seal"]["reason"]
    items = {i["name"]: i for i in registry.get(f"/models/{model}/versions/1/capture")["items"]}
    assert not items["seal"]["isCaptured"]
    assert registry.file(model, 1, "MLmodel").status == 404
    assert client.get_model_version_download_uri(model, "1") == "s3://bucket/model"


def test_a_version_of_a_file_outside_is_refused_by_mlflow_or_unsealed(server, registry, model):
    """MLflow's own server refuses local paths too."""
    body = {"name": model, "source": "file:///etc/passwd"}
    assert server.post("model-versions/create", body).status == 400
    assert registry.get(f"/models/{model}/versions")["versions"] == []


def test_a_version_of_nothing_is_unsealed_and_later_files_do_not_slip_in(
    server, registry, client, experiment, run, model
):
    client.create_model_version(model, f"runs:/{run}/model", run)
    assert registry.version(model, 1)["seal"]["state"] == "unsealed"
    digest = registry.version(model, 1)["digest"]
    log_files(server, experiment, run, MODEL)
    version = registry.version(model, 1)
    assert (version["seal"]["state"], version["digest"]) == ("unsealed", digest)
    assert registry.manifest(model, 1)["files"] == []


def test_a_version_of_a_single_file_is_sealed(server, registry, client, experiment, run, model):
    log_files(server, experiment, run, {"only.bin": b"all there is"}, "files")
    client.create_model_version(model, f"runs:/{run}/files/only.bin", run)
    version = registry.version(model, 1)
    assert version["seal"]["state"] == "sealed"
    assert version["seal"]["tree"] == tree_digest({"only.bin": b"all there is"})
    server.put_artifact(f"{experiment}/{run}/artifacts/files/only.bin", b"changed").expect()
    assert registry.file(model, 1, "only.bin").expect().body == b"all there is"
    uri = client.get_model_version_download_uri(model, "1")
    assert server.get_artifact(uri.removeprefix("mlflow-artifacts:/")).expect().body == b"all there is"


def test_a_copy_shares_the_tree_of_its_source(registry, client, experiment, model):
    done = trained(model)
    copy = client.copy_model_version(f"models:/{model}/1", unique("copy"))
    first, second = registry.version(model, 1), registry.version(copy.name, copy.version)
    assert first["seal"] == second["seal"]
    assert first["digest"] != second["digest"]
    client.delete_model_version(model, "1")
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{copy.name}/1"), done.model)


def test_a_copy_of_a_version_that_was_sealed_is_not_of_what_its_run_became(
    server, registry, client, experiment, run, model, tmp_path
):
    client.create_model_version(model, log_files(server, experiment, run, MODEL), run)
    server.put_artifact(f"{experiment}/{run}/artifacts/model/weights.bin", b"evil").expect()
    copy = client.copy_model_version(f"models:/{model}/1", unique("copy"))
    assert download(server, copy.name, 1, tmp_path) == MODEL


def test_a_source_in_the_sealed_space_belongs_to_nobody(server, registry, experiment, run, model):
    tree = registry.register(model, MODEL)["seal"]["tree"]
    body = {"name": model, "source": f"mlflow-artifacts:/sealed/{tree}", "run_id": run}
    assert server.post("model-versions/create", body).status == 400


def test_a_thousand_files_are_sealed_as_one(registry, model):
    digest = registry.blob(b"same")
    files = [{"path": f"shards/{i:04}.bin", "sha256": digest} for i in range(1000)]
    version = registry.post(f"/models/{model}/versions", {"files": files}, status=201)
    assert version["seal"]["fileCount"] == 1000
    assert version["seal"]["tree"] == tree_digest({file["path"]: b"same" for file in files})


def test_a_download_from_the_seal_can_be_resumed_and_says_its_digest(registry, model):
    registry.register(model, MODEL)
    part = registry.request(
        "GET", f"/models/{model}/versions/1/files/weights.bin", headers={"Range": "bytes=1000-1999"}
    ).expect(206)
    assert part.body == MODEL["weights.bin"][1000:2000]
    whole = registry.file(model, 1, "weights.bin").expect()
    assert hashlib.sha256(whole.body).hexdigest() in whole.headers["ETag"]


# What comes later stands beside


def test_notes_are_numbered_and_attributed_and_leave_the_manifest_alone(registry, model):
    registry.register(model)
    before = registry.manifest_bytes(model, 1)
    bob = registry.as_actor("bob")
    registry.post(f"/models/{model}/versions/1/notes", {"text": "good on rainy days"}, status=201)
    bob.post(f"/models/{model}/versions/1/notes", {"text": "bad on sunny ones"}, status=201)
    notes = registry.get(f"/models/{model}/versions/1/notes")["notes"]
    assert [(n["number"], n["author"], n["text"]) for n in notes] == [
        (1, "ann", "good on rainy days"),
        (2, "bob", "bad on sunny ones"),
    ]
    assert all(n["at"] for n in notes)
    assert registry.manifest_bytes(model, 1) == before


def test_what_is_said_of_a_version_later_leaves_its_digest_alone(registry, client, experiment, model):
    trained(model)
    digest = registry.version(model, 1)["digest"]
    client.update_model_version(model, "1", "a description")
    client.set_model_version_tag(model, "1", "k", "v")
    client.set_registered_model_alias(model, "champion", "1")
    client.transition_model_version_stage(model, "1", "Production")
    renamed = unique("renamed")
    client.rename_registered_model(model, renamed)
    assert registry.version(renamed, 1)["digest"] == digest == sha256(registry.manifest_bytes(renamed, 1))


def test_registering_what_was_never_sent_makes_no_version(registry, model):
    body = {"files": [{"path": "a", "sha256": sha256(os.urandom(8))}]}
    registry.refused("POST", f"/models/{model}/versions", body, status=404, code="not_found")
    assert registry.register(model)["number"] == 1


def test_a_registration_that_is_refused_makes_no_model(registry):
    name = unique("never")
    body = {"files": [{"path": "a", "sha256": sha256(os.urandom(8))}], "createsModel": True}
    registry.refused("POST", f"/models/{name}/versions", body, status=404, code="not_found")
    assert registry.request("GET", f"/models/{name}").status == 404


# Files that came late


@pytest.fixture
def late(server, registry, client, experiment, run, model):
    """A version whose files came after it was registered."""
    client.create_model_version(model, f"runs:/{run}/model", run)
    log_files(server, experiment, run, MODEL)
    return model


def test_a_version_whose_files_came_late_is_sealed_once(server, registry, experiment, run, late):
    before = registry.version(late, 1)
    sealed = registry.as_actor("bob").post(f"/models/{late}/versions/1/seal")
    assert (before["seal"]["state"], sealed["seal"]["state"]) == ("unsealed", "sealed")
    assert sealed["seal"]["tree"] == tree_digest(MODEL)
    assert sealed["digest"] == sha256(registry.manifest_bytes(late, 1)) != before["digest"]
    entry = registry.history(late, 1)[0]
    assert (entry["action"], entry["actor"], entry["details"]["digest"]) == (
        "version.seal", "bob", sealed["digest"],
    )  # fmt: skip
    server.put_artifact(f"{experiment}/{run}/artifacts/model/weights.bin", b"evil").expect()
    registry.refused("POST", f"/models/{late}/versions/1/seal", None, status=409, code="conflict")
    assert registry.version(late, 1) == sealed


def test_a_version_that_was_sealed_late_is_proved_like_any_other(registry, late):
    registry.post(f"/models/{late}/versions/1/seal")
    bundle = registry.get(f"/models/{late}/versions/1/proof")
    key = registry.request("GET", "/ledger/key").expect().body.decode()
    assert second_implementation.check_bundle(bundle, key)["tree"] == tree_digest(MODEL)


@pytest.mark.parametrize("stage", ["staging", "production"])
def test_what_has_passed_gates_gets_no_other_content(registry, late, stage):
    registry.move(late, 1, stage)
    digest = registry.version(late, 1)["digest"]
    registry.refused("POST", f"/models/{late}/versions/1/seal", None, status=409, code="conflict")
    assert registry.version(late, 1)["digest"] == digest


def test_a_metric_that_is_given_twice_is_refused(registry, model):
    body = {"source": "s3://b/1", "metrics": [{"name": "f1", "value": 1}, {"name": "f1", "value": 0}]}
    registry.refused("POST", f"/models/{model}/versions", body, status=400, code="invalid")
