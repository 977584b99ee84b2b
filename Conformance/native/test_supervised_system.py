"""Backends and the system that they run on: how they give way, who else listens, and who cleans up after whom."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from registry import Registry
from supervised import FAST, arm, ask, processes_of, versions
from support import MartletServer, martlet_binary, wait_until
from test_deployments import deploy

IS_ROOT = os.geteuid() == 0
# Without it, root's processes cannot take back what they gave either.
WITHOUT_PRIVILEGE = ("setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice")


class GivingWay(MartletServer):
    """A server that gives way to others."""

    def command(self):
        return ["nice", "-n", "5", *super().command()]


def test_backends_give_way_as_their_server_does(tmp_path):
    server = GivingWay(tmp_path, *FAST)
    server.start()
    try:
        registry = Registry(server, "ann")
        deploy(registry, "bot", release=arm(versions(registry)))
        assert server.request("GET", "/serve/bot/").expect().json["nice"] == 5
    finally:
        assert server.terminate() == 0


def test_backends_get_no_more_than_their_server_and_start_where_it_gives_way():
    for privileges in ((), WITHOUT_PRIVILEGE) if IS_ROOT else ((),):
        for own, wanted, expected in ((5, 0, "5"), (5, 7, "7"), (0, 3, "3")):
            done = subprocess.run(
                [
                    "nice", "-n", str(own), *privileges, martlet_binary(), "backend", "launch",
                    "--open-files", "99", "--niceness", str(wanted), "--", "nice",
                ],
                capture_output=True, text=True,
            )  # fmt: skip
            assert (done.returncode, done.stdout.strip()) == (0, expected), done.stderr


@pytest.mark.parametrize("address", ["::1", "127.0.0.2"])
def test_somebody_who_listens_at_another_address_is_no_hindrance(supervised, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as other:
        port = other.getsockname()[1]
        registry = supervised("--supervise-ports", f"{port}-{port}", "--supervise-start-seconds", "5")
        deploy(registry, "bot", release=arm(versions(registry)))
        assert ask(registry, "bot")["version"] == 1


def test_a_late_reaper_leaves_the_backends_of_the_next_server_alone(supervised):
    registry = supervised()
    deploy(registry, "bot", release=arm(versions(registry)))
    server = registry.server
    kin = subprocess.run(
        ["pgrep", "-P", str(server.process.pid), "-f", "backend reap"], capture_output=True, text=True
    )
    (reaper,) = map(int, kin.stdout.split())
    os.kill(reaper, signal.SIGSTOP)
    first = processes_of(registry)
    server.kill()
    server.start()
    try:
        again = wait_until(
            lambda: (r := server.request("POST", "/serve/bot/x", raw=b"0")).status == 200 and r, 20
        ).json["process"]
        assert not set(first) & set(processes_of(registry))
    finally:
        os.kill(reaper, signal.SIGCONT)
    wait_until(lambda: not Path(f"/proc/{reaper}").exists(), 5, "the end of the late reaper")
    assert ask(registry, "bot")["process"] == again


class FirstProcess(MartletServer):
    """A server that is the first process of its machine, as in a container."""

    def command(self):
        return ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", *super().command()]


def zombies_below(process: int) -> int:
    shown = subprocess.run(["ps", "-eo", "ppid,stat"], capture_output=True, text=True).stdout
    children = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True).stdout.split()
    rows = [line.split() for line in shown.splitlines()[1:]]
    return sum(parent in children and state.startswith("Z") for parent, state in rows)


@pytest.mark.skipif(not IS_ROOT, reason="only root makes containers without more ado")
def test_the_first_process_of_a_container_leaves_no_dead_ones(tmp_path):
    server = FirstProcess(tmp_path, *FAST)
    server.start()
    try:
        registry = Registry(server, "ann")
        deploy(registry, "bot", release=arm(versions(registry, name="orphaning")))
        wait_until(lambda: zombies_below(server.process.pid) > 0, 10, "a dead orphan")
        wait_until(lambda: zombies_below(server.process.pid) == 0, 40, "its removal")
        process = ask(registry, "bot")["process"]
        time.sleep(1)
        assert ask(registry, "bot")["process"] == process
    finally:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(10)
