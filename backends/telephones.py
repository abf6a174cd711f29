"""Telephone numbers as people and systems write them, for searching: one number, many writings. Pure."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\+?\d{7,15}")
_US_NUMBER = len("+16175550123")


def telecom_forms(text: str) -> set[str]:
    """An address as written, and a number without its punctuation, with and without its +1."""
    bare = bare_number(text)
    return {text, bare, bare.removeprefix("+1") if len(bare) == _US_NUMBER else bare}


def bare_number(text: str) -> str:
    """``+16175550178`` for "+1 (617) 555-0178"; what is no telephone number stays as it is."""
    digits = re.sub(r"[\s().-]", "", text)
    return digits if _NUMBER.fullmatch(digits) else text
