"""Logged models (MLflow 3): life, params, tags, metrics, search, artifacts."""

import math

import mlflow
import pytest
from mlflow.exceptions import MlflowException

import sklearn_models
from support import unique

pytestmark = pytest.mark.needs_client_3


@pytest.fixture
def model(client, experiment):
    """The id of a new logged model."""
    return client.create_logged_model(experiment, name="m").model_id


def test_a_new_model_is_pending_and_keeps_what_it_was_given(client, experiment, run):
    made = client.create_logged_model(
        experiment, name="first", source_run_id=run, tags={"t": "v"}, params={"p": "1"}, model_type="tree"
    )
    for model in (made, client.get_logged_model(made.model_id)):
        assert model.model_id.startswith("m-")
        assert len(model.model_id) == 34
        assert (model.experiment_id, model.name, model.model_type) == (experiment, "first", "tree")
        assert (model.source_run_id, model.status) == (run, "PENDING")
        assert model.artifact_location == f"mlflow-artifacts:/{experiment}/models/{model.model_id}/artifacts"
        assert model.tags == {"t": "v"}
        assert model.params == {"p": "1"}
        assert model.creation_timestamp == model.last_updated_timestamp
        assert not model.metrics


def test_a_model_without_a_name_gets_one(client, experiment):
    assert client.create_logged_model(experiment).name


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"])
def test_a_bad_name_is_refused(server, experiment, name):
    reply = server.post("logged-models", {"experiment_id": experiment, "name": name}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert (
        "Model name must be a non-empty string and cannot contain the following characters" in reply.message
    )


def test_two_models_may_share_a_name(client, experiment):
    first, second = (client.create_logged_model(experiment, name="same") for _ in range(2))
    assert first.model_id != second.model_id


@pytest.mark.parametrize(
    ("status", "expected"),
    [("READY", "READY"), ("FAILED", "FAILED")],
)
def test_a_model_is_finalized(client, model, status, expected):
    assert client.finalize_logged_model(model, status).status == expected
    assert client.get_logged_model(model).status == expected


@pytest.mark.parametrize(
    "call",
    [
        lambda client, model: client.get_logged_model(model),
        lambda client, model: client.finalize_logged_model(model, "READY"),
        lambda client, model: client.delete_logged_model(model),
        lambda client, model: client.delete_logged_model_tag(model, "t"),
    ],
    ids=["get", "finalize", "delete", "delete tag"],
)
def test_an_unknown_model_is_not_found(client, call):
    with pytest.raises(MlflowException, match="Logged model with ID 'm-nobody' not found") as missing:
        call(client, "m-nobody")
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_deleted_model_is_gone_unless_asked_for(server, client, experiment, model):
    client.delete_logged_model(model)
    with pytest.raises(MlflowException, match="not found"):
        client.get_logged_model(model)
    assert client.search_logged_models([experiment]) == []
    kept = server.get(f"logged-models/{model}", allow_deleted="true").expect().json
    assert kept["model"]["info"]["model_id"] == model


def test_tags_are_set_overwritten_and_deleted(client, model):
    client.set_logged_model_tags(model, {"a": "1", "b": "2"})
    client.set_logged_model_tags(model, {"b": "3", "c": "4"})
    client.delete_logged_model_tag(model, "a")
    assert client.get_logged_model(model).tags == {"b": "3", "c": "4"}
    with pytest.raises(
        MlflowException, match=f"No tag with key 'a' found for model with ID '{model}'"
    ) as missing:
        client.delete_logged_model_tag(model, "a")
    assert missing.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_more_than_100_params_are_kept(client, experiment):
    params = {f"p{i}": str(i) for i in range(250)}
    model = client.create_logged_model(experiment, params=params)
    assert client.get_logged_model(model.model_id).params == params


def test_params_can_be_added_later(client, model):
    client.log_model_params(model, {f"p{i}": str(i) for i in range(120)})
    client.log_model_params(model, {"last": "x"})
    params = client.get_logged_model(model).params
    assert (len(params), params["p119"], params["last"]) == (121, "119", "x")


def test_a_param_is_set_once(server, client, model):
    client.log_model_params(model, {"p": "1"})
    server.post(
        f"logged-models/{model}/params", {"model_id": model, "params": [{"key": "p", "value": "2"}]}
    ).expect(400)
    assert client.get_logged_model(model).params == {"p": "1"}


def test_a_metric_can_name_the_model_and_the_dataset(client, run, model):
    client.log_metric(
        run, "acc", 0.5, timestamp=10, step=1, model_id=model, dataset_name="d", dataset_digest="g"
    )
    (metric,) = client.get_logged_model(model).metrics
    assert (metric.key, metric.value, metric.timestamp, metric.step) == ("acc", 0.5, 10, 1)
    assert (metric.dataset_name, metric.dataset_digest) == ("d", "g")
    assert (metric.run_id, metric.model_id) == (run, model)
    assert client.get_run(run).data.metrics == {"acc": 0.5}


def test_metrics_of_a_batch_can_name_the_model(client, experiment, model):
    with mlflow.start_run() as active:
        mlflow.log_metrics({"a": 1.0, "b": 2.0}, step=3, model_id=model)
        mlflow.log_metric("c", 3.0, model_id=model)
    found = {metric.key: metric.value for metric in client.get_logged_model(model).metrics}
    assert found == {"a": 1.0, "b": 2.0, "c": 3.0}
    assert client.get_run(active.info.run_id).data.metrics == found


def test_a_metric_of_an_unknown_model_is_refused(server, client, run):
    body = {"run_id": run, "key": "a", "value": 1, "timestamp": 1, "model_id": "m-nobody"}
    reply = server.post("runs/log-metric", body)
    assert reply.status in (400, 404)
    assert reply.error_code in ("BAD_REQUEST", "INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST")


# Through the flavors


def test_log_model_makes_a_ready_model_with_its_files(client, experiment):
    with mlflow.start_run() as active:
        info = sklearn_models.log(sklearn_models.line(2.0), params={"depth": 3}, tags={"t": "v"})
    model = mlflow.last_logged_model()
    assert model.model_id == info.model_id
    assert info.model_uri == f"models:/{model.model_id}"
    assert (model.status, model.source_run_id) == ("READY", active.info.run_id)
    assert (model.params, model.tags["t"]) == ({"depth": "3"}, "v")
    outputs = client.get_run(active.info.run_id).outputs.model_outputs
    assert [output.model_id for output in outputs] == [model.model_id]
    files = {file.path: file for file in mlflow.artifacts.list_artifacts(info.model_uri)}
    assert "MLmodel" in files
    assert files["MLmodel"].file_size > 0


def test_a_model_is_loaded_by_its_id(client, experiment):
    with mlflow.start_run():
        first = sklearn_models.log(sklearn_models.line(2.0))
        second = sklearn_models.log(sklearn_models.line(3.0))
    sklearn_models.assert_line(mlflow.sklearn.load_model(first.model_uri), 2.0)
    sklearn_models.assert_line(mlflow.pyfunc.load_model(second.model_uri), 3.0)


def test_a_model_is_loaded_through_its_run(client, experiment):
    with mlflow.start_run() as active:
        sklearn_models.log(sklearn_models.line(4.0), name="by-run")
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"runs:/{active.info.run_id}/by-run"), 4.0)


def test_a_model_can_be_logged_without_a_run(client, experiment):
    info = sklearn_models.log(sklearn_models.line(5.0), name="alone")
    sklearn_models.assert_line(mlflow.sklearn.load_model(info.model_uri), 5.0)


def test_a_model_can_be_registered_while_it_is_logged(client, experiment, server):
    name = unique("at-once")
    with mlflow.start_run() as active:
        info = sklearn_models.log(sklearn_models.line(6.0), registered_model_name=name)
    version = client.get_model_version(name, "1")
    assert version.source == info.model_uri
    assert version.run_id == active.info.run_id
    assert f'"name": "{name}"' in client.get_logged_model(info.model_id).tags["mlflow.modelVersions"]
    location = client.get_logged_model(info.model_id).artifact_location
    files = client.get_model_version_download_uri(name, "1")
    # Ours come from the seal, which nothing that happens to the logged model can change.
    assert files.startswith("mlflow-artifacts:/sealed/") if server.is_martlet else files == location
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{name}/1"), 6.0)


def test_an_external_model_is_ready_at_once(client, experiment):
    model = mlflow.create_external_model(name="outside", params={"p": "1"})
    assert client.get_logged_model(model.model_id).status == "READY"


def test_artifacts_are_listed_and_served(server, client, model):
    experiment = client.get_logged_model(model).experiment_id
    root = f"{experiment}/models/{model}/artifacts"
    for path, data in [("MLmodel", b"12345"), ("data/x.bin", b"abc")]:
        server.put_artifact(f"{root}/{path}", data).expect()
    listing = server.get(f"logged-models/{model}/artifacts/directories").expect().json
    assert listing["root_uri"] == f"mlflow-artifacts:/{root}"
    assert listing["files"] == [
        {"path": "MLmodel", "is_dir": False, "file_size": 5},
        {"path": "data", "is_dir": True},
    ]
    below = server.get(
        f"logged-models/{model}/artifacts/directories", artifact_directory_path="data"
    ).expect()
    assert below.json["files"] == [{"path": "data/x.bin", "is_dir": False, "file_size": 3}]
    files = f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files"
    assert server.get(files, artifact_file_path="data/x.bin").expect().body == b"abc"
    assert server.get(files, artifact_file_path="nope").expect(404).error_code == "RESOURCE_DOES_NOT_EXIST"
    assert server.get(files, artifact_file_path="../x").expect(400).error_code == "INVALID_PARAMETER_VALUE"


# Search


class Shelf:
    """Four models A to D, found as "DCBA" by default (newest first)."""

    def __init__(self, client):
        self.client = client
        self.experiment = client.create_experiment(unique("shelf"))
        self.run = client.create_run(self.experiment).info.run_id
        self.ids = {}
        self.make("A", params={"lr": "0.1"}, tags={"t": "x"}, model_type="T")
        self.make("B", params={"lr": "1"}, source_run_id=self.run)
        self.make("C", tags={"t": "Xy"})
        self.make("D")
        self.names = {model_id: name for name, model_id in self.ids.items()}
        for name, value, dataset, time in [
            ("A", 0.9, "d1", 10),
            ("B", 0.5, "d1", 10),
            ("C", 0.7, "d2", 10),
            ("A", 0.1, "d2", 20),
            ("B", 0.95, "d2", 20),
        ]:
            where = {"model_id": self.ids[name], "dataset_name": dataset, "dataset_digest": f"g{dataset}"}
            client.log_metric(self.run, "acc", value, timestamp=time, step=1, **where)
        client.finalize_logged_model(self.ids["A"], "READY")

    def make(self, name, **fields):
        made = self.client.create_logged_model(self.experiment, name=name, **fields)
        self.ids[name] = made.model_id

        def clock_moved():
            probe = self.client.create_experiment(unique("clock"))
            return self.client.get_experiment(probe).creation_time > made.creation_timestamp

        assert any(clock_moved() for _ in range(100))

    def search(self, condition=None, **question):
        condition = condition and condition.format(run=self.run, **self.ids)
        found = self.client.search_logged_models([self.experiment], condition, **question)
        return "".join(self.names[model.model_id] for model in found)


@pytest.fixture(scope="module")
def shelf(client):
    return Shelf(client)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, "DCBA"),
        ("name = 'A'", "A"),
        ("attributes.name = 'A'", "A"),
        ("name != 'A'", "DCB"),
        ("name LIKE 'a'", ""),
        ("name ILIKE 'a'", "A"),
        ("name IN ('A', 'C')", "CA"),
        ("name NOT IN ('A', 'C')", "DB"),
        ("model_id = '{A}'", "A"),
        ("model_id IN ('{A}', '{B}')", "BA"),
        ("model_type = 'T'", "A"),
        ("source_run_id = '{run}'", "B"),
        ("creation_timestamp > 0", "DCBA"),
        ("creation_time <= 0", ""),
        ("last_updated_timestamp > 0", "DCBA"),
        ("params.lr = '0.1'", "A"),
        ("params.lr != '0.1'", "B"),
        ("params.lr LIKE '0%'", "A"),
        ("tags.t = 'x'", "A"),
        ("tags.t ILIKE 'x%'", "CA"),
        ("tags.t IN ('x', 'y')", "A"),
        ("metrics.acc > 0.6", "CBA"),
        ("metrics.acc = 0.5", "B"),
        ("metrics.acc < 0.2", "A"),
        ("metrics.`acc` >= 0.95", "B"),
        ("metrics.nope > 0", ""),
        ("metrics.acc > 0.6 AND params.lr = '0.1'", "A"),
        ("metrics.acc > 0.6 and tags.t LIKE '%'", "CA"),
    ],
)
def test_search_filters(shelf, condition, expected):
    assert shelf.search(condition) == expected


@pytest.mark.parametrize(
    ("condition", "datasets", "expected"),
    [
        (None, [{"dataset_name": "d2", "dataset_digest": "gd2"}], "CBA"),
        (None, [{"dataset_name": "d1", "dataset_digest": "gd1"}], "BA"),
        (None, [{"dataset_name": "d1", "dataset_digest": "other"}], ""),
        ("metrics.acc > 0.6", [{"dataset_name": "d1", "dataset_digest": "gd1"}], "A"),
        ("metrics.acc > 0.6", [{"dataset_name": "d2", "dataset_digest": "gd2"}], "CB"),
    ],
)
def test_search_can_be_narrowed_to_datasets(shelf, condition, datasets, expected):
    assert shelf.search(condition, datasets=datasets) == expected


@pytest.mark.martlet_only
def test_a_dataset_without_a_digest_stands_for_any_digest(shelf):
    # As the client documents it; mlflow server then matches only metrics without a digest.
    assert shelf.search(datasets=[{"dataset_name": "d1"}]) == "BA"
    assert shelf.search("metrics.acc > 0.6", datasets=[{"dataset_name": "d1"}]) == "A"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([{"field_name": "name"}], "ABCD"),
        ([{"field_name": "name", "ascending": False}], "DCBA"),
        ([{"field_name": "creation_timestamp", "ascending": True}], "ABCD"),
        ([{"field_name": "creation_time", "ascending": True}], "ABCD"),
        ([{"field_name": "last_updated_timestamp", "ascending": True}], "BCDA"),
        # The newest value counts; models without one come last in both directions.
        ([{"field_name": "metrics.acc"}], "ACBD"),
        ([{"field_name": "metrics.acc", "ascending": False}], "BCAD"),
        ([{"field_name": "metrics.acc", "ascending": False, "dataset_name": "d1"}], "ABDC"),
        ([{"field_name": "metrics.acc", "dataset_name": "d2", "dataset_digest": "gd2"}], "ACBD"),
        ([{"field_name": "metrics.nope"}, {"field_name": "name"}], "ABCD"),
    ],
    ids=str,
)
def test_search_orders(shelf, order, expected):
    assert shelf.search(order_by=order) == expected


def test_search_pages_are_disjoint_and_complete(shelf):
    first = shelf.client.search_logged_models([shelf.experiment], max_results=3)
    second = shelf.client.search_logged_models([shelf.experiment], max_results=3, page_token=first.token)
    assert [model.name for model in [*first, *second]] == ["D", "C", "B", "A"]
    assert first.token
    assert not second.token


def test_a_page_token_belongs_to_its_question(shelf):
    token = shelf.client.search_logged_models([shelf.experiment], max_results=3).token
    with pytest.raises(MlflowException) as refused:
        shelf.client.search_logged_models([shelf.experiment], "name = 'A'", max_results=3, page_token=token)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"filter": "param.lr = '1'"}, "Invalid entity type: 'param'."),
        ({"filter": "bogus.x = '1'"}, "Invalid entity type: 'bogus'."),
        ({"filter": "name > 'A'"}, "Invalid comparison operator for attributes.name: '>'."),
        ({"filter": "name = 'A' OR name = 'B'"}, "Expected a list of comparisons separated by 'AND'"),
        ({"filter": "name"}, "Invalid filter string: 'name'."),
        ({"filter": "name = 'A'; x"}, "Expected a single SQL expression."),
        ({"order_by": [{"field_name": "bogus"}]}, "Invalid order by field name: bogus"),
        ({"order_by": [{"field_name": "params.lr"}]}, "Only metrics are supported."),
        (
            {"datasets": [{"dataset_digest": "x"}]},
            "`dataset_name` in the `datasets` clause must be specified.",
        ),
        ({"max_results": "x"}, "Invalid value \"x\" for parameter 'max_results' supplied"),
    ],
    ids=str,
)
def test_bad_searches_are_refused(server, shelf, question, message):
    reply = server.post("logged-models/search", {"experiment_ids": [shelf.experiment], **question}).expect(
        400
    )
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


@pytest.mark.martlet_only
@pytest.mark.parametrize(
    "question",
    [
        {"filter": "bogus = '1'"},
        {"filter": "metrics.acc > 'x'"},
        {"filter": "creation_timestamp > 'x'"},
        {"order_by": [{"field_name": "tags"}]},
        {"page_token": "zz"},
        {"max_results": -1},
    ],
    ids=str,
)
def test_searches_that_break_mlflow_server_are_refused(server, shelf, question):
    reply = server.post("logged-models/search", {"experiment_ids": [shelf.experiment], **question}).expect(
        400
    )
    assert reply.error_code == "INVALID_PARAMETER_VALUE"


def test_nan_can_be_logged_for_a_model(client, run, model):
    client.log_metric(run, "x", math.nan, model_id=model)
    assert math.isnan(client.get_run(run).data.metrics["x"])
    assert [metric.key for metric in client.get_logged_model(model).metrics] == ["x"]
