"""Models whose names would mean something else to what serves them: no other version answers for theirs."""

import os
import signal
import sys

import pytest

from registry import problem
from supervised import PROGRAM, arm, ask, backends, versions
from support import unique, wait_until

IN_A_URI = f"{sys.executable} {PROGRAM} {{port}} models:/{{model}}/{{version}} {{version}}"


# What the real client reads of each: `a` and the like, or an alias, or a logged model by its id.
@pytest.mark.parametrize("name", ["a?b", "m-1?", "a#b", "iris@champion"])
def test_a_name_that_reads_as_another_in_a_uri_is_not_deployed(supervised, name):
    registry = supervised("--supervise-command", IN_A_URI)
    model = versions(registry, name=name)
    reply = registry.request("POST", "/deployments/bot/revisions", {"release": arm(model)})
    assert "name of its model" in problem(reply.expect(409), "conflict")["detail"]
    assert backends(registry) == {}
    registry.request("GET", "/deployments/bot").expect(404)
    deploy = {"release": arm(model), "check": False}
    registry.request("POST", "/deployments/bot/revisions", deploy).expect(201)
    (backend,) = wait_until(
        lambda: [b for b in backends(registry, lines=1).values() if b["state"] == "failing"], 20
    )
    assert "name of its model" in backend["trouble"]
    assert backend["lines"] == []


def what_it_serves(registry):
    """What the only program says, each time that it starts; beside it stands who hung up on it."""
    (backend,) = backends(registry, lines=100).values()
    return [line for line in backend["lines"] if line.startswith("serving ")]


@pytest.mark.parametrize("name", ["a b", "a;b=c&d", "é[x]\\", "m-1"])
def test_other_odd_names_are_served_by_a_uri(supervised, name):
    registry = supervised("--supervise-command", IN_A_URI)
    model = versions(registry, name=name)
    registry.post("/deployments/bot/revisions", {"release": arm(model)}, status=201)
    assert what_it_serves(registry) == [f"serving models:/{model}/1/1"]


def test_a_word_of_its_own_takes_any_name(supervised):
    registry = supervised()
    model = versions(registry, name="a?b#c@d")
    registry.post("/deployments/bot/revisions", {"release": arm(model)}, status=201)
    assert what_it_serves(registry) == [f"serving {model}/1"]


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\x7fb", "a\x85b"])
def test_a_name_with_control_characters_is_given_to_no_program(supervised, name):
    registry = supervised()
    model = versions(registry)
    registry.post("/deployments/bot/revisions", {"release": arm(model)}, status=201)
    process = ask(registry, "bot")["process"]
    renamed = {"name": model, "new_name": unique(name)}
    registry.server.request("POST", "registered-models/rename", renamed).expect()
    os.kill(process, signal.SIGKILL)

    def trouble():
        (backend,) = backends(registry).values()
        return backend.get("trouble", "")

    wait_until(lambda: "control characters" in trouble(), 20, "a refusal")
    assert registry.server.request("POST", "/serve/bot/x", raw=b"0").status == 502


def test_no_model_has_nul_in_its_name(registry):
    assert "NUL" in registry.refused("POST", "/models", {"name": "iris\0evil"}, status=400, code="invalid")
    model, name = registry.model(), unique("iris\0evil")
    reply = registry.server.post("registered-models/create", {"name": name}).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    renamed = {"name": model, "new_name": name}
    reply = registry.server.request("POST", "registered-models/rename", renamed).expect(400)
    assert reply.error_code == "INVALID_PARAMETER_VALUE"
    assert registry.get(f"/models/{model}")["name"] == model
