"""Shadows: their answers are compared with those that were returned, and never returned themselves."""

from __future__ import annotations

import http.client
import json

import pytest

from backends import RawBackend, closed_port
from command_line import CommandLine
from gateway import ask, decision_of
from support import wait_until
from test_deployments import arm, deploy
from rollouts import begin, rollout
from watching import findings, revision

PREDICTED = b'{"predictions": [[0.1, 2.5], [3.0, 4]], "model": "iris"}'


def says(data: bytes, status: int = 200, **headers):
    """An answer of these bytes."""

    def answer(handler, _):
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def streams(*pieces: bytes):
    """An answer that does not say how long it is, and takes its time."""

    def answer(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in [*pieces, b""]:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            handler.wfile.flush()

    return answer


def gone(handler, _):
    """No answer at all."""
    handler.close_connection = True
    handler.connection.close()


@pytest.fixture
def bot(registry, served, deployment, backends):
    deploy(registry, deployment, release=arm(served, 1, url=backends[0].url))
    deploy(registry, deployment, add=arm(served, 2, role="shadow", url=backends[1].url))
    backends[0].answer = backends[1].answer = says(PREDICTED)
    return deployment


@pytest.fixture
def compare(server, registry, bot, backends):
    """Asks once, and returns the decision and what became of its copy."""

    def asked(returned=None, shadow=None, status=200, body=None, **headers):
        backends[0].answer = returned or says(PREDICTED)
        backends[1].answer = shadow or says(PREDICTED)
        reply = ask(server, bot, body or {}, status=status, **headers)
        decision = reply.headers["Martlet-Decision"]
        shadows = wait_until(lambda: decision_of(registry, reply)["shadows"], what="a shadow's record")
        assert len(shadows) == 1
        record = registry.get(f"/decisions/{shadows[0]['decision']}")
        assert (record["shadowOf"], record["agreement"]) == (decision, shadows[0]["agreement"])
        assert record["arm"]["role"] == "shadow"
        return reply, record

    return asked


# What counts as the same


@pytest.mark.parametrize(
    ("agreement", "shadow"),
    [
        ("same", PREDICTED),
        ("equal", b'{"model":"iris","predictions":[[0.1,2.5],[3.0,4]]}'),
        ("equal", PREDICTED.replace(b"0.1", b"0.10000000149011612")),
        ("equal", PREDICTED.replace(b"3.0", b"3")),
        ("equal", PREDICTED.replace(b"iris", b"\\u0069ris")),
        ("different", PREDICTED.replace(b"0.1", b"0.10001")),
        ("different", PREDICTED.replace(b"4]", b"5]")),
        ("different", PREDICTED.replace(b"iris", b"Iris")),
        ("different", PREDICTED.replace(b"[3.0, 4]", b"[3.0, 4, 5]")),
        ("different", PREDICTED.replace(b'"model": "iris"', b'"model": null')),
        ("different", PREDICTED.replace(b"}", b', "more": 1}')),
        ("different", PREDICTED[:-1]),
        ("different", b"[" * 1_000 + b"]" * 1_000),
        ("different", b""),
    ],
)
def test_an_answer_is_compared_by_its_bytes_and_by_its_value(compare, agreement, shadow):
    reply, record = compare(shadow=says(shadow))
    assert reply.body == PREDICTED, "the caller got the shadow's answer"
    assert record["agreement"] == agreement


@pytest.mark.parametrize(
    ("tolerance", "shadow", "agreement"),
    [
        (0, b"[1.0, 1.0000001]", "different"),
        (0, b"[1, 1]", "equal"),
        (0.1, b"[1.05, 0.95]", "equal"),
        (0.1, b"[1.2, 1.0]", "different"),
    ],
)
def test_the_tolerance_is_the_deployments(compare, registry, bot, tolerance, shadow, agreement):
    deploy(registry, bot, settings={"shadowTolerance": tolerance})
    assert revision(registry, bot)["settings"]["shadowTolerance"] == tolerance
    _, record = compare(says(b"[1.0, 1.0]"), says(shadow))
    assert record["agreement"] == agreement


@pytest.mark.parametrize("tolerance", [-0.1, 1.1, "1", None, True], ids=str)
def test_a_tolerance_that_cannot_be_meant_is_refused(registry, bot, tolerance):
    body = {"settings": {"shadowTolerance": tolerance}}
    registry.refused("POST", f"/deployments/{bot}/revisions", body, status=400, code="invalid")


NOTED = b'{"id": "one", "predictions": [{"y": 0.5, "ms": 7}], "usage": {"at": 1}}'


@pytest.mark.parametrize(
    ("agreement", "shadow"),
    [
        ("same", NOTED),
        ("equal", b'{"id": "two", "predictions": [{"y": 0.5, "ms": 8}], "usage": {"at": 2}}'),
        ("equal", b'{"predictions": [{"y": 0.5}]}'),
        ("different", b'{"id": "one", "predictions": [{"y": 0.6, "ms": 7}], "usage": {"at": 1}}'),
        ("different", b'{"id": "one", "predictions": [{"y": 0.5, "s": 7}], "usage": {"at": 1}}'),
        ("different", b"id: two"),
    ],
)
def test_members_that_a_deployment_names_do_not_count(compare, registry, bot, agreement, shadow):
    places = [["id"], ["predictions", "*", "ms"], ["usage"]]
    deploy(registry, bot, settings={"shadowIgnore": places})
    assert revision(registry, bot)["settings"]["shadowIgnore"] == places
    reply, record = compare(says(NOTED), says(shadow))
    assert (reply.body, record["agreement"]) == (NOTED, agreement)


def test_what_does_not_count_is_named_on_the_command_line(compare, server, registry, bot, tmp_path):
    run = CommandLine(tmp_path, server)
    other = says(NOTED.replace(b"one", b"two").replace(b"7", b"8"))
    assert compare(says(NOTED), other)[1]["agreement"] == "different"
    run("deploy", bot, "--shadow-ignore", "id", "--shadow-ignore", "predictions.*.ms")
    assert compare(says(NOTED), other)[1]["agreement"] == "equal"
    run("deploy", bot, "--shadow-tolerance", "0.1")
    assert revision(registry, bot)["settings"]["shadowIgnore"] == [["id"], ["predictions", "*", "ms"]]
    run("deploy", bot, "--shadow-ignore", "none")
    assert compare(says(NOTED), other)[1]["agreement"] == "different"
    for path in ["", "usage..at", ".id"]:
        assert f"'{path}'" in run("deploy", bot, "--shadow-ignore", path, code=64)


@pytest.mark.parametrize(
    ("places", "named"),
    [
        ("id", "'settings.shadowIgnore'"),
        ({"id": 1}, "'settings.shadowIgnore'"),
        ([["id"], "/usage/at"], "'settings.shadowIgnore[1]'"),
        ([["id"], ["usage", 7]], "'settings.shadowIgnore[1][1]'"),
        ([["id"], []], "not[]"),
        ([["a"] * 17], 'not["a","a"'),
        ([["id"]] * 101, "100"),
    ],
    ids=["a text", "an object", "a pointer", "a number", "nothing", "too deep", "too many"],
)
def test_places_that_cannot_be_meant_are_refused_by_name(registry, bot, places, named):
    body = {"settings": {"shadowIgnore": places}}
    detail = registry.refused("POST", f"/deployments/{bot}/revisions", body, status=400, code="invalid")
    assert "shadowIgnore" in detail
    assert named in detail.replace(" ", ""), detail


def test_text_is_compared_by_its_bytes(compare):
    assert compare(says(b"yes"), says(b"yes"))[1]["agreement"] == "same"
    assert compare(says(b"yes"), says(b"yes "))[1]["agreement"] == "different"


def test_another_status_is_another_answer(compare):
    assert compare(shadow=says(PREDICTED, 500))[1]["agreement"] == "different"
    assert compare(says(PREDICTED, 400), status=400)[1]["agreement"] == "different"
    assert compare(says(b"{}", 400), says(b"{ }", 400), status=400)[1]["agreement"] == "equal"


def test_a_shadow_that_gives_no_answer_would_have_answered_differently(
    compare, server, registry, bot, served
):
    _, record = compare(shadow=gone)
    assert (record["agreement"], record["failure"]) == ("different", "broken")
    with closed_port() as url:
        deploy(registry, bot, remove=revision(registry, bot)["arms"][1]["name"])
        deploy(registry, bot, add=arm(served, 3, role="shadow", url=url), check=False)
        _, record = compare()
    assert (record["agreement"], record["failure"]) == ("different", "unreachable")


def test_where_the_version_in_charge_gave_no_answer_nobody_can_say(compare):
    reply, record = compare(returned=gone, status=502)
    assert (record["agreement"], record["status"]) == ("incomparable", 200)


EVENTS = [b"data: %d\n\n" % n for n in range(20)]
LONG = b"[" + b"0.5, " * 60_000 + b"0.5]"


@pytest.mark.parametrize(
    ("returned", "shadow", "agreement"),
    [
        (streams(*EVENTS), streams(*EVENTS), "same"),
        (streams(*EVENTS), streams(b"".join(EVENTS)), "same"),
        (streams(*EVENTS), streams(*EVENTS[:-1]), "different"),
        (streams(*EVENTS), streams(*EVENTS[:-1], b"data: 20\n\n"), "different"),
        (streams(*EVENTS), streams(), "different"),
        (says(LONG), says(LONG), "same"),
        (says(LONG), streams(LONG), "same"),
        (says(LONG), says(LONG.replace(b", ", b",")), "different"),
        (says(LONG), says(LONG[:-2] + b"6]"), "different"),
        (says(LONG), says(b"busy", 503), "different"),
        (streams(PREDICTED), says(PREDICTED), "same"),
        (says(PREDICTED), streams(PREDICTED), "same"),
        (says(PREDICTED), streams(PREDICTED.replace(b"0.1", b"0.2")), "different"),
        (says(LONG, Content_Encoding="gzip"), says(LONG, Content_Encoding="gzip"), "same"),
        (says(LONG, Content_Encoding="gzip"), says(LONG + b" ", Content_Encoding="gzip"), "incomparable"),
    ],
)
def test_answers_that_are_passed_on_as_they_come_are_compared_by_all_their_bytes(
    compare, returned, shadow, agreement
):
    assert compare(returned, shadow)[1]["agreement"] == agreement


def test_what_does_not_count_cannot_be_told_from_what_does_in_a_stream(compare, registry, bot):
    deploy(registry, bot, settings={"shadowIgnore": [["id"]]})
    assert compare(streams(*EVENTS), streams(*EVENTS))[1]["agreement"] == "same"
    assert compare(streams(*EVENTS), streams(*EVENTS[:-1]))[1]["agreement"] == "incomparable"


def test_streams_are_compared_also_without_records(server, registry, bot, backends):
    deploy(registry, bot, settings={"decisions": "off"})
    backends[0].answer = backends[1].answer = streams(*EVENTS)
    ask(server, bot, {})
    wait_until(lambda: (arm := shadow_traffic(registry, bot)) and arm["agreements"] == 1)


def breaks_off(handler, _):
    """The beginning of an answer."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + LONG[:100_000])
    handler.wfile.flush()
    handler.connection.close()


@pytest.mark.parametrize(
    ("shadow", "agreement"),
    # A shadow that breaks off has given no answer, whatever the caller got.
    [(breaks_off, "different"), (says(LONG), "incomparable"), (says(LONG[:100_000]), "incomparable")],
)
def test_of_an_answer_that_breaks_off_nobody_can_say(server, registry, bot, backends, shadow, agreement):
    backends[0].answer, backends[1].answer = breaks_off, shadow
    connection = server.connection(timeout=30)
    connection.request("POST", f"/serve/{bot}/invocations", b"{}", {"Content-Type": "application/json"})
    reply = connection.getresponse()
    with pytest.raises(http.client.IncompleteRead):
        reply.read()
    (record,) = wait_until(lambda: shadows_of(registry, reply.headers["Martlet-Decision"]))
    assert record["agreement"] == agreement


@pytest.fixture
def endless(registry, bot, backends):
    """A stream whose end nobody sees."""

    def answer(connection, _):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        wait_until(lambda: connection.recv(1) == b"", 30)

    with RawBackend(answer) as backend:
        primary, _ = revision(registry, bot)["arms"]
        arms = [
            arm(primary["model"], 1, url=backend.url),
            arm(primary["model"], 2, role="shadow", url=backends[1].url),
        ]
        deploy(registry, bot, arms=arms)
        yield backend


@pytest.fixture
def listen(server, bot, endless):
    """Begins to read an endless answer; returns its decision and the connection."""
    connection = server.connection(timeout=30)

    def begin():
        connection.request("POST", f"/serve/{bot}/invocations", b"{}")
        return connection.getresponse().headers["Martlet-Decision"], connection

    yield begin
    connection.close()


def test_a_shadow_does_not_wait_long_for_the_end_of_a_stream(listen, registry, bot):
    deploy(registry, bot, settings={"timeoutMs": 500})
    decision, _ = listen()
    (record,) = wait_until(lambda: shadows_of(registry, decision))
    assert record["agreement"] == "incomparable"


def test_a_shadow_waits_for_no_stream_whose_caller_is_gone(listen, registry, bot, backends):
    decision, connection = listen()
    wait_until(lambda: backends[1].requests)
    connection.sock.close()
    connection.close()
    (record,) = wait_until(lambda: shadows_of(registry, decision))
    assert record["agreement"] == "incomparable"


def test_another_status_is_known_before_a_stream_has_ended(listen, registry, bot, backends):
    backends[1].answer = says(b"busy", 503)
    decision, _ = listen()
    (record,) = wait_until(lambda: shadows_of(registry, decision))
    assert record["agreement"] == "different"


def test_compressed_answers_are_the_same_or_nobody_can_say(compare):
    assert compare(says(b"\x1f\x8b1", Content_Encoding="gzip"))[1]["agreement"] == "incomparable"
    both = says(b"\x1f\x8b1", Content_Encoding="gzip")
    assert compare(both, both)[1]["agreement"] == "same"


def test_a_caller_that_goes_away_leaves_nothing_to_compare_with(server, registry, bot, backends):
    release = []

    def waits(handler, body):
        wait_until(lambda: release, 30)
        says(PREDICTED)(handler, body)

    backends[0].answer = waits
    connection = server.connection(timeout=30)
    connection.request("POST", f"/serve/{bot}/invocations", b"{}", {"Content-Type": "application/json"})
    wait_until(lambda: backends[0].requests and backends[1].requests)
    connection.close()
    total = wait_until(lambda: exported(registry, bot))
    release.append(True)
    (record,) = [line for line in total if line.get("shadowOf")]
    assert record["agreement"] == "incomparable"


@pytest.mark.parametrize("recording", ["strict", "relaxed"])
def test_requests_that_hummingbird_answers_are_compared_as_well(compare, registry, bot, recording):
    deploy(registry, bot, settings={"decisions": recording})
    assert compare()[1]["agreement"] == "same"
    assert compare(Connection="close")[1]["agreement"] == "same"
    assert compare(body={"long": "x" * 300_000})[1]["agreement"] == "same"


# Where it is shown


def shadows_of(registry, decision):
    reply = registry.request("GET", f"/decisions/{decision}")
    return reply.json["shadows"] if reply.status == 200 else None


def exported(registry, bot):
    text = registry.request("GET", f"/deployments/{bot}/decisions.jsonl").expect(200).body.decode()
    lines = [json.loads(line) for line in text.splitlines()]
    return lines if any("shadowOf" in line for line in lines) else None


def shadow_traffic(registry, bot):
    arms = registry.get(f"/deployments/{bot}/traffic")["arms"]
    return next((arm for arm in arms if arm["arm"]["role"] == "shadow"), None)


def test_what_differed_is_listed_exported_and_shown_from_both_sides(compare, server, registry, bot, tmp_path):
    run = CommandLine(tmp_path, server)
    compare()
    reply, record = compare(shadow=says(b"[]"))
    original = reply.headers["Martlet-Decision"]
    listed = registry.get(f"/deployments/{bot}/differences")["decisions"]
    assert [d["id"] for d in listed] == [record["id"]]
    assert record["id"] in run("decisions", bot, "--differences")
    lines = exported(registry, bot)
    assert sorted(line["agreement"] for line in lines if "shadowOf" in line) == ["different", "same"]
    assert [line for line in lines if "shadowOf" not in line and "agreement" in line] == []
    shown = run("decision", original)
    assert record["id"] in shown
    assert "another answer" in shown
    shown = run("decision", record["id"])
    assert original in shown
    assert "another answer" in shown


def test_agreement_is_counted_for_each_arm_also_without_records(server, registry, bot, backends, tmp_path):
    deploy(registry, bot, settings={"decisions": "off"})
    assert shadow_traffic(registry, bot) is None
    answers = [says(PREDICTED), says(b"[]"), says(PREDICTED.replace(b"3.0", b"3")), says(PREDICTED)]
    turns = iter(answers)
    backends[1].answer = lambda handler, body: next(turns)(handler, body)
    for _ in answers:
        ask(server, bot, {})
    counted = wait_until(lambda: (arm := shadow_traffic(registry, bot)) and arm["requests"] == 4 and arm)
    assert (counted["agreements"], counted["differences"], counted["agreementRate"]) == (3, 1, 0.75)
    others = [a for a in registry.get(f"/deployments/{bot}/traffic")["arms"] if a["arm"]["role"] != "shadow"]
    assert [(a["requests"], "agreementRate" in a) for a in others] == [(4, False)]
    shown = CommandLine(tmp_path, server)("traffic", bot)
    assert "AGREED" in shown
    assert "75% of 4" in shown
    metrics = server.request("GET", "/metrics").body.decode().splitlines()
    series = {
        line.split('agreement="')[1].split('"')[0]: int(line.split()[-1])
        for line in metrics
        if line.startswith("martlet_deployment_shadow_answers_total{") and f'deployment="{bot}"' in line
    }
    assert series == {"same": 2, "equal": 1, "different": 1, "incomparable": 0}


# Conditions


def test_a_shadow_that_disagrees_too_often_is_told_of(server, registry, bot, backends):
    condition = "agreement under 95% for 2s on 20 requests: notify"
    deploy(registry, bot, settings={"conditions": [condition]})
    for _ in range(30):
        ask(server, bot, {})
    assert findings(registry, bot) == []
    backends[1].answer = says(b"[]")
    (finding,) = wait_until(lambda: [ask(server, bot, {}) for _ in range(10)] and findings(registry, bot), 20)
    assert (finding["condition"], finding["arm"]["role"]) == (condition, "shadow")
    assert finding["measured"] < 0.95
    assert finding["count"] >= 20


def test_a_shadow_that_disagrees_too_often_pauses_a_roll_out(server, registry, bot, served, backends):
    backends[1].answer = says(b"[]")
    backends[2].answer = says(PREDICTED)
    conditions = ["agreement under 95% for 2s on 5 requests: pause"]
    begin(
        registry,
        bot,
        served,
        backends,
        version=3,
        steps=[10_000, 1_000_000],
        every=60_000,
        conditions=conditions,
    )
    paused = wait_until(
        lambda: ask(server, bot, {}) and (r := rollout(registry, bot))["state"] == "paused" and r, 20
    )
    assert "agreement of" in paused["remark"]
    assert [a["role"] for a in revision(registry, bot)["arms"]] == ["primary", "shadow", "canary"]


def test_a_shadow_is_judged_by_nothing_else(server, registry, bot, backends):
    conditions = [
        "error rate over 1% for 2s on 5 requests: notify",
        "agreement under 95% for 2s on 5 requests: notify",
    ]
    deploy(registry, bot, settings={"conditions": conditions})
    backends[1].answer = says(b"{}", 500)
    wait_until(lambda: [ask(server, bot, {}) for _ in range(10)] and findings(registry, bot), 20)
    assert [f["condition"] for f in findings(registry, bot)] == conditions[1:]


@pytest.mark.parametrize(
    "condition",
    [
        "agreement under 95% for 5m: roll back",
        "agreement over 95% for 5m: notify",
        "agreement under 95%: notify",
        "agreement under 0.95 for 5m: notify",
    ],
)
def test_conditions_on_agreement_that_cannot_be_meant_are_refused(registry, bot, condition):
    body = {"settings": {"conditions": [condition]}}
    registry.refused("POST", f"/deployments/{bot}/revisions", body, status=400, code="invalid")
