"""A spelled word: "m i l l e r", "s as in sam m i t h"."""

from __future__ import annotations

from intents.readers.corrections import is_replaced
from intents.readers.hearing import all_heard
from models.domain import Entity
from words.letters import parse_letter, parse_spelling
from words.tokens import FILLERS, span, starts_with

_AT_THE_END = {("at", "the", "end"), ("on", "the", "end")}
_LEAST_JOINED = 3  # letters
_SHARE_JOINED = 0.6  # of the words from the first letter to the last
_JOINED_CERTAINTY = 0.6
_DROPPED = FILLERS - {"like"}  # "c like cat"


def read_letters(text: str, *, expected: bool = False) -> Entity | None:
    """The letters in upper case, or None. Unless expected, three letters in a row make a spelling."""
    found = tuple(token for token in all_heard(text) if token.text not in _DROPPED)
    words = [token.text for token in found]
    best: tuple[str, int, int] | None = None
    at, corrected = 0, False
    while at < len(words):
        spelling = parse_spelling(words, at)
        if spelling is None:
            at += 1
            continue
        if starts_with(words, spelling[1], ("as", "in")):
            return None  # an example that fits no letter: which one was meant is not known
        spelling = _with_ending(words, spelling)
        is_correction = best is not None and is_replaced(words, best[2], at)
        corrected |= is_correction
        if best is None or is_correction or len(spelling[0]) > len(best[0]):
            best = (spelling[0], at, spelling[1])
        at = spelling[1]
    if best is None or len(best[0]) < (1 if expected else 3):
        return None
    if not expected and not _is_spelled_out(words[best[1] : best[2]]):
        return None
    if not corrected and (whole := _joined(words)) and len(whole[0]) > len(best[0]):
        return Entity(whole[0], span(found, whole[1], whole[2]), _JOINED_CERTAINTY)
    return Entity(best[0], span(found, best[1], best[2]), 0.9 if len(best[0]) > 1 else 0.6)


def _joined(words: list[str]) -> tuple[str, int, int] | None:
    """All letters of a spelling that other words broke up: "a m l o mri i p i n e"."""
    places = [at for at, word in enumerate(words) if len(word) == 1 and word.isalpha()]
    if len(places) < _LEAST_JOINED:
        return None
    begin, after = places[0], places[-1] + 1
    whole = len(places) >= _SHARE_JOINED * (after - begin)
    return ("".join(words[at] for at in places).upper(), begin, after) if whole else None


def _with_ending(words: list[str], spelling: tuple[str, int]) -> tuple[str, int]:
    """ "b r o w n with an e at the end"."""
    place = spelling[1]
    if not starts_with(words, place, ("with",)) or words[place + 1 : place + 2] not in (
        ["a"],
        ["an"],
        ["the"],
    ):
        return spelling
    letter = parse_letter(words, place + 2)
    is_ending = letter is not None and tuple(words[letter[1] : letter[1] + 3]) in _AT_THE_END
    return (spelling[0] + letter[0].upper(), letter[1] + 3) if letter and is_ending else spelling


def _is_spelled_out(words: list[str]) -> bool:
    """Mostly single letters: "you are" is no spelling of UR."""
    return sum(len(word) == 1 for word in words) * 2 >= len(words)
