"""E-mail and web addresses: "maria dot lopez at example dot org", "w w w dot example dot org slash visit"."""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.rules import Rule

_SIGNS: Final = {
    ".": "dot", "@": "at", "-": "dash", "_": "underscore", "/": "slash", "+": "plus", "?": "question mark",
    "=": "equals", "&": "and", "%": "percent", "#": "hash", "~": "tilde", ":": "colon",
}  # fmt: skip
_ENDINGS: Final = "com|org|net|edu|gov|health|info|io|us|care"


def _said(address: str) -> str:
    """Its pieces, with the signs between them named; digits are said by a later rule."""
    pieces = re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", address)
    return " ".join("w w w" if piece.lower() == "www" else _SIGNS.get(piece, piece) for piece in pieces)


def _address(found: re.Match[str]) -> str:
    body = re.sub(r"^https?://", "", found[0], flags=re.I)
    kept = body.rstrip(".,;:!?/")
    return _said(kept) + re.sub(r"/", "", body[len(kept) :])


RULES: Final[tuple[Rule, ...]] = (
    (
        re.compile(
            r"(?<![\w@.+-])[A-Za-z\d][\w.+-]{0,63}@(?:[A-Za-z\d-]{1,63}\.){1,5}[A-Za-z]{2,24}\b", re.ASCII
        ),
        _address,
    ),
    (
        re.compile(
            rf"(?<![\w@.])(?:https?://|www\.)[A-Za-z\d][^\s<>\"]{{0,300}}"
            rf"|(?<![\w@.-])(?:[A-Za-z\d-]{{1,63}}\.){{1,4}}(?:{_ENDINGS})\b(?:/[^\s<>\"]{{0,200}})?",
            re.I | re.ASCII,
        ),
        _address,
    ),
)
