"""The settings of a server: what a file may say, what is refused by name, what is said when a port is taken."""

import json
import subprocess

import pytest

from registry import Registry
from support import martlet_binary


@pytest.fixture
def file(tmp_path):
    """Writes a file with settings."""

    def write(settings):
        path = tmp_path / "settings.json"
        path.write_text(settings if isinstance(settings, str) else json.dumps(settings))
        return path

    return write


@pytest.fixture
def refused(tmp_path):
    """What a server says that does not start."""

    def run(*arguments, code=64):
        command = [str(martlet_binary()), "serve", "--data", tmp_path / "data", "--port", "0", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr

    return run


def test_a_file_may_say_true_and_numbers_and_lists_as_json_does(start_martlet, file):
    settings = file(
        {
            "supervise": True, "superviseOpenFilesMax": 1024, "s3": {"pathStyle": True},
            "superviseEnvironment": ["A", "B"], "webhookAllowedTargets": ["127.0.0.1", "10.0.0.0/8"],
        }
    )  # fmt: skip
    registry = Registry(start_martlet("--config", settings), "ann")
    assert registry.get("/backends")["supervised"] is True


def test_a_file_may_spell_the_same_as_text(start_martlet, file):
    settings = file({"supervise": "true", "superviseOpenFilesMax": "1024", "s3": {"pathStyle": "false"}})
    registry = Registry(start_martlet("--config", settings), "ann")
    assert registry.get("/backends")["supervised"] is True


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"supervse": True}, "supervse"),
        ({"s3": {"pathstyle": True}}, "s3.pathstyle"),
        ({"s3": True}, "s3"),
        ({"port": {"number": 1}}, "port"),
        ({"port": None}, "port"),
        ({"port": [1]}, "port"),
        ({"webhookAllowedTargets": [1]}, "webhookAllowedTargets"),
        ({"port": 5.5}, "port"),
        ('{"port": 1, "port": 2}', "port"),
        ("[]", "JSON object"),
        ("{", "no JSON"),
    ],
)
def test_what_a_file_cannot_mean_is_refused_by_name(refused, file, settings, name):
    assert name in refused("--config", file(settings))


def test_a_file_that_is_not_there_is_named(refused, tmp_path):
    assert "cannot read" in refused("--config", tmp_path / "absent.json", code=1)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--supervise-ports", "1-2-3"),
        ("--supervise-health-path", "ping"),
        ("--supervise-niceness", "20"),
        ("--database-connections", "1"),
        ("--webhook-allowed-targets", "127.0.0.1/99"),
    ],
)
def test_a_value_is_checked_also_where_nothing_uses_it(refused, option, value):
    words = option.removeprefix("--").split("-")
    assert words[0] + "".join(word.title() for word in words[1:]) in refused(option, value)


def test_a_port_that_is_taken_is_said_in_words(refused, server):
    said = refused("--port", server.url.rsplit(":", 1)[1], code=1)
    assert "already in use" in said and "--port" in said
    assert "descriptor" not in said
