"""What the gateway stands beside: nginx and HAProxy as proxies, before a backend that is nginx too."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from processes import Process, Unmeasurable, free_port

NGINX = """
{user}
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/client_body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""
BACKEND = """    server {{
        listen 127.0.0.1:{port};
        location / {{ default_type application/json; return 200 '{{"predictions": [{number}]}}'; }}
    }}"""
PROXY = """    upstream backend {{ server 127.0.0.1:{backend}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}"""
HAPROXY = """
global
    maxconn 4096
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    http-reuse always
frontend all
    bind 127.0.0.1:{port}
    default_backend one
backend one
    server one 127.0.0.1:{backend}
"""


@contextmanager
def backends(folder: Path, count: int = 1) -> Iterator[list[int]]:
    """Ports that each answer with a number of their own, as fast as anything can."""
    ports = [free_port() for _ in range(count)]
    servers = (BACKEND.format(port=port, number=number) for number, port in enumerate(ports, 1))
    with _nginx(folder, ports, "\n".join(servers), workers="1"):
        yield ports


@contextmanager
def nginx(folder: Path, backend: int) -> Iterator[int]:
    port = free_port()
    with _nginx(folder, [port], PROXY.format(port=port, backend=backend), workers="auto"):
        yield port


@contextmanager
def haproxy(folder: Path, backend: int) -> Iterator[int]:
    """On all cores, as it does by default."""
    program = os.environ.get("BENCH_HAPROXY") or shutil.which("haproxy")
    if program is None:
        raise Unmeasurable("there is no HAProxy: apt-get install haproxy")
    folder.mkdir()
    port = free_port()
    (folder / "haproxy.cfg").write_text(HAPROXY.format(port=port, backend=backend))
    with _running([program, "-db", "-f", str(folder / "haproxy.cfg")], folder, [port]):
        yield port


@contextmanager
def _nginx(folder: Path, ports: list[int], servers: str, workers: str) -> Iterator[None]:
    folder.mkdir()
    # Started by root, its workers would otherwise be somebody who may not write to our folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        NGINX.format(user=user, folder=folder, servers=servers, workers=workers)
    )
    command = ["nginx", "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    with _running(command, folder, ports):
        yield


@contextmanager
def _running(command: list[str], folder: Path, ports: list[int]) -> Iterator[None]:
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        process = Process(command, folder)
        stack.callback(process.stop)
        for port in ports:
            process.wait_until_accepts(port, timeout=10)
        yield
