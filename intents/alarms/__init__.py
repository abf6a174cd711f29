"""What callers say when something is dangerous, and what only sounds like it: sentences to learn from.

Each row names the danger signs that are truly there (ids of the catalogue in ``dialog.safety``), or none.
They teach a model that may only add an alarm to what the reviewed rules raise; nothing is measured on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SIGNS = tuple(f"RF{number:02}" for number in range(1, 27))  # the ids of the catalogue

_FOLDER = Path(__file__).parent
_HEADER = "family\tflag\ttext"
_FAMILY = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SPOKEN = re.compile(r"[a-z']+( [a-z']+)*")
_FEWEST_WORDS, _MOST_WORDS = 2, 45


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One caller sentence. ``flags`` is empty where there is no danger; variations share a ``family``."""

    text: str
    flags: tuple[str, ...]
    family: str


@lru_cache(maxsize=1)
def rows() -> tuple[AlarmRow, ...]:
    """Every row of every table, tables by name. Raises ValueError, naming table and line, on a bad line."""
    return read(_FOLDER)


def read(folder: Path) -> tuple[AlarmRow, ...]:
    """The rows of all tables of a folder. Raises ValueError as ``rows`` does."""
    return tuple(row for path in sorted(folder.glob("*.tsv")) for row in _table(path))


def _table(path: Path) -> Iterator[AlarmRow]:
    header, *lines = path.read_text(encoding="utf-8").split("\n")
    if header != _HEADER:
        raise ValueError(f"{path.name} line 1: the header must be family, flag and text, with tabs between")
    if lines and lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, start=2):
        try:
            yield _row(line)
        except ValueError as problem:
            raise ValueError(f"{path.name} line {number}: {problem}") from problem


def _row(line: str) -> AlarmRow:
    match line.split("\t"):
        case [family, flag, text]:
            return AlarmRow(_text(text), _flags(flag), _family(family))
        case columns:
            raise ValueError(f"three columns are needed, found {len(columns)}")


def _family(name: str) -> str:
    if not _FAMILY.fullmatch(name):
        raise ValueError(f"the family {name!r} is not a short name of small letters, digits, dots and dashes")
    return name


def _flags(cell: str) -> tuple[str, ...]:
    flags = tuple(cell.split(",")) if cell else ()
    if unknown := [flag for flag in flags if flag not in SIGNS]:
        raise ValueError(f"{', '.join(map(repr, unknown))} is no id of the catalogue")
    if len(set(flags)) < len(flags):
        raise ValueError(f"{cell} names an id twice")
    return flags


def _text(text: str) -> str:
    if not _SPOKEN.fullmatch(text):
        raise ValueError(
            f"{text!r} must be small letters and apostrophes with single blanks between the words"
        )
    if not _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS:
        raise ValueError(f"{text!r} must have {_FEWEST_WORDS} to {_MOST_WORDS} words")
    return text
