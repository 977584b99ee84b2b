"""How much of requests is kept for shadows that are slow."""

import threading

from backends import Backend
from gateway import ask
from support import wait_until
from test_deployments import arm, deploy


def test_copies_of_large_requests_are_left_out_when_too_much_waits_for_a_shadow(
    server, registry, served, deployment, backends
):
    release = threading.Event()
    backends[1].answer = lambda handler, body: (release.wait(100), Backend.send(handler, 200, {}))
    deploy(
        registry,
        deployment,
        release=arm(served, 1, url=backends[0].url),
        settings={"bodyBytesMax": 100 << 20, "timeoutMs": 120_000},
    )
    deploy(registry, deployment, add=arm(served, 2, role="shadow", url=backends[1].url))
    body = bytes(90 << 20)
    for _ in range(3):
        server.request("POST", f"/serve/{deployment}/x", raw=body).expect(200)
    # Two of them are 180 MiB, and three more than 256.
    wait_until(lambda: len(backends[1].requests) == 2, 90)
    release.set()

    def is_copied():
        ask(server, deployment, {})
        return len(backends[1].requests) > 2

    wait_until(is_copied, 90)
