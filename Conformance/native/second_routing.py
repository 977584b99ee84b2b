"""Says which arm a subject has, without any of Martlet's code.

Written from docs/routing.md, on hashlib alone.

    second_routing.py SALT SUBJECT ARM=SHARE…     the arm of a subject; shares in millionths
    second_routing.py --vectors                   choices that an implementation can test itself with
"""

from __future__ import annotations

import hashlib
import random
import sys
from fractions import Fraction


def subject_hash(salt: bytes, subject: bytes) -> bytes:
    return hashlib.sha256(b"martlet subject v1\0" + bytes([len(salt)]) + salt + subject).digest()


def draw(subject: bytes, purpose: bytes) -> int:
    """A number below 2^64; `subject` is the hash."""
    return int.from_bytes(hashlib.sha256(b"martlet draw v1\0" + subject + purpose).digest()[:8], "big")


def is_below(number: int, share: int) -> bool:
    """Whether a draw falls into a share, which is in millionths."""
    return number * 1_000_000 < share << 64


def surprise(number: int) -> int:
    """-log2(draw / 2^64) in units of 2^-48."""
    odd = number | 1
    logarithm = odd.bit_length() - 1
    mantissa = odd << 63 - logarithm
    for _ in range(48):
        mantissa = mantissa * mantissa >> 63
        digit = mantissa >> 64
        mantissa >>= digit
        logarithm = logarithm << 1 | digit
    return (64 << 48) - logarithm


def arm(subject: bytes, shares: dict[str, int]) -> str:
    """The arm of a subject, given its hash and the share of each arm in millionths."""

    def race(name: str) -> tuple[Fraction, str]:
        return Fraction(surprise(draw(subject, b"arm " + name.encode())), shares[name]), name

    return min((name for name in shares if shares[name] > 0), key=race)


def vectors() -> list[str]:
    """Lines of: salt, subject, its hash, arms with shares, draw and surprise of the first, the chosen one."""
    choices = random.Random(20210401)
    splits = [
        {"primary": 900_000, "canary": 100_000},
        {"a": 500_000, "b": 500_000},
        {"primary": 999_999, "canary": 1},
        {"x.1": 333_334, "x_2": 333_333, "X-3": 333_333, "off": 0},
        {f"arm{number}": 50_000 for number in range(20)},
        {"alone": 1_000_000},
    ]
    subjects = [b"", b"\0", b"\xff\xfe\0", "Ünïcode \U0001f426".encode(), b"user-42", bytes(range(256)) * 5]
    subjects += [choices.randbytes(choices.randrange(1, 100)) for _ in range(54)]
    lines = []
    for number, subject in enumerate(subjects):
        salt = choices.randbytes((0, 1, 16, 32, 255)[number % 5])
        shares = splits[number % len(splits)]
        hashed = subject_hash(salt, subject)
        drawn = draw(hashed, b"arm " + next(iter(shares)).encode())
        arms = ",".join(f"{name}={share}" for name, share in shares.items())
        chosen = arm(hashed, shares)
        lines.append(f"{salt.hex()} {subject.hex()} {hashed.hex()} {arms} {drawn} {surprise(drawn)} {chosen}")
    return lines


def main(arguments: list[str]) -> None:
    if arguments == ["--vectors"]:
        print("\n".join(vectors()))
        return
    salt, subject, *arms = arguments
    shares = {name: int(share) for name, share in (text.split("=") for text in arms)}
    print(arm(subject_hash(salt.encode(), subject.encode()), shares))


if __name__ == "__main__":
    main(sys.argv[1:])
