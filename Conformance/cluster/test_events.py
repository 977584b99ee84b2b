"""Several servers deliver the events of one registry, while one of them dies."""

import collections

import pytest

from cluster import Client, at_work, wait_for_progress
from receiver import Receiver
from registry import Registry
from support import wait_until

FLAGS = ("--webhook-allowed-targets", "127.0.0.1", "--webhook-timeout-seconds", "2")
# What a server may be sending when it dies.
SENT_AT_ONCE = 8


class Tagger(Client):
    """Sets a tag of its own model's version to 0, 1, 2 and so on."""

    def __init__(self, members, seed, model):
        super().__init__(members, seed)
        self.model = model
        self.count = 0

    def step(self) -> None:
        body = {"name": self.model, "version": "1", "key": "count", "value": str(self.count)}
        if self.ask("POST", "model-versions/set-tag", body):
            self.acknowledged.append(self.count)
        self.count += 1


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


def test_everything_is_told_in_order_though_a_server_dies(start_members, receiver):
    members = start_members(3, flags=FLAGS)
    registry = Registry(members[1], "ann")
    models = [registry.model() for _ in range(4)]
    for model in models:
        registry.register(model)
    body = {"name": "hook", "url": receiver.url, "events": ["model_version_tag.set"], "secret": "shared"}
    webhook = registry.post("/webhooks", body, status=201)["id"]
    taggers = [Tagger(members, seed, model) for seed, model in enumerate(models)]
    with at_work(taggers):
        wait_for_progress(taggers)
        members[0].kill()
        wait_for_progress(taggers)
        wait_for_progress(taggers)

    def told():
        values = collections.defaultdict(dict)
        for received in list(receiver.received):
            values[received.data["name"]].setdefault(received.delivery_id, int(received.data["value"]))
        return {name: list(by_id.values()) for name, by_id in values.items()}

    def is_all_told():
        return all(set(t.acknowledged) <= set(told().get(t.model, [])) for t in taggers)

    # A lease of the one that died lasts for the longest call and 20 seconds.
    wait_until(is_all_told, 60, "all that was acknowledged")
    for values in told().values():
        assert values == sorted(set(values)), "told twice under two ids, or out of order"
    wait_until(lambda: not registry.get(f"/webhooks/{webhook}/deliveries", state="due")["deliveries"], 60)
    times = collections.Counter(received.delivery_id for received in receiver.received)
    assert sum(count - 1 for count in times.values()) <= SENT_AT_ONCE
    assert all(received.is_signed_with("shared") for received in receiver.received)
    assert [member.terminate() for member in members[1:]] == [0, 0]
