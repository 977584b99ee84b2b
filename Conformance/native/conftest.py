"""Fixtures: one shared server, Martlet's own API on it, and the real MLflow client beside it."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "backends", "compared", "live_ledger", "registry", "rollouts", "supervised", "training", "watching"
)

# Also prepares the environment for the client, so it comes before that is imported.
from server_fixtures import serve

pytest_plugins = ["server_fixtures", "disks"]

import mlflow
from mlflow import MlflowClient

from backends import Backend
from registry import Registry
from supervised import FAST
from support import MartletServer, unique


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server under test, shared by all tests that leave it usable."""
    yield from serve(MartletServer(tmp_path_factory.mktemp("server")))


@pytest.fixture(scope="session")
def registry(server):
    """The native API as ann, who trains models."""
    return Registry(server, "ann")


@pytest.fixture
def model(registry):
    """The name of a new registered model."""
    return registry.model()


@pytest.fixture
def deployment():
    """A name that no deployment has yet."""
    return unique("bot").lower()


@pytest.fixture
def served(registry, model):
    """A model with three versions that may serve."""
    for version in registry.versions(model, 3):
        registry.move(model, version["number"], "staging")
    return model


@pytest.fixture
def backends():
    """Three of them, which say who they are."""
    started = [Backend(name) for name in ("one", "two", "three")]
    yield started
    for backend in started:
        backend.stop()


@pytest.fixture
def supervised(start_martlet):
    """The native API of a server that runs small programs for versions."""

    def start(*flags, **options):
        return Registry(start_martlet(*FAST, *flags, **options), "ann")

    return start


@pytest.fixture
def client(server):
    """The real MLflow client, also behind the functions of the `mlflow` module."""
    mlflow.set_tracking_uri(server.url)
    mlflow.set_registry_uri(server.url)
    return MlflowClient(server.url)


@pytest.fixture
def acting(monkeypatch):
    """Says who the MLflow client acts as."""

    def act(name: str):
        monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", name)
        monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "unchecked")

    return act


@pytest.fixture
def experiment(client):
    """The id of a new experiment, which is also the fluent API's current one."""
    experiment_id = client.create_experiment(unique("experiment"))
    mlflow.set_experiment(experiment_id=experiment_id)
    yield experiment_id
    while mlflow.active_run():
        mlflow.end_run()
