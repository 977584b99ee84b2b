"""Fixtures: one shared server for the session, private ones for what destroys, a client, an experiment."""

from __future__ import annotations

import os

# Read by the client when it is imported: errors must come back at once, and quietly.
os.environ.update(
    GIT_PYTHON_REFRESH="quiet",
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    MLFLOW_HTTP_REQUEST_TIMEOUT="30",
)

import mlflow
import pytest
from mlflow import MlflowClient

# Judges cases for the tests, so its assertions should say as much as theirs.
pytest.register_assert_rewrite("bad_input")

from bad_input import Names
from support import MartletServer, OracleServer, unique

CLIENT_MAJOR = int(mlflow.__version__.split(".")[0])
_running = []


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for server in _running:
            report.sections.append((f"end of the log of {server.url}", server.log_tail()))
    return report


@pytest.fixture(scope="session")
def server(request, tmp_path_factory):
    """The server under test, shared by all tests that leave it usable."""
    kind = OracleServer if request.config.getoption("--server") == "mlflow" else MartletServer
    running = kind(tmp_path_factory.mktemp("server"))
    _running.append(running)
    try:
        running.start()
        yield running
        assert running.terminate() == 0, f"unclean exit:\n{running.log_tail()}"
    finally:
        running.kill()
        _running.remove(running)


@pytest.fixture
def start_martlet(tmp_path):
    """Starts private Martlet servers, for tests that stop, kill or fill them."""
    started = []

    def start(*flags, data=None):
        folder = tmp_path / f"server-{len(started)}"
        folder.mkdir()
        private = MartletServer(folder, *flags, data=data)
        started.append(private)
        _running.append(private)
        return private.start()

    yield start
    for private in started:
        private.kill()
        _running.remove(private)


@pytest.fixture(scope="session")
def client(server):
    mlflow.set_tracking_uri(server.url)
    mlflow.set_registry_uri(server.url)
    return MlflowClient(server.url)


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
