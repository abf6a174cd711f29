"""One way to write each sign before anything is read: digits, fractions, dashes, quotes, spaces."""

from __future__ import annotations

import unicodedata
from typing import Final

# Compatibility forms that would run into the number before them: "2½" is not "21/2", "10²" not "102".
_APART: Final = ("<super>", "<sub>", "<fraction>", "<circle>")
_SIGNS: Final = {
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2212": "-", "\u2014": ", ",
    "\u2015": ", ", "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2192": " ",
}  # fmt: skip


def fold(text: str) -> str:
    """The text in compatibility form (Unicode NFKC), with ASCII digits and without control characters."""
    if text.isascii() and text.isprintable():
        return text
    spread = "".join(_spread(sign) for sign in text)
    return "".join(_plain(sign) for sign in unicodedata.normalize("NFKC", spread))


def _spread(sign: str) -> str:
    return f" {sign}" if unicodedata.decomposition(sign).startswith(_APART) else sign


def _plain(sign: str) -> str:
    if sign.isascii() and sign.isprintable():
        return sign
    decimal = unicodedata.decimal(sign, None)
    if decimal is not None:
        return str(decimal)
    if unicodedata.category(sign)[0] in "CZ":  # control, format, surrogate, separator
        return " "
    return _SIGNS.get(sign, sign)
