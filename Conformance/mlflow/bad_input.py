"""
What a client should never send, over raw HTTP: how a case is written, sent and judged.

A case says what the real server answers. Where that is absurd (a 500, a half-read message, SQL in the text)
the case is `oracle=None`: it is tried with Martlet only, and wants 400 INVALID_PARAMETER_VALUE unless it says
otherwise. A `$name` in a case stands for what `Names` makes of it.
"""

from __future__ import annotations

import json
import string
from dataclasses import dataclass, field

import pytest

from support import unique

BAD = "INVALID_PARAMETER_VALUE"
UNKNOWN = "RESOURCE_DOES_NOT_EXIST"
GONE = "must be in the 'active' state. Current state is deleted."
SAME = object()


# Cases


@dataclass
class Case:
    method: str
    path: str
    sent: dict | list | str | int | None = None
    message: str = ""
    status: int | tuple[int, ...] = 400
    code: str | tuple[str, ...] = BAD
    oracle: object = SAME
    headers: dict = field(default_factory=dict)
    raw: bytes | None = None

    def __str__(self):
        sent = self.raw if self.raw is not None else json.dumps(self.sent)
        return f"{self.method} {self.path} {sent}"[:100]

    def check_answer(self, server, names):
        sent = filled(self.sent, names)
        data = None if self.raw is None else filled(self.raw.decode("latin-1"), names).encode("latin-1")
        if self.method == "GET":
            reply = server.get(self.path, **sent)
        else:
            reply = server.request(self.method, self.path, sent, raw=data, headers=self.headers)
        statuses = self.status if isinstance(self.status, tuple) else (self.status,)
        assert reply.status in statuses, reply.body[:500]
        if reply.status == 200:
            return
        assert reply.headers["Content-Type"].startswith("application/json")
        codes = self.code if isinstance(self.code, tuple) else (self.code,)
        assert reply.error_code in codes
        assert filled(self.message, names) in reply.message
        assert reply.message
        assert "sqlite" not in reply.message.lower()

    def check_nothing_changes(self, server, names):
        if self.status == 200 or self.path.endswith("/search"):
            pytest.skip("a search changes nothing anyway")

        filled([self.path, self.sent], names)

        def picture():
            everything = {"experiment_ids": [names["experiment"]], "run_view_type": "ALL"}
            seen = [
                server.post("experiments/search", {"max_results": 50000, "view_type": "ALL"}),
                server.get("runs/get", run_id=names["run"]),
                server.post("runs/search", everything),
            ]
            if "model" in self.path:
                seen.append(server.get("registered-models/search", max_results=1000))
            return [reply.expect().json for reply in seen]

        before = picture()
        self.check_answer(server, names)
        assert picture() == before


def get(path, query, message="", **more):
    return Case("GET", path, query, message, **more)


def post(path, body, message="", **more):
    return Case("POST", path, body, message, **more)


def patch(path, body, message="", **more):
    return Case("PATCH", path, body, message, **more)


def delete(path, body, message="", **more):
    return Case("DELETE", path, body, message, **more)


def raw(path, data, message="", **more):
    return Case("POST", path, None, message, raw=data, **more)


def unknown(case):
    case.status, case.code = 404, UNKNOWN
    return case


# Messages


def missing(name):
    return f"Missing value for required parameter '{name}'."


def wrong(name, value, kind):
    value = json.dumps(value)
    return f"Invalid value {value} for parameter '{name}' supplied:  Hint: Value was of type '{kind}'."


# Tests of a table of cases


def answered(cases):
    """Runs a test with each case, on the oracle with those only that it answers sensibly."""
    marked = [
        pytest.param(case, marks=pytest.mark.martlet_only if case.oracle is None else ()) for case in cases
    ]
    return pytest.mark.parametrize("case", marked, ids=str)


def written(cases):
    """Runs a test with each case that could change something."""
    return pytest.mark.parametrize("case", [case for case in cases if case.method != "GET"], ids=str)


class Names(dict):
    """What the names in the cases stand for; each is made when it is first needed."""

    def __init__(self, server):
        self.server = server

    def __missing__(self, name):
        self[name] = getattr(self, f"new_{name}")()
        return self[name]

    def new_experiment(self):
        return self.server.new_experiment()

    def new_run(self):
        return self.server.new_run(self["experiment"])

    def new_gone(self):
        """A deleted run."""
        run = self.new_run()
        self.server.post("runs/delete", {"run_id": run}).expect()
        return run

    def new_model(self):
        """A registered model of one version."""
        name = unique("model")
        self.server.post("registered-models/create", {"name": name}).expect()
        self.server.post("model-versions/create", {"name": name, "source": "s3://a/b"}).expect()
        return name


def filled(value, names):
    """`value` with each $name in its texts replaced."""
    if isinstance(value, str):
        return string.Template(value).safe_substitute(names)
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    return value
