"""What several tests do through the client, and what they look at afterwards."""

from __future__ import annotations

import contextlib

import mlflow
import pytest
from mlflow.exceptions import MlflowException


@contextlib.contextmanager
def refused(error_code):
    """`with refused(code) as caught`: the client raises an MlflowException of that code."""
    with pytest.raises(MlflowException) as caught:
        yield caught
    assert caught.value.error_code == error_code, caught.value


def history(client, run, key):
    return [(m.step, m.timestamp, m.value) for m in client.get_metric_history(run, key)]


def add_version(client, name, number=None, **fields):
    """A version whose source is somewhere outside the server; its number as text."""
    return client.create_model_version(name, f"s3://bucket/{number or 0}", **fields).version


# Artifacts


def listing(client, run, path=None):
    """{path: size}, with None for folders."""
    return {f.path: None if f.is_dir else (f.file_size or 0) for f in client.list_artifacts(run, path)}


def download(run, path, folder):
    return mlflow.artifacts.download_artifacts(run_id=run, artifact_path=path, dst_path=str(folder))


def write(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
