"""Versions that the server runs by itself: blue and green, crashes, limits, and nothing left behind."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import mlflow
import pytest

from command_line import CommandLine
from registry import problem
from sklearn_models import PROBE, line, log
from supervised import arm, ask, backends, is_alive, processes_of, versions
from support import unique, wait_until
from test_deployments import deploy, rollback

LOG_BYTES_MAX = 8 << 20

# Blue and green


def test_a_version_answers_as_soon_as_it_is_deployed_and_one_process_serves_all_deployments(supervised):
    registry = supervised()
    model = versions(registry, name="slow")
    deploy(registry, "bot", release=arm(model))
    first = ask(registry, "bot")
    deploy(registry, "other", release=arm(model))
    assert ask(registry, "other") == first == {"version": 1, "process": first["process"]}
    (backend,) = backends(registry, lines=5).values()
    assert (backend["state"], backend["process"], backend["restarts"]) == ("ready", first["process"], 0)
    assert backend["lines"] == [f"serving {model}/1"]
    assert backend["memoryBytes"] > 1_000_000


def test_not_one_request_fails_while_versions_change_and_a_rollback_is_instant(supervised):
    registry = supervised()
    model = versions(registry, 2, name="slow")
    deploy(registry, "bot", release=arm(model, 1))
    seen, failures, stop = [], [], threading.Event()

    def load():
        connection = registry.server.connection()
        while not stop.is_set():
            connection.request("POST", "/serve/bot/wait", b"0.05")
            answer = connection.getresponse()
            body = answer.read()
            (seen if answer.status == 200 else failures).append(body)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    first = ask(registry, "bot")["process"]
    deploy(registry, "bot", release=arm(model, 2))
    assert ask(registry, "bot")["version"] == 2
    rollback(registry, "bot")
    assert ask(registry, "bot") == {"version": 1, "process": first}
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(seen) > 20


def test_what_is_not_needed_any_more_ends_after_a_while_and_requests_under_way_do_not(supervised):
    registry = supervised("--supervise-warm-seconds", "1")
    model = versions(registry, 2)
    deploy(registry, "bot", release=arm(model, 1), settings={"timeoutMs": 4_000})
    first = ask(registry, "bot")["process"]
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(ask(registry, "bot", "/wait", b"2.5")))
    waiting.start()
    deploy(registry, "bot", release=arm(model, 2))
    waiting.join()
    assert answers == [{"version": 1, "process": first}]
    wait_until(lambda: not is_alive(first), 15, "the end of the old one")
    wait_until(lambda: [b["version"] for b in backends(registry).values()] == [2])


# What cannot serve


@pytest.mark.parametrize(
    ("name", "words"),
    [("crashing", "the last it said: out of luck"), ("stuck", "not ready after 2")],
)
def test_a_version_that_does_not_get_ready_is_not_deployed_and_what_serves_goes_on(supervised, name, words):
    registry = supervised("--supervise-start-seconds", "2")
    good, bad = versions(registry), versions(registry, name=name)
    deploy(registry, "bot", release=arm(good))
    reply = registry.request("POST", "/deployments/bot/revisions", {"release": arm(bad)})
    detail = problem(reply.expect(503), "unavailable")["detail"]
    assert words in detail
    assert "--no-check" in detail
    assert ask(registry, "bot")["version"] == 1
    assert registry.get("/deployments/bot")["revision"]["number"] == 1
    wait_until(lambda: len(backends(registry)) == 1, 15, "the end of the bad one")


def test_a_crash_loop_is_told_as_such(supervised):
    registry = supervised()
    model = versions(registry, name="crashing")
    deploy(registry, "bot", release=arm(model), check=False)
    (backend,) = wait_until(
        lambda: [b for b in backends(registry, lines=1).values() if b["state"] == "failing"], 20
    )
    assert backend["restarts"] >= 2
    assert backend["trouble"] == "it ended with status 1"
    assert backend["lines"] == ["out of luck"]
    assert ask(registry, "bot", status=502)["code"] == "unreachable"


def test_a_server_that_runs_nothing_says_which_setting_it_lacks(registry, served, deployment):
    reply = registry.request("POST", f"/deployments/{deployment}/revisions", {"release": arm(served)})
    assert "--supervise" in problem(reply.expect(409), "conflict")["detail"]
    assert registry.get("/backends") == {"supervised": False, "backends": []}


def test_a_client_names_a_version_and_no_command(supervised):
    registry = supervised()
    model = versions(registry)
    change = {"release": arm(model, command="sh -c id")}
    registry.request("POST", "/deployments/bot/revisions", change).expect(400)


# What runs, and how


def test_a_backend_has_limits_and_little_of_the_servers_environment(supervised, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_SERVER", "x")
    monkeypatch.setenv("WANTED", "y")
    limits = ("--supervise-niceness", "7", "--supervise-open-files-max", "99")
    registry = supervised(*limits, "--supervise-environment", "WANTED")
    model = versions(registry)
    deploy(registry, "bot", release=arm(model))
    said = registry.server.request("GET", "/serve/bot/").expect().json
    environment = said["environment"]
    assert "SECRET_OF_THE_SERVER" not in environment
    assert environment["WANTED"] == "y"
    assert environment["MLFLOW_TRACKING_URI"] == registry.server.url
    assert said["nice"] == 7
    process = ask(registry, "bot")["process"]
    limits = Path(f"/proc/{process}/limits").read_text()
    assert [line.split()[3:5] for line in limits.splitlines() if "open files" in line] == [["99", "99"]]
    assert os.readlink(f"/proc/{process}/fd/0") == "/dev/null"


def test_a_log_is_kept_short_before_a_version_is_ready_as_well(supervised):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry, name="flooding")), check=False)
    # More than it may have, at once.
    old = wait_until(lambda: next(registry.server.data.glob("supervised/*/log.old"), None), 20, "an old log")
    wait_until(lambda: old.with_suffix("").stat().st_size <= LOG_BYTES_MAX, 20, "a short log")
    assert old.stat().st_size <= LOG_BYTES_MAX


def test_a_log_is_kept_short_in_a_crash_loop(supervised):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry, name="flooding-and-crashing")), check=False)

    def restarts():
        (backend,) = backends(registry).values()
        return backend["restarts"]

    wait_until(lambda: restarts() >= 4, 30, "a crash loop")
    sizes = {path.name: path.stat().st_size for path in registry.server.data.glob("supervised/*/log*")}
    # What it says from its start to its end comes on top.
    assert sizes["log"] <= LOG_BYTES_MAX + (13 << 20)
    assert sizes["log.old"] <= LOG_BYTES_MAX


def test_a_program_that_has_titles_written_where_its_environment_is_serves_and_does_not_outlive_the_server(
    supervised,
):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry, name="titled")))
    first = ask(registry, "bot")["process"]
    registry.server.kill()
    wait_until(lambda: not is_alive(first), 20, "its end")


def test_one_that_is_killed_comes_back_and_requests_to_others_do_not_notice(supervised):
    registry = supervised()
    model, other = versions(registry), versions(registry)
    deploy(registry, "bot", release=arm(model))
    deploy(registry, "other", release=arm(other))
    first, second = ask(registry, "bot")["process"], ask(registry, "other")["process"]
    os.kill(first, signal.SIGKILL)

    def is_back():
        assert ask(registry, "other")["process"] == second
        reply = registry.server.request("POST", "/serve/bot/invocations", raw=b"0")
        return reply.status == 200 and reply.json["process"] != first

    wait_until(is_back, 15, "another process")
    assert backends(registry, model=model)[f"{model}@1.0.0"]["restarts"] == 1


# The end


def test_a_version_runs_on_when_its_model_is_called_otherwise(supervised):
    registry = supervised()
    model = versions(registry, 2)
    deploy(registry, "bot", release=arm(model))
    deploy(registry, "bot", release=arm(model, 2))
    renamed = {"name": model, "new_name": unique("renamed")}
    registry.server.request("POST", "/api/2.0/mlflow/registered-models/rename", renamed).expect(200)
    # What has the name now is another model.
    registry.model(name=model)
    registry.versions(model, 2)
    killed = ask(registry, "bot")["process"]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: registry.server.request("POST", "/serve/bot/x", raw=b"0").status == 200)
    assert ask(registry, "bot")["process"] != killed
    backend = next(b for b in registry.get("/backends", lines=50)["backends"] if b["version"] == 2)
    # Callers that break off leave lines of their own.
    starts = [line for line in backend["lines"] if line.startswith("serving ")]
    assert starts[-1] == f"serving {renamed['new_name']}/2"
    detail = registry.refused(
        "POST", "/deployments/bot/rollback", {"to": f"{model}@1.0.0"}, status=409, code="conflict"
    )
    assert "never the primary version" in detail
    assert ask(registry, "bot", path="/x")["version"] == 2
    assert rollback(registry, "bot", to="1.0.0")["revision"]["restores"] == 1
    assert rollback(registry, "bot", to=f"{renamed['new_name']}@1.0.1")["revision"]["restores"] == 2


def test_a_server_that_stops_finishes_what_is_under_way(supervised):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry)))
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(ask(registry, "bot", "/wait", b"1.5")))
    waiting.start()
    time.sleep(0.5)
    assert registry.server.terminate() == 0
    waiting.join()
    assert [answer["version"] for answer in answers] == [1]


def test_a_process_is_told_to_end_before_it_is_made_to(supervised):
    registry = supervised("--supervise-stop-seconds", "25")
    deploy(registry, "bot", release=arm(versions(registry)))
    assert registry.server.terminate(timeout=20) == 0
    (log,) = registry.server.data.glob("supervised/*/log")
    assert log.read_text().splitlines()[-1] == "told to end"


def test_nothing_outlives_a_server_that_stops(supervised):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry)))
    processes = processes_of(registry)
    assert processes
    assert registry.server.terminate() == 0
    assert not processes_of(registry)


def test_nothing_outlives_a_server_that_is_killed_and_a_new_one_runs_what_serves(supervised):
    registry = supervised()
    model = versions(registry)
    deploy(registry, "bot", release=arm(model))
    first = ask(registry, "bot")["process"]
    registry.server.kill()
    wait_until(lambda: not processes_of(registry), 5, "the end of all processes")
    registry.server.start()
    again = wait_until(
        lambda: (
            (r := registry.server.request("POST", "/serve/bot/invocations", raw=b"0")).status == 200 and r
        ),
        15,
    )
    assert again.json["version"] == 1
    assert again.json["process"] != first


# The real thing


def test_mlflow_serves_a_model_of_the_real_client(start_martlet, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    server = start_martlet("--supervise")
    mlflow.set_tracking_uri(server.url)
    mlflow.set_registry_uri(server.url)
    # Another test's may still be the current one.
    mlflow.set_experiment("lines")
    name = unique("line")
    for slope in (2.0, 3.0):
        with mlflow.start_run():
            log(line(slope), registered_model_name=name)
    command = CommandLine(tmp_path, server)
    for number in (1, 2):
        command("promote", f"{name}@{number}", "--to", "staging")
    command("deploy", "bot", f"{name}@1")
    asked = {"inputs": PROBE.tolist()}
    predict = "/serve/bot/invocations"
    assert server.request("POST", predict, asked).expect().json["predictions"] == pytest.approx(
        [2.0, 5.0, 20.0]
    )
    command("deploy", "bot", f"{name}@2")
    assert server.request("POST", predict, asked).expect().json["predictions"] == pytest.approx(
        [3.0, 7.5, 30.0]
    )
    shown = command("backends", name, "--lines", "3")
    assert shown.count("ready") >= 2
    assert "kept warm" in shown
    command("rollback", "bot")
    assert server.request("POST", predict, asked).expect().json["predictions"] == pytest.approx(
        [2.0, 5.0, 20.0]
    )
