"""Webhooks, through the real client, with a receiver that checks what it gets as MLflow says."""

import datetime
import time

import mlflow
import pytest
from mlflow import MlflowClient

from client_calls import add_version, refused
from receiver import Receiver, reply
from server_fixtures import serve
from support import MartletServer, OracleServer, unique, wait_until

pytestmark = pytest.mark.needs_client_3

SECRET = "a secret of sorts: \u00fc"


class OracleThatCallsAnybody(OracleServer):
    def environment(self):
        allowed = {"MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https", "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true"}
        quick = {"MLFLOW_WEBHOOK_CACHE_TTL": "0", "MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES": "1"}
        return super().environment() | allowed | quick


@pytest.fixture(scope="module")
def server(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("webhooks")
    if request.config.getoption("--server") == "mlflow":
        yield from serve(OracleThatCallsAnybody(folder))
    else:
        yield from serve(MartletServer(folder, "--webhook-allowed-targets", "127.0.0.1"))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server that is not told to allow anything."""
    yield from serve(MartletServer(tmp_path_factory.mktemp("guarded")))


@pytest.fixture
def client(server, client_elsewhere):
    client_elsewhere(server)
    client = MlflowClient(server.url, server.url)
    yield client
    for webhook in client.list_webhooks():
        client.delete_webhook(webhook.webhook_id)


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def listen(client, receiver):
    """Makes a webhook that listens to events."""

    def listen(*events, **fields):
        return client.create_webhook(unique("hook"), receiver.url + "/hook", list(events), **fields)

    return listen


def raw(name, url="https://example.com/", **fields):
    return {"name": name, "url": url, "events": [CREATED], **fields}


CREATED = {"entity": "REGISTERED_MODEL", "action": "CREATED"}


# The API


def test_a_webhook_is_created_read_and_listed(client, listen, receiver):
    made = listen("registered_model.created", "model_version_tag.set", secret=SECRET, description="what for")
    assert made.url == receiver.url + "/hook"
    assert sorted(map(str, made.events)) == ["model_version_tag.set", "registered_model.created"]
    assert (made.description, str(made.status)) == ("what for", "ACTIVE")
    assert abs(made.creation_timestamp - time.time() * 1000) < 60_000
    assert made.last_updated_timestamp == made.creation_timestamp
    found = client.get_webhook(made.webhook_id)
    assert repr(found) == repr(made)
    assert [repr(webhook) for webhook in client.list_webhooks()] == [repr(made)]


def test_webhooks_are_listed_in_pages_the_newest_first(client, listen):
    made = [listen("prompt.created").webhook_id for _ in range(5)]
    seen, token = [], None
    while True:
        page = client.list_webhooks(max_results=2, page_token=token)
        seen += [webhook.webhook_id for webhook in page]
        assert len(page) <= 2
        token = page.token
        if not token:
            break
    assert seen == made[::-1]


def test_a_webhook_is_updated_field_by_field(client, listen, receiver):
    made = listen("prompt.created", description="before")
    for change, attribute, expected in [
        ({"name": "renamed.hook"}, "name", "renamed.hook"),
        ({"url": receiver.url + "/other"}, "url", receiver.url + "/other"),
        ({"description": "after"}, "description", "after"),
        ({"status": "DISABLED"}, "status", "DISABLED"),
    ]:
        changed = client.update_webhook(made.webhook_id, **change)
        assert str(getattr(changed, attribute)) == expected
    changed = client.update_webhook(made.webhook_id, events=["model_version.created"])
    assert [str(event) for event in changed.events] == ["model_version.created"]
    assert (changed.name, changed.description) == ("renamed.hook", "after")
    assert changed.last_updated_timestamp >= made.last_updated_timestamp
    assert repr(client.get_webhook(made.webhook_id)) == repr(changed)


def test_a_deleted_webhook_is_gone_and_hears_nothing(client, listen, receiver):
    made = listen("registered_model.created")
    client.delete_webhook(made.webhook_id)
    assert list(client.list_webhooks()) == []
    for call in (client.get_webhook, client.delete_webhook, client.test_webhook):
        with refused("RESOURCE_DOES_NOT_EXIST") as caught:
            call(made.webhook_id)
        assert f"Webhook with ID {made.webhook_id} not found." in caught.value.message
    client.create_registered_model(unique("model"))
    time.sleep(1)
    assert receiver.received == []


def test_a_secret_is_never_shown(server, client, listen):
    made = listen("prompt.created", secret="never-to-be-seen")
    client.update_webhook(made.webhook_id, secret="nor-this-one", name="x")
    for path in ("webhooks", f"webhooks/{made.webhook_id}"):
        body = server.get(path).expect().body
        assert b"never-to-be-seen" not in body
        assert b"nor-this-one" not in body
        assert b"secret" not in body


def test_a_webhook_may_be_called_anything_that_another_one_is(client, receiver):
    for _ in range(2):
        client.create_webhook("same", receiver.url, ["prompt.created"])
    assert [webhook.name for webhook in client.list_webhooks()] == ["same", "same"]


def test_a_webhook_may_listen_to_every_event_that_the_client_knows(client, listen):
    from mlflow.entities.webhook import VALID_ENTITY_ACTIONS, WebhookEvent

    every = [WebhookEvent(entity, action) for entity, all in VALID_ENTITY_ACTIONS.items() for action in all]
    made = listen(*every)
    assert set(made.events) == set(every)
    assert set(client.get_webhook(made.webhook_id).events) == set(every)


# Trying out


def test_an_example_is_sent_and_its_answer_told(client, listen, receiver):
    made = listen("model_version_alias.created", "prompt.created", secret=SECRET)
    result = client.test_webhook(made.webhook_id)
    assert (result.success, result.response_status, result.error_message) == (True, 200, None)
    assert result.response_body == '{"ok":true}'
    (received,) = receiver.received
    assert received.kind == "model_version_alias.created"
    assert received.data == {"name": "example_model", "alias": "example_alias", "version": "1"}
    assert received.is_signed_with(SECRET)


def test_every_event_has_an_example_that_is_mlflows(client, listen, receiver):
    from mlflow.entities.webhook import VALID_ENTITY_ACTIONS, WebhookEvent
    from mlflow.webhooks.types import get_example_payload_for_event

    made = listen("prompt.created")
    events = [WebhookEvent(entity, action) for entity, all in VALID_ENTITY_ACTIONS.items() for action in all]
    for event in events:
        assert client.test_webhook(made.webhook_id, event).success
        assert receiver.received[-1].kind == str(event)
        assert receiver.received[-1].data == get_example_payload_for_event(event)


def test_a_webhook_that_is_disabled_can_be_tried_out(client, listen, receiver):
    made = listen("prompt.created", status="DISABLED")
    assert str(made.status) == "DISABLED"
    assert client.test_webhook(made.webhook_id, "model_version.created").success
    assert receiver.kinds() == ["model_version.created"]


def test_a_receiver_that_refuses_is_told_of(client, listen, receiver):
    receiver.answer = lambda handler, _: reply(handler, 404, b"who?")
    result = client.test_webhook(listen("prompt.created").webhook_id)
    assert (result.success, result.response_status, result.response_body) == (False, 404, "who?")


def test_a_receiver_that_is_not_there_is_told_of(client, listen, receiver):
    made = listen("prompt.created")
    receiver.close()
    result = client.test_webhook(made.webhook_id)
    assert (result.success, result.response_status) == (False, None)
    assert result.error_message.startswith("Failed to test webhook: ")
    assert "refused" in result.error_message


# Events


def test_a_message_says_what_when_and_who_sent_it(client, listen, receiver):
    listen("registered_model.created", secret=SECRET)
    name = unique("model")
    client.create_registered_model(name, tags={"team": "a"}, description="first \u00fc")
    (received,) = receiver.wait_for(1)
    assert received.path == "/hook"
    assert received.headers["content-type"] == "application/json"
    assert received.is_signed_with(SECRET)
    assert abs(int(received.headers["x-mlflow-timestamp"]) - time.time()) < 60
    assert set(received.json) == {"entity", "action", "timestamp", "data"}
    when = datetime.datetime.fromisoformat(received.json["timestamp"])
    assert abs(when.timestamp() - time.time()) < 60
    assert received.data == {"name": name, "tags": {"team": "a"}, "description": "first \u00fc"}


def test_without_a_secret_there_is_no_signature(client, listen, receiver):
    made = listen("registered_model.created", secret=SECRET)
    client.update_webhook(made.webhook_id, secret="")
    client.create_registered_model(unique("model"))
    (received,) = receiver.wait_for(1)
    assert "x-mlflow-signature" not in received.headers


def test_what_happens_to_models_and_versions_is_told(client, listen, receiver):
    listen(
        "registered_model.created", "model_version.created",
        "model_version_tag.set", "model_version_tag.deleted",
        "model_version_alias.created", "model_version_alias.deleted",
    )  # fmt: skip
    name = unique("model")
    client.create_registered_model(name)
    add_version(client, name, 7, tags={"x": "y"})
    client.set_model_version_tag(name, "1", "k", "v")
    client.delete_model_version_tag(name, "1", "k")
    client.set_registered_model_tag(name, "not", "told")
    client.set_registered_model_alias(name, "champion", "1")
    client.delete_registered_model_alias(name, "champion")
    told = {received.kind: received.data for received in receiver.wait_for(6)}
    assert told == {
        "registered_model.created": {"name": name, "tags": {}, "description": ""},
        "model_version.created": {
            "name": name, "version": "1", "source": "s3://bucket/7", "run_id": None, "tags": {"x": "y"},
            "description": None,
        },
        "model_version_tag.set": {"name": name, "version": "1", "key": "k", "value": "v"},
        "model_version_tag.deleted": {"name": name, "version": "1", "key": "k"},
        "model_version_alias.created": {"name": name, "version": "1", "alias": "champion"},
        "model_version_alias.deleted": {"name": name, "alias": "champion"},
    }  # fmt: skip


def test_what_happens_to_prompts_is_told_in_their_own_words(client, listen, receiver):
    listen(
        "prompt.created", "prompt_version.created", "prompt_tag.set", "prompt_tag.deleted",
        "prompt_version_tag.set", "prompt_version_tag.deleted",
        "prompt_alias.created", "prompt_alias.deleted",
        "registered_model.created", "model_version.created", "model_version_tag.set",
        "model_version_alias.created",
    )  # fmt: skip
    name = unique("prompt")
    mlflow.genai.register_prompt(name, "Say {{what}}.", commit_message="why", tags={"q": "r"})
    mlflow.genai.set_prompt_alias(name, "best", 1)
    mlflow.genai.delete_prompt_alias(name, "best")
    client.set_prompt_tag(name, "k", "v")
    client.delete_prompt_tag(name, "k")
    client.set_prompt_version_tag(name, "1", "k", "v")
    client.delete_prompt_version_tag(name, "1", "k")
    wait_until(lambda: "prompt_version_tag.deleted" in receiver.kinds())
    # The client itself notes experiments in a tag; how often is its business.
    told = {received.kind: received.data for received in receiver.received}
    assert told.pop("prompt.created") == {"name": name, "tags": {"q": "r"}, "description": "why"}
    created = told.pop("prompt_version.created")
    assert (created["name"], created["version"], created["template"]) == (name, "1", "Say {{what}}.")
    assert (created["tags"], created["description"]) == ({"q": "r"}, "why")
    assert told == {
        "prompt_tag.set": {"name": name, "key": "k", "value": "v"},
        "prompt_tag.deleted": {"name": name, "key": "k"},
        "prompt_version_tag.set": {"name": name, "version": "1", "key": "k", "value": "v"},
        "prompt_version_tag.deleted": {"name": name, "version": "1", "key": "k"},
        "prompt_alias.created": {"name": name, "alias": "best", "version": "1"},
        "prompt_alias.deleted": {"name": name, "alias": "best"},
    }


def test_nobody_hears_what_they_do_not_listen_to(client, listen, receiver):
    listen("model_version.created")
    disabled = listen("registered_model.created")
    client.update_webhook(disabled.webhook_id, status="DISABLED")
    name = unique("model")
    client.create_registered_model(name)
    add_version(client, name)
    receiver.wait_for(1)
    time.sleep(1)
    assert receiver.kinds() == ["model_version.created"]


def test_each_who_listens_is_told_under_an_id_of_its_own(client, listen, receiver):
    for _ in range(3):
        listen("registered_model.created")
    client.create_registered_model(unique("model"))
    ids = {received.delivery_id for received in receiver.wait_for(3)}
    assert len(ids) == 3


@pytest.mark.martlet_only
def test_only_what_changes_something_is_told(client, listen, receiver, model):
    listen("model_version_alias.deleted", "model_version_tag.deleted", "registered_model.created")
    add_version(client, model)
    client.delete_registered_model_alias(model, "nothing")
    client.delete_model_version_tag(model, "1", "nothing")
    client.create_registered_model(unique("model"))
    receiver.wait_for(1)
    time.sleep(1)
    assert receiver.kinds() == ["registered_model.created"]


@pytest.mark.martlet_only
def test_what_happens_to_one_model_is_told_in_order(client, listen, receiver, model):
    listen("model_version_tag.set")
    add_version(client, model)
    for number in range(40):
        client.set_model_version_tag(model, "1", "k", str(number))
    assert [received.data["value"] for received in receiver.wait_for(40)] == [str(n) for n in range(40)]


# Bad input


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Missing value for required parameter 'name'."),
        ({"name": "a"}, "Missing value for required parameter 'url'."),
        ({"name": "a", "url": "https://example.com"}, "Missing value for required parameter 'events'."),
        (raw("a", events=[]), "Webhook events must be a non-empty list of WebhookEvent objects: []."),
        (raw("a b"), "Webhook name 'a b' is invalid."),
        (raw(""), "Missing value for required parameter 'name'."),
        (raw("-a"), "Webhook name '-a' is invalid."),
        (raw("x" * 64), "is invalid. It must start and end with a letter or digit"),
        (raw("a", "   "), "Webhook URL cannot be empty or just whitespace: '   '"),
        (raw("a", "ftp://x"), "Invalid webhook URL scheme: 'ftp'."),
        (raw("a", "nonsense"), "Invalid webhook URL scheme: ''."),
        (raw("a", "https://"), "Webhook URL must include a hostname: 'https://'"),
        (raw("a", "https://[::1"), "Invalid webhook URL 'https://[::1'"),
        (
            raw("a", events=[{"entity": "REGISTERED_MODEL", "action": "DELETED"}]),
            "Invalid action 'deleted' for entity 'registered_model'. Valid actions are: ['created']",
        ),
        (
            raw("a", events=[{"entity": "MODEL_VERSION_TAG", "action": "CREATED"}]),
            "Invalid action 'created' for entity 'model_version_tag'. Valid actions are: ['deleted', 'set']",
        ),
        (
            raw("a", events="x"),
            "Invalid value \"x\" for parameter 'events' supplied:  Hint: Value was of type 'str'.",
        ),
        (
            raw("a", secret=5),
            "Invalid value 5 for parameter 'secret' supplied:  Hint: Value was of type 'int'.",
        ),
        (raw(5), "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'."),
    ],
    ids=lambda value: None if isinstance(value, str) else str(value)[:60],
)
def test_a_bad_webhook_is_refused(server, client, body, message):
    reply = server.post("webhooks", body).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message
    assert list(client.list_webhooks()) == []


@pytest.mark.martlet_only
@pytest.mark.parametrize(
    "fields",
    [
        {"events": [{"entity": "NOPE", "action": "CREATED"}]},
        {"events": [{}]},
        {"events": ["registered_model.created"]},
        {"status": "NOPE"},
        {"url": "https://user:password@example.com/"},
        {"url": "https://example.com\\@127.0.0.1/"},
        {"url": "https://exa mple.com/"},
        {"url": "https://ex\u00e4mple.com/"},
        {"url": "https://example.com:0/"},
        {"url": "https://example.com:99999/"},
        {"url": "https://127.0.0.1/" + "x" * 2_000},
        {"secret": "x" * 1_001},
        {"description": "x" * 100_001},
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_the_real_server_stumbles_over_is_refused(server, client, fields):
    reply = server.post("webhooks", raw("a", "https://127.0.0.1/") | fields).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert list(client.list_webhooks()) == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"max_results": 1001}, "max_results must be between 1 and 1000."),
        ({"max_results": -1}, "max_results must be between 1 and 1000."),
        ({"max_results": "x"}, "Invalid value \"x\" for parameter 'max_results' supplied:"),
        ({"page_token": "x"}, "Invalid page token"),
    ],
)
def test_a_bad_page_is_refused(server, query, message):
    reply = server.get("webhooks", **query).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message


def test_a_bad_change_is_refused_and_changes_nothing(server, client, listen):
    made = listen("prompt.created", description="d")
    for body in ({"url": "ftp://x"}, {"name": "a b"}, {"events": [{"entity": "PROMPT", "action": "SET"}]}):
        server.request("PATCH", f"webhooks/{made.webhook_id}", body).expect(400)
    for body in ({}, {"name": ""}, {"events": []}):
        server.request("PATCH", f"webhooks/{made.webhook_id}", body).expect()
    found = client.get_webhook(made.webhook_id)
    assert (found.name, found.url, found.description) == (made.name, made.url, "d")
    assert [str(event) for event in found.events] == ["prompt.created"]
    server.request("PATCH", "webhooks/nobody", {"name": "a"}).expect(404)


@pytest.mark.martlet_only
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://127.1/", "https://2130706433/",
        "https://0x7f000001/", "https://0177.0.0.1/", "https://10.1.2.3/", "https://172.20.0.1/",
        "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data/", "https://100.64.0.1/", "https://0.0.0.0/",
        "https://224.0.0.1/", "https://255.255.255.255/", "https://[::1]/", "https://[::]/", "https://[fe80::1]/",
        "https://[fd00::1]/", "https://[ff02::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::1]/", "https://[2002:7f00:1::]/", "https://[2001::1]/",
        "https://[::127.0.0.1]/", "http://8.8.8.8/",
    ],
)  # fmt: skip
def test_a_server_calls_nobody_inside_unless_it_may(guarded, url):
    reply = guarded.post("webhooks", raw("a", url)).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert (
        "webhook URL scheme" in reply.message
        or "must not resolve to a non-public IP address" in reply.message
    )
