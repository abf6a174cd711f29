"""Telephone numbers, reference numbers and other codes: digit by digit, in groups, with pauses."""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.numbers import count, decade, digits, grouped
from voice.normalise.rules import Rule

_VOWELS: Final = re.compile(r"[AEIOUYaeiouy]")
_WORDS_OF_CODES: Final = (
    "reference|confirmation|case|ticket|order|claim|account|acct|policy|member|group|prescription|rx|record|"
    "mrn|npi|pin|passcode|code|id|press|dial|text"
)


def _phone(found: re.Match[str]) -> str:
    """A written leading 1 is dialled, so it is said; the country code of "+1" is not."""
    one, area, *rest = found.groups()
    groups = ["one"] if one == "1" else []
    groups.append("eight hundred" if area == "800" else digits(area))
    return ", ".join([*groups, *(digits(group) for group in rest)])


def _foreign(found: re.Match[str]) -> str:
    """A number of another country in the groups it is written in."""
    groups = re.findall(r"\d+", found[0])
    said = [grouped(group) if len(group) > 4 else digits(group) for group in groups]
    return f"plus {', '.join(said)}"


def _hyphenated(found: re.Match[str]) -> str:
    groups = found[0].split("-")
    return ", ".join(grouped(group) if len(group) > 4 else digits(group) for group in groups)


def _local(found: re.Match[str]) -> str:
    """Seven digits, without an area code."""
    return f"{digits(found[0][:3])}, {digits(found[0][4:])}"


def _after_word(found: re.Match[str]) -> str:
    return f"{found[1]}{grouped(found[2])}"


def mixed(sign: str) -> str:
    """Letters and digits in one: "4B", "B12", "A1C", "E11.9", "RX-1234567"."""
    parts = re.findall(r"[A-Za-z]+|\d+|[.-]", sign)
    said = [_mixed_part(part, long=sum(map(str.isdigit, sign)) > 3) for part in parts]
    return " ".join(said).replace(" ,", ",")


def _mixed_part(part: str, *, long: bool) -> str:
    if part == ".":
        return "point"
    if part == "-":
        return "," if long else ""
    if part.isdigit():
        return count(int(part)) if len(part) <= 2 and part[0] != "0" else grouped(part)
    if len(part) <= 2 or not _VOWELS.search(part):
        return " ".join(part.upper())
    return part


RULES: Final[tuple[Rule, ...]] = (
    (
        re.compile(r"(?:\bext\.?\s?|(?<=\d{4} )x\s?)(\d{1,6})(?!\w)", re.I | re.ASCII),
        lambda m: f"extension {digits(m[1])}",
    ),
    (
        re.compile(
            r"(?<![\w+./-])(?:(\+?1)[ .-]?)?\(?(\d{3})\)?[ .-]?(\d{3})[ .-]?(\d{4})(?![\w-]|[.,/]\d)",
            re.ASCII,
        ),
        _phone,
    ),
    (re.compile(r"(?<![\w.])\+\d{1,3}(?:[ .-]?\d){6,14}(?![\w-])", re.ASCII), _foreign),
    (re.compile(r"(?<![\w./-])\d{3}[-.]\d{4}(?![\w-]|[.,/]\d)", re.ASCII), _local),
    (re.compile(r"(?<![\w./-])\d+(?:-\d+){2,}(?![\w/-]|\.\d)", re.ASCII), _hyphenated),
    (
        re.compile(
            rf"\b((?:{_WORDS_OF_CODES})(?:\s(?:number|no\.|code|id))?(?:\sis)?\s?(?:#|:)?\s?)(\d{{3,}})(?![\w./-]*\d)",
            re.I | re.ASCII,
        ),
        _after_word,
    ),
    (re.compile(r"(?<![\w.,$/-])(?:[2-9]11|988)(?![\w/-]|[.,]\d)", re.ASCII), lambda m: digits(m[0])),
    (re.compile(r"(?<![\w.,'-])((?:1[89]|20)?\d0)s\b", re.ASCII), decade),
    (
        re.compile(
            r"(?<![\w.-])(?=[A-Za-z.-]*\d)(?=[\d.-]*[A-Za-z])(?!\d+(?:st|nd|rd|th)\b)"
            r"[A-Za-z\d]+(?:[.-](?=\d|[A-Z]*\d)[A-Za-z\d]+)*",
            re.ASCII,
        ),
        lambda found: mixed(found[0]),
    ),
)
