"""What is under way when a backend or the server is to end: it is finished, within bounds."""

import json
import threading
import time

import pytest

from supervised import Stream, arm, ask, backends, is_alive, processes_of, versions
from support import wait_until
from test_deployments import deploy, rollback

SHORT_WARMTH = ("--supervise-warm-seconds", "1")


def upload_slowly(registry, meanwhile) -> dict:
    """Sends a body for five seconds, does something in the middle, and returns the answer."""
    connection, piece = registry.server.connection(), bytes(1 << 19)
    connection.putrequest("POST", "/serve/bot/invocations")
    connection.putheader("Content-Length", str(10 * len(piece)))
    connection.endheaders()
    for number in range(10):
        connection.send(piece)
        time.sleep(0.5)
        if number == 2:
            meanwhile()
    answer = connection.getresponse()
    assert answer.status == 200
    return json.loads(answer.read())


def backend(registry, version):
    found = {backend["version"]: backend for backend in backends(registry).values()}
    return found.get(version)


# A backend that is not needed any more


def test_a_backend_that_nothing_needs_ends_when_the_last_stream_from_it_has(supervised):
    registry = supervised(*SHORT_WARMTH)
    model = versions(registry, 2)
    deploy(registry, "bot", release=arm(model, 1), settings={"timeoutMs": 1_000})
    old = ask(registry, "bot")["process"]
    stream = Stream(registry, "bot", 50)
    deploy(registry, "bot", release=arm(model, 2))
    time.sleep(2.5)
    draining = backend(registry, 1)
    assert (draining["process"], draining["needed"], draining["requests"]) == (old, False, 1)
    assert stream.join() == list(range(50))
    wait_until(lambda: not is_alive(old), 10, "the end of the old one")


def test_a_backend_that_nothing_needs_waits_for_an_upload(supervised):
    registry = supervised(*SHORT_WARMTH)
    model = versions(registry, 2)
    deploy(registry, "bot", release=arm(model, 1))
    old = ask(registry, "bot")["process"]
    answer = upload_slowly(registry, lambda: deploy(registry, "bot", release=arm(model, 2)))
    assert answer == {"version": 1, "process": old}
    wait_until(lambda: not is_alive(old), 10, "the end of the old one")


def test_going_back_to_a_backend_that_waits_for_its_last_requests_takes_no_time(supervised):
    registry = supervised(*SHORT_WARMTH)
    model = versions(registry, 2)
    deploy(registry, "bot", release=arm(model, 1))
    old = ask(registry, "bot")["process"]
    stream = Stream(registry, "bot", 40)
    deploy(registry, "bot", release=arm(model, 2))
    time.sleep(2)
    rollback(registry, "bot")
    assert ask(registry, "bot") == {"version": 1, "process": old}
    assert stream.join() == list(range(40))
    time.sleep(1)
    assert ask(registry, "bot") == {"version": 1, "process": old}


def test_a_backend_does_not_wait_for_ever(supervised):
    registry = supervised(*SHORT_WARMTH, "--drain-seconds", "2")
    model = versions(registry, 2)
    deploy(registry, "bot", release=arm(model, 1), settings={"timeoutMs": 1_000})
    old = ask(registry, "bot")["process"]
    stream = Stream(registry, "bot", 1_000_000)
    deploy(registry, "bot", release=arm(model, 2))
    time.sleep(2)
    assert is_alive(old)
    wait_until(lambda: not is_alive(old), 10, "the end of the old one")
    assert 28 < len(stream.join()) < 100


# A server that stops


def test_a_server_that_stops_waits_for_streams_and_not_for_idle_connections(supervised):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry)))
    idle = registry.server.connection()
    idle.request("POST", "/serve/bot/invocations", b"0")
    idle.getresponse().read()
    stream = Stream(registry, "bot", 20)
    assert registry.server.terminate(timeout=15) == 0
    assert stream.join() == list(range(20))


def test_a_server_that_stops_closes_a_connection_when_it_has_its_answer(supervised):
    registry = supervised("--drain-seconds", "60")
    deploy(registry, "bot", release=arm(versions(registry)))
    connection = registry.server.connection()
    connection.request("POST", "/serve/bot/count", b"10")
    answer = connection.getresponse()
    # The client would keep it.
    assert registry.server.terminate(timeout=15) == 0
    assert b"data: 9" in answer.read()


def test_a_server_that_stops_waits_for_uploads(supervised):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry)))
    stopping = threading.Thread(target=registry.server.terminate)
    assert upload_slowly(registry, stopping.start)["version"] == 1
    stopping.join()
    assert registry.server.process.returncode == 0


@pytest.mark.parametrize("decisions", ["strict", "relaxed"])
def test_a_server_that_stops_does_not_wait_for_ever_and_records_what_it_cut_off(supervised, decisions):
    registry = supervised("--drain-seconds", "1")
    deploy(registry, "bot", release=arm(versions(registry)), settings={"decisions": decisions})
    stream = Stream(registry, "bot", 1_000_000)
    assert registry.server.terminate(timeout=10) == 0
    assert 5 < len(stream.join()) < 50
    assert not processes_of(registry)
    registry.server.start()
    decision = registry.get(f"/decisions/{stream.answer.headers['Martlet-Decision']}")
    assert (decision["status"], decision["failure"]) == (200, "abandoned")
