"""How alike two words sound, 0..1: Double Metaphone keys together with edit distance of the spelling."""

from __future__ import annotations

import re
from functools import lru_cache

from metaphone import doublemetaphone
from rapidfuzz.distance import JaroWinkler, Levenshtein

_LEAST_SHARE = 0.4  # of the longer word's letters that the shorter has
_NOT_A_LETTER = re.compile(r"[^a-z]+")


@lru_cache(maxsize=16_384)
def plain(text: str) -> str:
    """Lower-case ASCII letters only: what keys and distances are computed on."""
    return _NOT_A_LETTER.sub("", text.lower())


@lru_cache(maxsize=8_192)
def keys(text: str) -> tuple[str, ...]:
    """Double Metaphone keys of the whole text, primary first, without empties and repeats."""
    found = doublemetaphone(plain(text))
    return tuple(dict.fromkeys(key for key in found if key))


@lru_cache(maxsize=32_768)
def similarity(heard: str, known: str) -> float:
    """0..1: 1 is the same letters, about 0.9 the same sound, under 0.6 a different word.

    Symmetric. Empty or letterless text is like nothing.
    """
    left, right = plain(heard), plain(known)
    if not left or not right:
        return 0.0
    if left == right:
        return 1.0
    shorter, longer = sorted((len(left), len(right)))
    if shorter < _LEAST_SHARE * longer:
        return round(0.5 * shorter / longer, 4)  # too unlike in length to be worth the work
    spelling = (_edit(left, right) + float(JaroWinkler.similarity(left, right))) / 2
    return round(0.55 * _sound(left, right) + 0.45 * spelling, 4)


def _sound(left: str, right: str) -> float:
    """Best edit similarity between any two keys; consonants carry it, as in speech over a telephone."""
    pairs = [(a, b) for a in keys(left) for b in keys(right)]
    return max((_edit(a, b) for a, b in pairs), default=0.0)


def _edit(left: str, right: str) -> float:
    return float(Levenshtein.normalized_similarity(left, right))
