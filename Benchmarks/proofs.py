"""What a stranger checks the ledger's proofs with: RFC 6962, RFC 9162, signed notes, none of our code."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from processes import Unmeasurable

ED25519 = b"\x01"
# What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo (RFC 8410).
KEY_HEAD = bytes.fromhex("302a300506032b6570032100")


@dataclass(frozen=True)
class Checkpoint:
    """What a signed note says of a ledger."""

    size: int
    root: bytes

    @classmethod
    def verified(cls, note: str, public_key: str) -> Checkpoint:
        """Reads a note, after openssl has found the signature of the key under it."""
        text, _, signatures = note.partition("\n\n")
        name, key_hash, key = public_key.strip().split("+", 2)
        signer = base64.b64decode(key)
        key_id = hashlib.sha256(name.encode() + b"\n" + signer).digest()[:4]
        require(signer[:1] == ED25519 and key_id.hex() == key_hash, "the public key is not what it says")
        line = next((line for line in signatures.splitlines() if line.startswith(f"— {name} ")), None)
        require(line is not None, "nobody of that name signed the checkpoint")
        signed = base64.b64decode(line.split(" ")[2])
        require(signed[:4] == key_id, "another key signed the checkpoint")
        is_valid = is_signed(text.encode() + b"\n", signed[4:], signer[1:])
        require(is_valid, "the checkpoint's signature is wrong")
        _, size, root = text.split("\n")
        return cls(int(size), base64.b64decode(root))


def is_signed(text: bytes, signature: bytes, key: bytes) -> bool:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "text").write_bytes(text)
        (folder / "signature").write_bytes(signature)
        (folder / "key").write_bytes(KEY_HEAD + key)
        command = "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key -in text -sigfile signature"
        return subprocess.run(command.split(), cwd=folder, capture_output=True).returncode == 0


def leaf_hash(entry: str) -> bytes:
    return hashlib.sha256(b"\0" + entry.encode()).digest()


def require_inclusion(leaf: bytes, index: int, checkpoint: Checkpoint, path: list[str]) -> None:
    """RFC 9162, section 2.1.3.2."""
    node, last, root = index, checkpoint.size - 1, leaf
    for other in map(base64.b64decode, path):
        require(last > 0, f"the proof of entry {index} is too long")
        if node & 1 or node == last:
            root = _above(other, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = _above(root, other)
        node, last = node >> 1, last >> 1
    require(last == 0 and root == checkpoint.root, f"entry {index} is not proved")


def require_consistency(old: Checkpoint, new: Checkpoint, path: list[str]) -> None:
    """RFC 9162, section 2.1.4.2, for two sizes that differ."""
    hashes = list(map(base64.b64decode, path))
    if old.size & (old.size - 1) == 0:
        hashes.insert(0, old.root)
    node, last = old.size - 1, new.size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_root = new_root = hashes[0]
    for other in hashes[1:]:
        require(last > 0, "the proof of consistency is too long")
        if node & 1 or node == last:
            old_root, new_root = _above(other, old_root), _above(other, new_root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new_root = _above(new_root, other)
        node, last = node >> 1, last >> 1
    held = last == 0 and old_root == old.root and new_root == new.root
    require(held, f"{new.size} entries are not proved to begin with {old.size}")


def require(held: bool, complaint: str) -> None:
    if not held:
        raise Unmeasurable(complaint)


def _above(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
