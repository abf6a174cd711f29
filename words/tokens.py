"""Words of an utterance with their place in it: recogniser output and typed text alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

# "a.m." before plain words, a number with its ordinal ending, words with inner apostrophes, the
# separators that mean something between digits, and the "#", "+" of typed phone numbers.
_PIECE = re.compile(
    r"(?P<half>\b[ap]\s?\.\s?m\b\.?)"
    r"|(?P<ordinal>\d+(?:st|nd|rd|th)\b)"
    r"|(?P<number>\d+)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<mark>[/:.+-])",
    re.IGNORECASE,
)
FILLERS = frozenset(
    {"uh", "um", "er", "erm", "ah", "hmm", "hm", "well", "please", "like", "so", "okay", "ok"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is lower case with a straight apostrophe; [start, end) are characters of the utterance."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=512)
def tokens(text: str) -> tuple[Token, ...]:
    """Cut an utterance into lower-case words, numbers and the marks that stand between digits."""
    found = []
    for match in _PIECE.finditer(text):
        piece = _spelling(match)
        if not _is_stray_mark(match, text) and not (piece.isdigit() and not piece.isascii()):
            found.append(Token(piece, match.start(), match.end()))
    return tuple(found)


def words(text: str) -> tuple[str, ...]:
    """The lower-case words only, without marks: what sound and spelling are compared on."""
    return tuple(token.text for token in tokens(text) if token.text[0].isalnum())


def without_fillers(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens that carry meaning; "uh", "um" and politeness are dropped, places are kept."""
    return tuple(token for token in found if token.text not in FILLERS)


def span(found: tuple[Token, ...], first: int, after: int) -> tuple[int, int]:
    """Characters covered by tokens [first, after)."""
    return found[first].start, found[after - 1].end


def _spelling(match: re.Match[str]) -> str:
    if match.lastgroup == "half":
        return match.group()[0].lower() + "m"
    return match.group().lower().replace("’", "'")


def _is_stray_mark(match: re.Match[str], text: str) -> bool:
    """A full stop or dash counts only between digits, a plus only before one."""
    if match.lastgroup != "mark":
        return False
    before = text[match.start() - 1 : match.start()]
    after = text[match.end() : match.end() + 1]
    if match.group() == "+":
        return not after.isdigit()
    return not (before.isdigit() and after.isdigit())


def word_set(listed: str) -> frozenset[str]:
    """Words of a table written as text, separated by white space."""
    return frozenset(listed.split())


class Phrases(tuple[tuple[str, ...], ...]):
    """A table of phrases, each a tuple of words; those that may stand at a place are found by its word."""

    @cached_property
    def by_first(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        """Phrases by their first word, in the table's order."""
        found: dict[str, tuple[tuple[str, ...], ...]] = {}
        for phrase in self:
            found[phrase[0]] = (*found.get(phrase[0], ()), phrase)
        return found


def phrases(listed: str) -> Phrases:
    """Phrases of a table written as text, separated by "|", as tuples of words."""
    return Phrases(tuple(phrase.split()) for phrase in listed.split("|") if phrase.strip())


def longest_at(found: Sequence[str], at: int, table: Phrases) -> int:
    """Number of words of the longest phrase of a table that stands at a place; 0 for none."""
    possible = table.by_first.get(found[at], ()) if 0 <= at < len(found) else ()
    return max((len(phrase) for phrase in possible if starts_with(found, at, phrase)), default=0)


def holds_any(found: Sequence[str], table: Phrases) -> bool:
    """Whether any phrase of a table stands anywhere among the words."""
    return any(word in table.by_first and longest_at(found, at, table) for at, word in enumerate(found))


def starts_with(found: Sequence[str], at: int, phrase: tuple[str, ...]) -> bool:
    """Whether the words at a place are those of a phrase, which has at least one."""
    is_begun = 0 <= at < len(found) and found[at] == phrase[0]  # most are not, and this is cheap
    return is_begun and tuple(found[at : at + len(phrase)]) == phrase


def find_phrase(found: Sequence[str], phrase: tuple[str, ...]) -> int | None:
    """First place of a phrase, which has at least one word, among words; or None."""
    at = -1
    for _ in range(found.count(phrase[0])):  # mostly none, and counting is the cheapest way to know
        at = found.index(phrase[0], at + 1)
        if tuple(found[at : at + len(phrase)]) == phrase:
            return at
    return None


def word_at(found: Sequence[str], at: int) -> str:
    """The word at a place, "" outside the sentence."""
    return found[at] if 0 <= at < len(found) else ""
