"""Tampering with a ledger: it is found, by code that shares none with the server and by `martlet audit`."""

import os
import re
import subprocess

import pytest

import second_implementation as second
from support import martlet_binary
from tampering import TAMPERING, make_past, rows_of, tampered_copy


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    return make_past(tmp_path_factory.mktemp("past"))


def audit(past, folder, statements):
    rows = rows_of(tampered_copy(past, folder, statements))
    return second.audit(rows, past.checkpoints, [second.Key.parse(past.key)])


@pytest.mark.sqlite_only
def test_an_honest_ledger_passes_the_audit(past, tmp_path):
    assert audit(past, tmp_path, []) is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("statements", "found"), TAMPERING.values(), ids=TAMPERING)
def test_tampering_is_found_and_the_first_bad_entry_named(past, tmp_path, statements, found):
    assert found in audit(past, tmp_path, statements)


# The same through `martlet audit verify`: in the data folder, and in an exported file.


def martlet(*arguments, home):
    environment = {**os.environ, "XDG_CONFIG_HOME": str(home), "HOME": str(home)}
    command = [martlet_binary(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)


def verify_everywhere(past, tmp_path, statements):
    """The outcomes of verifying a data folder, and of verifying what is exported from it."""
    copy = tampered_copy(past, tmp_path, statements)
    notes = []
    for number, note in enumerate(past.checkpoints):
        file = tmp_path / f"{number}.note"
        file.write_text(note)
        notes += ["--checkpoint", file]
    trust = ["--key", past.key, "--forgetful", *notes]
    live = martlet("audit", "verify", "--data", copy, *trust, home=tmp_path)
    exported = martlet("audit", "export", "--data", copy, "--output", tmp_path / "ledger", home=tmp_path)
    if exported.returncode != 0:
        return [live, exported]
    return [live, martlet("audit", "verify", tmp_path / "ledger", *trust, home=tmp_path)]


@pytest.mark.sqlite_only
def test_martlet_audit_finds_an_honest_ledger_sound(past, tmp_path):
    for done in verify_everywhere(past, tmp_path, []):
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("statements", "found"), TAMPERING.values(), ids=TAMPERING)
def test_martlet_audit_finds_tampering_and_names_the_first_bad_entry(past, tmp_path, statements, found):
    named = re.search(r"entry (\d+)", found)
    for done in verify_everywhere(past, tmp_path, statements):
        said = done.stdout + done.stderr
        print(said)
        assert done.returncode == 1, said
        assert named is None or re.search(rf"\b{named[1]}\b", said), said
