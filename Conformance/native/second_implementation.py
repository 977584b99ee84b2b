"""Verifies Martlet's ledger without any of Martlet's code.

Written from RFC 6962 and RFC 9162 (Merkle trees, inclusion and consistency proofs) and from the C2SP
specifications signed-note and tlog-checkpoint, on hashlib and cryptography alone.

    second_implementation.py BUNDLE [PUBLIC-KEY]

checks the proof bundle of a version, as `GET …/versions/{version}/proof` gives it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = b"\x01"
NO_LEAF = "0" * 64


class Refused(Exception):
    """What was to be proved is not proved."""


# RFC 6962, section 2.1; RFC 9162, section 2.1


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_hash(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of leaf hashes."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def root_of_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a path leads to from a leaf (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Refused(f"there is no entry {index} among {size}")
    fn, sn, root = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            raise Refused("the path is too long")
        if fn & 1 or fn == sn:
            root = node_hash(sibling, root)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node_hash(root, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Refused("the path is too short")
    return root


def check_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: list[bytes]
) -> None:
    """RFC 9162, 2.1.4.2."""
    if old_size > new_size:
        raise Refused(f"the ledger had {old_size} entries and has {new_size} now: it was truncated")
    if old_size == new_size:
        if path or old_root != new_root:
            raise Refused("two ledgers of one size differ")
        return
    if old_size == 0:
        if path or old_root != tree_hash([]):
            raise Refused("the empty ledger needs no proof")
        return
    path = list(path)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise Refused("the path is empty")
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise Refused("the path is too long")
        if fn & 1 or fn == sn:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or old != old_root or new != new_root:
        raise Refused("the new ledger does not begin with the old one")


# https://c2sp.org/signed-note


@dataclass(frozen=True)
class Key:
    name: str
    id: bytes
    public: bytes

    @staticmethod
    def parse(text: str) -> Key:
        """Reads `name+hash+key`."""
        name, key_hash, encoded = text.strip().split("+", 2)
        key = base64.b64decode(encoded, validate=True)
        if key[:1] != ED25519 or len(key) != 33:
            raise Refused("this is not an Ed25519 key")
        key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        if key_id.hex() != key_hash:
            raise Refused("the key's hash is that of another key")
        return Key(name, key_id, key[1:])


def open_note(note: str, key: Key) -> str:
    """The text of a note that bears the key's signature."""
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise Refused("this is not a signed note")
    text += "\n"
    for line in signatures.splitlines():
        dash, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if dash != "\N{EM DASH}":
            raise Refused("this is not a signature")
        if name != key.name or signature[:4] != key.id:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature[4:], text.encode())
        except InvalidSignature as error:
            raise Refused("the signature is not that of the note") from error
        return text
    raise Refused("the key did not sign the note")


# https://c2sp.org/tlog-checkpoint


@dataclass(frozen=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    @staticmethod
    def parse(note: str, key: Key) -> Checkpoint:
        lines = open_note(note, key).split("\n")
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
        if not origin or size != str(int(size)) or int(size) < 0 or len(root) != 32 or lines[3:] != [""]:
            raise Refused("this is not a checkpoint")
        return Checkpoint(origin, int(size), root)


# Martlet


def check_bundle(bundle: dict, public_key: str | None = None) -> dict:
    """What the ledger's owner signed for: the manifest of a version, if everything in the bundle fits.

    :param public_key: What the owner published; without it the bundle's own key is believed.
    """
    if bundle["format"] != "martlet-proof/1":
        raise Refused("this is not a proof bundle")
    if public_key is not None and public_key.strip() != bundle["publicKey"]:
        raise Refused("the bundle was signed with another key than the one that was published")
    entry = _entry(bundle, bundle["index"])
    digest = hashlib.sha256(bundle["manifest"].encode()).hexdigest()
    if not digest == bundle["digest"] == entry["digest"]:
        raise Refused("the manifest is not the one that was registered")
    if entry["action"] not in ("version.register", "version.seal"):
        raise Refused("the entry neither registered nor sealed a version")
    if (entry["index"], entry["model"], entry["version"]) != (
        bundle["index"],
        bundle["model"],
        bundle["number"],
    ):
        raise Refused("the entry is that of something else")
    manifest = json.loads(bundle["manifest"])
    if (manifest["model"], manifest["number"]) != (bundle["model"], bundle["number"]):
        raise Refused("the manifest is that of another version")
    return manifest


def check_decision_bundle(bundle: dict) -> dict:
    """The record of a decision as the ledger's owner sealed it, if everything in the bundle fits."""
    if bundle["format"] != "martlet-decision-proof/1":
        raise Refused("this is not the proof of a decision")
    entry = _entry(bundle, bundle["entryIndex"])
    record = json.loads(bundle["record"])
    if (entry["action"], entry["deployment"]) != ("deployment.seal", record["deployment"]):
        raise Refused("the entry seals something else")
    leaf = leaf_hash(bundle["record"].encode())
    root = root_of_inclusion(leaf, bundle["index"], entry["count"], _hashes(bundle["path"]))
    if root.hex() != entry["root"]:
        raise Refused("the record was not sealed")
    return record


def _entry(bundle: dict, index: int) -> dict:
    """The entry of a bundle, if the ledger has it at that place."""
    checkpoint = Checkpoint.parse(bundle["checkpoint"], Key.parse(bundle["publicKey"]))
    if checkpoint.size != bundle["treeSize"]:
        raise Refused("the checkpoint is of a ledger of another size")
    leaf = leaf_hash(bundle["entry"].encode())
    if root_of_inclusion(leaf, index, checkpoint.size, _hashes(bundle["inclusion"])) != checkpoint.root:
        raise Refused("the entry is not in the ledger")
    return json.loads(bundle["entry"])


def _hashes(path: list[str]) -> list[bytes]:
    return [base64.b64decode(text, validate=True) for text in path]


@dataclass(frozen=True)
class Row:
    """An entry as the server hands it out or as the database holds it."""

    index: int
    leaf: bytes
    body: str


def audit(rows: list[Row], checkpoints: list[str], keys: list[Key]) -> str | None:
    """Names the first entry that is wrong, and how; `None` when all is well.

    Each entry says its place, and the leaf hash of the one before it. So the first that does not fit is found
    by going through them once; what was cut off at the end, or written anew from some entry on, contradicts a
    checkpoint.
    """
    leaves: list[bytes] = []
    previous = NO_LEAF
    for place, row in enumerate(rows):
        if row.index != place:
            return f"entry {place} was dropped" if row.index > place else f"entry {row.index} was replayed"
        leaf = leaf_hash(row.body.encode())
        if leaf != row.leaf:
            return f"entry {place} was edited"
        entry = json.loads(row.body)
        if entry["index"] != place:
            return f"entry {place} is entry {entry['index']}: reordered or replayed"
        if entry["previous"] != previous:
            return f"entry {place - 1} was edited: entry {place} was written after another one"
        leaves.append(leaf)
        previous = leaf.hex()
    for note in checkpoints:
        checkpoint = open_any(note, keys)
        if checkpoint.size > len(leaves):
            return f"entry {len(leaves)} was cut off: there is a checkpoint of {checkpoint.size} entries"
        if tree_hash(leaves[: checkpoint.size]) != checkpoint.root:
            return f"an entry before {checkpoint.size} is not the one that was signed"
    return None


def open_any(note: str, keys: list[Key]) -> Checkpoint:
    """A checkpoint that one of the keys signed."""
    for key in keys:
        try:
            return Checkpoint.parse(note, key)
        except Refused:
            continue
    raise Refused("none of the keys signed the checkpoint")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    said = check_bundle(given, sys.argv[2] if len(sys.argv) > 2 else None)
    print(f"{said['model']} {said['number']} is what {said['author']} registered at {said['registeredAt']}.")
