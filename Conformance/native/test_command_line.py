"""The command line: pushing and pulling, gates as exit codes, a data folder without a server, pipelines."""

import hashlib
import os
import signal
import subprocess

import pytest

from command_line import CommandLine
from support import REPOSITORY, martlet_binary, unique


@pytest.fixture
def martlet(server, tmp_path):
    return CommandLine(tmp_path, server)


@pytest.fixture
def folder(tmp_path):
    """A folder with a model in it."""
    made = tmp_path / "model"
    (made / "sub").mkdir(parents=True)
    (made / "model.bin").write_bytes(b"weights" * 1000)
    (made / "sub" / "config.json").write_text("{}")
    return made


def git(folder, *arguments):
    command = ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.org", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_is_pushed_comes_back_by_any_of_its_names(martlet, folder, tmp_path):
    name = unique("pushed")
    version = martlet.json("push", folder, "--name", name, "--version", "1.2.0")
    assert (version["number"], version["semanticVersion"], version["author"]) == (1, "1.2.0", "ann")
    for place, selector in enumerate(
        ["@1", "@1.2.0", "/1", "@^1", "@v1.2", "@latest", f"@sha256:{version['digest']}"]
    ):
        target = tmp_path / f"pulled-{place}"
        martlet("pull", f"{name}{selector}", target)
        assert digests(target) == digests(folder)


def test_a_push_from_a_git_work_tree_says_which_commit_and_whether_that_is_all(martlet, folder, tmp_path):
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "remote", "add", "origin", "https://ann:secret@example.org/ann/models.git")
    (tmp_path / "train.py").write_text("print()")
    git(tmp_path, "add", "train.py")
    git(tmp_path, "commit", "--quiet", "--message", "Train")
    data = tmp_path / "data.csv"
    data.write_text("a,b\n1,2\n")
    name = unique("pushed")
    martlet("push", folder, "--name", name, "--dataset", data, "--metric", "accuracy=0.5", "--param", "C=1")
    manifest = martlet_manifest(martlet, name, 1)
    assert manifest["code"]["commit"] == git(tmp_path, "rev-parse", "HEAD")
    assert manifest["code"]["repository"] == "https://example.org/ann/models.git"
    # New files, such as the model itself, change no code.
    assert manifest["code"]["dirty"] is False
    assert manifest["datasets"][0]["name"] == "data.csv"
    assert manifest["datasets"][0]["digest"] == hashlib.sha256(data.read_bytes()).hexdigest()
    assert manifest["hyperparameters"] == {"C": "1"}
    assert [(metric["name"], metric["value"]) for metric in manifest["metrics"]] == [("accuracy", 0.5)]
    (tmp_path / "train.py").write_text("print(1)")
    martlet("push", folder, "--name", name)
    assert martlet_manifest(martlet, name, 2)["code"]["dirty"] is True


def martlet_manifest(martlet, name, number):
    reply = martlet.server.request("GET", f"/api/martlet/v1/models/{name}/versions/{number}/manifest")
    return reply.expect().json


def test_a_pull_leaves_what_is_right_and_touches_no_file_that_differs(martlet, folder, tmp_path):
    name = unique("pushed")
    martlet("push", folder, "--name", name)
    target = tmp_path / "pulled"
    martlet("pull", f"{name}@1", target)
    (target / "model.bin").write_bytes(b"mine")
    said = martlet("pull", f"{name}@1", target, code=1)
    assert "model.bin" in said
    assert (target / "model.bin").read_bytes() == b"mine"
    martlet("pull", f"{name}@1", target, "--overwrite")
    assert digests(target) == digests(folder)


def test_a_gate_is_an_exit_code_with_reasons(martlet, folder, tmp_path):
    name = unique("gated")
    martlet("push", folder, "--name", name)
    policy = tmp_path / "policy.json"
    policy.write_text('{"stages": {"production": {"mode": "enforce", "requires": ["metric"]}}}')
    martlet("policy", "set", name, policy)
    assert "capture:metric" in martlet("gate", f"{name}@1", "--for", "production", code=1)
    assert "capture:metric" in martlet("promote", f"{name}@1", "--to", "production", code=1)
    martlet("push", folder, "--name", name, "--metric", "accuracy=1")
    martlet("gate", f"{name}@2", "--for", "production")
    martlet("promote", f"{name}@2", "--to", "production", "--from", "candidate")
    assert "production" in martlet("promote", f"{name}@2", "--to", "staging", "--from", "candidate", code=1)


def test_wrong_usage_and_no_server_have_codes_of_their_own(martlet, tmp_path):
    martlet("push", code=64)
    nobody = CommandLine(tmp_path, environment={"MARTLET_URL": "http://127.0.0.1:1"})
    assert "127.0.0.1:1" in nobody("list", code=69)
    assert "HOST:PORT" in martlet("list", "--server", "http://127.0.0.1:99999", code=64)


@pytest.mark.parametrize("goal", ["stars:1..nan", "stars:-inf..5", "stars:margin=nan"])
def test_a_goal_with_numbers_that_are_none_is_wrong_usage(martlet, goal):
    assert "--goal" in martlet("experiment", "start", "bot", "--goal", goal, code=64)


@pytest.mark.parametrize("words", ["list", "list --json", "doctor", "--help", "help list", "--version"])
def test_output_that_cannot_be_written_is_a_failure_that_is_told(martlet, words):
    with open("/dev/full", "wb") as full, martlet.begin(*words.split(), stdout=full) as command:
        _, said = command.communicate(timeout=60)
    assert (command.returncode, b"cannot write the output" in said) == (1, True), said


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_command_ends_as_others_do_when_nobody_reads_what_it_says(martlet, options):
    reader, writer = os.pipe()
    os.close(reader)
    with martlet.begin("list", *options, stdout=writer) as command:
        os.close(writer)
        _, said = command.communicate(timeout=60)
    assert (command.returncode, said) == (128 + signal.SIGPIPE, b"")


def test_a_command_ends_as_others_do_when_its_reader_has_seen_enough(martlet, registry, model):
    registry.register(model, description="x" * 40_000)
    # A pipe that holds no more than the first tenth.
    with martlet.begin("versions", model, "--json", pipesize=4096) as command:
        assert command.stdout.read(1) == b"{"
        command.stdout.close()
        assert (command.wait(60), command.stderr.read()) == (128 + signal.SIGPIPE, b"")


def test_a_data_folder_can_be_used_without_a_server(folder, tmp_path):
    martlet = CommandLine(tmp_path)
    data = tmp_path / "data"
    martlet("list", "--data", data, code=1)
    martlet("push", folder, "--name", "iris", "--data", data)
    assert [model["name"] for model in martlet.json("list", "--data", data)["models"]] == ["iris"]
    martlet("pull", "iris@1", tmp_path / "pulled", "--data", data)
    assert digests(tmp_path / "pulled") == digests(folder)
    assert "sound" in martlet("audit", "verify", "--data", data)


@pytest.mark.sqlite_only
def test_a_data_folder_that_a_server_uses_is_left_to_it(start_martlet, tmp_path):
    server = start_martlet()
    said = CommandLine(tmp_path)("list", "--data", server.data, code=69)
    assert str(server.process.pid) in said


def test_a_version_is_deleted_restored_and_purged_with_a_reason(martlet, folder):
    name = unique("removed")
    martlet("push", folder, "--name", name)
    martlet("delete", f"{name}@1")
    martlet("show", f"{name}@1", code=1)
    martlet("restore", f"{name}@1")
    martlet("delete", f"{name}@1", "--reason", "old")
    martlet("purge", f"{name}@1", "--yes", code=64)
    martlet("purge", f"{name}@1", "--reason", "the data must go", "--yes")
    assert "the data must go" in martlet("history", f"{name}@1")


# The examples for pipelines

EXAMPLES = REPOSITORY / "examples" / "ci"


@pytest.fixture
def pipeline(martlet, tmp_path):
    """Runs a script of the examples as a job would, and returns what it printed."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "martlet").symlink_to(martlet_binary())
    variables = martlet.variables()
    variables["PATH"] = f"{programs}:{variables['PATH']}"

    def run(script, *arguments, code=0, **more):
        done = subprocess.run(
            ["bash", str(EXAMPLES / script), *map(str, arguments)],
            cwd=tmp_path, env=variables | more, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


def test_the_scripts_for_pipelines_push_ask_and_promote(pipeline, martlet, folder):
    name = unique("pipeline")
    pushed = pipeline("push.sh", name, folder, "--metric", "accuracy=0.95").strip()
    assert pushed == f"{name}@1"
    pipeline("gate.sh", pushed, "production")
    job = {
        "GITHUB_RUN_ID": "7",
        "GITHUB_SERVER_URL": "https://example.org",
        "GITHUB_REPOSITORY": "ann/models",
    }
    pipeline("promote.sh", pushed, "production", **job)
    assert martlet.json("show", f"{name}@production")["number"] == 1
    assert "https://example.org/ann/models/actions/runs/7" in martlet("history", name)


def test_a_pipeline_stops_at_a_closed_gate(pipeline, martlet, folder, tmp_path):
    name = unique("pipeline")
    pushed = pipeline("push.sh", name, folder).strip()
    policy = tmp_path / "policy.json"
    policy.write_text('{"stages": {"production": {"mode": "enforce", "approvals": 1}}}')
    martlet("policy", "set", name, policy)
    assert "approvals" in pipeline("gate.sh", pushed, "production", code=1)
    pipeline("promote.sh", pushed, "production", code=1)
    martlet("approve", pushed, "--actor", "bob")
    pipeline("promote.sh", pushed, "production", "approved by bob")


def test_scripts_for_pipelines_say_how_they_are_used(pipeline):
    for script in ("push.sh", "gate.sh", "promote.sh"):
        pipeline(script, code=64)
