"""Records of decisions that are sealed: proved, exported, and found out when somebody changes them."""

from __future__ import annotations

import json
import sqlite3

import pytest

import second_implementation as second
from command_line import CommandLine
from compared import Bot, users
from registry import Registry
from server_fixtures import serve
from support import MartletServer, wait_until

PERIOD_SECONDS = 1


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that seals much more often than anybody would want."""
    flags = ("--decision-period", f"{PERIOD_SECONDS}s")
    yield from serve(MartletServer(tmp_path_factory.mktemp("sealing"), *flags))


@pytest.fixture(scope="module")
def registry(server):
    return Registry(server, "ann")


@pytest.fixture
def bot(server, registry, served, deployment, backends):
    return Bot(server, registry, served, deployment, backends, decisions="strict")


def proof_of(registry, decision):
    """The proof of a decision's record, as soon as there is one."""
    path = f"/decisions/{decision}/proof"
    return wait_until(lambda: (reply := registry.request("GET", path)).status == 200 and reply.json, 30)


def lines_of(registry, bot, **query):
    reply = registry.request("GET", f"/deployments/{bot.name}/decisions.jsonl", **query).expect(200)
    assert reply.headers["Content-Type"] == "application/jsonl"
    return [json.loads(line) for line in reply.body.decode().splitlines()]


def canonical(record: dict) -> bytes:
    """RFC 8785, for texts and whole numbers."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_record_of_a_decision_is_proved_to_a_stranger(registry, bot):
    decisions = {subject: bot.ask(subject) for subject in users(20)}
    for subject, decision in decisions.items():
        record = second.check_decision_bundle(proof_of(registry, decision))
        told = registry.get(f"/decisions/{decision}")
        assert (record["id"], record["deployment"]) == (decision, bot.name)
        assert record["arm"] == bot.arm_of(subject)
        assert (record["digest"], record["subject"]) == (told["arm"]["digest"], told["subject"])
        assert (record["requestSha256"], record["status"]) == (told["requestSha256"], 200)


def test_a_record_is_not_proved_before_it_is_sealed(server, registry, bot):
    reply = registry.request("GET", f"/decisions/{bot.ask('ann')}/proof")
    assert (reply.status, reply.json["code"]) == (409, "conflict")
    assert "not sealed yet" in reply.json["detail"]


def test_all_records_of_a_time_give_the_root_that_was_sealed(registry, bot):
    decisions = [bot.ask(subject) for subject in users(30)]
    bundle = proof_of(registry, decisions[-1])
    entry = json.loads(bundle["entry"])
    lines = lines_of(registry, bot, **{"from": entry["from"], "to": entry["until"]})
    assert len(lines) == entry["count"]
    leaves = []
    for line in lines:
        assert line.pop("outcomes") == {}
        leaves.append(second.leaf_hash(canonical(line)))
    assert second.tree_hash(leaves).hex() == entry["root"]


def test_an_export_has_what_came_of_decisions_page_after_page(registry, bot):
    decisions = [bot.ask(subject) for subject in users(5)]
    told = {"metrics": {"resolved": 1, "stars": 4.5}}
    registry.request("POST", f"/decisions/{decisions[2]}/outcome", told).expect(204)
    exported, last = [], {}
    while page := lines_of(registry, bot, limit=2, **last):
        exported += page
        last = {"after": page[-1]["id"]}
    assert [line["id"] for line in exported] == decisions
    assert [line["outcomes"] for line in exported] == [{}, {}, {"resolved": 1, "stars": 4.5}, {}, {}]


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"from": "yesterday"}, {"limit": 0}, {"limit": 10_001}], ids=str
)
def test_an_export_of_what_cannot_be_meant_is_refused(registry, bot, query):
    registry.refused("GET", f"/deployments/{bot.name}/decisions.jsonl", status=400, code="invalid", **query)


def test_the_command_line_exports_and_proves(server, registry, bot, tmp_path):
    decisions = [bot.ask(subject) for subject in users(3)]
    proof_of(registry, decisions[0])
    run = CommandLine(tmp_path, server)
    run("decisions", bot.name, "-o", "all.jsonl")
    lines = (tmp_path / "all.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == decisions
    shown = run("decision", decisions[0], "--proof", "proof.json")
    assert "the record is one of" in shown
    bundle = json.loads((tmp_path / "proof.json").read_text())
    checked = run("audit", "proof", "--verify", "proof.json", "--key", bundle["publicKey"])
    assert "holds" in checked
    assert decisions[0] in checked
    bundle["record"] = bundle["record"].replace('"status":200', '"status":500')
    (tmp_path / "proof.json").write_text(json.dumps(bundle))
    refused = run("audit", "proof", "--verify", "proof.json", "--key", bundle["publicKey"], code=1)
    assert "none of those that the entry sealed" in refused


@pytest.mark.sqlite_only
def test_a_record_that_was_changed_is_found_out(server, registry, bot):
    first, second_one = (bot.ask(subject) for subject in users(2))
    proof_of(registry, second_one)
    with sqlite3.connect(server.data / "martlet.sqlite") as database:
        key = bytes.fromhex(first.replace("-", ""))
        assert database.execute("UPDATE decision SET status = 500 WHERE id = ?", (key,)).rowcount == 1
    reply = registry.request("GET", f"/decisions/{first}/proof")
    assert (reply.status, reply.json["code"]) == (500, "integrity")
