"""Kills the object store under load, and compares what the server has with what it had acknowledged."""

import hashlib
import os
import random
import subprocess
import threading
import time

import pytest

import object_store
from support import martlet_binary

pytestmark = [
    pytest.mark.martlet_only,
    pytest.mark.skipif(os.environ.get("MARTLET_SKIP_S3") == "1", reason="MARTLET_SKIP_S3=1"),
]

ROUNDS = 3
WORKERS = 4
# One object, and one in parts.
SIZES = [1_000, 300_000, 20_000_000]


class Uploader(threading.Thread):
    """Uploads different bytes one after the other, and remembers what was acknowledged."""

    def __init__(self, server, root, number):
        super().__init__(daemon=True)
        self.server, self.root, self.number = server, root, number
        self.random = random.Random(number)
        self.is_ending = threading.Event()
        self.acknowledged = {}
        self.refused = []

    def run(self):
        for index in range(10_000):
            if self.is_ending.is_set():
                return
            data = self.random.randbytes(self.random.choice(SIZES))
            key = f"{self.root}/{self.number}-{index}"
            reply = self.server.put_artifact(key, data)
            if reply.status == 200:
                self.acknowledged[key] = hashlib.sha256(data).hexdigest()
            else:
                self.refused.append(reply)


def test_nothing_that_was_acknowledged_is_lost_when_the_store_is_killed(start_martlet):
    server = start_martlet(keeps_bytes_in_s3=True)
    root = f"0/{server.new_run()}/artifacts"
    workers = [Uploader(server, root, number) for number in range(WORKERS)]
    for worker in workers:
        worker.start()
    for _ in range(ROUNDS):
        time.sleep(1)
        object_store.order("kill")
        object_store.order("start")
    time.sleep(1)
    for worker in workers:
        worker.is_ending.set()
    for worker in workers:
        worker.join(120)
        assert not worker.is_alive()
    # The same process, without a restart.
    acknowledged = {key: digest for worker in workers for key, digest in worker.acknowledged.items()}
    assert len(acknowledged) > WORKERS
    for key, digest in acknowledged.items():
        assert hashlib.sha256(server.get_artifact(key).expect().body).hexdigest() == digest, key
    refused = [reply for worker in workers for reply in worker.refused]
    assert {reply.status for reply in refused} <= {503}, refused
    for reply in refused:
        assert "object store" in reply.message
    assert server.terminate() == 0
    doctor = [martlet_binary(), "doctor", "--data", server.data]
    done = subprocess.run(doctor, capture_output=True, text=True, timeout=120, env=server.environment())
    assert done.returncode == 0, done.stdout
