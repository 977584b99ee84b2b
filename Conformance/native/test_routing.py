"""Which arm a subject has can be computed again by anybody."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import second_routing

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parents[1] / "Tests" / "MartletRoutingTests" / "vectors.txt"


def test_the_vectors_that_swift_is_tested_with_come_from_this_implementation():
    """Tests/MartletRoutingTests compares Martlet with the same file."""
    assert VECTORS.read_text() == "\n".join(second_routing.vectors()) + "\n"


def test_the_program_tells_the_arm_of_a_subject():
    command = [
        sys.executable,
        HERE / "second_routing.py",
        "salt",
        "user-42",
        "primary=900000",
        "canary=100000",
    ]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    hashed = second_routing.subject_hash(b"salt", b"user-42")
    assert answer == second_routing.arm(hashed, {"canary": 100_000, "primary": 900_000})


def test_the_program_in_the_documentation_agrees():
    """docs/routing.md shows the whole computation; it is run as it stands there."""
    text = (HERE.parents[1] / "docs" / "routing.md").read_text()
    shown: dict = {}
    exec(text.split("```python\n")[1].split("```")[0], shown)
    shares = {"primary": 700_000, "canary": 200_000, "challenger": 100_000}
    for number in range(2_000):
        subject = f"user-{number}".encode()
        hashed = second_routing.subject_hash(b"salt", subject)
        assert shown["arm"](b"salt", subject, shares) == second_routing.arm(hashed, shares)


def test_arms_are_chosen_as_often_as_their_shares_say():
    shares = {"primary": 700_000, "canary": 200_000, "challenger": 100_000}
    chosen = Counter(
        second_routing.arm(second_routing.subject_hash(b"salt", str(number).encode()), shares)
        for number in range(20_000)
    )
    for name, share in shares.items():
        expected = 20_000 * share / 1_000_000
        assert abs(chosen[name] - expected) < 4 * (expected * (1 - share / 1_000_000)) ** 0.5
