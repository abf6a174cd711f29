"""Lines of the sets are appended, never changed: frozen.tsv holds the hash of every beginning once frozen.

    python -m tests.safety_sets.frozen

freezes the lines that were appended since, and refuses where an older one has changed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.safety_sets.sets import FOLDER, SETS

REGISTER = FOLDER / "frozen.tsv"


class FrozenError(ValueError):
    """A line that was frozen has been changed, removed or moved."""


def beginning(path: Path, lines: int) -> str:
    """The SHA-256 of a file's first so many lines, its heading counted; of all where it has fewer."""
    kept = path.read_bytes().splitlines(keepends=True)[:lines]
    return hashlib.sha256(b"".join(kept)).hexdigest()


def name_of(path: Path) -> str:
    """How the register names a file: by its place among the sets; a copy that lies elsewhere by its name."""
    return path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else path.name


def length(path: Path) -> int:
    """How many lines a file has, its heading counted."""
    return len(path.read_bytes().splitlines())


def registered(register: Path = REGISTER) -> list[tuple[str, int, str]]:
    """What has been frozen: the file's name, how many of its lines, their hash; oldest first."""
    rows = [line.split("\t") for line in register.read_text(encoding="utf-8").splitlines()[1:]]
    return [(name, int(lines), digest) for name, lines, digest in rows]


def check(path: Path, register: Path = REGISTER) -> int:
    """How many lines of a file are frozen. Raises FrozenError if any of them is not as it was."""
    rows = [(lines, digest) for name, lines, digest in registered(register) if name == name_of(path)]
    for lines, digest in rows:
        if length(path) < lines or beginning(path, lines) != digest:
            first = f"{name_of(path)}: the first {lines} lines"
            raise FrozenError(f"{first} are not as frozen; append, never change")
    return max((lines for lines, _ in rows), default=0)


def freeze(path: Path, register: Path = REGISTER) -> int:
    """Register what was appended to a file; how many lines that are. Raises FrozenError as check does."""
    added = length(path) - check(path, register)
    if added:
        with register.open("a", encoding="utf-8") as out:
            out.write(f"{name_of(path)}\t{length(path)}\t{beginning(path, length(path))}\n")
    return added


if __name__ == "__main__":
    for one in SETS:
        print(f"{name_of(one)}: {freeze(one)} lines frozen")
