"""Deploying and going back at a terminal, by somebody who has just read docs/deployments.md."""

import pytest

from command_line import CommandLine
from support import unique


@pytest.fixture
def martlet(server, tmp_path):
    return CommandLine(tmp_path, server)


@pytest.fixture
def bot(martlet, deployment, served, backends):
    """A deployment of the first version."""
    martlet("deploy", deployment, f"{served}@1.0.0", "--url", backends[0].url)
    return deployment


def revision(martlet, bot):
    return martlet.json("deployments", bot)["revision"]["number"]


def test_the_first_version_cannot_be_a_canary_and_one_is_told_so(martlet, deployment, served, backends):
    place = ("--url", backends[0].url)
    for change in ((f"{served}@1.0.0", "--canary", "10%", *place), ("--promote", f"{served}@1.0.0")):
        assert "Nothing serves here yet" in martlet("deploy", deployment, *change, code=1)
    assert "'martlet deployments' says" in martlet("deployments", deployment, code=1)
    assert "'martlet versions MODEL'" in martlet("deploy", deployment, f"{served}@9", *place, code=1)
    nobody = "01a1ff13-0cbe-759c-8b89-4ad84973dc45"
    assert "hint" not in martlet("decision", nobody, code=1)


def test_a_change_of_nothing_is_no_revision(martlet, bot, served, backends):
    assert "what is to change" in martlet("deploy", bot, code=64)
    assert "what is to change" in martlet("deploy", bot, "--reason", "why not", code=64)
    for flags in [("--canary", "10%"), ("--url", backends[1].url), ("--name", "new"), ("--verify",)]:
        assert "which version?" in martlet("deploy", bot, *flags, code=64)
    assert "one change at a time" in martlet("deploy", bot, f"{served}@2", "--promote", "x", code=64)
    assert revision(martlet, bot) == 1


def test_a_freeze_is_lifted(martlet, bot, served, backends):
    martlet("deploy", bot, "--freeze", "2000-01-01/2999-01-01")
    release = ("deploy", bot, f"{served}@1.0.1", "--url", backends[1].url)
    assert "frozen until 2999-01-01" in martlet(*release, code=1)
    martlet("deploy", bot, "--freeze", "none")
    martlet(*release)


def test_one_goes_back_to_a_version_as_arms_are_called(martlet, bot, served, backends):
    martlet("deploy", bot, f"{served}@1.0.1", "--url", backends[1].url)
    martlet("rollback", bot, "--to", f"{served}@1.0.0")
    assert f"{served}@1.0.0 100%" in martlet("deployments", bot, "--revisions").splitlines()[1]
    # And by mistake, so back again.
    martlet("rollback", bot, "--to", "1.0.1")
    assert f"{served}@1.0.1 100%" in martlet("deployments", bot, "--revisions").splitlines()[1]
    assert "name=another" in martlet("rollback", bot, "--to", "another@1.0.0", code=1)


def test_where_there_is_nothing_to_go_back_to_one_is_told_what_there_is(martlet, bot, served, backends):
    said = martlet("rollback", bot, code=1)
    assert f"There is nothing before {served}@1.0.0 to go back to" in said
    martlet("deploy", bot, f"{served}@1.0.1", "--url", backends[1].url)
    martlet("rollback", bot)
    said = martlet("rollback", bot, code=1)
    assert "what was left by a rollback does not count, unless it is named" in said
    nobody = unique("nobody").lower()
    said = martlet("rollback", nobody, code=1)
    assert f"There is neither a deployment nor a model '{nobody}'" in said


def test_no_version_could_serve_where_no_stage_may(registry, bot):
    for stages in ([], None):
        change = {"settings": {"stages": stages}}
        detail = registry.refused("POST", f"/deployments/{bot}/revisions", change, status=400, code="invalid")
        assert "'stages'" in detail


def test_what_is_set_is_shown_in_the_words_that_set_it(martlet, bot, served, backends):
    martlet(
        "deploy", bot, "--subject", "member:user.id", "--decisions", "strict", "--keep-days", 30,
        "--timeout", 2500, "--attempts", 1, "--body-max", 4096, "--health-path", "/health",
        "--stage", "production", "--stage", "staging", "--freeze", "2000-01-01/2000-02-01",
        "--when", "error rate over 2% for 5m: roll back", "--when", "p95 over 300ms for 5m: notify",
        "--feature", "age=inputs.*.age", "--score", "yes=predictions.0", "--drift-share", "2.5%",
        "--payloads", "10%", "--redact", "user.email", "--redact", "inputs.*.name",
        "--shadow-tolerance", 0.01, "--shadow-ignore", "usage.*.ms",
    )  # fmt: skip
    shown = martlet("deployments", bot)
    lines = shown[shown.index("\nSettings\n") :].splitlines()[2:]
    options = [word for line in lines for word in line.split(maxsplit=1)]
    assert options[:2] == ["--subject", "member:user.id"]

    twin = f"{bot}-twin"
    martlet("deploy", twin, f"{served}@1.0.0", "--url", backends[0].url, *options)
    settings, same = (martlet.json("deployments", name)["revision"]["settings"] for name in (bot, twin))
    assert settings == same
    # Nothing is left out: these two stand in one option each.
    assert len({option for option in options if option.startswith("--")}) == 17
