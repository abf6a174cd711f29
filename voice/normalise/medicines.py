"""Doses and other measured amounts, and the names on a medicine's label.

Amounts are said whole and exactly as written: a unit is never converted, a trailing zero never dropped.
"""

from __future__ import annotations

import re
from typing import Final

from voice.normalise.numbers import ALONE, NUMBER, fraction, is_fraction, number_words
from voice.normalise.rules import Rule, alternatives

# Written form -> what one and what several are called. Lower case, as compared; "U" is in `_CASED`.
_UNITS: Final[dict[str, tuple[str, str]]] = {
    **dict.fromkeys(("mg", "milligram", "milligrams"), ("milligram", "milligrams")),
    **dict.fromkeys(("mcg", "ug", "\u03bcg", "microgram", "micrograms"), ("microgram", "micrograms")),
    **dict.fromkeys(("g", "gm", "gram", "grams"), ("gram", "grams")),
    **dict.fromkeys(("kg", "kgs"), ("kilogram", "kilograms")),
    **dict.fromkeys(("ml", "mls"), ("milliliter", "milliliters")),
    **dict.fromkeys(("dl",), ("deciliter", "deciliters")),
    **dict.fromkeys(("l",), ("liter", "liters")),
    **dict.fromkeys(("cc",), ("cubic centimeter", "cubic centimeters")),
    **dict.fromkeys(("meq",), ("milliequivalent", "milliequivalents")),
    **dict.fromkeys(("mmol",), ("millimole", "millimoles")),
    **dict.fromkeys(("iu",), ("international unit", "international units")),
    **dict.fromkeys(("unt", "unit", "units"), ("unit", "units")),
    **dict.fromkeys(("tab", "tabs", "tablet", "tablets"), ("tablet", "tablets")),
    **dict.fromkeys(("cap", "caps", "capsule", "capsules"), ("capsule", "capsules")),
    **dict.fromkeys(("gtt", "gtts", "drop", "drops"), ("drop", "drops")),
    **dict.fromkeys(("tsp", "tsps", "teaspoon", "teaspoons"), ("teaspoon", "teaspoons")),
    **dict.fromkeys(("tbsp", "tbs", "tablespoon", "tablespoons"), ("tablespoon", "tablespoons")),
    **dict.fromkeys(("pill", "pills"), ("pill", "pills")),
    **dict.fromkeys(("puff", "puffs"), ("puff", "puffs")),
    **dict.fromkeys(("cup", "cups"), ("cup", "cups")),
    **dict.fromkeys(("dose", "doses"), ("dose", "doses")),
    **dict.fromkeys(("actuation", "actuat"), ("actuation", "actuations")),
    **dict.fromkeys(("oz", "ounce", "ounces"), ("ounce", "ounces")),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), ("pound", "pounds")),
    **dict.fromkeys(("cm",), ("centimeter", "centimeters")),
    **dict.fromkeys(("mm",), ("millimeter", "millimeters")),
    **dict.fromkeys(("mmhg", "mm hg"), ("millimeter of mercury", "millimeters of mercury")),
    **dict.fromkeys(("bpm",), ("beat per minute", "beats per minute")),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), ("second", "seconds")),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), ("minute", "minutes")),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("hour", "hours")),
    **dict.fromkeys(("day", "days"), ("day", "days")),
    **dict.fromkeys(("wk", "wks", "week", "weeks"), ("week", "weeks")),
    **dict.fromkeys(("month", "months"), ("month", "months")),
    **dict.fromkeys(("yr", "yrs", "year", "years"), ("year", "years")),
    **dict.fromkeys(("\u00b0f",), ("degree Fahrenheit", "degrees Fahrenheit")),
    **dict.fromkeys(("\u00b0c",), ("degree Celsius", "degrees Celsius")),
    **dict.fromkeys(("\u00b0",), ("degree", "degrees")),
}
_CASED: Final = {"U": ("unit", "units"), "mo": ("month", "months")}
_UNIT: Final = rf"(?:(?i:{alternatives(_UNITS)})|U|mo)"
_PER: Final = rf"(?:\s?/\s?(?:{NUMBER}\s?)?{_UNIT}(?![\w]))*"
_FORMS: Final = (
    "tablet|capsule|patch|suspension|solution|injection|inhaler|cream|ointment|vial|bottle|strip|pen"
)
_AS_ADJECTIVE: Final = re.compile(
    rf"\s(?:oral\s|extended[ -]release\s|delayed[ -]release\s)*(?:{_FORMS})", re.I
)
_NUMBER_BEFORE: Final = re.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|fifty|hundred))\s$",
    re.I,
)
# Endings of drug names on labels. Release forms differ between brands, so they stay letters.
_SALTS: Final = {"hcl": "hydrochloride", "hbr": "hydrobromide", "hctz": "hydrochlorothiazide"}
_RELEASES: Final = "ER|XR|XL|SR|CR|DR|LA|EC|ODT|DS|CD"


def _unit(written: str, *, one: bool) -> str:
    single, several = _CASED.get(written) or _UNITS[" ".join(written.lower().split())]
    return single if one else several


def _amount(found: re.Match[str]) -> str:
    first, joint, last, gap, unit, per = found.groups()
    said = number_words(first)
    if last:
        said += f"{' to ' if joint.strip() in ('-', 'to') else ' slash '}{number_words(last)}"
    if _NUMBER_BEFORE.search(found.string[max(0, found.start() - 12) : found.start()]):
        said = f", {said}"  # "one 81 mg tablet" must not sound like 181
    one = (last or first) == "1" or gap == "-" or _is_adjective(found, unit, per)
    return f"{said} {_unit(unit, one=one)}{_per(per)}"


def _is_adjective(found: re.Match[str], unit: str, per: str) -> bool:
    """ "10 mg tablet", "24 HR metoprolol": one milligram-size, not several milligrams."""
    rest = found.string[found.end() : found.end() + 60]
    return not per and bool(_AS_ADJECTIVE.match(rest) or (unit == "HR" and re.match(r"\s[A-Za-z]", rest)))


def _per(written: str) -> str:
    said = ""
    for number, unit in re.findall(rf"/\s?({NUMBER})?\s?({_UNIT})", written):
        some = number not in ("", "1")
        said += f" per {number_words(number) + ' ' if number else ''}{_unit(unit, one=not some)}"
    return said


def _part(found: re.Match[str]) -> str:
    """ "1/2 tab", "1 1/2 tablets"."""
    whole, above, below = int(found[1] or 0), int(found[2]), int(found[3])
    if not is_fraction(above, below):
        return found[0]
    return f"{fraction(whole, above, below)} {_unit(found[4], one=not whole)}"


def _part_of(found: re.Match[str]) -> str:
    above, below = int(found[1]), int(found[2])
    return fraction(0, above, below) if is_fraction(above, below) else found[0]


def _times_a(found: re.Match[str]) -> str:
    return f"{number_words(found[1])} times "


RULES: Final[tuple[Rule, ...]] = (
    (
        re.compile(
            rf"{ALONE}(?<!/)(?:(\d{{1,2}})[ -])?(\d)\s?[/\u2044]\s?(\d)\s?-?({_UNIT})(?![\w/])", re.ASCII
        ),
        _part,
    ),
    (
        re.compile(
            rf"{ALONE}(?<!/)({NUMBER})(?:(\s?[-/]\s?|\sto\s)({NUMBER}))?(\s|-)?({_UNIT})(?!\w)({_PER})",
            re.ASCII,
        ),
        _amount,
    ),
    (re.compile(r"(?<![\w.,/-])(\d)[/\u2044](\d)(?=\sof\b)", re.ASCII), _part_of),
    (re.compile(r"(?<=[a-z]) / (?=[A-Za-z])"), lambda _: " and "),  # of several ingredients, in RxNorm
    (
        re.compile(r"(?<![\w.,])(\d)'\s?(\d{1,2})(?:\"|'')", re.ASCII),
        lambda found: f"{number_words(found[1])} feet {number_words(found[2])} inches",
    ),
    (re.compile(r"\s?\[([^\[\]]*)\]"), lambda found: f", {found[1]}, "),
    (re.compile(rf"\b({alternatives(_SALTS)})\b", re.I), lambda found: _SALTS[found[1].lower()]),
    (re.compile(rf"(?<=[a-z]{{5}})([ -])({_RELEASES})\b"), lambda found: f" {' '.join(found[2])}"),
    (re.compile(r"(?<![\w.,])(\d{1,2})x\s(?=\S)", re.ASCII | re.I), _times_a),
)
