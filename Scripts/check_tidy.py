#!/usr/bin/env python3
"""Refuses what the formatter does not see: sizes, names, crashes, promises and paths of one machine.

    check_tidy.py [REPOSITORY]

Prints one line for each finding and fails if there is one; `note:` lines are only to think about.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from swift_source import code_only, repository_files

FILE_LINES_MAX = 500
FILE_LINES_NOTED = 300
LINE_CHARACTERS_MAX = 120
FUNCTION_LINES_MAX = 60

# Some patterns are spelt with a class of one character, so that this file does not match itself.
MACHINE_PATH = re.compile(r"(?:^|[^\w./-])/(?:work|farm|root|home/\w+|Users/\w+|tmp/(?:bash_jobs|venvs|studio))/")
PROMISE = re.compile(r"\b(?:TO[D]O|FIX[M]E)\b(?!\(#\d+\))")
CRASH = re.compile(r"\b(?:try|as)[!]|\bfatal[E]rror\(|[\w)\]][!](?![=\w(])")
# Base64 is what the standard calls it.
VAGUE_NAME = re.compile(r"(?:Manager|Helper|Util|Utility|Utilitie|Common|Base(?!64))s?(?![a-z])")
TYPE_NAME = re.compile(r"\b(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)")
FUNCTION_START = re.compile(r"\b(?:func\s+[^\s(<]+|init[?]?|subscript|deinit)\s*(?=[(<{])")

Finding = tuple[int, str]


def check_any_text(path: Path, text: str) -> Iterator[Finding]:
    """What holds for every file."""
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            yield number, "a path of one machine"
    if VAGUE_NAME.search(path.stem):
        yield 1, f"'{path.stem}' does not say what it is; find the noun"


def check_code(text: str) -> Iterator[Finding]:
    """What holds for every programming language."""
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield 1, f"{len(lines)} lines; split it by noun or by step ({FILE_LINES_MAX} at most)"
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_CHARACTERS_MAX:
            yield number, f"{len(line)} characters in a line ({LINE_CHARACTERS_MAX} at most)"
        if PROMISE.search(line):
            yield number, "a promise without the number of its issue, as in (#12)"


def check_python(text: str) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from too_long(node.name, node.lineno, node.end_lineno - node.lineno + 1)


def check_swift(path: Path, text: str) -> Iterator[Finding]:
    code = code_only(text)
    yield from swift_functions(code)
    lines, code_lines = text.splitlines(), code.splitlines()
    for number, line in enumerate(code_lines, 1):
        if CRASH.search(line):
            yield number, "crashes on what it did not expect; throw a MartletError"
        for name in TYPE_NAME.findall(line):
            if VAGUE_NAME.search(name):
                yield number, f"'{name}' does not say what it is; find the noun"
        if "@unchecked Sendable" in line:
            yield from unchecked_sendable(path, lines, number)
        if re.search(r"(?<![\w.])print\(", line) and path.parts[0] in ("Sources", "Tests") and path.parts[1] != "App":
            yield number, "only App prints; log it or return it"


def swift_functions(code: str) -> Iterator[Finding]:
    """Functions that are too long. Those without a body, as in a protocol, have no length."""
    for match in FUNCTION_START.finditer(code):
        if re.search(r"[.\w]$", code[: match.start()]):
            continue  # a call: `self.init(`, `.init(`
        body = body_start(code, match.end())
        if body is not None:
            first = code.count("\n", 0, match.start()) + 1
            last = code.count("\n", 0, closing_brace(code, body)) + 1
            yield from too_long(match.group().split()[-1], first, last - first + 1)


def body_start(code: str, position: int) -> int | None:
    """Where the brace of a function's body is; None when the declaration ends without one."""
    depth = 0
    for index in range(position, len(code)):
        character = code[index]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth < 0:
                return None
        elif depth == 0 and character == "{":
            return index
        elif depth == 0 and character in "}=;":
            return None
        elif depth == 0 and character == "\n" and not re.match(r"\s*(?:->|throws|async|where|\{)", code[index:]):
            return None
    return None


def closing_brace(code: str, opening: int) -> int:
    depth = 0
    for index in range(opening, len(code)):
        depth += {"{": 1, "}": -1}.get(code[index], 0)
        if depth == 0:
            return index
    return len(code)


def too_long(name: str, line: int, length: int) -> Iterator[Finding]:
    if length > FUNCTION_LINES_MAX:
        yield line, f"'{name}' has {length} lines ({FUNCTION_LINES_MAX} at most)"


def unchecked_sendable(path: Path, lines: list[str], number: int) -> Iterator[Finding]:
    if path.parts[:2] != ("Sources", "Drivers"):
        yield number, "only Drivers may promise the compiler what it cannot check"
    above = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith(("//", "@")):
            break
        above.append(line)
    if "@unchecked Sendable" not in " ".join(above):
        yield number, "say in the comment above why `@unchecked Sendable` is true"


def check_file(path: Path, text: str) -> Iterator[Finding]:
    """All findings in one file; `path` is relative to the repository."""
    yield from check_any_text(path, text)
    is_shell = path.suffix == ".sh" or text.startswith(("#!/bin/sh", "#!/usr/bin/env bash"))
    if path.suffix in (".swift", ".py") or is_shell:
        yield from check_code(text)
    if path.suffix == ".py":
        yield from check_python(text)
    if path.suffix == ".swift":
        yield from check_swift(path, text)


def main() -> int:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[1])
    count = 0
    for file in repository_files(root):
        path = file.relative_to(root)
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue  # not text
        for line, message in check_file(path, text):
            print(f"{path}:{line}: {message}")
            count += 1
        length = text.count("\n")
        if path.suffix in (".swift", ".py") and FILE_LINES_NOTED < length <= FILE_LINES_MAX:
            print(f"note: {path} has {length} lines")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
