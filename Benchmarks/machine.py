"""The machine and the tools, so that nobody compares figures from two of them."""

from __future__ import annotations

import datetime
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import environments
from processes import Unmeasurable
from servers import Product

BUSY_LOAD = 0.5
# The package of Debian's that each comes from.
TOOLS = {
    "wrk": "wrk",
    "curl": "curl",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "cc": "gcc",
    "df": "coreutils",
}

HEADERS = {"sqlite3.h": "libsqlite3-dev", "openssl/evp.h": "libssl-dev"}


def require_tools() -> None:
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    missing += [package for header, package in HEADERS.items() if not Path("/usr/include", header).exists()]
    if missing:
        raise Unmeasurable(f"missing: apt-get install {' '.join(missing)}")
    if os.getloadavg()[0] > BUSY_LOAD:
        print(f"the machine is busy (load {os.getloadavg()[0]:.1f}): the ratios will mean little", flush=True)
    if shutil.which("strace") is None:
        print("without strace the syncs are not counted: apt-get install strace", flush=True)


def describe_machine(folder: Path) -> dict[str, str]:
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    kind, source = _said("df", "--output=fstype,source", str(folder)).splitlines()[-1].split()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "CPU": f"{_cpu_model()}, {len(os.sched_getaffinity(0))} cores",
        "memory": f"{int(memory.group(1)) / 1e6:.0f} GB",
        "kernel": platform.release(),
        "data on": f"{kind} ({source})",
        "load before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
    }


def describe_versions(products: Iterable[Product], bare_sqlite: Path) -> dict[str, str]:
    versions = {product.title: environments.version_of(product.program) for product in products}
    versions["SQLite of Martlet and of the bare inserts"] = _said(str(bare_sqlite), "version")
    for product in products:
        python = product.program.with_name("python")
        if product.name == "mlflow" and python.exists():
            code = "import platform, sqlite3; print(platform.python_version(), sqlite3.sqlite_version)"
            versions["Python and SQLite of mlflow"] = _said(str(python), "-c", code).replace(" ", ", ")
    versions["wrk"] = re.search(r"wrk (\S+)", _said("wrk", "-v")).group(1)
    versions["nginx"] = _said("nginx", "-v").rpartition("/")[2]
    versions["openssl"] = _said("openssl", "version").split()[1]
    versions["curl"] = _said("curl", "--version").split()[1]
    return versions


def _cpu_model() -> str:
    found = re.search(r"^model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(), re.M)
    return found.group(1) if found else platform.machine()


def _said(*command: str) -> str:
    # Some say their version on the standard error.
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return done.stdout.strip()
