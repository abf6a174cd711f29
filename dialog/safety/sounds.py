"""What a recogniser may have made of a danger word: the utterance as it may have been said.

Three ways, all of them only ever add a reading (the words as they were heard are screened too):
word pairs that are known to be confused on the telephone, a word torn from its ending ("swell in"),
and a word torn in pieces ("on conscious") that sounds like one danger word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dialog.safety.misheard import ENDED, MISHEARD, WHOLE
from dialog.safety.notation import Part, WordIndex, compile_phrase
from dialog.safety.text import Spoken
from words.phonetic import keys

_LEAST_KEY = 5  # consonants: shorter ones are shared with ordinary words
_PIECES = (3, 2)
_LONGER_BY = 3  # letters that the pieces may have more or less than the word
_ENDINGS = ("ing", "in")
Span = tuple[int, int, str]  # words [first, after) may have been these


def _by_sound() -> dict[str, str]:
    found = {key: word for word in WHOLE for key in keys(word)}
    return {key: word for key, word in found.items() if len(key) >= _LEAST_KEY}


def confusions(pairs: Iterable[tuple[str, str]]) -> WordIndex[tuple[Part, str]]:
    """An index of what is heard, with what may have been meant."""
    index: WordIndex[tuple[Part, str]] = WordIndex()
    for heard, meant in pairs:
        (part,) = compile_phrase(heard)
        index.add((part, meant), part.needs)
    return index


_WORD_OF = _by_sound()
_CONFUSED = confusions(MISHEARD)


def reheard(said: Spoken) -> str:
    """The utterance as it may have been said, "" when nothing in it sounds like a danger word."""
    words = list(said.words)
    found = [*_confused(said), *_torn(words), *_pieces(words)]
    if not found:
        return ""
    taken = len(words)
    for first, after, meant in sorted(found, reverse=True):
        if after <= taken:
            words[first:after] = [meant]
            taken = first
    return " ".join(words)


def _confused(said: Spoken) -> Iterator[Span]:
    for part, meant in _CONFUSED.candidates(frozenset(said.words)):
        for first, after in part.find(said):
            yield first, after, meant


def _torn(words: list[str]) -> Iterator[Span]:
    """A stem and its ending as two words: "swell in" is "swelling", "hallucinate ing" too."""
    for index, ending in enumerate(words[1:], start=1):
        stem = words[index - 1]
        whole = ENDED.get(stem) if ending in _ENDINGS else None
        if whole:
            yield index - 1, index + 1, whole


def _pieces(words: list[str]) -> Iterator[Span]:
    """Two or three words that together sound like one danger word."""
    for count in _PIECES:
        for first in range(len(words) - count + 1):
            pieces = words[first : first + count]
            joined = "".join(pieces)
            for key in keys(joined):
                word = _WORD_OF.get(key)
                if (
                    word
                    and word[0] == joined[0]
                    and abs(len(joined) - len(word)) <= _LONGER_BY
                    and word not in (joined, *pieces)
                ):
                    yield first, first + count, word
