"""What `martlet deploy` and its kin send for their options, and what they say of options that cannot be meant."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from command_line import CommandLine
from support import unique, wait_until

REVISION = {
    "number": 3, "cause": "deploy", "arms": [], "actor": "ann", "at": "2026-11-22T10:00:00.000Z", "ledgerEntry": 1,
    "settings": {"drift": {"partsPerMillion": 500_000, "features": {"age": ["age"]}}},
}  # fmt: skip
DEPLOYMENT = {"name": "bot", "salt": "s", "createdAt": "2026-11-22T10:00:00.000Z", "revision": REVISION}


class Listener(BaseHTTPRequestHandler):
    """Takes every change, and remembers what it was told."""

    def do_GET(self):
        self.answer()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.told.append((body, self.headers["If-Match"]))
        self.answer()

    def answer(self):
        body = json.dumps(DEPLOYMENT).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def sent(tmp_path):
    """What a server is told by `martlet deploy bot` with these options: the settings, and the expected revision."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.told = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    martlet = CommandLine(tmp_path)

    def run(*options):
        martlet("deploy", "bot", *options, "--server", f"http://127.0.0.1:{server.server_port}")
        body, expected = server.told.pop()
        return body["settings"], expected

    yield run
    server.shutdown()


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        (("--keep-days", "none"), {"keepDays": None}),
        (("--subject", "none"), {"subject": None}),
        (("--health-path", "none"), {"healthPath": None}),
        (("--feature", "none"), {"drift": None}),
        (("--score", "none"), {"drift": None}),
        (("--feature", "none", "--score", "x=y"), {"drift": {"scores": {"x": ["y"]}}}),
        (("--payloads", "none"), {"payloads": None}),
        (("--payloads", "10%"), {"payloads": {"partsPerMillion": 100_000}}),
        (("--redact", "user.email"), {"payloads": {"redact": [["user", "email"]]}}),
        (("--redact", "none"), {"payloads": {"redact": []}}),
        (
            ("--keep-days", "30", "--subject", "header:x-user"),
            {"keepDays": 30, "subject": {"header": "x-user"}},
        ),
        (("--shadow-ignore", "none"), {"shadowIgnore": []}),
    ],
)
def test_settings_are_taken_back_and_changed_one_by_one(sent, options, settings):
    assert sent(*options)[0] == settings


def test_the_share_of_what_is_compared_changes_alone(sent):
    drift = {"partsPerMillion": 100_000, "features": {"age": ["age"]}}
    # Nobody else's change of what is compared is undone by it.
    assert sent("--drift-share", "10%") == ({"drift": drift}, '"3"')


def test_what_was_set_is_not_set_any_more(server, registry, served, deployment, tmp_path):
    martlet = CommandLine(tmp_path, server)
    url = "http://127.0.0.1:9"
    options = (
        "--keep-days", "3", "--subject", "header:x-user", "--health-path", "/health", "--feature", "a=b",
        "--payloads", "10%",
    )  # fmt: skip
    martlet("deploy", deployment, f"{served}@1", "--url", url, "--no-check", *options)
    martlet(
        "deploy", deployment, "--keep-days", "none", "--subject", "none", "--health-path", "none",
        "--feature", "none", "--payloads", "none",
    )  # fmt: skip
    settings = registry.get(f"/deployments/{deployment}")["revision"]["settings"]
    assert not {"keepDays", "subject", "healthPath", "drift", "payloads"} & settings.keys()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("deploy", "bot", "iris@1", "--canary", "10"), "write a percentage, as in 10%"),
        (("deploy", "bot", "iris@1", "--shadow", "0.1"), "write a percentage, as in 10%"),
        (("deploy", "bot", "--timeout", "30s"), "'--timeout <milliseconds>': write a whole number"),
        (("deploy", "bot", "--keep-days", "long"), "write a whole number, or none"),
        (("deploy", "bot", "--subject", "x"), "write header:NAME"),
        (("deploy", "bot", "--share", "x"), "write ARM=10%"),
        (("deploy", "bot", "--freeze", "2026-12-24"), "write FROM/TO"),
        (("deploy", "bot", "--payloads", "none", "--redact", "a"), "--redact is of what --payloads keeps"),
        (("rollout", "bot", "iris@1", "--start", "yesterday"), "write a moment in UTC"),
        (("rollout", "bot", "iris@1", "--steps", "1"), "write 1%,10%,100%"),
        (("decisions", "bot", "--from", "2026-13-01"), "write a moment in UTC"),
        (("decisions", "bot", "--from", "2026-12-01", "--to", "2026-11-01"), "is later than --to"),
        (("traffic", "bot", "--since", "yesterday"), "or a moment"),
        (("drift", "bot", "--since", "yesterday"), "or a moment"),
        (("experiment", "start", "bot", "--goal", "stars:1...5"), "write NAME"),
        (("experiment", "start", "bot", "--goal", "stars:5..1"), "write NAME"),
    ],
)
def test_what_cannot_be_meant_is_said_with_what_to_write(tmp_path, arguments, words):
    said = CommandLine(tmp_path)(*arguments, code=64)
    assert words in said
    assert "Usage: martlet <subcommand>" not in said


def test_drift_and_traffic_look_back_by_a_length_of_time(server, served, deployment, tmp_path):
    martlet = CommandLine(tmp_path, server)
    martlet("deploy", deployment, f"{served}@1", "--url", "http://127.0.0.1:9", "--no-check")
    for since in ("1h", "2026-05-03T14:00Z"):
        assert martlet.json("drift", deployment, "--since", since)["arms"] is not None
        assert martlet.json("traffic", deployment, "--since", since)["arms"] == []


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"subject": "ann", "metrics": {"resolved": True}}, "The metric 'resolved' is not a number but true."),
        ({"subject": "ann"}, "An outcome has 'metrics', with a number for each."),
        ({"subject": 7, "metrics": {"resolved": 1}}, "'subject' is not a text but 7."),
        ([], "An outcome is a JSON object."),
    ],
)
def test_an_outcome_that_is_none_says_why(server, served, deployment, tmp_path, outcome, words):
    martlet = CommandLine(tmp_path, server)
    martlet("deploy", deployment, f"{served}@1", "--url", "http://127.0.0.1:9", "--no-check")
    file = tmp_path / "outcomes.jsonl"
    file.write_text(json.dumps(outcome))
    assert f"line 1: {words}" in martlet("outcomes", deployment, "--file", file, code=1)


def test_without_a_server_nothing_is_in_effect(tmp_path):
    martlet = CommandLine(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "weights").write_text("1")
    name = unique("offline")
    data = ("--data", tmp_path / "data")
    martlet("push", "model", "--name", name, *data)
    martlet("promote", f"{name}@1", "--to", "staging", *data)
    said = martlet("deploy", "bot", f"{name}@1", "--url", "http://127.0.0.1:9", "--no-check", *data)
    assert "is at revision 1" in said and "in effect" not in said


def test_a_freeze_is_said_without_fractions_of_seconds(server, served, deployment, tmp_path):
    martlet = CommandLine(tmp_path, server)
    url = ("--url", "http://127.0.0.1:9", "--no-check")
    martlet("deploy", deployment, f"{served}@1", *url, "--freeze", "2020-01-01/2040-01-01")
    assert "until 2040-01-01T00:00:00Z" in martlet("deploy", deployment, f"{served}@2", *url, code=1)


def test_whoever_undeploys_is_told_how_records_are_found(server, served, deployment, tmp_path):
    martlet = CommandLine(tmp_path, server)
    martlet("deploy", deployment, f"{served}@1", "--url", "http://127.0.0.1:9", "--no-check")
    assert "martlet decision ID" in martlet("undeploy", deployment)


def test_a_rollout_that_goes_on_was_resumed(server, served, deployment, tmp_path):
    martlet = CommandLine(tmp_path, server)
    url = ("--url", "http://127.0.0.1:9")
    martlet("deploy", deployment, f"{served}@1", *url, "--no-check")
    martlet("rollout", deployment, f"{served}@2", *url, "--start", "2040-01-01")
    assert "paused by ann" in martlet("rollout", "pause", deployment)
    said = martlet("rollout", "resume", deployment)
    assert "resumed by ann" in said
    shown = martlet("rollout", "show", deployment)
    assert "waits for  2040-01-01T00:00:00Z" in shown


def test_a_few_requests_are_a_rate_above_nothing(server, served, deployment, backends, tmp_path):
    martlet = CommandLine(tmp_path, server)
    martlet("deploy", deployment, f"{served}@1", "--url", backends[0].url)
    for _ in range(3):
        assert server.request("GET", f"/serve/{deployment}/ping").status == 200
    wait_until(lambda: "0.003/s" in martlet("traffic", deployment))
