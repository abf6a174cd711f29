"""Written text as the words a recogniser knows: lower case, no signs, small numbers in words."""

from __future__ import annotations

import re
from typing import Final

from voice.carriers import DIGITS, cardinal

_ABBREVIATIONS: Final = {"dr": "doctor", "mg": "milligrams", "mcg": "micrograms", "ok": "okay", "o.k": "okay"}
_TOKEN: Final = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+")


def words_of(text: str) -> tuple[str, ...]:
    """``"Dr. Chen, 10 mg"`` -> ``("doctor", "chen", "ten", "milligrams")``."""
    lowered = text.lower().replace("’", "'")
    found: list[str] = []
    for token in _TOKEN.findall(lowered):
        found += _number(token) if token.isdigit() else [_ABBREVIATIONS.get(token, token)]
    return tuple(found)


def _number(digits: str) -> list[str]:
    """Up to two digits as a number, three as "one hundred twenty five", longer digit by digit."""
    value = int(digits)
    if len(digits) <= 2 and not (len(digits) == 2 and digits[0] == "0"):
        return cardinal(value).split()
    if len(digits) == 3 and digits[0] != "0":
        hundreds, rest = divmod(value, 100)
        return [DIGITS[hundreds], "hundred", *(cardinal(rest).split() if rest else [])]
    return [DIGITS[int(digit)] for digit in digits]
