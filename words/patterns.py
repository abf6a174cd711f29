"""Turns of phrase as data: a notation for small patterns of words, and the matcher that finds them.

A pattern is slots with spaces between. ``a/b`` is either word, ``make_it`` two words in a row, ``.`` any one
word, ``n't`` any word that ends so; after a slot ``?`` makes it optional and ``*`` repeats it, none or more.
``|`` stands between patterns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Said = tuple[str, ...]
_ANY = "."
_DENIED = "n't"


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a pattern: the words that may stand there, each alternative a row of them."""

    alternatives: tuple[Said, ...]
    optional: bool = False
    repeated: bool = False


Pattern = tuple[Slot, ...]


def patterns(listed: str) -> tuple[Pattern, ...]:
    """The patterns of a table written as text."""
    return tuple(tuple(_slot(part) for part in line.split()) for line in listed.split("|") if line.strip())


def _slot(written: str) -> Slot:
    body = written.rstrip("?*")
    alternatives = tuple(tuple(one.split("_")) for one in body.split("/"))
    return Slot(alternatives, optional=body != written, repeated=written.endswith("*"))


def find(words: Sequence[str], table: Sequence[Pattern]) -> tuple[int, int] | None:
    """[first, after) of the first place where any pattern of a table stands; None for none."""
    for at in range(len(words)):
        for pattern in table:
            after = _after(words, at, pattern)
            if after is not None:
                return at, after
    return None


def _after(words: Sequence[str], at: int, pattern: Pattern) -> int | None:
    """The place after a pattern that stands at a place; optional slots are taken where they can be."""
    if not pattern:
        return at
    slot, rest = pattern[0], pattern[1:]
    for said in slot.alternatives:
        if _stands(words, at, said):
            after = _after(words, at + len(said), pattern if slot.repeated else rest)
            if after is not None:
                return after
    return _after(words, at, rest) if slot.optional else None


def _stands(words: Sequence[str], at: int, said: Said) -> bool:
    if at + len(said) > len(words):
        return False
    return all(_is(word, wanted) for word, wanted in zip(words[at : at + len(said)], said, strict=True))


def _is(word: str, wanted: str) -> bool:
    return wanted in (word, _ANY) or (wanted == _DENIED and word.endswith(_DENIED))
