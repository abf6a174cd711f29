"""Postal addresses: house numbers as people say them, street kinds, flats and rooms, states, ZIP codes."""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.numbers import count, digits
from voice.normalise.phones import mixed
from voice.normalise.rules import Rule, alternatives

# USPS Publication 28, appendices B (states) and C (street suffixes, secondary units), the common ones.
_STATES: Final = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "D C", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
    "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
_WORDS: Final = frozenset({"OK", "OR", "IN", "ME", "HI", "ID", "OH", "LA", "PA", "MA", "DE"})  # without a ZIP
_KINDS: Final = {
    "St": "Street", "Ave": "Avenue", "Av": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Dr": "Drive",
    "Ln": "Lane", "Ct": "Court", "Pl": "Place", "Hwy": "Highway", "Pkwy": "Parkway", "Sq": "Square",
    "Ter": "Terrace", "Cir": "Circle", "Trl": "Trail", "Tpke": "Turnpike", "Expy": "Expressway",
}  # fmt: skip
_UNITS: Final = {
    "apt": "apartment", "ste": "suite", "rm": "room", "fl": "floor", "bldg": "building", "dept": "department",
    "apartment": "apartment", "suite": "suite", "room": "room", "unit": "unit", "building": "building",
}  # fmt: skip
_SIDES: Final = {"N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest",
                 "SE": "Southeast", "SW": "Southwest"}  # fmt: skip
_FULL_KINDS: Final = alternatives(dict.fromkeys((*_KINDS.values(), "Way", "Plaza", "Broadway", "Route")))
_NAME: Final = r"(?:(?:[A-Z][a-z']+|\d{1,3}(?:st|nd|rd|th))\s){1,4}?"


def _street(found: re.Match[str]) -> str:
    number, letter, side, name, kind, last_side = found.groups()
    said = [house_number(number) + (f" {letter.upper()}" if letter else "")]
    said += [_SIDES[side]] if side else []
    said += [name.strip(), _KINDS.get(kind, kind)]
    said += [_SIDES[last_side]] if last_side else []
    ends = found[0].endswith(".") and (kind not in _KINDS or found.end() == len(found.string))
    return f"{' '.join(said)}{'.' if ends else ''}"


def house_number(written: str) -> str:
    """ "twelve", "one twenty", "one oh five", "fourteen twenty"; five digits and more one by one."""
    number = int(written)
    if len(written) <= 2 or (number % 100 == 0 and len(written) <= 4):
        return count(number) if number % 1000 == 0 or number < 1000 else f"{count(number // 100)} hundred"
    if len(written) >= 5 or written[0] == "0":
        return digits(written)
    head, rest = divmod(number, 100)
    if head % 10 == 0 and head >= 10 and rest < 10:
        return count(number)  # "two thousand five"
    return f"{count(head)} {'oh ' if rest < 10 else ''}{count(rest)}"


def _room(found: re.Match[str]) -> str:
    unit, sign = found[1], found[2]
    named = _UNITS[unit.lower()]
    named = named.capitalize() if unit[0].isupper() and unit.lower() == named else named
    return f"{named} {house_number(sign) if sign.isdigit() else mixed(sign)}"


def _state(found: re.Match[str]) -> str:
    zip_code = ", ".join(digits(part) for part in (found[3], found[4]) if part)
    return f"{found[1]}{_STATES[found[2]]} {zip_code}".rstrip()


def _zip(found: re.Match[str]) -> str:
    return f"{found[1]}{', '.join(digits(part) for part in found[2].split('-'))}"


RULES: Final[tuple[Rule, ...]] = (
    (re.compile(r"\bP\.?\s?O\.?\s?Box\s(\d+)", re.I | re.ASCII), lambda m: f"P O Box {digits(m[1])}"),
    (
        re.compile(
            rf"(?<![\w.,$#/:-])(\d{{1,6}})([A-Za-z])?\s(?:({alternatives(_SIDES)})\.?\s)?({_NAME})"
            rf"({alternatives(_KINDS)}|{_FULL_KINDS})\b\.?(?:\s({alternatives(_SIDES)})\b\.?)?",
            re.ASCII,
        ),
        _street,
    ),
    (
        re.compile(
            rf"\b({alternatives(_UNITS)})\.?\s?(?:#|no\.\s?)?\s?((?:\d{{1,5}}[A-Za-z]?|[A-Za-z]\d{{1,4}}))"
            r"(?![\w/:-]|[.,]\d)",
            re.I | re.ASCII,
        ),
        _room,
    ),
    (
        re.compile(
            rf"(,\s|\b[A-Z][a-z]+\s)({alternatives(_STATES)})\s(\d{{5}})(?:-(\d{{4}}))?(?!\d)", re.ASCII
        ),
        _state,
    ),
    (
        re.compile(rf"([A-Z][a-z]+,\s)({alternatives(_STATES.keys() - _WORDS)})()()(?=\s*(?:$|[.,;?!]))"),
        _state,
    ),
    (
        re.compile(
            rf"(\b(?:{alternatives(_STATES.values())}|zip(?: code)?(?: is)?)\s)(\d{{5}}(?:-\d{{4}})?)(?!\d)",
            re.I | re.ASCII,
        ),
        _zip,
    ),
)
