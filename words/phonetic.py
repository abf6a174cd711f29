"""How alike two words sound, 0..1: Double Metaphone keys together with edit distance of the spelling."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from metaphone import doublemetaphone
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler, Levenshtein

_LEAST_SHARE = 0.4  # of the longer word's letters that the shorter has
_OF_SOUND, _OF_SPELLING = 0.55, 0.45
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
    spelling = _spelling(left, right)
    if spelling is None:
        return _without_sound(left, right)
    return round(_OF_SOUND * _sound(left, right) + _OF_SPELLING * spelling, 4)


@lru_cache(maxsize=32_768)
def most_similarity(heard: str, known: str) -> float:
    """What ``similarity`` cannot exceed, by the spelling alone: much sooner known, and mostly enough."""
    left, right = plain(heard), plain(known)
    spelling = _spelling(left, right)
    if spelling is None:
        return _without_sound(left, right)
    return round(_OF_SOUND + _OF_SPELLING * spelling, 4)


def most_similarities(heard: Sequence[str], known: Sequence[str]) -> npt.NDArray[np.float32]:
    """The same, or somewhat more, of each with each: [heard, known]. What is given is ``plain`` already."""
    edit, winkler = (
        process.cdist(heard, known, scorer=scorer, dtype=np.float32)
        for scorer in (Levenshtein.normalized_similarity, JaroWinkler.similarity)
    )
    return np.asarray(_OF_SOUND + _OF_SPELLING / 2 * (edit + winkler), dtype=np.float32)


def _without_sound(left: str, right: str) -> float:
    """Of the same letters, of none, or of lengths too unlike for more to be worth the work."""
    if not left or not right:
        return 0.0
    if left == right:
        return 1.0
    shorter, longer = sorted((len(left), len(right)))
    return round(0.5 * shorter / longer, 4)


def _spelling(left: str, right: str) -> float | None:
    """None where the sound need not be asked."""
    shorter, longer = sorted((len(left), len(right)))
    if not shorter or left == right or shorter < _LEAST_SHARE * longer:
        return None
    return (_edit(left, right) + float(JaroWinkler.similarity(left, right))) / 2


def _sound(left: str, right: str) -> float:
    """Best edit similarity between any two keys; consonants carry it, as in speech over a telephone."""
    pairs = [(a, b) for a in keys(left) for b in keys(right)]
    return max((_edit(a, b) for a, b in pairs), default=0.0)


def _edit(left: str, right: str) -> float:
    return float(Levenshtein.normalized_similarity(left, right))
