"""Drift: what versions see and say now, compared with what they were trained on."""

from __future__ import annotations

import json
import math
import random
import time
from pathlib import Path

import pytest

from backends import Backend
from command_line import CommandLine
from registry import Registry
from support import wait_until
from test_deployments import arm, deploy
from watching import revision, rolled_back

PAGE = Path(__file__).resolve().parents[2] / "docs" / "drift.md"
COUNTRIES = ["de", "fr", "größe", "us"]
DRIFT = {
    "features": {"age": ["inputs", "*", "age"], "country": ["inputs", "*", "country"]},
    "scores": {"score": ["predictions", "*"]},
}


def documented() -> dict:
    """The program of the page, as it stands there."""
    program: dict = {}
    exec(PAGE.read_text().split("```python\n")[1].split("```")[0], program)
    return program


def people(count: int, seed: int, older: float = 0) -> list[dict]:
    chance = random.Random(seed)
    return [{"age": chance.gauss(40 + older, 10), "country": chance.choice(COUNTRIES)} for _ in range(count)]


def score(person: dict) -> float:
    return 1 / (1 + math.exp(-(person.get("age") or 0) / 40))


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """What a version was trained on, as its file says it."""
    return reference_of(people(4000, seed=1), tmp_path_factory.mktemp("reference"))


def reference_of(training: list[dict], folder) -> bytes:
    program, path = documented(), folder / "martlet-reference.json"
    features = {
        "age": program["numbers"]([person["age"] for person in training]),
        "country": program["categories"]([person["country"] for person in training]),
        "score": program["numbers"]([score(person) for person in training]),
    }
    program["write_reference"](path, features)
    return path.read_bytes()


@pytest.fixture
def backend():
    backend = Backend("predicting")
    backend.answer = predict
    yield backend
    backend.stop()


def predict(handler, body) -> None:
    found = json.loads(body)["inputs"]
    Backend.send(handler, 200, {"predictions": [score(person) for person in found]})


@pytest.fixture
def bot(registry, model, deployment, backend, reference):
    """A deployment of a version with a reference, all of whose decisions are looked at."""
    registry.register(model, {"model/weights.bin": b"w", "model/martlet-reference.json": reference})
    registry.move(model, 1, "staging")
    deploy(registry, deployment, release=arm(model, 1, url=backend.url), settings={"drift": DRIFT})
    return deployment


def ask(server, name, found, size=50) -> None:
    for start in range(0, len(found), size):
        server.request("POST", f"/serve/{name}/x", {"inputs": found[start : start + size]}).expect()


def drift(registry, name, count=None, **query) -> dict[str, dict]:
    """By feature, of the only version; when so many ages were counted."""

    def report():
        (found,) = registry.get(f"/deployments/{name}/drift", **query)["arms"]
        features = {feature["name"]: feature for feature in found["features"]}
        return features if count is None or features["age"]["count"] == count else None

    return wait_until(report)


def psi(reference: dict, values: list[float]) -> float:
    """The index, computed from docs/experiments-statistics.md."""
    before, now = reference["counts"], [0] * len(reference["counts"])
    for value in values:
        now[sum(cut < value for cut in reference["cuts"])] += 1
    bins = [(b, n) for b, n in zip(before, now, strict=True) if b or n]
    parts = [
        ((b + 0.5) / (sum(before) + len(bins) / 2), (n + 0.5) / (sum(now) + len(bins) / 2)) for b, n in bins
    ]
    return sum((q - p) * math.log(q / p) for p, q in parts)


def test_a_value_that_everybody_had_has_a_bin_of_its_own():
    reference = documented()["numbers"]([0.0] * 90 + [1.0] * 10)
    assert reference["cuts"] == [-5e-324, 0.0]
    assert reference["counts"] == [0, 90, 10, 0]


def test_what_is_as_it_was_has_not_drifted(server, registry, bot, reference):
    found = people(1000, seed=2)
    ask(server, bot, found)
    features = drift(registry, bot, 1000)
    assert set(features) == {"age", "country", "score"}
    for name, feature in features.items():
        assert feature["hasReference"]
        assert feature["count"] == 1000
        assert feature["psi"] < 0.05, name
        assert 0 < feature["psiWithoutDrift"] < 0.02
    ages = json.loads(reference)["features"]["age"]
    assert features["age"]["psi"] == pytest.approx(psi(ages, [person["age"] for person in found]))
    assert features["age"]["ksPValue"] > 0.001
    assert "ksDistance" not in features["country"]


def test_of_very_many_values_in_a_request_the_first_are_looked_at(server, registry, bot):
    ask(server, bot, people(3000, seed=2), size=3000)
    features = drift(registry, bot, 1000)
    for name, feature in features.items():
        assert feature["psi"] < 0.05, name


def test_what_has_changed_has_drifted_in_features_and_scores(server, registry, bot):
    found = [{**person, "country": "xx"} for person in people(600, seed=3, older=15)]
    ask(server, bot, found)
    features = drift(registry, bot, 600)
    for name in ("age", "country", "score"):
        assert features[name]["psi"] > 0.2, name
    assert features["age"]["ksDistance"] > 0.3
    assert features["score"]["ksPValue"] < 1e-6


def test_what_is_missing_is_counted_as_missing(server, registry, bot):
    ask(server, bot, [{"country": "de"}] * 100)
    features = drift(registry, bot, 100)
    assert features["age"]["psi"] > 1
    # There is no number to compare.
    assert "ksDistance" not in features["age"]


def test_only_a_part_is_looked_at_where_that_is_wanted(server, registry, bot):
    deploy(registry, bot, settings={"drift": {**DRIFT, "partsPerMillion": 300_000}})
    ask(server, bot, people(200, seed=4), size=1)
    seen = wait_until(lambda: drift(registry, bot).get("age", {}).get("count"))
    # It may not be the last second's yet.
    ask(server, bot, people(100, seed=5), size=1)
    wait_until(lambda: drift(registry, bot)["age"]["count"] > seen)
    assert 20 < drift(registry, bot)["age"]["count"] < 180


def test_what_is_no_json_fails_or_is_not_wanted_is_not_counted(server, registry, bot, backend):
    backend.answer = lambda handler, body: Backend.send(handler, 500, {})
    server.request("POST", f"/serve/{bot}/x", {"inputs": people(1, seed=6)}).expect(500)
    backend.answer = lambda handler, body: Backend.send(handler, 200, "no list")
    server.request("POST", f"/serve/{bot}/x", raw=b"\xffno json").expect()
    server.request("POST", f"/serve/{bot}/x", {"inputs": people(3, seed=6)}).expect()
    features = drift(registry, bot, 3)
    # An answer that has no predictions lacks them: once for each answer that was JSON.
    assert features["score"]["count"] == 2
    deploy(registry, bot, settings={"drift": None})
    ask(server, bot, [])
    assert drift(registry, bot)["age"]["count"] == 3


def test_a_version_whose_features_drift_is_taken_back(registry, server, model, bot, backend, reference):
    registry.register(model, {"martlet-reference.json": reference})
    registry.move(model, 2, "staging")
    ask(server, bot, people(600, seed=12, older=15))
    assert drift(registry, bot, 600)["age"]["psi"] > 0.2
    # What the version before it has seen says nothing about this one.
    settings = {"conditions": ["psi of age over 0.2: roll back"]}
    deploy(registry, bot, release=arm(model, 2, url=backend.url), settings=settings)
    ask(server, bot, people(600, seed=13))
    drift(registry, bot, 600)
    time.sleep(2.5)
    assert revision(registry, bot)["number"] == 2
    ask(server, bot, people(600, seed=14, older=30))
    back = rolled_back(registry, bot)
    assert [a["version"] for a in back["arms"]] == [1]
    evidence = registry.entries(back["ledgerEntry"])[0]["evidence"]
    assert evidence["measured"] > 0.2


def test_a_large_drift_is_one_also_against_a_small_reference(registry, server, model, bot, backend, tmp_path):
    registry.register(model, {"martlet-reference.json": reference_of(people(150, seed=1), tmp_path)})
    registry.move(model, 2, "staging")
    settings = {"conditions": ["psi of age over 0.01: roll back"]}
    deploy(registry, bot, release=arm(model, 2, url=backend.url), settings=settings)
    ask(server, bot, people(600, seed=13))
    # What chance alone makes of so few is more than what was asked about.
    assert drift(registry, bot, 600)["age"]["psi"] > 0.01
    time.sleep(2.5)
    assert revision(registry, bot)["number"] == 2
    ask(server, bot, people(1200, seed=14, older=60))
    rolled_back(registry, bot)


def test_a_version_without_a_reference_says_so(server, registry, served, deployment, backend):
    deploy(registry, deployment, release=arm(served, 1, url=backend.url), settings={"drift": DRIFT})
    ask(server, deployment, people(5, seed=7))
    features = drift(registry, deployment)
    assert [(f["hasReference"], f["count"]) for f in features.values()] == [(False, 0)] * 3


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"version": 2, "features": {}}',
        b'{"version": 1, "features": {"age": {"cuts": [2, 1]}}}',
    ],
)
def test_a_reference_that_cannot_be_read_is_none(registry, server, model, deployment, backend, content):
    registry.register(model, {"martlet-reference.json": content})
    registry.move(model, 1, "staging")
    deploy(registry, deployment, release=arm(model, 1, url=backend.url), settings={"drift": DRIFT})
    ask(server, deployment, people(5, seed=8))
    assert drift(registry, deployment)["age"]["hasReference"] is False


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"features": {}}, "names 1 to"),
        ({"features": {"a": []}}, "from the outside in"),
        ({"features": {"a": ["x"] * 17}}, "from the outside in"),
        ({"features": {"a": ["x"]}, "scores": {"a": ["y"]}}, "twice"),
        ({"features": {"a": ["x"]}, "partsPerMillion": 1_000_001}, "parts per million"),
        ({"colour": {}}, "colour"),
    ],
)
def test_settings_that_make_no_sense_are_refused(registry, served, deployment, settings, words):
    body = {"release": arm(served, 1), "settings": {"drift": settings}}
    reply = registry.request("POST", f"/deployments/{deployment}/revisions", body).expect(400)
    assert words in reply.json["detail"]


def test_counts_outlive_their_server_and_belong_to_their_hour(start_martlet, backend, reference):
    server = start_martlet()
    registry = Registry(server, "ann")
    model = registry.model()
    registry.register(model, {"martlet-reference.json": reference})
    registry.move(model, 1, "staging")
    deploy(registry, "bot", release=arm(model, 1, url=backend.url), settings={"drift": DRIFT})
    ask(server, "bot", people(100, seed=9))
    assert server.terminate() == 0
    server = start_martlet(data=server.data)
    registry = Registry(server, "ann")
    assert drift(registry, "bot")["age"]["count"] == 100
    ask(server, "bot", people(50, seed=10))
    drift(registry, "bot", 150)
    assert drift(registry, "bot", since="2100-01-01T00:00:00Z")["age"]["count"] == 0


def test_the_command_line_sets_and_shows_drift(server, registry, bot, tmp_path):
    martlet = CommandLine(tmp_path, server)
    martlet(
        "deploy",
        bot,
        "--feature",
        "age=inputs.*.age",
        "--score",
        "score=predictions.0",
        "--drift-share",
        "100%",
    )
    settings = registry.get(f"/deployments/{bot}")["revision"]["settings"]["drift"]
    assert settings == {
        "partsPerMillion": 1_000_000,
        "features": {"age": ["inputs", "*", "age"]},
        "scores": {"score": ["predictions", "0"]},
    }
    ask(server, bot, people(200, seed=11, older=30))
    features = drift(registry, bot, 200)
    assert set(features) == {"age", "score"}
    assert features["score"]["count"] == 4
    shown = martlet("drift", bot)
    assert "BY CHANCE" in shown
    assert "since" in shown
    report = martlet.json("drift", bot, "--since", "2020-01-01")
    assert report["arms"][0]["features"][0]["psi"] == features["age"]["psi"]
