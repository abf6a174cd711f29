"""Words -> values, for the questions of a check-in: numbers as spoken, how often, what is there or denied.

A mention answers a question only where it plainly does; else the question is asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from models.domain import Option
from words.numbers import parse_below_hundred, parse_cardinal, parse_digits, single_digit
from words.phonetic import similarity
from words.tokens import find_phrase, word_at, word_set, words

_DENYING = word_set(
    "no not never without isn't aren't wasn't haven't hasn't hadn't don't doesn't didn't none nor neither"
)
_ENDS_DENIAL = word_set("but and however although though except because so now just")
_REACH = 6  # words between a denial and what it denies: "no swelling, cough or fever"
# Said of somebody else, of once, or of what may come: then the question itself is put.
_ELSEWHERE = re.compile(
    r"\b(husband|wife|mother|father|mom|dad|son|daughter|sister|brother|friend|neighbor"
    r"|years? ago|months? ago|last (year|month)|used to|what if|should i|if i)\b"
)
_AS_OVER = 0.85  # likeness by sound
_HALF = ("and", "a", "half")
_POUNDS = word_set("pound pounds lb lbs")
_KILOS = word_set("kilo kilos kilogram kilograms kg kgs")
_LOST = word_set("lost down lower less lighter dropped")
_GAINED = word_set("gained gain up put heavier more")
_IN_A_DAY = re.compile(r"\b(since yesterday|overnight|in (a|one) day|yesterday|last night|24 hours)\b")
_IN_A_WEEK = re.compile(
    r"\b((this|in a|in one|past|last|over the|in the) week|seven days|since last \w+day)\b"
)
POUNDS_A_KILO = 2.20462
MG_DL_A_MMOL_L = 18.016  # of glucose
GAIN_DAY, GAIN_WEEK = "weight-gain-day", "weight-gain-week"


# --------------------------------------------------------------------------- there, or denied


@lru_cache(maxsize=2048)
def mentioned(text: str, phrases: tuple[str, ...]) -> bool | None:
    """True: said to be there. False: said not to be. None: not said, or not plainly."""
    if _ELSEWHERE.search(text.lower()):
        return None
    found = words(text)
    seen = {
        _is_denied(found, at) for phrase in phrases if (at := find_phrase(found, _cut(phrase))) is not None
    }
    return None if len(seen) != 1 else not seen.pop()


@lru_cache(maxsize=4096)
def _cut(phrase: str) -> tuple[str, ...]:
    return words(phrase)


def _is_denied(found: Sequence[str], at: int) -> bool:
    for place in range(at - 1, max(-1, at - 1 - _REACH), -1):
        if found[place] in _ENDS_DENIAL:
            return False
        if found[place] in _DENYING:
            return found[place + 1 : place + 2] != ("only",)
    return False


# --------------------------------------------------------------------------- numbers


@lru_cache(maxsize=512)
def numbers(text: str) -> tuple[float, ...]:
    """Every number that is said, in order: "four", "two and a half", "one eighty two", "98.6"."""
    found, at, values = words_and_marks(text), 0, []
    while at < len(found):
        number = _number_at(found, at)
        if number is None:
            at += 1
        else:
            values.append(number[0])
            at = number[1]
    return tuple(values)


def words_and_marks(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z']+|\d+|[./]", text.lower().replace("-", " ")))


def _number_at(found: Sequence[str], at: int) -> tuple[float, int] | None:
    whole = _three_digits(found, at) or parse_cardinal(found, at)
    if whole is None:
        return None
    value, after = float(whole[0]), whole[1]
    if tuple(found[after : after + 3]) == _HALF:
        return value + 0.5, after + 3
    if word_at(found, after) in ("point", "."):
        part = parse_digits(found, after + 1)
        return (float(f"{whole[0]}.{part[0]}"), part[1]) if part else (value, after + 1)
    return value, after


def _three_digits(found: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "One eighty two" is 182, "two oh five" is 205."""
    hundreds = single_digit(word_at(found, at))
    if not hundreds or word_at(found, at).isdecimal():
        return None
    if word_at(found, at + 1) in ("oh", "o"):
        unit = single_digit(word_at(found, at + 2))
        return (hundreds * 100 + unit, at + 3) if unit else None
    rest = parse_below_hundred(found, at + 1)
    return (hundreds * 100 + rest[0], rest[1]) if rest and rest[0] >= 10 else None


def in_unit(value: float, unit: str, text: str) -> float:
    """The same in the question's unit, where another one was said."""
    said = set(words(text))
    if unit == "[lb_av]" and said & _KILOS:
        return round(value * POUNDS_A_KILO, 1)
    if unit == "[degF]" and 32 <= value <= 43:
        return round(value * 9 / 5 + 32, 1)
    if unit == "mg/dL" and ({"millimoles", "millimole", "mmol"} & said):
        return round(value * MG_DL_A_MMOL_L)
    return value


def has_weight_unit(text: str) -> bool:
    return bool(set(words(text)) & (_POUNDS | _KILOS))


def is_loss(text: str) -> bool:
    return bool(set(words(text)) & _LOST)


def gain(text: str) -> dict[str, float]:
    """ "I gained four pounds since yesterday" -> {"weight-gain-day": 4}, in pounds."""
    said = numbers(text)
    if len(said) != 1 or not has_weight_unit(text) or not set(words(text)) & (_GAINED | _LOST):
        return {}
    value = in_unit(-said[0] if is_loss(text) else said[0], "[lb_av]", text)
    if _IN_A_DAY.search(text.lower()):
        return {GAIN_DAY: value}
    return {GAIN_WEEK: value} if _IN_A_WEEK.search(text.lower()) else {}


def pressure(text: str) -> str:
    """ "Two hundred over one ten" -> "200/110", "" for anything else. "Offer" is "over" misheard."""
    spoken = re.sub(
        r"[a-z]+", lambda word: "/" if similarity(word[0], "over") >= _AS_OVER else word[0], text.lower()
    )
    upper, slash, lower = spoken.partition("/")
    above, below = numbers(upper), numbers(lower)
    return f"{above[-1]:.0f}/{below[0]:.0f}" if slash and above and below else ""


# --------------------------------------------------------------------------- one of a list


def option_said(text: str, options: Sequence[Option]) -> str:
    """The code of the one option that was named, "" for none or several."""
    found = words(text)
    hits = [(size, code) for option in options for size, code in _hits(found, option)]
    longest = max((size for size, _ in hits), default=0)
    codes = {code for size, code in hits if size == longest}
    return codes.pop() if len(codes) == 1 else ""


def _hits(found: Sequence[str], option: Option) -> list[tuple[int, str]]:
    hits = []
    for form in (option.display, *option.spoken):
        wanted = _cut(form)
        at = find_phrase(found, wanted)
        if at is not None and (wanted[0] in _DENYING or word_at(found, at - 1) not in _DENYING):
            hits.append((len(wanted), option.code))
    return hits
