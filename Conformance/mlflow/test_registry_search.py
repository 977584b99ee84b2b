"""Searching registered models and model versions."""

import time

import pytest

from client_calls import add_version
from support import unique


@pytest.fixture(scope="module")
def library(server, client):
    """Models a, B, c and d_e (a has versions 1 to 3, B one of a run) and a prompt, under a common prefix."""
    prefix = unique("library")
    for name in ("a", "B", "c", "d_e"):
        tags = {} if name == "c" else {"t": name, "x.y": "1"}
        client.create_registered_model(f"{prefix}{name}", tags=tags)
        time.sleep(0.002)
    experiment = client.create_experiment(prefix)
    run = client.create_run(experiment).info.run_id
    for number in range(3):
        add_version(client, f"{prefix}a", number, tags={"i": str(number), "j": "J"})
        time.sleep(0.002)
    client.create_model_version(f"{prefix}B", f"runs:/{run}/m", run)
    prompt = {"name": f"{prefix}prompt", "tags": [{"key": "mlflow.prompt.is_prompt", "value": "true"}]}
    server.post("registered-models/create", prompt).expect()
    server.post("model-versions/create", {**prompt, "source": "dummy-source"}).expect()
    return {"p": prefix, "run": run}


def models(library, found):
    return [model.name.removeprefix(library["p"]) for model in found if model.name.startswith(library["p"])]


def versions(library, found):
    prefix = library["p"]
    return [f"{v.name.removeprefix(prefix)}{v.version}" for v in found if v.name.startswith(prefix)]


# Registered models


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name LIKE '{p}%'", ["B", "a", "c", "d_e"]),
        ("name = '{p}a'", ["a"]),
        ("name != '{p}a' AND name LIKE '{p}%'", ["B", "c", "d_e"]),
        ("name like '{p}b%'", []),
        ("name ILIKE '{p}b%'", ["B"]),
        ("name LIKE '{p}%_e'", ["d_e"]),
        ("attribute.name = '{p}a'", ["a"]),
        ("tags.t = 'a' AND name LIKE '{p}%'", ["a"]),
        ("tag.t = 'a' AND name LIKE '{p}%'", ["a"]),
        ("tags.t != 'a' AND name LIKE '{p}%'", ["B", "d_e"]),
        ("tags.`x.y` = '1' AND name LIKE '{p}%'", ["B", "a", "d_e"]),
        ("tags.t LIKE 'b' AND name LIKE '{p}%'", []),
        ("tags.t ILIKE 'b' AND name LIKE '{p}%'", ["B"]),
        ("tags.t = 'a' AND tags.`x.y` = '1' AND name LIKE '{p}%'", ["a"]),
        ("tags.t = 'a' AND tags.t = 'B'", []),
    ],
)
def test_models_are_filtered(client, library, condition, expected):
    assert models(library, client.search_registered_models(condition.format(**library))) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name IN ('{p}a', '{p}B')", ["B", "a"]),
        ("name NOT IN ('{p}a') AND name LIKE '{p}%'", ["B", "c", "d_e"]),
    ],
)
def test_models_are_filtered_by_lists_of_names(client, library, condition, expected):
    assert models(library, client.search_registered_models(condition.format(**library))) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("tags.`mlflow.prompt.is_prompt` = 'true'", ["prompt"]),
        ("tags.`mlflow.prompt.is_prompt` != 'false'", ["prompt"]),
        ("tags.`mlflow.prompt.is_prompt` = 'false'", ["B", "a", "c", "d_e"]),
        ("tags.`mlflow.prompt.is_prompt` != 'true'", ["B", "a", "c", "d_e"]),
    ],
)
def test_prompts_are_hidden_from_searches_unless_asked_for(client, library, condition, expected):
    condition += f" AND name LIKE '{library['p']}%'"
    assert models(library, client.search_registered_models(condition)) == expected
    if expected == ["prompt"]:
        assert versions(library, client.search_model_versions(condition)) == ["prompt1"]
    hidden = client.search_model_versions(f"name = '{library['p']}prompt'")
    assert versions(library, hidden) == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["name"], ["B", "a", "c", "d_e"]),
        (["name DESC"], ["d_e", "c", "a", "B"]),
        (["timestamp"], ["c", "d_e", "a", "B"]),
        (["timestamp DESC"], ["B", "a", "d_e", "c"]),
        (["last_updated_timestamp DESC"], ["B", "a", "d_e", "c"]),
        (["last_updated_timestamp ASC", "name DESC"], ["c", "d_e", "a", "B"]),
    ],
)
def test_models_are_ordered(client, library, order, expected):
    found = client.search_registered_models(f"name LIKE '{library['p']}%'", order_by=order)
    assert models(library, found) == expected


def test_found_models_carry_versions_tags_and_aliases(client, library):
    name = f"{library['p']}a"
    client.set_registered_model_alias(name, "best", "2")
    (found,) = client.search_registered_models(f"name = '{name}'")
    assert [str(version.version) for version in found.latest_versions] == ["3"]
    assert (found.tags["t"], found.aliases) == ("a", {"best": "2"})


def test_model_pages_are_disjoint_and_complete(client, library):
    condition = f"name LIKE '{library['p']}%'"
    first = client.search_registered_models(condition, max_results=3)
    second = client.search_registered_models(condition, max_results=3, page_token=first.token)
    assert models(library, first) == ["B", "a", "c"]
    assert models(library, second) == ["d_e"]
    assert not second.token


# Versions


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("name = '{p}a'", ["a3", "a2", "a1"]),
        ("name LIKE '{p}%'", ["B1", "a3", "a2", "a1"]),
        ("name ILIKE '{p}b'", ["B1"]),
        ("run_id = '{run}'", ["B1"]),
        ("run_id IN ('{run}', 'x')", ["B1"]),
        ("run_id != '{run}' AND name LIKE '{p}%'", ["a3", "a2", "a1"]),
        ("source_path = 's3://bucket/1' AND name LIKE '{p}%'", ["a2"]),
        ("source_path LIKE 's3:%' AND name LIKE '{p}%'", ["a3", "a2", "a1"]),
        ("version_number = 1 AND name LIKE '{p}%'", ["B1", "a1"]),
        ("version_number >= 2 AND name LIKE '{p}%'", ["a3", "a2"]),
        ("version_number != 2 AND name = '{p}a'", ["a3", "a1"]),
        ("tags.i = '1' AND name LIKE '{p}%'", ["a2"]),
        ("tags.i != '1' AND name LIKE '{p}%'", ["a3", "a1"]),
        ("tags.i = '1' AND tags.j = 'J' AND name = '{p}a'", ["a2"]),
        ("tags.i = '1' AND tags.j = 'K' AND name = '{p}a'", []),
    ],
)
def test_versions_are_filtered(client, library, condition, expected):
    assert versions(library, client.search_model_versions(condition.format(**library))) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["name"], ["B1", "a3", "a2", "a1"]),
        (["name DESC"], ["a3", "a2", "a1", "B1"]),
        (["version_number"], ["B1", "a1", "a2", "a3"]),
        (["version_number DESC"], ["a3", "a2", "B1", "a1"]),
        (["creation_timestamp ASC"], ["a1", "a2", "a3", "B1"]),
        (["last_updated_timestamp DESC"], ["B1", "a3", "a2", "a1"]),
        (["name DESC", "version_number ASC"], ["a1", "a2", "a3", "B1"]),
    ],
)
def test_versions_are_ordered(client, library, order, expected):
    found = client.search_model_versions(f"name LIKE '{library['p']}%'", order_by=order)
    assert versions(library, found) == expected


def test_version_pages_are_disjoint_and_complete(client, library):
    condition = f"name LIKE '{library['p']}%'"
    seen, token = [], None
    for _ in range(3):
        page = client.search_model_versions(condition, max_results=2, page_token=token)
        seen.append(versions(library, page))
        token = page.token
        if not token:
            break
    assert seen == [["B1", "a3"], ["a2", "a1"]]


# Bad questions


@pytest.mark.parametrize(
    ("kind", "question", "message"),
    [
        ("registered-models", {"filter": "name > 'a'"}, "Invalid comparator for attribute: >"),
        (
            "registered-models",
            {"filter": "description = 'x'"},
            "Invalid attribute key 'description' specified.",
        ),
        ("registered-models", {"filter": "metrics.x > 1"}, "Invalid entity type 'metrics'."),
        ("registered-models", {"filter": "name = 5"}, "Expected a quoted string value"),
        (
            "registered-models",
            {"filter": "name = 'a' OR name = 'b'"},
            "Invalid clause(s) in filter string",
        ),
        ("registered-models", {"filter": "tags.t IN ('a')"}, "Expected a quoted string value for tag"),
        ("registered-models", {"order_by": "bogus"}, "Invalid order by key 'bogus' specified."),
        (
            "registered-models",
            {"order_by": "name FOO"},
            "Invalid ordering key in order_by clause 'name FOO'.",
        ),
        (
            "registered-models",
            {"max_results": 1001},
            "Invalid value \"1001\" for parameter 'max_results' supplied",
        ),
        ("registered-models", {"page_token": "zz"}, "Invalid page token"),
        ("model-versions", {"filter": "name > 'a'"}, "Invalid comparator for attribute: >"),
        ("model-versions", {"filter": "bogus = 'x'"}, "Invalid attribute key 'bogus' specified."),
        (
            "model-versions",
            {"filter": "current_stage = 'None'"},
            "Invalid attribute key 'current_stage' specified.",
        ),
        (
            "model-versions",
            {"filter": "version_number = 1.5"},
            "Invalid value for numeric attribute 'version_number'",
        ),
        (
            "model-versions",
            {"filter": "version_number LIKE '1'"},
            "Invalid comparator for attribute version_number",
        ),
        (
            "model-versions",
            {"filter": "source_path IN ('x')"},
            "attributes support comparison with a list of quoted",
        ),
        ("model-versions", {"filter": "params.x = '1'"}, "Invalid entity type 'params'."),
        ("model-versions", {"order_by": "run_id"}, "Invalid attribute key 'run_id' specified."),
        (
            "model-versions",
            {"max_results": 0},
            "Invalid value for max_results. It must be a positive integer",
        ),
        (
            "model-versions",
            {"max_results": 200001},
            "Invalid value \"200001\" for parameter 'max_results' supplied",
        ),
        ("model-versions", {"page_token": "zz"}, "Invalid page token"),
    ],
)
def test_bad_searches_are_refused(server, kind, question, message):
    reply = server.get(f"{kind}/search", **question).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert message in reply.message
