#!/usr/bin/env python3
"""Refuses a route that its protocol's page does not list with a permission and a test, and a page that lists more.

    check_support_table.py [REPOSITORY]

A table of routes in docs/protocols/NAME.md has a header that says what its rows need not repeat:

    | method | path | what | tracking | proof in `test_runs.py` |

so that `write` in a row stands for the permission writeTracking, and `test_x` for a function of
Conformance/NAME/test_runs.py; another file is named in front: `test_crash.py::test_x`.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

from swift_source import code_only

# Which page, below docs/protocols/, lists the routes of which front end.
PAGE_BY_MODULE = {"MLflowFrontEnd": "mlflow", "OperationsFrontEnd": "mlflow"}
# Front ends whose routes are made of the document that they serve.
SELF_DESCRIBED = {"NativeFrontEnd"}

ROUTE = re.compile(r'\.on\(\s*\.(\w+),\s*"([^"]*)",\s*needs:\s*\.(\w+)')
REGISTRATION = re.compile(r"\.on\(\s*\.")
HEADER = re.compile(r"^\| method \| path \| what \| (\w+) \| proof in `(test_\w+\.py)` \|$")
ROW = re.compile(r"^\| ([A-Z]+) \| `([^`]+)` \| [^|]+ \| (\w+) \| ([^|]*?) ?\|$")
PROOF = re.compile(r"`(?:(test_\w+\.py)::)?(test_\w+)`")


class Route(NamedTuple):
    """What a front end registers, or what a row of a table says."""

    where: str
    method: str
    path: str
    permission: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


class Table(NamedTuple):
    routes: list[Route]
    # Each with the place of its row: a file of tests, and a function in it.
    proofs: list[tuple[str, str, str]]
    findings: list[str]


def plain(path: str) -> str:
    """A path as the tables write it: `{name}` for what a request fills in."""
    return re.sub(r":(\w+)", r"{\1}", path).replace("**", "{path}").removeprefix("/")


def registered(path: Path, name: str) -> tuple[list[Route], list[str]]:
    """The routes that a Swift file registers, and what cannot be read."""
    text = path.read_text()
    code = code_only(text)
    routes, findings = [], []
    for start in (match.start() for match in REGISTRATION.finditer(code)):
        where = f"{name}:{code.count(chr(10), 0, start) + 1}"
        match = ROUTE.match(text, start)
        if match:
            routes.append(Route(where, match[1].upper(), plain(match[2]), match[3]))
        else:
            findings.append(f"{where}: write the method, the path and the permission of a route as literals")
    return routes, findings


def listed(text: str, name: str) -> Table:
    """The routes in the tables of a page."""
    table = Table([], [], [])
    header = None
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}:{number}"
        if not line.startswith("|"):
            header = None
        elif line.startswith("| method | path |"):
            header = HEADER.match(line)
            if not header:
                table.findings.append(f"{where}: a table of routes has the header that {Path(__file__).name} shows")
        elif header and not line.startswith("|--"):
            read_row(line, where, header, table)
    return table


def read_row(line: str, where: str, header: re.Match[str], table: Table) -> None:
    row = ROW.match(line)
    proofs = PROOF.findall(row[4]) if row else []
    if not row or not proofs:
        table.findings.append(f"{where}: this row does not name a method, a path, a permission and a test")
        return
    table.routes.append(Route(where, row[1], plain(row[2]), row[3] + header[1].capitalize()))
    table.proofs.extend((where, file or header[2], function) for file, function in proofs)


def differences(registered_routes: list[Route], table: Table, page: str) -> list[str]:
    """Where the code and the page disagree."""
    findings = []
    rows = {route.name: route for route in table.routes}
    for route in registered_routes:
        row = rows.get(route.name)
        if row is None:
            findings.append(f"{route.where}: '{route.name}' is missing in {page}")
        elif row.permission != route.permission:
            findings.append(f"{row.where}: '{route.name}' needs {route.permission}, not {row.permission}")
    known = {route.name for route in registered_routes}
    for route in table.routes:
        if route.name not in known:
            findings.append(f"{route.where}: no front end registers '{route.name}'")
        if rows[route.name] is not route:
            findings.append(f"{route.where}: '{route.name}' is listed twice")
    return findings


def missing_proofs(table: Table, tests: Path) -> list[str]:
    """The tests that a page names and that do not exist."""
    functions = {}
    findings = []
    for where, file, function in table.proofs:
        if file not in functions:
            functions[file] = functions_of(tests / file)
        if function not in functions[file]:
            findings.append(f"{where}: there is no {function} in {tests.name}/{file}")
    return findings


def functions_of(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


def check(root: Path) -> list[str]:
    findings = []
    routes_by_page: dict[str, list[Route]] = {}
    for path in sorted((root / "Sources/FrontEnds").rglob("*.swift")):
        name = path.relative_to(root)
        routes, unreadable = registered(path, str(name))
        findings += unreadable
        if name.parts[2] in SELF_DESCRIBED:
            continue
        page = PAGE_BY_MODULE.get(name.parts[2])
        if page:
            routes_by_page.setdefault(page, []).extend(routes)
        elif routes:
            findings.append(f"{name}: give {name.parts[2]} a page in Scripts/{Path(__file__).name}")
    for page, routes in routes_by_page.items():
        path = root / "docs/protocols" / f"{page}.md"
        name = str(path.relative_to(root))
        table = listed(path.read_text() if path.is_file() else "", name)
        findings += table.findings + differences(routes, table, name)
        findings += missing_proofs(table, root / "Conformance" / page)
    return findings


def main() -> int:
    findings = check(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
