"""Loading models back through the registry: by version, alias, stage and latest."""

import mlflow
import pytest
from mlflow.exceptions import MlflowException

import sklearn_models
from support import unique


@pytest.fixture(scope="module")
def lines(client):
    """A registered model of three versions, which multiply by 1, 2 and 3."""
    name = unique("lines")
    mlflow.set_experiment(unique("lines"))
    with mlflow.start_run() as active:
        for slope in (1.0, 2.0, 3.0):
            sklearn_models.log(
                sklearn_models.line(slope), name=f"line{slope:.0f}", registered_model_name=name
            )
    return name, active.info.run_id


def test_registering_while_logging_makes_versions_of_the_run(client, lines):
    name, run_id = lines
    found = client.search_model_versions(f"name = '{name}'", order_by=["version_number ASC"])
    assert [str(version.version) for version in found] == ["1", "2", "3"]
    assert {version.run_id for version in found} == {run_id}


def test_a_model_is_loaded_by_version_alias_stage_and_latest(client, lines):
    name, _ = lines
    client.set_registered_model_alias(name, "champion", "1")
    client.transition_model_version_stage(name, "2", "Production")
    for reference, slope in [
        ("/1", 1.0),
        ("/2", 2.0),
        ("@champion", 1.0),
        ("/Production", 2.0),
        ("/latest", 3.0),
    ]:
        sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{name}{reference}"), slope)
    sklearn_models.assert_line(mlflow.pyfunc.load_model(f"models:/{name}@champion"), 1.0)


def test_a_logged_model_can_be_registered_later(client, lines):
    _, run_id = lines
    name = unique("later")
    version = mlflow.register_model(f"runs:/{run_id}/line2", name)
    assert (str(version.version), version.run_id) == ("1", run_id)
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{name}/1"), 2.0)


def test_a_copied_version_is_loadable(client, lines):
    name, _ = lines
    copy = client.copy_model_version(f"models:/{name}/3", unique("copied"))
    sklearn_models.assert_line(mlflow.sklearn.load_model(f"models:/{copy.name}/1"), 3.0)


@pytest.mark.parametrize("reference", ["/99", "@nobody", "/Staging"])
def test_what_is_not_there_cannot_be_loaded(client, lines, reference):
    name, _ = lines
    with pytest.raises(MlflowException):
        mlflow.sklearn.load_model(f"models:/{name}{reference}")
