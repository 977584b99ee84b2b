"""Fixtures: one shared server for the session, private ones for what destroys, a client, an experiment."""

from __future__ import annotations

import pytest

# Judges cases for the tests, so its assertions should say as much as theirs.
pytest.register_assert_rewrite("bad_input")

# Also prepares the environment for the client, so it comes before that is imported.
from server_fixtures import serve

pytest_plugins = ["server_fixtures", "disks"]

import mlflow
from mlflow import MlflowClient

from bad_input import Names
from sklearn_models import CLIENT_MAJOR
from support import MartletServer, OracleServer, unique


def pytest_addoption(parser):
    parser.addoption(
        "--server",
        choices=["martlet", "mlflow"],
        default="martlet",
        help="martlet, or the real mlflow server as the oracle",
    )


def pytest_collection_modifyitems(config, items):
    oracle = config.getoption("--server") == "mlflow"
    for item in items:
        if oracle and item.get_closest_marker("martlet_only"):
            item.add_marker(pytest.mark.skip(reason="martlet only"))
        if CLIENT_MAJOR < 3 and item.get_closest_marker("needs_client_3"):
            item.add_marker(pytest.mark.skip(reason="this client is older than MLflow 3"))


@pytest.fixture(scope="session")
def server(request, tmp_path_factory):
    """The server under test, shared by all tests that leave it usable."""
    kind = OracleServer if request.config.getoption("--server") == "mlflow" else MartletServer
    yield from serve(kind(tmp_path_factory.mktemp("server")))


@pytest.fixture(scope="session")
def client(server):
    mlflow.set_tracking_uri(server.url)
    mlflow.set_registry_uri(server.url)
    return MlflowClient(server.url)


@pytest.fixture
def client_elsewhere():
    """Points the fluent API at another server until the test ends."""

    def point(tracking, registry):
        mlflow.set_tracking_uri(tracking)
        mlflow.set_registry_uri(registry)

    before = (mlflow.get_tracking_uri(), mlflow.get_registry_uri())
    yield lambda server: point(server.url, server.url)
    point(*before)


@pytest.fixture
def experiment(client):
    """The id of a new experiment, which is also the fluent API's current one."""
    experiment_id = client.create_experiment(unique("experiment"))
    mlflow.set_experiment(experiment_id=experiment_id)
    yield experiment_id
    while mlflow.active_run():
        mlflow.end_run()


@pytest.fixture
def run(client, experiment):
    """The id of a new run in that experiment."""
    return client.create_run(experiment).info.run_id


@pytest.fixture
def root(experiment, run):
    """The key below which the artifacts of `run` live."""
    return f"{experiment}/{run}/artifacts"


@pytest.fixture
def model(client):
    """The name of a new registered model."""
    return client.create_registered_model(unique("model")).name


@pytest.fixture(scope="module")
def names(server):
    """What the names in a table of bad requests stand for."""
    return Names(server)
