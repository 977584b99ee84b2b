"""Martlet's own API as the tests speak it, and what they do with it again and again."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.parse
from decimal import Decimal

from support import Reply, Server, unique

ROOT = "/api/martlet/v1"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# What Python writes with an exponent and ECMAScript without one: 1e-05 is 0.00001.
SMALL_NUMBER = re.compile(r"(?<=[:,\[])-?\d(?:\.\d+)?e-0[56](?=[,\]}])")


def canonical(value) -> bytes:
    """RFC 8785, for values without large numbers, and without texts that look like small ones."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return SMALL_NUMBER.sub(lambda number: format(Decimal(number[0]), "f"), text).encode()


def tree_digest(files: dict[str, bytes]) -> str:
    """The digest of a tree, computed from its files alone."""
    entries = [
        {"path": path, "sha256": sha256(data), "size": len(data)}
        for path, data in sorted(files.items(), key=lambda item: item[0].encode())
    ]
    return sha256(canonical(entries))


class Registry:
    """The native API of one server, as one actor."""

    def __init__(self, server: Server, actor: str | None = None):
        self.server = server
        self.actor = actor

    def as_actor(self, actor: str | None) -> Registry:
        return Registry(self.server, actor)

    # Requests

    def request(self, method, path, body=None, *, headers=None, **query) -> Reply:
        sent = dict(headers or {})
        if self.actor is not None:
            sent.setdefault("Martlet-Actor", self.actor)
        target = ROOT + urllib.parse.quote(path, safe="/@^~:%")
        return self.server.request(method, target, body, query=query or None, headers=sent)

    def get(self, path, /, **query):
        return self.request("GET", path, **query).expect().json

    def post(self, path, body=None, status=200):
        return self.request("POST", path, body).expect(status).json

    def put(self, path, body, status=204):
        reply = self.request("PUT", path, body).expect(status)
        return reply.json if reply.body else None

    def refused(self, method, path, body=None, *, status, code, headers=None, **query):
        """The detail of a problem that the request must meet."""
        reply = self.request(method, path, body, headers=headers, **query).expect(status)
        return problem(reply, code)["detail"]

    # Content

    def blob(self, data: bytes) -> str:
        digest = sha256(data)
        headers = {"Content-Type": "application/octet-stream"}
        self.server.request("PUT", f"{ROOT}/blobs/{digest}", raw=data, headers=headers).expect(204)
        return digest

    def blobs(self, files: dict[str, bytes]) -> list[dict]:
        return [{"path": path, "sha256": self.blob(data)} for path, data in files.items()]

    def model(self, **fields) -> str:
        return self.post("/models", {"name": unique("model"), **fields}, status=201)["name"]

    def register(self, model: str, files: dict[str, bytes] | None = None, **fields) -> dict:
        """A version of `files`; of one that is like no other where there are none."""
        if files is None and "source" not in fields:
            files = {"weights.bin": unique("weights").encode()}
        if files is not None:
            fields["files"] = self.blobs(files)
        return self.post(f"/models/{model}/versions", fields, status=201)

    def versions(self, model: str, count: int, **fields) -> list[dict]:
        return [self.register(model, **fields) for _ in range(count)]

    def version(self, model: str, version) -> dict:
        return self.get(f"/models/{model}/versions/{version}")

    def manifest_bytes(self, model: str, version) -> bytes:
        return self.request("GET", f"/models/{model}/versions/{version}/manifest").expect().body

    def manifest(self, model: str, version) -> dict:
        return json.loads(self.manifest_bytes(model, version))

    def file(self, model: str, version, path: str) -> Reply:
        return self.request("GET", f"/models/{model}/versions/{version}/files/{path}")

    # What happens to versions

    def move(self, model: str, version, to: str, **fields) -> dict:
        return self.post(f"/models/{model}/versions/{version}/transitions", {"to": to, **fields})

    def policy(self, model: str, **stages) -> dict:
        """Sets the gates of stages; `machine` and `retentionYears` go beside them."""
        others = {name: stages.pop(name) for name in ("machine", "retentionYears") if name in stages}
        return self.put(f"/models/{model}/policy", {"stages": stages, **others}, status=200)

    def production(self, model: str) -> list[int]:
        return [v["number"] for v in self.get(f"/models/{model}/versions", stage="production")["versions"]]

    def stages(self, model: str) -> dict[int, str]:
        """The stage of each version, by its number."""
        found = self.get(f"/models/{model}/versions", limit=1000)["versions"]
        return {version["number"]: version["stage"] for version in found}

    def state(self, model: str, at: str | None = None) -> dict:
        return self.get(f"/models/{model}/state", **({"at": at} if at else {}))

    # The ledger

    def history(self, model: str, version=None) -> list[dict]:
        """All entries, the newest first."""
        path = f"/models/{model}" + (f"/versions/{version}" if version else "") + "/history"
        page = self.get(path, limit=1000)
        entries = page["entries"]
        while token := page.get("nextPageToken"):
            page = self.get(path, limit=1000, pageToken=token)
            entries += page["entries"]
        return entries

    def ledger_size(self) -> int:
        return self.get("/ledger/entries", limit=1)["size"]

    def entries(self, start: int = 0) -> list[dict]:
        """What the entries from `start` on say."""
        found = []
        while page := self.get("/ledger/entries", start=start + len(found), limit=1000)["entries"]:
            found += page
        return [json.loads(entry["body"]) for entry in found]


def problem(reply: Reply, code: str | None = None) -> dict:
    """The problem that a reply must be, in the shape that the document promises."""
    assert reply.headers["Content-Type"] == "application/problem+json", (reply.status, reply.body[:300])
    found = reply.json
    assert set(found) - {"gates"} == {"status", "code", "title", "detail"}
    assert found["status"] == reply.status
    assert found["title"]
    assert found["detail"]
    assert code in (None, found["code"]), found
    return found
