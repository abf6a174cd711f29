"""Strengths in an order's text or a caller's words: "0.05 MG" and "fifty micrograms" are the same."""

from __future__ import annotations

import re

from words.numbers import parse_cardinal, single_digit

# unit as written or said -> (kind, how many of the kind's base unit)
_UNITS = {
    **dict.fromkeys(("mg", "milligram", "milligrams"), ("mg", 1.0)),
    **dict.fromkeys(("mcg", "microgram", "micrograms", "mikes"), ("mg", 0.001)),
    **dict.fromkeys(("g", "gram", "grams"), ("mg", 1_000.0)),
    **dict.fromkeys(("unit", "units", "unt"), ("unit", 1.0)),
    **dict.fromkeys(("%", "percent"), ("percent", 1.0)),
}
_PIECE = re.compile(r"\d+(?:\.\d+)?|[a-z]+|%")
Strength = tuple[str, float]  # kind of unit, amount


def strengths(text: str) -> frozenset[Strength]:
    """Every amount with a unit, in milligrams, units or percent; an amount without a unit says nothing."""
    pieces = _PIECE.findall(text.lower().replace(",", ""))
    found: set[Strength] = set()
    at = 0
    while at < len(pieces):
        amount, after = _amount(pieces, at)
        unit = _unit(pieces, after) if after > at else None
        if unit is not None:
            found.add((unit[0], round(amount * unit[1], 6)))
        at = max(after, at + 1)
    return frozenset(found)


def _unit(pieces: list[str], at: int) -> tuple[str, float] | None:
    """The unit at a place. One word before it may be a misheard one: "twenty bus milligrams"."""
    here, after = pieces[at : at + 1], pieces[at + 1 : at + 2]
    if here and here[0] not in _UNITS and after and _amount(pieces, at)[1] == at:
        return _UNITS.get(after[0])
    return _UNITS.get(here[0]) if here else None


def _amount(pieces: list[str], at: int) -> tuple[float, int]:
    """The number that starts at a place and the place after it; that same place when there is none."""
    if pieces[at][0].isdigit():
        return float(pieces[at]), at + 1
    whole = parse_cardinal(pieces, at)
    value, after = whole or (0, at)
    decimals, after = _decimals(pieces, after)
    return float(f"{value}.{decimals or 0}"), after


def _decimals(pieces: list[str], at: int) -> tuple[str, int]:
    """The digits after "point", as said: "point two five" is "25"."""
    if at >= len(pieces) or pieces[at] != "point":
        return "", at
    digits, after = "", at + 1
    while after < len(pieces) and (digit := single_digit(pieces[after])) is not None:
        digits, after = f"{digits}{digit}", after + 1
    return (digits, after) if digits else ("", at)


_SPOKEN = {"mg": "milligrams", "mcg": "micrograms", "g": "grams", "ml": "milliliters", "unit": "units"}


def spoken_strength(text: str) -> str:
    """ "10 mg" as it is said: "10 milligrams"."""
    return re.sub(r"[a-z]+", lambda unit: _SPOKEN.get(unit.group(), unit.group()), text.lower())


def first_strength(text: str) -> str:
    """The smallest amount in a text as "10 mg", "" when there is none."""
    found = sorted(strengths(text))
    return f"{found[0][1]:g} {found[0][0]}" if found else ""
