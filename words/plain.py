"""How hard a sentence is: its Flesch-Kincaid grade, the school year in which it is read without effort.

Kincaid, Fishburne, Rogers and Chissom, "Derivation of new readability formulas", US Navy, 1975:
0.39 words per sentence + 11.8 syllables per word - 15.59.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)*", re.IGNORECASE)
_VOWELS: Final = re.compile(r"[aeiouy]+")
_SILENT: Final = re.compile(r"(?<=[^aeiouy])(?:e|es|ed)$|^(?:some|life|nine|home|time|side)(?=[^aeiouyds])")
_SPOKEN: Final = re.compile(r"(?:[td]ed|[sxzcg]es|[cs]hes|[^aeiouylr]les?)$|^[^aeiouy]*es?$")
_TWO: Final = re.compile(r"ia(?!l)|iet|io(?!u)|u[aeo](?!$)|[aeiouy]ing|iu")
_ONE: Final = ((r"[tcs]ion", "xen"), (r"[tc]ia", "xa"), (r"qu", "k"), (r"gu(?=[aei])", "g"))
_UNLIKE_THEIR_SPELLING: Final = dict.fromkeys(
    "area earlier idea ideas previous serious suicide video".split(), 3
)
_FEWEST_WORDS: Final = 10  # a shorter sentence says little of a text: it is judged as if it were so long


@lru_cache(maxsize=4096)
def syllables(word: str) -> int:
    """How many syllables an English word has, by its spelling; off by one for some names."""
    word = word.lower()
    if word in _UNLIKE_THEIR_SPELLING:
        return _UNLIKE_THEIR_SPELLING[word]
    more = bool(re.search(r"[ds]n't$", word))
    word = re.sub(r"(?:'(?:s|ll|ve|re|d|m)|n't)$", "", word)
    for spelling, sound in _ONE:
        word = re.sub(spelling, sound, word)
    count = len(_VOWELS.findall(word)) + len(_TWO.findall(word)) + more
    silent = 0 if _SPOKEN.search(word) else len(_SILENT.findall(word))
    return max(1, count - silent)


def grade(text: str, *, names: frozenset[str] = frozenset()) -> float:
    """The grade of one sentence. ``names`` (lower case) count as one syllable: none is shorter."""
    found = [word.lower() for word in _WORD.findall(text)]
    if not found:
        return 0.0
    heavy = sum(1 if word in names else syllables(word) for word in found)
    length = max(len(found), _FEWEST_WORDS)
    return 0.39 * len(found) + 11.8 * (heavy + length - len(found)) / length - 15.59
