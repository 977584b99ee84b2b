#!/usr/bin/env python3
"""Refuses an arrow between modules that the layers forbid (ARCHITECTURE.md); SwiftPM alone would build it.

    check_imports.py [REPOSITORY]

Looks at every `import` below Sources/ and at every dependency in Package.swift.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from swift_source import imports, repository_files

# What a driver promises; the only modules of that layer that the domain may know.
CONTRACTS = {"MartletSQL", "MartletBlobs", "MartletJournal", "MartletWebhooks", "MartletBackends"}
# What drivers share: system calls on files.
FILES = "MartletFiles"
# A module of the domain may import what stands before it.
DOMAIN_ORDER = [
    "MartletCapture", "MartletSearch", "MartletAccess", "MartletArtifacts", "MartletTracking", "MartletLedger",
    "MartletEvents", "MartletRegistry", "MartletDeployments",
]  # fmt: skip
# What front ends share; it knows no domain.
FRONT_END_CONTRACT = "MartletHTTP"
# The messages of the native API, which server and client share.
WIRE = "MartletWire"

# Modules of others that a layer may import. Synchronization comes with the language.
FOREIGN = {
    "Core": {"Synchronization", "Crypto"},
    "Domain": {"Synchronization", "NIOCore", "Yams", "Crypto"},
    "Client": {
        "Synchronization", "FoundationEssentials", "AsyncHTTPClient", "Crypto", "NIOCore", "NIOHTTP1", "NIOPosix",
        "Glibc",
    },
    "FrontEnds": {
        "Synchronization", "NIOCore", "NIOHTTP1", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "Hummingbird", "HummingbirdCore",
        "HTTPTypes", "Logging", "Glibc", "FoundationEssentials",
    },
}
# What one module may import beyond that: statistics need logarithms, and no more of the system; the gateway is the one
# front end that is a client as well.
ALSO_ALLOWED = {
    ("MartletStatistics", "Glibc"),
    ("GatewayFrontEnd", "MartletProxy"), ("GatewayFrontEnd", "Crypto"),
}  # fmt: skip
# Modules of others, or our maps of them, that belong to one of ours.
OWNERS = {
    "GRDB": "MartletSQLite", "GRDBSQLite": "MartletSQLite", "CPostgres": "MartletPostgres", "Yams": "MartletCapture",
}  # fmt: skip


class Layers:
    """Which of our modules is in which layer, and who may import whom."""

    def __init__(self, layer_by_module: dict[str, str]):
        self.layer_by_module = layer_by_module

    @classmethod
    def of_sources(cls, sources: Path) -> Layers:
        return cls({module.name: module.parent.name for module in sources.glob("*/*") if module.is_dir()})

    def refusal(self, importer: str, imported: str) -> str | None:
        """Why `importer` must not import `imported`, or None when it may."""
        layer = self.layer_by_module[importer]
        if imported not in self.layer_by_module:
            return self._foreign_refusal(importer, layer, imported)
        target = self.layer_by_module[imported]
        if OWNERS.get(imported, importer) != importer:
            return f"only {OWNERS[imported]} may import {imported}"
        allowed = {
            "Core": target == "Core",
            "Drivers": target == "Core" or imported in {*CONTRACTS, FILES} or OWNERS.get(imported) == importer,
            "Domain": target == "Core" or imported in CONTRACTS or self._is_earlier(imported, importer),
            "FrontEnds": target == "Core" or self._may_front_end_import(importer, imported, target),
            "Client": target in ("Core", "Client"),
            "Testing": target in ("Core", "Drivers", "Domain"),
            "App": target != "Testing",
        }
        if layer not in allowed:
            return f"the layer '{layer}' has no rules yet; give it some in Scripts/check_imports.py"
        return None if allowed[layer] else f"{layer}/{importer} must not import {target}/{imported}"

    @staticmethod
    def _foreign_refusal(importer: str, layer: str, imported: str) -> str | None:
        owner = OWNERS.get(imported)
        if owner is not None and owner != importer:
            return f"only {owner} may import {imported}"
        if layer in FOREIGN and imported not in FOREIGN[layer] and (importer, imported) not in ALSO_ALLOWED:
            return f"{layer}/{importer} must not import {imported}"
        return None

    @staticmethod
    def _is_earlier(imported: str, importer: str) -> bool:
        order = DOMAIN_ORDER
        return imported in order and importer in order and order.index(imported) < order.index(importer)

    @staticmethod
    def _may_front_end_import(importer: str, imported: str, target: str) -> bool:
        if importer == FRONT_END_CONTRACT:
            return False
        return target == "Domain" or imported in (FRONT_END_CONTRACT, WIRE) or (importer, imported) in ALSO_ALLOWED


def import_findings(root: Path, layers: Layers) -> list[str]:
    """Forbidden imports in the sources."""
    findings = []
    for path in repository_files(root):
        parts = path.relative_to(root).parts
        if path.suffix != ".swift" or parts[0] != "Sources" or len(parts) < 4:
            continue
        for line, imported in imports(path.read_text()):
            reason = layers.refusal(parts[2], imported)
            if reason:
                findings.append(f"{path.relative_to(root)}:{line}: {reason}")
    return findings


def manifest_findings(manifest: dict, layers: Layers) -> list[str]:
    """Forbidden dependencies in a package, as `swift package dump-package` describes it."""
    findings = []
    for target in manifest["targets"]:
        if target["name"] not in layers.layer_by_module:
            continue
        for dependency in target["dependencies"]:
            # {"byName": [name, condition]}, or {"product": [name, package, …]} and its like.
            imported = next(iter(dependency.values()))[0]
            reason = layers.refusal(target["name"], imported)
            if reason:
                findings.append(f"Package.swift: {reason}")
    return findings


def read_manifest(root: Path) -> dict:
    # A folder of its own, so that a build that is running does not hold this up.
    with tempfile.TemporaryDirectory() as scratch:
        command = ["swift", "package", "--package-path", str(root), "--scratch-path", scratch, "dump-package"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
    layers = Layers.of_sources(root / "Sources")
    findings = import_findings(root, layers) + manifest_findings(read_manifest(root), layers)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
