"""The notation the catalogue is written in, compiled once.

A phrase is words separated by spaces:

``a/b_c``  one of several words; ``_`` joins a wording of several words
``{name}`` a word group of the vocabulary
``word?``  may be left out
``~``      up to three words in between; ``~~`` up to seven; ``~#`` up to five, none a number
``^`` ``$``  the beginning and the end of the turn
``x & y``  both within eight words of each other, in either order; also three
``x + y``  both must be said in the turn, in any order
``+ @y``   y is a circumstance ("surgery", "pregnant"): it may lie in the past

Gaps never swallow a negation or a "but"; only that of ``&`` crosses the end of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Generic, TypeVar

from dialog.safety.text import Spoken
from dialog.safety.vocabulary import GROUPS, NUMERALS

_TURNS = "no not never without nor but except denies deny if sin".split()
_BETWEEN = rf"(?: (?!(?:{'|'.join(_TURNS)}) )[^ .]\S*)"
_NUMERAL = r"\d\S*|(?:" + "|".join(NUMERALS) + r"|hundred|at|by|until|every|before) "
_NO_NUMBER = _BETWEEN.replace("(?!", f"(?!(?:{_NUMERAL})|", 1)
_GAPS = {
    "~": _BETWEEN + "{0,3}?",
    "~~": _BETWEEN + "{0,7}?",
    "~#": _NO_NUMBER + "{0,5}?",
    "^": "^",
    "$": "(?= $)",
}
_BESIDE = 8  # words
_TURNING = frozenset(_TURNS)
_STOPS = frozenset({".", "?"})
Item = TypeVar("Item")
Span = tuple[int, int]  # words [first, after)
Finder = Callable[[Spoken], Iterator[Span]]
_END = ""
# "a hundred and forty", "forty dollars": no reading of forty.
_OWN_NUMBER = ("{under_54}", "{celsius}", "{low_oxygen}", "{over_300}")
_NOT_AFTER = "".join(f"(?<! {word})" for word in ("hundred", "hundred and", "one", "two", "point", "three"))
_UNITS = (
    "units? milligrams? dollars? mg minutes? years? percent carbs grams? pounds? days? weeks? months? "
    "cents bucks oh"
)
_NOT_BEFORE = f"(?! (?:{'|'.join(_UNITS.split())}) )"
# Too common to find a phrase by.
_COMMON = frozenset(
    "a an the i he she it my his her is are am was be have has had having not no can in on of to do does for "
    "and me you they we him so too really very will would with at up out down get got all that this more "
    "much feel feels bad hurt pain hurts hurting".split()
)


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: one object per phrase
class Part:
    """One compiled phrase. ``needs``: it can match only where a word of each of these sets is said.

    ``sides``: the parts that ``&`` joins, each of which says for itself whether it is denied or past.
    """

    source: str
    finder: Finder
    needs: tuple[frozenset[str], ...]
    circumstance: bool = False
    sides: tuple[Part, ...] = ()

    def find(self, said: Spoken) -> Iterator[Span]:
        """Where it was said: [first word, word after the last)."""
        return self.finder(said)


def compile_phrase(phrase: str) -> tuple[Part, ...]:
    """The parts of a phrase; several where it has ``+``. Raises KeyError for an unknown group."""
    return tuple(_part(text) for text in phrase.split(" + "))


def is_common(need: frozenset[str]) -> bool:
    """Whether a set of needed words can be met by a word that is in most sentences."""
    return not need.isdisjoint(_COMMON)


class WordIndex(Generic[Item]):
    """Finds by a text's words the few items that can be in it at all: most turns try no pattern."""

    def __init__(self) -> None:
        self._by_word: dict[str, list[tuple[tuple[frozenset[str], ...], Item]]] = {}

    def add(self, item: Item, needs: Iterable[frozenset[str]]) -> None:
        """Index an item by the rarest of the word sets it needs; all of them are checked."""
        ordered = tuple(sorted(needs, key=lambda words: (len(words & _COMMON), len(words))))
        for word in ordered[0]:
            self._by_word.setdefault(word, []).append((ordered[1:], item))

    def candidates(self, words: frozenset[str]) -> dict[Item, None]:
        """The items of which every needed word set meets ``words``, in the order of their finding."""
        return {
            item: None
            for word in sorted(words & self._by_word.keys())
            for needs, item in self._by_word[word]
            if not any(map(words.isdisjoint, needs))
        }


class Lexicon:
    """Named lists of phrases, searched together."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._index: WordIndex[tuple[str, Part]] = WordIndex()
        for name, phrases in lists.items():
            for part in map(_part, phrases):
                self._index.add((name, part), part.needs)

    def find(self, said: Spoken) -> dict[str, list[tuple[int, int]]]:
        """By list name, where its phrases were said. Names without a find are absent."""
        found: dict[str, list[tuple[int, int]]] = {}
        for name, part in self._index.candidates(frozenset(said.words)):
            if spans := list(part.find(said)):
                found.setdefault(name, []).extend(spans)
        return found


@cache
def _part(text: str) -> Part:
    circumstance = text.startswith("@")
    texts = text.removeprefix("@").split(" & ")
    if len(texts) == 1:
        elements = texts[0].split()
        return Part(text, _finder(elements), _needs(elements), circumstance)
    sides = tuple(map(_part, texts))
    needs = tuple(need for side in sides for need in side.needs)
    return Part(text, partial(_beside, sides=sides), needs, circumstance, sides)


def _finder(elements: list[str]) -> Finder:
    """A list of wordings is looked up word by word; only what has gaps or counts needs a pattern."""
    plain = len(elements) == 1 and not elements[0].endswith("?")
    if plain and not any(number in elements[0] for number in _OWN_NUMBER):
        return partial(_one_of, tails=_tails(_wordings(elements[0])))
    return partial(_matches, pattern=re.compile(_pattern(elements)))


def _matches(said: Spoken, pattern: re.Pattern[str]) -> Iterator[Span]:
    for match in pattern.finditer(said.joined):
        yield said.word_at(match.start() + 1), said.word_at(match.end() - 1) + 1


Tails = Mapping[str, tuple[tuple[str, ...], ...]]  # by first word what may follow it, longest first


def _tails(wordings: Iterable[str]) -> Tails:
    found: dict[str, set[tuple[str, ...]]] = {}
    for first, *rest in map(str.split, wordings):
        found.setdefault(first, set()).add(tuple(rest))
    return {
        first: tuple(sorted(rests, key=lambda rest: (-len(rest), rest))) for first, rests in found.items()
    }


def _one_of(said: Spoken, tails: Tails) -> Iterator[Span]:
    """Where one of the wordings is said, the longest at each place; none across the end of a sentence."""
    index = 0
    while index < len(said.words):
        after = _longest(said, index, tails.get(said.words[index], ()))
        if after:
            yield index, after
        index = max(after, index + 1)


def _longest(said: Spoken, index: int, tails: Iterable[tuple[str, ...]]) -> int:
    """The word after the longest wording that begins here, 0 when none does."""
    for tail in tails:
        after = index + 1 + len(tail)
        if said.words[index + 1 : after] == tail and _STOPS.isdisjoint(said.marks[index + 1 : after]):
            return after
    return 0


Place = tuple[int, int, int]  # words [first, after) in which the side of this number is said


def _beside(said: Spoken, sides: Sequence[Part]) -> Iterator[Span]:
    """Where all sides are said near one another, in any order, and nothing between turns the sentence."""
    places = sorted((*span, number) for number, side in enumerate(sides) for span in side.find(said))
    for at, (first, _, number) in enumerate(places):
        after = _chain(said, places, at, frozenset(range(len(sides))) - {number})
        if after is not None:
            yield first, after


def _chain(said: Spoken, places: list[Place], at: int, left: frozenset[int]) -> int | None:
    """The end of the nearest chain from this place through all sides that are left."""
    end = places[at][1]
    if not left:
        return end
    for near in range(at + 1, len(places)):
        first, _, number = places[near]
        if first - end > _BESIDE:
            return None
        if number in left and first >= end and not _TURNING.intersection(said.words[end:first]):
            after = _chain(said, places, near, left - {number})
            if after is not None:
                return after
    return None


def _pattern(elements: list[str]) -> str:
    """Words are written with the space before them; a lone sentence mark may stand between neighbours."""
    pieces: list[str] = []
    after_gap = True
    for element in elements:
        if element in _GAPS:
            pieces.append(_GAPS[element])
            after_gap = True
            continue
        lead = " " if after_gap else r" (?:\. )?"
        body = f"{lead}{_alternatives(_wordings(element))}(?= )"
        if any(number in element for number in _OWN_NUMBER):
            body = f"{_NOT_AFTER}{body}{_NOT_BEFORE}"
        pieces.append(f"(?:{body})?" if element.endswith("?") else body)
        after_gap = False
    return "".join(pieces)


def _wordings(element: str) -> list[str]:
    """Every way of saying one element."""
    found: list[str] = []
    for option in element.removesuffix("?").split("/"):
        if option.startswith("{"):
            found.extend(GROUPS[option.strip("{}")])
        else:
            found.append(option.replace("_", " "))
    return found


def _alternatives(wordings: Iterable[str]) -> str:
    """A pattern of all wordings that shares their beginnings: a group may hold a thousand numbers."""
    root: dict[str, Any] = {}
    for wording in wordings:
        node = root
        for character in wording:
            node = node.setdefault(character, {})
        node[_END] = {}
    return _branch(root)


def _branch(node: Mapping[str, Any]) -> str:
    options = [re.escape(character) + _branch(rest) for character, rest in node.items() if character != _END]
    if not options:
        return ""
    body = options[0] if len(options) == 1 and _END not in node else f"(?:{'|'.join(options)})"
    return f"{body}?" if _END in node else body


def _needs(elements: list[str]) -> tuple[frozenset[str], ...]:
    """For each element that may not be left out, a word of each of its wordings: the least common."""
    return tuple(
        frozenset(_rarest(wording) for wording in _wordings(element))
        for element in elements
        if element not in _GAPS and not element.endswith("?")
    )


def _rarest(wording: str) -> str:
    return min(wording.split(), key=lambda word: (word in _COMMON, -len(word)))
