"""How words are compared in a search: whole words, without case, accents, endings; common ones are left out.

Endings go by the first step of M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980:
plurals, -ed, -ing and a final y. "Refills", "refilled" and "refilling" are found by "refill".
"""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['’ʼ`]")
_HAS_VOWEL = re.compile(r"[aeiouy]")
_VOWELS_THEN_OTHERS = re.compile(r"[aeiouy]+[^aeiouy]+")
_SHORT_END = re.compile(r"[^aeiouy][aeiouy][^aeiouywx]$")
_TWICE = re.compile(r"([^aeioulsz])\1$")
STEMMED_FROM = 4  # letters: shorter words stay as they are

# Said in nearly every call: nobody finds a call by them.
COMMON = frozenset(
    "a am an and are as at be been but by can could did do does for from had has have he her him his hi hello"
    " i id if im in is it its ive just me my no of oh ok okay on or our please she so some that thats the"
    " their them then there they this to uh um was we were what will with would yeah yes you your".split()
)


def search_words(text: str) -> frozenset[str]:
    """The words of ``text`` as they are compared, without common ones."""
    return frozenset(map(stem, _WORD.findall(_folded(text)))) - _COMMON_STEMS


def stem(word: str) -> str:
    """A folded word without its ending."""
    if len(word) < STEMMED_FROM or not word.isalpha() or not word.isascii():
        return word
    word = _without_past(_without_plural(word))
    return f"{word[:-1]}i" if word.endswith("y") and _HAS_VOWEL.search(word[:-1]) else word


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text).casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _VOWELS_THEN_OTHERS.search(word[:-3]) else word
    for ending in ("ed", "ing"):
        rest = word.removesuffix(ending)
        if rest != word and _HAS_VOWEL.search(rest):
            return _mended(rest)
    return word


def _mended(rest: str) -> str:
    """What is left, as the word without an ending would stand: "filled" is "fill", "hoped" is "hope"."""
    if rest.endswith(("at", "bl", "iz")):
        return f"{rest}e"
    if _TWICE.search(rest):
        return rest[:-1]
    once = len(_VOWELS_THEN_OTHERS.findall(rest)) == 1
    return f"{rest}e" if once and _SHORT_END.search(rest) else rest


_COMMON_STEMS = frozenset(map(stem, COMMON)) | COMMON
