"""Uploads through the server into an object store, beside a client that has it for itself."""

from __future__ import annotations

from dataclasses import replace

import object_store
from figures import Figure, best
from servers import Product
from trial import Trial

from .artifacts import LargeFile, artifact_folder

UPLOADS = ("s3-upload", "s3-upload-memory")


def measure_uploads(trial: Trial, martlet: Product) -> None:
    """In turn, the best of each: the store and the one who sends share the cores with both."""
    body = LargeFile(trial)
    with object_store.seaweedfs() as store:
        product = replace(martlet, arguments=martlet.arguments + store.flags)
        environment = ("env", *(f"{name}={value}" for name, value in store.credentials.items()))
        with trial.running(product, environment) as server:
            folder = artifact_folder(server)
            server.client.put_artifact(f"{folder}/first.bin", b"x")
            rounds = range(trial.settings.artifact_rounds)
            pairs = [(store.upload(body.path), body.upload(server, folder)) for _ in rounds]
            peak = server.process.peak_resident_bytes()
    trial.record("s3-upload", "boto3", best([pair[0] for pair in pairs]))
    trial.record("s3-upload", "martlet", best([pair[1] for pair in pairs]))
    trial.record("s3-upload-memory", "martlet", Figure(peak / object_store.MEGABYTE, "MB", count=1))
    body.delete()
