"""Processes that hang are started anew; those that are busy are not."""

import os
import signal
import threading
import time

from supervised import arm, ask, backends, is_alive, versions
from support import wait_until
from test_deployments import deploy

EVERY_SECOND = ("--supervise-health-seconds", "1")
# Three looks in vain, one second after the other and each of two seconds, end within that.
LONG_WAIT = b"14"


def start(supervised, name="model", timeout=30_000):
    """A server, and the process that serves `bot` there."""
    registry = supervised(*EVERY_SECOND)
    deploy(registry, "bot", release=arm(versions(registry, name=name)), settings={"timeoutMs": timeout})
    return registry, ask(registry, "bot")["process"]


def is_another(registry, process) -> bool:
    reply = registry.server.request("POST", "/serve/bot/invocations", raw=b"0")
    return reply.status == 200 and reply.json["process"] != process


def test_a_process_that_hangs_is_started_anew_though_nobody_asks_it(supervised):
    registry, process = start(supervised)
    os.kill(process, signal.SIGSTOP)
    wait_until(lambda: not is_alive(process), 20, "the end of the process that hangs")
    wait_until(lambda: is_another(registry, process), 10, "another process")
    (backend,) = backends(registry).values()
    assert backend["restarts"] == 1


def test_a_process_that_hangs_under_load_is_started_anew_when_requests_have_waited_in_vain(supervised):
    registry, process = start(supervised, timeout=4_000)
    stop = threading.Event()

    def load():
        while not stop.is_set():
            registry.server.request("POST", "/serve/bot/invocations", raw=b"0")
            time.sleep(0.05)

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        os.kill(process, signal.SIGSTOP)
        wait_until(lambda: not is_alive(process), 30, "the end of the process that hangs")
        wait_until(lambda: is_another(registry, process), 15, "another process")
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_process_whose_only_worker_is_at_work_is_left_alone(supervised):
    registry, process = start(supervised, "lonely")
    assert ask(registry, "bot", "/wait", LONG_WAIT)["process"] == process
    (backend,) = backends(registry).values()
    assert (backend["process"], backend["restarts"]) == (process, 0)


def test_a_process_that_goes_on_with_what_nobody_waits_for_is_left_alone(supervised):
    registry, process = start(supervised, "lonely")
    connection = registry.server.connection()
    connection.request("POST", "/serve/bot/wait", LONG_WAIT)
    time.sleep(0.5)
    connection.close()
    assert ask(registry, "bot")["process"] == process


def test_a_process_whose_only_worker_passes_on_a_long_answer_is_left_alone(supervised):
    registry, process = start(supervised, "lonely", timeout=1_000)
    connection = registry.server.connection()
    connection.request("POST", "/serve/bot/count", b"140")
    assert connection.getresponse().read().endswith(b"data: 139\n\n")
    assert ask(registry, "bot")["process"] == process
