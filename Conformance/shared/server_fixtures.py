"""What every suite shares, as a pytest plugin: private servers, and logs of servers where a test failed."""

from __future__ import annotations

import os

# Read by the MLflow client when it is imported: errors must come back at once, and quietly.
os.environ.update(
    GIT_PYTHON_REFRESH="quiet",
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    MLFLOW_HTTP_REQUEST_TIMEOUT="30",
)

import pytest

import postgres
from support import MartletServer

running = []


def pytest_configure(config):
    config.addinivalue_line("markers", "sqlite_only: about the file that SQLite keeps, or a command that reads it")


def pytest_collection_modifyitems(items):
    for item in items:
        if postgres.is_chosen and item.get_closest_marker("sqlite_only"):
            item.add_marker(pytest.mark.skip(reason="sqlite only"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for server in running:
            report.sections.append((f"end of the log of {server.url}", server.log_tail()))
    return report


def serve(server):
    """Runs a server until the generator ends, which must be a clean end."""
    running.append(server)
    try:
        server.start()
        yield server
        assert server.terminate() == 0, f"unclean exit:\n{server.log_tail()}"
    finally:
        server.kill()
        running.remove(server)


@pytest.fixture
def start_martlet(tmp_path):
    """Starts private Martlet servers, for tests that stop, kill or fill them."""
    started = []

    def start(*flags, data=None, **options):
        folder = tmp_path / f"server-{len(started)}"
        folder.mkdir()
        private = MartletServer(folder, *flags, data=data, **options)
        started.append(private)
        running.append(private)
        return private.start()

    yield start
    for private in started:
        private.kill()
        running.remove(private)
