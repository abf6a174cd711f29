"""A spelled word: "m i l l e r", "s as in sam m i t h"."""

from __future__ import annotations

from intents.readers.corrections import is_replaced
from intents.readers.hearing import all_heard
from models.domain import Entity
from words.letters import parse_spelling
from words.tokens import FILLERS, span, starts_with

_DROPPED = FILLERS - {"like"}  # "c like cat"


def read_letters(text: str, *, expected: bool = False) -> Entity | None:
    """The letters in upper case, or None. Unless expected, three letters in a row make a spelling."""
    found = tuple(token for token in all_heard(text) if token.text not in _DROPPED)
    words = [token.text for token in found]
    best: tuple[str, int, int] | None = None
    at = 0
    while at < len(words):
        spelling = parse_spelling(words, at)
        if spelling is None:
            at += 1
            continue
        if starts_with(words, spelling[1], ("as", "in")):
            return None  # an example that fits no letter: which one was meant is not known
        is_correction = best is not None and is_replaced(words, best[2], at)
        if best is None or is_correction or len(spelling[0]) > len(best[0]):
            best = (spelling[0], at, spelling[1])
        at = spelling[1]
    if best is None or len(best[0]) < (1 if expected else 3):
        return None
    if not expected and not _is_spelled_out(words[best[1] : best[2]]):
        return None
    return Entity(best[0], span(found, best[1], best[2]), 0.9 if len(best[0]) > 1 else 0.6)


def _is_spelled_out(words: list[str]) -> bool:
    """Mostly single letters: "you are" is no spelling of UR."""
    return sum(len(word) == 1 for word in words) * 2 >= len(words)
