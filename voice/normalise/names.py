"""Titles, initials, common abbreviations, and letters spelled out so that a telephone does not blur them."""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.rules import Rule, alternatives
from words.letters import NATO

_TITLES: Final = {"dr": "Doctor", "mr": "Mister", "mrs": "Missus", "ms": "Miz", "prof": "Professor"}
_SHORT: Final = {
    "appt.": "appointment", "appts.": "appointments", "e.g.": "for example", "i.e.": "that is",
    "etc.": "et cetera", "vs.": "versus", "approx.": "approximately", "dept.": "department", "w/o": "without",
    "jr.": "junior", "sr.": "senior", "rx": "prescription", "otc": "over the counter",
}  # fmt: skip
# Letters whose names differ only above what a telephone carries: b c d e g p t v z, f s, m n.
_BLURRED: Final = frozenset("bcdgptvzfsmn")
_WORD_OF: Final = {word[0]: word.capitalize() for word in reversed(NATO)}


def spelled(letters: str) -> str:
    """ "MILLER" as "M as in Mike, I, L, L, E, R": a pause after each, a word where ears mistake it."""
    return ", ".join(_letter(letter) for letter in letters if letter.isalpha())


def _letter(letter: str) -> str:
    word = _WORD_OF.get(letter.lower(), "") if letter.lower() in _BLURRED else ""
    return f"{letter.upper()} as in {word}" if word else letter.upper()


def _spelled_after(found: re.Match[str]) -> str:
    return f"{found[1]}{spelled(found[2])}"


def _initials(found: re.Match[str]) -> str:
    return " ".join(re.findall(r"[A-Z]", found[0])) + " "


def _saint_or_street(found: re.Match[str]) -> str:
    """ "St" after a name is a street's ("Main St Pharmacy"), else a saint's ("at St. Mary's")."""
    before = found[1] or ""
    opens_sentence = not found.string[: found.start()].rstrip(" ") or found.string[found.start() - 2] in ".!?"
    is_saint = not before or (opens_sentence and "St." in found[0])
    return f"{before}{'Saint' if is_saint else 'Street'} "


RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"(?<![\w'-])[A-Za-z](?:-[A-Za-z]){2,}(?![\w'-])"), lambda found: spelled(found[0])),
    (
        re.compile(r"(\bspel\w+\b[^.?!]{0,40}?\s)([A-Za-z](?:\s[A-Za-z]){2,})(?=\s*(?:[.,;:?!]|$))", re.I),
        _spelled_after,
    ),
    (re.compile(r"\bDr\s(?=[A-Z][a-z])"), lambda _: "Doctor "),
    (re.compile(rf"\b({alternatives(_TITLES)})\.(?=\s)", re.I), lambda m: _TITLES[m[1].lower()]),
    (re.compile(r"\b([A-Z][a-z']+\s)?\bSt\.?\s(?=[A-Z][a-z])"), _saint_or_street),
    (re.compile(rf"(?<![\w/])({alternatives(_SHORT)})(?!\w)", re.I), lambda m: _SHORT[m[1].lower()]),
    (re.compile(r"(?<![\w/])w/\s?(?=\w)", re.I), lambda _: "with "),
    (re.compile(r"(?<![AP] )\b(?:[A-Z]\.\s?)+(?=[A-Z][a-z'])"), _initials),
    (
        re.compile(r"\b[A-Z](?:\.[A-Z])+\b(?:\.(?=\s+[a-z]|[,;:]))?"),
        lambda m: " ".join(re.findall(r"[A-Z]", m[0])),
    ),
    (re.compile(r"(?:\bNos?\.|#)\s?(?=\d)"), lambda _: "number "),
)
# After all else: what is left of streets without a house number.
STREETS: Final[tuple[Rule, ...]] = (
    (re.compile(r"(?<=[a-z] )St\b\.?"), lambda _: "Street"),
    (
        re.compile(r"(?<=[a-z] )(Ave|Blvd|Rd)\b\.?"),
        lambda m: {"A": "Avenue", "B": "Boulevard"}.get(m[1][0], "Road"),
    ),
)
