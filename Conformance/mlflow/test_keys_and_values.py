"""What keys of metrics, params and tags may look like, and what becomes of long values."""

import re

import pytest
from mlflow.entities import Param, RunTag


@pytest.mark.parametrize(
    "key", ["a/b", "a.b", "a-b", "a b", "a:b", "\u00e9t\u00e9", "\u65e5\u672c", "k" * 250]
)
def test_a_key_may_hold_words_and_some_punctuation(client, run, key):
    client.log_metric(run, key, 1.0)
    client.log_param(run, key, "v")
    client.set_tag(run, key, "v")
    data = client.get_run(run).data
    assert data.metrics == {key: 1.0}
    assert data.params == {key: "v"}
    assert data.tags[key] == "v"
    assert len(client.get_metric_history(run, key)) == 1


BAD_KEYS = {
    "a$": "Names may only contain alphanumerics",
    "a#b": "Names may only contain alphanumerics",
    "a//b": "This name would resolve to 'a/b'",
    "a/../b": "This name would resolve to 'b'",
    "../a": r"This name would resolve to '\.\./a'",
    "/a": "This name would resolve to '/a'",
    "a/": "This name would resolve to 'a'",
    ".": r"This name would resolve to '\.'",
    "k" * 251: "exceeds the maximum length of 250 characters",
}


@pytest.mark.parametrize("key", BAD_KEYS, ids=lambda key: key[:6])
@pytest.mark.parametrize("kind", ["metric", "param", "tag"])
def test_a_bad_key_is_refused(server, client, run, kind, key):
    value = {"metric": {"value": 1.0, "timestamp": 1}, "param": {"value": "v"}, "tag": {"value": "v"}}[kind]
    path = {"metric": "runs/log-metric", "param": "runs/log-parameter", "tag": "runs/set-tag"}[kind]
    for reply in (
        server.post(path, {"run_id": run, "key": key, **value}),
        server.post("runs/log-batch", {"run_id": run, f"{kind}s": [{"key": key, **value}]}),
    ):
        assert reply.expect(400).error_code == "INVALID_PARAMETER_VALUE"
        assert re.search(BAD_KEYS[key], reply.message), reply.message
    data = client.get_run(run).data
    assert (data.metrics, data.params, set(data.tags)) == ({}, {}, {"mlflow.runName"})


def test_a_long_param_value_is_cut_to_6000_characters(client, run):
    for _ in range(2):
        client.log_param(run, "p", "\u00e9" * 6001)
    client.log_batch(run, params=[Param("q", "x" * 7000)])
    assert client.get_run(run).data.params == {"p": "\u00e9" * 6000, "q": "x" * 6000}


def test_a_long_tag_value_is_cut_to_8000_characters(client, run):
    client.set_tag(run, "t", "\u00e9" * 8001)
    client.log_batch(run, tags=[RunTag("u", "x" * 9000)])
    tags = client.get_run(run).data.tags
    assert (tags["t"], tags["u"]) == ("\u00e9" * 8000, "x" * 8000)
