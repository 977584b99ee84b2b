"""Semantic versions: what the rules propose, who may choose otherwise, and how they are found."""

import json

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from support import unique
from training import assert_same_predictions, log_files, put_run, trained

INPUTS = {"a": "double", "b": "integer"}
OUTPUTS = {"y": "double", "z": "double"}


def mlmodel(inputs=None, outputs=None, flavors=("sklearn",), task=None, optional=(), without_signature=False):
    """An MLmodel file as MLflow writes it; JSON is YAML."""

    def schema(columns):
        fields = [
            {"name": name, "type": type_, "required": name not in optional} for name, type_ in columns.items()
        ]
        return json.dumps(fields)

    document = {"flavors": {name: {"pickled_model": "model.pkl"} for name in flavors}}
    if not without_signature:
        inputs, outputs = inputs or INPUTS, outputs or OUTPUTS
        document["signature"] = {"inputs": schema(inputs), "outputs": schema(outputs), "params": None}
    if task:
        document["metadata"] = {"task": task}
    return json.dumps(document).encode()


def config(**fields):
    return json.dumps({"architectures": ["Bert"], "hidden_size": 8, **fields}).encode()


def recipe(change=None, weights=b"first"):
    """What to register: files, and what else there is to say."""
    said = {
        "hyperparameters": {"lr": "0.1"},
        "datasets": [{"name": "train", "digest": "d1", "context": "training"}],
        "metrics": [{"name": "accuracy", "value": 0.9}],
    }
    files = {"MLmodel": mlmodel(task="classify"), "config.json": config(), "model.pkl": weights}
    if change:
        change(files, said)
    return {"files": files, **said}


def with_mlmodel(**fields):
    fields.setdefault("task", "classify")
    return lambda files, said: files.update(MLmodel=mlmodel(**fields))


def with_config(**fields):
    return lambda files, said: files.update({"config.json": config(**fields)})


def with_file(path, data):
    return lambda files, said: files.update({path: data})


TABLE = {
    "an input changed its type": ("2.0.0", with_mlmodel(inputs={**INPUTS, "a": "string"})),
    "an input must be given that was not there": ("2.0.0", with_mlmodel(inputs={**INPUTS, "c": "double"})),
    "an output was removed": ("2.0.0", with_mlmodel(outputs={"y": "double"})),
    "an output changed its type": ("2.0.0", with_mlmodel(outputs={**OUTPUTS, "y": "string"})),
    "the signature was removed": ("2.0.0", with_mlmodel(without_signature=True)),
    "another task": ("2.0.0", with_mlmodel(task="rank")),
    "a flavor is gone": ("2.0.0", with_mlmodel(flavors=("xgboost",))),
    "an output was added": ("1.1.0", with_mlmodel(outputs={**OUTPUTS, "w": "double"})),
    "an optional input was added": ("1.1.0", with_mlmodel(inputs={**INPUTS, "c": "long"}, optional=("c",))),
    "an input became wider": ("1.1.0", with_mlmodel(inputs={**INPUTS, "b": "long"})),
    "a flavor was added": ("1.1.0", with_mlmodel(flavors=("sklearn", "onnx"))),
    "another architecture": ("1.1.0", with_config(architectures=["GPT"])),
    "a new dataset version": ("1.1.0", lambda files, said: said["datasets"][0].update(digest="d2")),
    "another dataset": (
        "1.1.0",
        lambda files, said: said["datasets"].append({"name": "more", "digest": "m"}),
    ),
    "new hyperparameters": ("1.1.0", lambda files, said: said["hyperparameters"].update(lr="0.2")),
    "a hyperparameter less": ("1.1.0", lambda files, said: said["hyperparameters"].clear()),
    "the same recipe trained again": ("1.0.1", with_file("model.pkl", b"second")),
    "the same weights packed anew": ("1.0.1", with_file("README.md", b"hello")),
    "other metrics only": ("1.0.1", lambda files, said: said["metrics"][0].update(value=0.1)),
}
PARTS = {"2.0.0": "major", "1.1.0": "minor", "1.0.1": "patch"}


@pytest.mark.parametrize(("number", "change"), TABLE.values(), ids=TABLE)
def test_a_number_moves_by_what_changed(registry, model, number, change):
    first = registry.register(model, **recipe())
    assert (first["semanticVersion"], first["semanticVersionReasons"]) == ("1.0.0", ["the first version"])
    version = registry.register(model, **recipe(change))
    assert version["semanticVersion"] == number, version["semanticVersionReasons"]
    parts = {reason.split(":")[0] for reason in version["semanticVersionReasons"]}
    assert PARTS[number] in parts
    assert "major" not in parts or number == "2.0.0"


def test_a_config_with_other_sizes_is_another_architecture(registry, model):
    registry.register(model, **recipe(with_config(num_hidden_layers=8)))
    version = registry.register(model, **recipe(with_config(num_hidden_layers=16)))
    assert version["semanticVersion"] == "1.1.0"


def test_the_greatest_change_counts_and_every_reason_is_given(registry, model):
    registry.register(model, **recipe())
    changed = recipe(with_mlmodel(inputs={"a": "string"}), weights=b"other")
    changed["hyperparameters"] = {"lr": "9"}
    version = registry.register(model, **changed)
    assert version["semanticVersion"] == "2.0.0"
    reasons = " ".join(version["semanticVersionReasons"])
    assert "lr" in reasons
    assert "'a'" in reasons


def test_training_with_mlflow_moves_the_number_by_the_rules(registry, client, experiment, model):
    trained(model)
    trained(model)
    trained(model, c=0.5)
    trained(model, rows=120, c=0.5)
    trained(model, rows=120, c=0.5, signature=None)
    versions = [registry.version(model, number) for number in range(1, 6)]
    assert [v["semanticVersion"] for v in versions] == ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "2.0.0"]
    assert "C" in " ".join(versions[2]["semanticVersionReasons"])
    assert "iris" in " ".join(versions[3]["semanticVersionReasons"])


# Choosing


def test_an_author_chooses_the_number_by_a_tag_when_registering(registry, client, model):
    client.create_model_version(model, "s3://b/1", tags={"martlet.version": "3.1.4"})
    version = registry.version(model, 1)
    assert version["semanticVersion"] == "3.1.4"
    client.create_model_version(model, "s3://b/2", tags={"martlet.version": "v3.2.0"})
    assert registry.version(model, 2)["semanticVersion"] == "3.2.0"
    client.create_model_version(model, "s3://b/3")
    assert registry.version(model, 3)["semanticVersion"] == "3.2.1"


def test_an_author_chooses_the_number_natively(registry, model):
    assert registry.register(model, semanticVersion="0.3.0")["semanticVersion"] == "0.3.0"


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.3.4", "1.2.3-rc1", "01.2.3", "latest", "^1", "1.2.99999999999"]
)
def test_what_is_no_semantic_version_is_refused_and_uses_no_number_up(client, model, text):
    with pytest.raises(MlflowException) as caught:
        client.create_model_version(model, "s3://b/1", tags={"martlet.version": text})
    assert caught.value.error_code == "INVALID_PARAMETER_VALUE"
    assert str(client.create_model_version(model, "s3://b/1").version) == "1"


def test_a_candidate_is_renumbered_by_its_tag(registry, client, model):
    registry.register(model)
    client.set_model_version_tag(model, "1", "martlet.version", "4.0.0")
    version = registry.version(model, 1)
    assert version["semanticVersion"] == "4.0.0"
    assert "chosen" in version["semanticVersionReasons"][0]
    assert client.get_model_version_by_alias(model, "4.0.0").version == "1"


def test_a_candidate_is_renumbered_natively_with_a_reason(registry, model):
    registry.register(model)
    body = {"semanticVersion": "2.5.0", "reason": "it is not compatible at all"}
    version = registry.as_actor("bob").put(f"/models/{model}/versions/1/semantic-version", body, status=200)
    assert version["semanticVersion"] == "2.5.0"
    assert "bob" in version["semanticVersionReasons"][0]
    assert "not compatible" in version["semanticVersionReasons"][0]


@pytest.mark.parametrize("stage", ["staging", "production", "archived"])
def test_nobody_chooses_a_number_once_the_version_has_left_candidate(registry, client, model, stage):
    registry.register(model)
    registry.move(model, 1, stage)
    with pytest.raises(MlflowException) as caught:
        client.set_model_version_tag(model, "1", "martlet.version", "4.0.0")
    assert "candidate" in caught.value.message
    path = f"/models/{model}/versions/1/semantic-version"
    registry.refused("PUT", path, {"semanticVersion": "4.0.0"}, status=409, code="conflict")
    version = registry.version(model, 1)
    assert version["semanticVersion"] == "1.0.0"
    assert "martlet.version" not in version["tags"]


def test_a_version_that_came_back_to_candidate_keeps_its_number(registry, model):
    registry.register(model)
    registry.move(model, 1, "production")
    registry.move(model, 1, "candidate")
    path = f"/models/{model}/versions/1/semantic-version"
    registry.refused("PUT", path, {"semanticVersion": "4.0.0"}, status=409, code="conflict")


def test_deleting_the_tag_keeps_the_number(registry, client, model):
    client.create_model_version(model, "s3://b/1", tags={"martlet.version": "3.1.4"})
    client.delete_model_version_tag(model, "1", "martlet.version")
    assert registry.version(model, 1)["semanticVersion"] == "3.1.4"


# Unique


def test_a_number_is_never_given_out_twice(registry, client, model):
    registry.register(model, semanticVersion="1.5.0")
    for spent in range(2):
        with pytest.raises(MlflowException) as caught:
            client.create_model_version(model, "s3://b/1", tags={"martlet.version": "1.5.0"})
        assert caught.value.error_code == "RESOURCE_ALREADY_EXISTS"
        if spent == 0:
            client.delete_model_version(model, "1")
    assert str(client.create_model_version(model, "s3://b/1").version) == "2"


def test_a_number_is_not_given_out_again_after_a_purge(registry, model):
    registry.register(model, semanticVersion="1.5.0")
    registry.post(f"/models/{model}/versions/1/purge", {"reason": "a test"})
    body = {"source": "s3://b/1", "semanticVersion": "1.5.0"}
    registry.refused("POST", f"/models/{model}/versions", body, status=409, code="already_exists")
    assert registry.register(model)["number"] == 2


def test_a_number_is_not_given_out_again_after_a_renumbering(registry, model):
    registry.register(model)
    path = f"/models/{model}/versions/1/semantic-version"
    registry.put(path, {"semanticVersion": "2.0.0"}, status=200)
    registry.refused("PUT", path, {"semanticVersion": "1.0.0"}, status=409, code="already_exists")
    body = {"source": "s3://b/1", "semanticVersion": "1.0.0"}
    registry.refused("POST", f"/models/{model}/versions", body, status=409, code="already_exists")
    assert (
        registry.register(model)["semanticVersion"] == "2.0.1"
        or registry.version(model, 2)["semanticVersion"] > "2"
    )


def test_proposals_step_over_numbers_that_were_chosen(registry, model):
    registry.register(model, **recipe())
    registry.register(model, **recipe(weights=b"b"), semanticVersion="1.0.7")
    registry.register(model, **recipe(weights=b"c"), semanticVersion="1.0.3")
    assert registry.register(model, **recipe(weights=b"d"))["semanticVersion"] == "1.0.8"


def test_models_number_their_versions_independently(registry, model):
    registry.register(model, semanticVersion="5.0.0")
    assert registry.register(registry.model())["semanticVersion"] == "1.0.0"


def test_a_proposal_can_be_found_by_its_own_text(registry, model):
    registry.register(model, **recipe(), semanticVersion="1000000000.0.0")
    version = registry.register(model, **recipe(with_mlmodel(inputs={"a": "string"})))
    assert registry.version(model, version["semanticVersion"])["number"] == 2


# Ranges

NUMBERS = ["1.0.0", "1.2.0", "1.2.5", "1.10.0", "2.0.0", "0.3.1", "0.3.9", "0.4.0"]


@pytest.fixture(scope="module")
def many(registry):
    name = registry.model()
    for number in NUMBERS:
        registry.register(name, semanticVersion=number)
    return name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.2.0", "1.2.0"), ("v1.2.0", "1.2.0"), ("^1", "1.10.0"), ("^1.2", "1.10.0"), ("~1.2", "1.2.5"),
        ("~1.2.3", "1.2.5"), ("~1", "1.10.0"), ("v1", "1.10.0"), ("v1.0", "1.0.0"), ("1.2", "1.2.5"),
        ("1.x", "1.10.0"), ("1.2.x", "1.2.5"), ("^0.3.1", "0.3.9"), ("^0.3", "0.3.9"),
        ("^0", "0.4.0"), ("^2", "2.0.0"),
    ],
)  # fmt: skip
def test_ranges_resolve_through_mlflows_alias_call(registry, client, many, text, found):
    version = client.get_model_version_by_alias(many, text)
    assert NUMBERS[int(version.version) - 1] == found
    assert registry.version(many, text)["semanticVersion"] == found


@pytest.mark.parametrize("text", ["^3", "1.2.9", "~1.3", "v9", "sha256:" + "0" * 64])
def test_a_range_without_a_version_is_not_found(registry, client, many, text):
    registry.refused("GET", f"/models/{many}/versions/{text}", status=404, code="not_found")
    with pytest.raises(MlflowException):
        client.get_model_version_by_alias(many, text)


@pytest.mark.parametrize(
    "text", ["^", "~", "1.2.3.4", "^1.2.3-rc", "1..2", "^01", "a b", "%00", "sha256:xyz"]
)
def test_what_names_no_version_is_refused(registry, many, text):
    assert registry.request("GET", f"/models/{many}/versions/{text}").status in (400, 404)


def test_a_range_follows_what_is_registered_and_what_is_deleted(registry, client, experiment, model):
    first = trained(model)
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}@^1"), first.model)
    second = trained(model, c=0.0001)
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}@^1"), second.model)
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}@1.0.0"), first.model)
    client.delete_model_version(model, "2")
    assert_same_predictions(mlflow.sklearn.load_model(f"models:/{model}@^1"), first.model)


def test_an_alias_cannot_look_like_a_number(client, registry, model):
    registry.register(model)
    for alias in ("1.0.0", "^1", "v1", "latest"):
        with pytest.raises(MlflowException):
            client.set_registered_model_alias(model, alias, "1")


def test_versions_are_listed_by_range_and_stage(registry, many):
    found = registry.get(f"/models/{many}/versions", range="^1.2")["versions"]
    assert [v["semanticVersion"] for v in found] == ["1.10.0", "1.2.5", "1.2.0"]
    assert registry.get(f"/models/{many}/versions", stage="production")["versions"] == []


def test_a_number_survives_the_run_route_of_mlflow(server, registry, client, experiment, model):
    run = put_run(client, experiment)
    source = log_files(server, experiment, run, {"model.pkl": unique("w").encode()})
    client.create_model_version(model, source, run, tags={"martlet.version": "7.0.0"})
    assert client.get_model_version(model, "1").tags == {"martlet.version": "7.0.0"}
    assert registry.version(model, "7.0.0")["runId"] == run
