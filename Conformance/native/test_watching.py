"""Watching: what came of requests, for each version, and what the server does about it by itself."""

import json
import re
import select
import signal
import time

import pytest

from backends import Backend, slow
from command_line import CommandLine
from gateway import ask, serving
from support import wait_until
from test_deployments import arm, deploy


@pytest.fixture
def bot(registry, served, deployment, backends):
    """A deployment of the first version, which keeps no records."""
    deploy(registry, deployment, release=arm(served, 1, url=backends[0].url), settings={"decisions": "off"})
    return deployment


def fail(handler, body):
    Backend.send(handler, 500, {"why": "broken"})


def refuse(handler, body):
    Backend.send(handler, 422, {"why": "no"})


def traffic(registry, bot, **query):
    """What there was, by the version and its role."""
    arms = registry.get(f"/deployments/{bot}/traffic", **query)["arms"]
    return {(arm["arm"]["version"], arm["arm"]["role"]): arm for arm in arms}


def counted(registry, bot, count, **query):
    """The same, once so many requests were counted."""
    return wait_until(
        lambda: (
            (found := traffic(registry, bot, **query))
            and sum(arm["requests"] for arm in found.values()) == count
            and found
        ),
        15,
        f"{count} requests",
    )


# Traffic


def test_what_came_of_requests_is_counted_for_each_version(server, registry, bot, served, backends):
    backends[1].answer = slow(0.05)
    deploy(registry, bot, add=arm(served, 2, role="shadow", url=backends[1].url))
    for _ in range(6):
        ask(server, bot, {})
    backends[0].answer = fail
    for _ in range(2):
        ask(server, bot, {}, status=500)
    backends[0].answer = refuse
    ask(server, bot, {}, status=422)
    found = counted(registry, bot, 18)
    primary, shadow = found[1, "primary"], found[2, "shadow"]
    assert (primary["requests"], primary["failures"], primary["refusals"]) == (9, 2, 1)
    assert primary["errorRate"] == pytest.approx(2 / 9)
    assert (shadow["requests"], shadow["failures"]) == (9, 0)
    latency = shadow["latencyMicroseconds"]
    assert 50_000 <= latency["p50"] <= latency["p90"] <= latency["p99"] <= latency["max"]
    assert primary["latencyMicroseconds"]["p50"] < latency["p50"]
    assert (primary["firstRevision"], primary["lastRevision"]) == (2, 2)


def test_a_version_is_counted_once_though_its_share_changes(server, registry, bot, served, backends):
    ask(server, bot, {})
    deploy(registry, bot, settings={"timeoutMs": 500})
    ask(server, bot, {})
    found = counted(registry, bot, 2)
    assert (found[1, "primary"]["firstRevision"], found[1, "primary"]["lastRevision"]) == (1, 2)


def test_a_backend_that_gives_no_answer_is_a_failure(server, registry, bot, backends):
    deploy(registry, bot, settings={"timeoutMs": 200})
    backends[0].answer = slow(0.5)
    ask(server, bot, {}, status=504)
    assert counted(registry, bot, 1)[1, "primary"]["failures"] == 1


def test_a_caller_who_goes_away_is_no_failure_of_the_version(server, registry, bot, backends):
    def stream(handler, body):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for _ in range(500):
            handler.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    backends[0].answer = stream
    connection = server.connection(timeout=30)
    connection.request("POST", f"/serve/{bot}/x", b"{}")
    connection.getresponse().read(100)
    connection.close()
    assert counted(registry, bot, 1)[1, "primary"]["failures"] == 0


def test_one_can_ask_how_it_was_lately_or_since_a_moment(server, registry, bot):
    ask(server, bot, {})
    counted(registry, bot, 1)
    time.sleep(1.1)
    assert traffic(registry, bot, since="1s") == {}
    begun = registry.get(f"/deployments/{bot}")["createdAt"]
    assert traffic(registry, bot, since=begun)[1, "primary"]["requests"] == 1
    path = f"/deployments/{bot}/traffic"
    for wrong in ("soon", "5", "-3m", "2999-01-01T00:00Z"):
        registry.refused("GET", path, status=400, code="invalid", since=wrong)
    registry.refused("GET", "/deployments/nobody/traffic", status=404, code="not_found")


def test_what_was_counted_is_there_after_a_stop(start_martlet, backends):
    server, registry = serving(start_martlet, backends[0], "off")
    for _ in range(3):
        ask(server, "bot", {})
    assert server.terminate() == 0
    registry = type(registry)(start_martlet(data=server.data), "ann")
    assert traffic(registry, "bot")[1, "primary"]["requests"] == 3


def test_prometheus_is_told_by_deployment_and_arm(server, registry, bot, served, backends):
    ask(server, bot, {})
    backends[0].answer = fail
    ask(server, bot, {}, status=500)
    counted(registry, bot, 2)
    text = server.request("GET", "/metrics").expect().body.decode()
    found = dict(re.findall(rf'martlet_deployment_requests_total{{deployment="{bot}",(.*)}} (\d+)', text))
    name = registry.get(f"/deployments/{bot}")["revision"]["arms"][0]["name"]
    assert found[f'arm="{name}",ending="answered"'] == "1"
    assert found[f'arm="{name}",ending="failed"'] == "1"
    assert f'martlet_deployment_request_seconds_count{{deployment="{bot}",arm="{name}"}} 2' in text


@pytest.mark.parametrize("what", ["decisions", "experiment_units", "drift_samples", "payloads"])
def test_prometheus_is_told_what_was_dropped(server, what):
    text = server.request("GET", "/metrics").expect().body.decode()
    assert re.search(rf"^martlet_{what}_dropped_total 0$", text, re.MULTILINE)


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_who_watches_sees_each_picture_at_once_and_ends_it_by_looking_away(server, bot, tmp_path, options):
    with CommandLine(tmp_path, server).begin("traffic", bot, "--watch", *options) as watching:
        try:
            assert select.select([watching.stdout], [], [], 40)[0], "nothing to see"
            picture = watching.stdout.read(1 << 16).decode()
            assert json.loads(picture)["arms"] == [] if options else picture.count("no requests") == 1
            watching.stdout.close()
            assert (watching.wait(40), watching.stderr.read()) == (128 + signal.SIGPIPE, b"")
        finally:
            watching.kill()


def test_the_command_line_shows_it(server, registry, bot, tmp_path):
    martlet = CommandLine(tmp_path, server)
    assert "no requests" in martlet("traffic", bot)
    ask(server, bot, {})
    counted(registry, bot, 1)
    said = martlet("traffic", bot, "--since", "1h")
    assert "primary" in said
    assert "p99".upper() in said
    assert martlet.json("traffic", bot)["arms"][0]["requests"] == 1
