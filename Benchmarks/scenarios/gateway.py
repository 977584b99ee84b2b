"""Deployments: what the gateway costs, how soon a rollback is in effect, and whether size matters."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import proxies
from client import NATIVE
from figures import Figure
from load import Load
from long_decisions import fill
from postgres import Postgres
from processes import Unmeasurable
from scenarios.shared import on
from servers import Product, Server
from trial import Trial
from workload import MODEL, TrainedModel

RECORDS = ("off", "relaxed", "strict")
SPEED = ("gateway", *(f"gateway-{name}" for name in RECORDS))
WAITING = ("gateway-added", *(f"gateway-added-{name}" for name in RECORDS))
ROLLBACK = ("rollback", "rollback-failures", "rollback-three", "rollback-three-failures")
SIZE = ("gateway-many", "gateway-many-start", "gateway-decision")

# Enough that groups of records are durable together: of sixteen, all wait for one record's disk most of the time.
CONNECTIONS = 64
# Between two requests of a connection that keeps to a pace.
PAUSE_MS = 2
ROLLBACKS = 10
STAGES = ["candidate"]


def serve(path: str, count: int = 0, connections: int = CONNECTIONS, pause_ms: int = 0) -> Load:
    return Load("serve", (path, str(count), str(pause_ms)), connections)


def deploy(server: Server, name: str, **change: object) -> dict:
    return server.client.native("POST", f"deployments/{name}/revisions", change, "ann")


def release(server: Server, name: str, backend: int, records: str, version: str = "1") -> None:
    arm = {"model": MODEL, "version": version, "url": f"http://127.0.0.1:{backend}"}
    settings = {"decisions": records, "subject": {"header": "x-user"}, "stages": STAGES}
    deploy(server, name, release=arm, settings=settings)


@contextmanager
def gateway(trial: Trial, martlet: Product, backend: int) -> Iterator[Server]:
    """A server with a deployment for each way to keep records, called as that."""
    with trial.running(martlet) as server:
        TrainedModel.train(server).register()
        for records in RECORDS:
            release(server, records, backend, records)
        yield server


@dataclass(frozen=True)
class Way:
    """One way to the backend."""

    who: str
    port: int
    path: str = "/x"
    # How Martlet keeps records meanwhile.
    records: str = ""

    def measure(self, name: str) -> str:
        return f"{name}-{self.records}" if self.records else name


def measure_gateway(trial: Trial, martlet: Product) -> None:
    with ExitStack() as stack:
        (backend,) = stack.enter_context(proxies.backends(trial.new_folder("backend")))
        server = stack.enter_context(gateway(trial, martlet, backend))
        ways = [Way("nginx", stack.enter_context(proxies.nginx(trial.new_folder("nginx"), backend)))]
        with trial.attempting(("gateway",), "haproxy"):
            haproxy = stack.enter_context(proxies.haproxy(trial.new_folder("haproxy"), backend))
            ways.append(Way("haproxy", haproxy))
        ways += [Way("martlet", server.port, f"/serve/{records}/x", records) for records in RECORDS]
        trial.interleave(
            *((way.measure("gateway"), way.who, at(trial, way.port, serve(way.path))) for way in ways)
        )
        if trial.wants(*WAITING):
            trial.interleave(
                *((way.measure("gateway-added"), way.who, added(trial, way, backend)) for way in ways)
            )


def added(trial: Trial, way: Way, backend: int) -> Callable[[], Figure]:
    """By how much the slowest hundredth is slower than at the backend, at half of what the gateway can do."""

    def measure() -> Figure:
        full = trial.figures.find(f"gateway-{way.records or 'off'}", "martlet").value
        connections = max(1, round(full / 2 * (PAUSE_MS + 0.3) / 1000))
        alone = at(trial, backend, serve("/x", 0, connections, PAUSE_MS))()
        through = at(trial, way.port, serve(way.path, 0, connections, PAUSE_MS))()
        note = f"at {through.value / full:.0%} of {full:,.0f} /s"
        return replace(through, value=through.p99_ms - alone.p99_ms, unit="ms", note=note)

    return measure


def at(trial: Trial, port: int, load: Load) -> Callable[[], Figure]:
    def measure() -> Figure:
        load.apply(port, 1)
        return load.apply(port, trial.settings.turn_seconds)

    return measure


# Rollbacks


def measure_rollback(trial: Trial, martlet: Product) -> None:
    """While every connection asks as fast as it can, one version takes the other's place and goes back."""
    with proxies.backends(trial.new_folder("backends"), 2) as (first, second):
        if trial.wants("rollback", "rollback-failures"):
            with gateway(trial, martlet, first) as server:
                roll_back(trial, "rollback", [server], (first, second))
        if trial.wants("rollback-three", "rollback-three-failures"):
            with Postgres() as postgres, three(trial, martlet, postgres.new_database(), first) as servers:
                roll_back(trial, "rollback-three", servers, (first, second))


@contextmanager
def three(trial: Trial, martlet: Product, database: str, backend: int) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        first = stack.enter_context(gateway(trial, on(database, martlet), backend))
        key = f"--ledger-key {first.folder}/data/ledger-key"
        others = [stack.enter_context(trial.running(on(database, martlet, key))) for _ in range(2)]
        yield [first, *others]


def roll_back(trial: Trial, measure: str, servers: list[Server], ports: tuple[int, int]) -> None:
    TrainedModel.train(servers[0]).register()
    seconds = []
    load = serve("/serve/relaxed/x", connections=max(1, CONNECTIONS // len(servers)))
    # Long enough to last through all of it.
    duration = ROLLBACKS * 2
    with ThreadPoolExecutor(len(servers)) as pool:
        loads = [pool.submit(load.apply, server.port, duration) for server in servers]
        time.sleep(1)
        for _ in range(ROLLBACKS):
            release(servers[0], "relaxed", ports[1], "relaxed", version="2")
            wait_for(servers, 2)
            began = time.perf_counter()
            servers[0].client.native("POST", "deployments/relaxed/rollback", {}, "ann")
            wait_for(servers, 1)
            seconds.append(time.perf_counter() - began)
        figures = [running.result() for running in loads]
    answered, errors = sum(each.count for each in figures), sum(each.errors for each in figures)
    slowest = Figure(max(seconds) * 1000, "ms", *spread(seconds), count=len(seconds))
    trial.record(measure, "martlet", slowest)
    trial.record(f"{measure}-failures", "martlet", Figure(float(errors), "of all", count=answered))


def spread(seconds: list[float]) -> tuple[float, float]:
    figure = Figure.of_seconds(seconds)
    return figure.p50_ms, figure.p99_ms


def wait_for(servers: list[Server], number: int) -> None:
    """Until every server has a backend of that number answer."""
    wanted = f'{{"predictions": [{number}]}}'.encode()
    for server in servers:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        deadline = time.monotonic() + 30
        while True:
            connection.request("POST", "/serve/relaxed/x", b"{}")
            if connection.getresponse().read() == wanted:
                break
            if time.monotonic() > deadline:
                raise Unmeasurable(f"port {server.port} still answers by another version")
        connection.close()


# Many of them


def measure_size(trial: Trial, martlet: Product) -> None:
    """Ten thousand deployments and ten million decisions beside three deployments and hardly any."""
    with ExitStack() as stack:
        (backend,) = stack.enter_context(proxies.backends(trial.new_folder("backend")))
        few = stack.enter_context(gateway(trial, martlet, backend))
        folder = trial.new_folder("many")
        with Server(martlet, folder) as server:
            TrainedModel.train(server).register()
            release(server, "bot", backend, "off")
            release(server, "keeper", backend, "relaxed")
        decisions = fill(folder / "data" / "martlet.sqlite", trial.settings)
        many = stack.enter_context(Server(martlet, folder))
        trial.record("gateway-many-start", "martlet", Figure(many.ready_seconds, "s", count=1))
        count = trial.settings.deployments
        trial.interleave(
            ("gateway-many", "few", at(trial, few.port, serve("/serve/off/x"))),
            ("gateway-many", "many", at(trial, many.port, serve("/serve/bot-%d/x", count))),
        )
        ask = Load.get_each([f"{NATIVE}decisions/{identifier}" for identifier in decisions], connections=1)
        trial.record("gateway-decision", "martlet", at(trial, many.port, ask)().median_latency())
