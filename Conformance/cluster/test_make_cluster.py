"""`make cluster`: what docs/operations.md describes comes up on this machine, works, and goes away."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import mlflow
import pytest
from support import free_port, martlet_binary, wait_until

SCRIPT = Path(__file__).resolve().parents[2] / "Scripts" / "cluster.sh"


def is_up(process, url, log) -> bool:
    assert process.poll() is None, log.read_text()
    answer = subprocess.run(["curl", "-fs", f"{url}/ready"], capture_output=True)
    return answer.returncode == 0


@pytest.fixture
def cluster(tmp_path):
    """The address of nginx, and the folder that everything lies in."""
    port, log = free_port(), tmp_path / "log"
    environment = os.environ | {"PORT": str(port), "MARTLET_BINARY": str(martlet_binary())}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [SCRIPT], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: is_up(process, url, log), 180, url)
        folder = Path(log.read_text().split("--data ")[1].split()[0]).parent
        yield url, folder
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    assert not folder.exists()


def test_the_client_works_through_the_balancer_and_nothing_is_left_behind(cluster, tmp_path):
    url, folder = cluster
    assert len(list(folder.glob("martlet-[123]"))) == 3
    before = mlflow.get_tracking_uri()
    client = mlflow.MlflowClient(url)
    mlflow.set_tracking_uri(url)
    try:
        data = os.urandom(20_000_000)
        (tmp_path / "weights.bin").write_bytes(data)
        # Each request on a connection of its own choosing: every server must know what the others were told.
        for number in range(9):
            run = client.create_run("0")
            client.log_metric(run.info.run_id, "m", number)
            assert client.get_run(run.info.run_id).data.metrics == {"m": number}
        client.log_artifact(run.info.run_id, str(tmp_path / "weights.bin"))
        copy = client.download_artifacts(run.info.run_id, "weights.bin", str(tmp_path))
        assert Path(copy).read_bytes() == data
        client.create_registered_model("iris")
        identity = run.info.run_id
        new = [client.create_model_version("iris", f"runs:/{identity}/", run_id=identity) for _ in range(6)]
        assert [int(version.version) for version in new] == [1, 2, 3, 4, 5, 6]
    finally:
        mlflow.set_tracking_uri(before)
