"""What becomes of deliveries when receivers and servers fail: real receivers, the real program."""

import threading
import time

import pytest

from command_line import CommandLine
from receiver import Receiver, reply
from registry import Registry, problem
from support import unique, wait_until

ALLOWED = ("--webhook-allowed-targets", "127.0.0.1")
QUICK = (*ALLOWED, "--webhook-attempts", "2", "--webhook-timeout-seconds", "1")
MOVED = "model_version.moved"


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def start(start_martlet):
    """Starts a server that may call receivers on this machine, and speaks to it as ann."""
    return lambda *flags, **options: Registry(start_martlet(*(flags or ALLOWED), **options), "ann")


def listen(registry, receiver, *events, **fields) -> str:
    body = {"name": "hook", "url": receiver.url + "/", "events": list(events or [MOVED]), **fields}
    return registry.post("/webhooks", body, status=201)["id"]


def deliveries(registry, webhook, **query) -> list[dict]:
    """The oldest first."""
    return registry.get(f"/webhooks/{webhook}/deliveries", **query)["deliveries"][::-1]


def states(registry, webhook) -> list[str]:
    return [delivery["state"] for delivery in deliveries(registry, webhook)]


def move(registry, model, *stages) -> None:
    for stage in stages:
        registry.move(model, 1, stage, reason="a test")


@pytest.fixture
def quick(start):
    """A server that gives up soon, with a model of one version."""
    registry = start(*QUICK)
    model = registry.model()
    registry.register(model)
    return registry, model


def test_a_version_that_moves_is_told_of(start, receiver):
    registry = start()
    listen(registry, receiver)
    model = registry.model()
    registry.register(model)
    registry.move(model, 1, "staging", reason="looks good")
    (received,) = receiver.wait_for(1)
    assert received.kind == MOVED
    assert received.data == {
        "name": model,
        "version": "1",
        "from": "candidate",
        "to": "staging",
        "actor": "ann",
        "reason": "looks good",
    }


def test_a_deployment_that_changes_is_told_of(start, receiver):
    registry = start()
    listen(registry, receiver, "deployment.changed")
    model = registry.model()
    registry.register(model)
    registry.move(model, 1, "staging")
    arm = {"model": model, "version": "1", "url": "http://127.0.0.1:1"}
    registry.post(
        "/deployments/bot/revisions", {"release": arm, "check": False, "reason": "first"}, status=201
    )
    registry.post("/deployments/bot/revisions", {"settings": {"decisions": "off"}}, status=201)
    first, second = receiver.wait_for(2)
    told = {"deployment": "bot", "revision": 1, "cause": "deploy", "actor": "ann", "reason": "first"}
    assert (first.kind, first.data) == ("deployment.changed", told)
    assert (second.data["revision"], second.data["cause"]) == (2, "settings")


def test_versions_that_make_room_are_told_of_before_the_one_that_takes_it(start, receiver):
    registry = start()
    listen(registry, receiver)
    model = registry.model()
    registry.versions(model, 2)
    registry.move(model, 1, "production")
    registry.move(model, 2, "production")
    told = [(r.data["version"], r.data["to"]) for r in receiver.wait_for(3)]
    assert told == [("1", "production"), ("1", "archived"), ("2", "production")]


def test_a_webhook_is_kept_as_it_was_made(start, receiver):
    registry = start()
    webhook = listen(registry, receiver, MOVED, "prompt.created", secret="hidden", description="what for")
    found = registry.get(f"/webhooks/{webhook}")
    assert found["events"] == [MOVED, "prompt.created"]
    assert (found["hasSecret"], found["isActive"], found["description"]) == (True, True, "what for")
    assert "hidden" not in str(found)
    changed = (
        registry.request("PATCH", f"/webhooks/{webhook}", {"isActive": False, "secret": ""}).expect().json
    )
    assert (changed["hasSecret"], changed["isActive"], changed["events"]) == (False, False, found["events"])
    assert registry.get("/webhooks")["webhooks"] == [changed]
    registry.request("DELETE", f"/webhooks/{webhook}").expect(204)
    assert registry.get("/webhooks")["webhooks"] == []


def test_mlflows_clients_see_only_what_they_know(start, receiver):
    registry = start()
    own = listen(registry, receiver, MOVED)
    both = listen(registry, receiver, MOVED, "prompt.created")
    server = registry.server
    assert [w["webhook_id"] for w in server.get("webhooks").expect().json["webhooks"]] == [both]
    server.get(f"webhooks/{own}").expect(404)
    events = [{"entity": "MODEL_VERSION", "action": "CREATED"}]
    server.request("PATCH", f"webhooks/{both}", {"events": events}).expect()
    assert registry.get(f"/webhooks/{both}")["events"] == ["model_version.created", MOVED]


def test_a_retraining_request_can_be_tried_out(start, receiver):
    registry = start()
    webhook = listen(registry, receiver, "retraining.requested")
    result = registry.post(f"/webhooks/{webhook}/test")
    assert (result["isSuccess"], result["status"]) == (True, 200)
    assert receiver.received[0].data["name"] == "example_model"


def test_a_delivery_that_was_given_up_is_dead_and_can_be_replayed(quick, receiver):
    registry, model = quick
    receiver.answer = lambda handler, _: reply(handler, 500, b"secrets of the receiver")
    webhook = listen(registry, receiver)
    move(registry, model, "staging", "production")
    wait_until(lambda: states(registry, webhook) == ["dead", "dead"], 20, "two dead deliveries")
    dead = deliveries(registry, webhook, state="dead")
    assert [(d["attempts"], d["status"]) for d in dead] == [(2, 500)] * 2
    assert "secrets" not in str([d["failure"] for d in dead])
    assert [r.delivery_id for r in receiver.received] == [d["id"] for d in dead for _ in range(2)]
    receiver.answer = None
    assert registry.post(f"/webhooks/{webhook}/replay-dead") == {"count": 2}
    again = receiver.wait_for(6)[4:]
    assert [r.delivery_id for r in again] == [d["id"] for d in dead]
    assert [r.body.decode() for r in again] == [d["body"] for d in dead]
    wait_until(lambda: states(registry, webhook) == ["delivered", "delivered"])
    registry.post(f"/webhooks/{webhook}/deliveries/{dead[0]['id']}/replay")
    assert receiver.wait_for(7)[6].delivery_id == dead[0]["id"]


def test_a_receiver_is_left_alone_for_as_long_as_it_asks(start, receiver):
    registry = start()
    models = [registry.model() for _ in range(2)]
    for model in models:
        registry.register(model)
    asked = []

    def later(handler, received):
        asked.append(received.at)
        receiver.answer = None
        reply(handler, 429, **{"Retry-After": "4"})

    receiver.answer = later
    webhook = listen(registry, receiver)
    for model in models:
        move(registry, model, "staging")
    wait_until(lambda: states(registry, webhook) == ["delivered", "delivered"], 20)
    again = [r for r in receiver.received if r.delivery_id == receiver.received[0].delivery_id]
    assert len(again) == 2
    assert again[1].at - asked[0] >= 4


def test_a_receiver_that_is_gone_is_called_no_more(start, receiver):
    registry = start()
    model = registry.model()
    registry.register(model)
    receiver.answer = lambda handler, _: reply(handler, 410)
    webhook = listen(registry, receiver)
    start = registry.ledger_size()
    registry.move(model, 1, "staging")
    ended = wait_until(lambda: not (w := registry.get(f"/webhooks/{webhook}"))["isActive"] and w)
    assert ended["remark"] == "disabled by martlet: the receiver answered with 410 Gone"
    registry.move(model, 1, "production")
    time.sleep(2)
    assert (len(receiver.received), states(registry, webhook)) == (1, ["dead"])
    (entry,) = [e for e in registry.entries(start) if e["action"] == "webhook.change"]
    assert (entry["actor"], entry["reason"]) == ("martlet", "the receiver answered with 410 Gone")
    assert (entry["active"], entry["changed"]) == (False, ["active"])
    receiver.answer = None
    enabled = registry.request("PATCH", f"/webhooks/{webhook}", {"isActive": True}).expect().json
    assert "remark" not in enabled
    registry.post(f"/webhooks/{webhook}/replay-dead")
    receiver.wait_for(2)


def test_the_command_line_makes_webhooks_and_looks_after_them(start, receiver, tmp_path):
    registry = start(*QUICK)
    martlet = CommandLine(tmp_path, registry.server)
    (tmp_path / "secret").write_text("hidden\n")
    options = ("--event", "registered_model.created", "--secret-file", "secret", "--reason", "a chat")
    webhook = martlet.json("webhook", "create", "chat", receiver.url, *options)["id"]
    assert registry.entries()[-1]["reason"] == "a chat"
    martlet("webhook", "create", "chat", receiver.url, code=64)
    assert webhook in martlet("webhook", "list")
    assert "received" in martlet("webhook", "test", webhook)
    assert receiver.received[0].is_signed_with("hidden")
    receiver.answer = lambda handler, _: reply(handler, 500)
    assert "answered with 500" in martlet("webhook", "test", webhook, code=1)
    registry.model()
    wait_until(lambda: states(registry, webhook) == ["dead"], 20)
    (dead,) = martlet.json("webhook", "deliveries", webhook, "--state", "dead")
    assert "answered with 500" in martlet("webhook", "deliveries", webhook)
    receiver.answer = None
    assert martlet.json("webhook", "replay", webhook) == {"count": 1}
    wait_until(lambda: states(registry, webhook) == ["delivered"])
    assert dead["id"] in martlet("webhook", "replay", webhook, dead["id"])
    martlet("webhook", "update", webhook, "--disable", "--event", MOVED, "--name", "talk")
    shown = martlet("webhook", "show", webhook)
    assert all(word in shown for word in ("talk", "disabled", MOVED)), shown
    assert martlet.json("webhook", "update", webhook, "--enable")["isActive"]
    martlet("webhook", "delete", webhook)
    assert "nobody" in martlet("webhook", "list")


def stall(handler, _):
    time.sleep(3)


def half_an_answer(handler, _):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    handler.wfile.flush()
    handler.connection.close()


def redirect_home(handler, _):
    reply(handler, 302, Location="http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (stall, "no answer in time"),
        (half_an_answer, "in the middle of its answer"),
        (redirect_home, "answered with 302"),
    ],
)
def test_a_receiver_that_fails_is_tried_again_and_says_why(quick, receiver, answer, reason):
    registry, model = quick
    first = threading.Event()

    def once(handler, received):
        if first.is_set():
            reply(handler, 200)
        else:
            first.set()
            answer(handler, received)

    receiver.answer = once
    webhook = listen(registry, receiver)
    move(registry, model, "staging")
    failed = wait_until(lambda: [d for d in deliveries(registry, webhook) if d.get("failure")])
    assert reason in failed[0]["failure"]
    wait_until(lambda: states(registry, webhook) == ["delivered"], 15)
    assert len({r.delivery_id for r in receiver.received}) == 1


def test_a_receiver_that_stalls_holds_nobody_else_up(quick, receiver):
    registry, model = quick
    slow = Receiver(stall)
    try:
        listen(registry, slow)
        listen(registry, receiver)
        began = time.monotonic()
        models = [model] + [registry.model() for _ in range(9)]
        for name in models[1:]:
            registry.register(name)
        for name in models:
            move(registry, name, "staging")
        receiver.wait_for(len(models), 10)
        assert time.monotonic() - began < 10
    finally:
        slow.close()


def test_what_was_committed_is_told_after_a_kill(start, receiver):
    """The server dies between the change and its delivery: nobody is there to receive until then."""
    registry = start()
    port = receiver.httpd.server_address[1]
    receiver.close()
    webhook = listen(registry, receiver, "registered_model.created", secret="kept")
    names = [registry.model() for _ in range(5)]
    registry.server.kill()
    back = Receiver(port=port)
    try:
        registry = start(data=registry.server.data)
        received = back.wait_for(5, 60)
        assert {r.data["name"] for r in received} == set(names)
        assert all(r.is_signed_with("kept") for r in received)
        wait_until(lambda: set(states(registry, webhook)) == {"delivered"})
    finally:
        back.close()


def test_a_delivery_that_a_killed_server_had_taken_is_sent_again_under_its_id(start, receiver):
    registry = start(*ALLOWED, "--webhook-timeout-seconds", "1")
    called = threading.Event()

    def hang(handler, _):
        called.set()
        time.sleep(5)

    receiver.answer = hang
    webhook = listen(registry, receiver, "registered_model.created")
    registry.model()
    assert called.wait(10)
    registry.server.kill()
    receiver.answer = None
    registry = start(*ALLOWED, "--webhook-timeout-seconds", "1", data=registry.server.data)
    first, second = receiver.wait_for(2, 40)
    assert first.delivery_id == second.delivery_id
    assert first.body == second.body
    wait_until(lambda: states(registry, webhook) == ["delivered"])


def test_a_target_inside_is_refused_in_our_own_words_too(start_martlet):
    registry = Registry(start_martlet(), "ann")
    body = {"name": "a", "url": "https://169.254.169.254/", "events": [MOVED]}
    detail = registry.refused("POST", "/webhooks", body, status=400, code="invalid")
    assert "must not resolve to a non-public IP address" in detail


def test_what_was_allowed_when_it_was_named_is_not_called_once_it_is_not(start, start_martlet, receiver):
    registry = start()
    webhook = listen(registry, receiver, "registered_model.created")
    assert registry.server.terminate() == 0
    registry = Registry(start_martlet(data=registry.server.data), "ann")
    registry.model()
    failed = wait_until(lambda: [d for d in deliveries(registry, webhook) if d.get("failure")])
    assert "must not resolve to a non-public IP address" in failed[0]["failure"]
    assert receiver.received == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"events": []}, "non-empty"),
        ({"events": ["nothing.happened"]}, "there are registered_model.created"),
        ({"name": ""}, "Webhook name"),
        ({"url": ""}, "URL"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_a_bad_webhook_is_refused(registry, change, word):
    body = {"name": "a", "url": "https://8.8.8.8/", "events": [MOVED], **change}
    assert word in registry.refused("POST", "/webhooks", body, status=400, code="invalid")


def test_what_is_not_there_is_not_found(registry):
    webhook = registry.post(
        "/webhooks", {"name": "a", "url": "https://8.8.8.8/", "events": [MOVED]}, status=201
    )["id"]
    for method, path in [
        ("GET", "/webhooks/nobody"),
        ("DELETE", "/webhooks/nobody"),
        ("GET", "/webhooks/nobody/deliveries"),
        ("POST", "/webhooks/nobody/replay-dead"),
        ("POST", f"/webhooks/{webhook}/deliveries/nothing/replay"),
    ]:
        problem(registry.request(method, path).expect(404), "not_found")
    registry.refused("GET", f"/webhooks/{webhook}/deliveries", status=400, code="invalid", state="lost")


def test_settings_that_cannot_be_meant_end_the_server(start_martlet):
    with pytest.raises(AssertionError, match="neither the name of a host nor an address"):
        start_martlet("--webhook-allowed-targets", "10.0.0.0/99")
    with pytest.raises(AssertionError, match="cannot be used"):
        start_martlet("--webhook-authority-file", f"/nowhere/{unique('ca')}.pem")
