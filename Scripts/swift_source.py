"""Reads Swift text as far as the checks need: without comments and strings, by module, by import."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

_TOKEN = re.compile(
    r"""
      //[^\n]*                              # a comment to the end of the line
    | /\*.*?\*/                             # a comment in the middle of one
    | (?P<hashes>\#*)\"\"\".*?\"\"\"(?P=hashes)   # a string of several lines
    | (?P<raw>\#+)".*?"(?P=raw)             # a raw string
    | "(?:\\.|[^"\\\n])*"                   # a string
    """,
    re.VERBOSE | re.DOTALL,
)

_IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:typealias|struct|class|enum|protocol|let|var|func)\s+)?(\w+)",
    re.MULTILINE,
)


def code_only(text: str) -> str:
    """The text with blanks for comments and strings, so that line and column stay what they are."""
    return _TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def imports(text: str) -> list[tuple[int, str]]:
    """The imported modules, each with its line number."""
    code = code_only(text)
    return [(code.count("\n", 0, match.start(1)) + 1, match.group(1)) for match in _IMPORT.finditer(code)]


def repository_files(root: Path) -> list[Path]:
    """Every file that is, or could be, in a commit."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\0")
    return sorted(root / name for name in set(names) if name and (root / name).is_file())
