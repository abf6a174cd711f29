"""Dollars and cents."""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.numbers import count, number_words
from voice.normalise.rules import Rule

_AMOUNT: Final = r"(\d{1,3}(?:,\d{3})+|\d+)"


def _dollars(found: re.Match[str]) -> str:
    dollars, cents = int(found[1].replace(",", "")), int(found[2] or 0)
    whole = f"{count(dollars)} dollar{'' if dollars == 1 else 's'}"
    small = f"{count(cents)} cent{'' if cents == 1 else 's'}"
    if not cents:
        return whole
    return f"{whole} and {small}" if dollars else small


def _scaled(found: re.Match[str]) -> str:
    return f"{number_words(found[1])} {found[2].lower()} dollars"


RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"\$\s?(\d[\d,]*(?:\.\d+)?)\s(million|billion|thousand)\b", re.I | re.ASCII), _scaled),
    (re.compile(rf"\$\s?{_AMOUNT}(?:\.(\d\d))?(?!\d|[.,]\d)", re.ASCII), _dollars),
    (re.compile(r"\$\s?((?:\d+)?\.?\d+)(?!\d)", re.ASCII), lambda m: f"{number_words(m[1])} dollars"),
    (re.compile(r"(?<![\w.,])(\d{1,2})\s?\u00a2", re.ASCII), lambda m: f"{count(int(m[1]))} cents"),
)
