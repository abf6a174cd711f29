"""Telephone numbers, ZIP codes, plain numbers, strengths and minutes late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intents.readers.corrections import is_refused, is_replaced
from intents.readers.hearing import heard
from models.domain import Entity
from words.numbers import DIGIT_HOMOPHONES, parse_below_hundred, parse_cardinal, parse_digits, single_digit
from words.tokens import Token, span, word_at, word_set

_JOINTS = word_set("area code and dash hyphen is then - . + comma my number it's ok okay")
_UNITS = {
    name: unit
    for unit, names in (
        ("mg", "milligram milligrams mg milligrammes migs"),
        ("mcg", "microgram micrograms mcg mikes"),
        ("g", "gram grams"),
        ("ml", "milliliter milliliters ml"),
        ("units", "unit units"),
        ("meq", "milliequivalents meq"),
    )
    for name in names.split()
}
_LONGEST_AMOUNT = 12  # words: "one thousand one hundred and one point two five"
_ONE_OF_TWO = 0.45  # of a telephone number beside another: which one is asked
_GIVEN_UP = word_set("old previous former")
_ZIP_WORDS = word_set("zip zipcode postal")
_LATE = word_set("late behind")
_VAGUE_MINUTES = {"few": 5, "couple": 5}


@dataclass(frozen=True, slots=True)
class _Digits:
    at: int
    after: int
    digits: str


@dataclass(frozen=True, slots=True)
class _Valued:
    """A value said by words [at, after)."""

    value: str | int | float
    at: int
    after: int


def read_phone(text: str, *, expected: bool = False) -> Entity | None:
    """A North American number as E.164, or None. Ten digits, or eleven that begin with 1.

    ``expected``: also reads "to", "for", "ate" as digits.
    """
    found, runs = _runs(text, homophones=expected)
    numbers = [said for run in reversed(runs) if (said := _number_of(run, found))]
    if not numbers:
        return None
    (number, at, after), *rest = numbers
    others = tuple(dict.fromkeys(other for other, _, _ in rest if other != number))
    return Entity(number, span(found, at, after), _ONE_OF_TWO if others else 0.95, others)


def _number_of(run: _Digits, found: tuple[Token, ...]) -> tuple[str, int, int] | None:
    """The E.164 number a run of digits is, and its place."""
    for digits, after in ((run.digits, run.after), _without_homophone(run, found)):
        number = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        if len(number) == 10 and number[0] in "23456789" and number[3] in "23456789":
            return "+1" + number, run.at, after
    return None


def _without_homophone(run: _Digits, found: tuple[Token, ...]) -> tuple[str, int]:
    """ "... oh one four two for my refill": the last word may have been no digit."""
    is_doubtful = found[run.after - 1].text in DIGIT_HOMOPHONES and run.after - run.at > 1
    return (run.digits[:-1], run.after - 1) if is_doubtful else (run.digits, run.after)


def read_zip(text: str, *, expected: bool = False) -> Entity | None:
    """Five digits (of nine, the first five), or None; without a question for it, "zip" must be said."""
    found, runs = _runs(text, homophones=expected)
    named_at = next((at for at, token in enumerate(found) if token.text in _ZIP_WORDS), None)
    if not expected and named_at is None:
        return None
    after_name = [run for run in runs if named_at is not None and run.at > named_at]
    for run in (*after_name, *reversed(runs)):
        for digits, after in ((run.digits, run.after), _without_homophone(run, found)):
            if len(digits) in (5, 9):
                return Entity(digits[:5], span(found, run.at, after), 0.95)
    return None


def read_number(text: str) -> Entity | None:
    """A number: "eight", "one hundred and two", "98", "ninety eight point six"; the corrected one after a
    correction.
    """
    found = heard(text)
    words = [token.text for token in found]
    numbers: list[_Valued] = []
    at = 0
    while at < len(words):
        number = _decimal(words, at)
        if number:
            value = float(number[0]) if "." in number[0] else int(number[0])
            numbers.append(_Valued(value, at, number[1]))
        at = number[1] if number else at + 1
    return _chosen(numbers, words, found)


def _chosen(
    values: list[_Valued], words: Sequence[str], found: tuple[Token, ...], *, sure: float = 0.95
) -> Entity | None:
    """The first, unless it was taken back; with others standing beside it, unsure."""
    kept: list[_Valued] = []
    for valued in values:
        if kept and is_replaced(words, kept[-1].after, valued.at):
            kept = []
        if not is_refused(words, valued.at):
            kept.append(valued)
    if not kept:
        return None
    first = kept[0]
    others = tuple(dict.fromkeys(valued.value for valued in kept if valued.value != first.value))
    return Entity(first.value, span(found, first.at, first.after), min(sure, 0.5) if others else sure, others)


def read_strength(text: str) -> Entity | None:
    """ "ten milligrams" as "10 mg", "point five" and "half a milligram" too; None without a unit."""
    found = heard(text)
    words = [token.text for token in found]
    strengths = []
    for at, word in enumerate(words):
        amount = _amount_before(words, at) if word in _UNITS else None
        if amount:
            strengths.append(_Valued(f"{amount[0]} {_UNITS[word]}", amount[1], at + 1))
    return _chosen(strengths, words, found)


def _amount_before(words: Sequence[str], unit_at: int) -> tuple[str, int] | None:
    """The amount that ends right before a unit, and where it begins."""
    if tuple(words[max(0, unit_at - 2) : unit_at]) == ("half", "a"):
        return "0.5", unit_at - 2
    for start in range(max(0, unit_at - _LONGEST_AMOUNT), unit_at):
        amount = _decimal(words, start)
        if amount and amount[1] == unit_at:
            return amount[0], start
    return None


def _decimal(words: Sequence[str], at: int) -> tuple[str, int] | None:
    if word_at(words, at) in ("point", "."):
        return _fraction(words, "0", at + 1)
    whole = parse_cardinal(words, at)
    if whole and word_at(words, whole[1]) in ("point", "."):
        return _fraction(words, str(whole[0]), whole[1] + 1)
    if whole and tuple(words[whole[1] : whole[1] + 3]) == ("and", "a", "half"):
        return f"{whole[0]}.5", whole[1] + 3
    return (str(whole[0]), whole[1]) if whole else None


def _fraction(words: Sequence[str], whole: str, at: int) -> tuple[str, int] | None:
    digits = parse_digits(words, at)
    return (f"{whole}.{digits[0]}", digits[1]) if digits else None


def read_late_minutes(text: str) -> Entity | None:
    """ "I'm running fifteen minutes late" as 15; half an hour as 30. None when nobody is late."""
    found = heard(text)
    words = [token.text for token in found]
    if not _LATE & set(words):
        return None
    lates = []
    for at, word in enumerate(words):
        if word in ("hour", "hours"):
            lates += _hours_before(words, at)
        elif word in ("minute", "minutes"):
            lates += _minutes_before(words, at)
    vague = any(words[valued.at] in _VAGUE_MINUTES for valued in lates)
    return _chosen(lates, words, found, sure=0.5 if vague else 0.9)


def _hours_before(words: Sequence[str], at: int) -> list[_Valued]:
    """ "an hour", "half an hour", "two hours", "an hour and a half"; "office hours" are none."""
    if "half" in words[max(0, at - 2) : at]:
        return [_Valued(30, at - 1, at + 1)]
    more = 30 if tuple(words[at + 1 : at + 4]) == ("and", "a", "half") else 0
    number = parse_below_hundred(words, at - 1) if at else None
    hours = 1 if word_at(words, at - 1) in ("an", "a") else number[0] if number else 0
    return [_Valued(60 * hours + more, at - 1, at + (4 if more else 1))] if hours else []


def _minutes_before(words: Sequence[str], at: int) -> list[_Valued]:
    for start in (at - 2, at - 1):
        number = parse_below_hundred(words, start) if start >= 0 else None
        if number and number[1] == at:
            return [_Valued(number[0], start, at + 1)]
    vague = next((place for place in (at - 1, at - 2) if word_at(words, place) in _VAGUE_MINUTES), None)
    return [] if vague is None else [_Valued(_VAGUE_MINUTES[words[vague]], vague, at + 1)]


def _runs(text: str, *, homophones: bool) -> tuple[tuple[Token, ...], list[_Digits]]:
    """Strings of digits; joints such as "area code", dashes and brackets do not break one."""
    found = heard(text)
    words = [token.text for token in found]
    runs: list[_Digits] = []
    at = 0
    while at < len(words):
        run = _run_at(words, at, homophones)
        if run:
            runs.append(run)
        at = run.after if run else at + 1
    return found, [run for run in _after_corrections(runs, words) if not _is_given_up(words, run.at)]


def _is_given_up(words: Sequence[str], at: int) -> bool:
    """ "Not 617 ...", "my old number is 617 ..."."""
    return is_refused(words, at) or bool(_GIVEN_UP & set(words[max(0, at - 4) : at]))


def _run_at(words: Sequence[str], at: int, homophones: bool) -> _Digits | None:
    first = parse_digits(words, at, homophones=homophones)
    if first is None or (not _begins_digits(words[at]) and homophones):
        return None
    digits, after = first
    while True:
        place = after
        while word_at(words, place) in _JOINTS:
            place += 1
        more = parse_digits(words, place, homophones=homophones and place == after)
        if more is None:
            return _Digits(at, after, digits)
        is_area = "code" in words[after:place] and len(digits) == 7 and len(more[0]) == 3
        digits, after = (more[0] + digits if is_area else digits + more[0]), more[1]


def _begins_digits(word: str) -> bool:
    """Homophones may stand inside a number, not begin one: "to" and "for" open many sentences."""
    is_number = parse_below_hundred([word], 0) is not None or single_digit(word) is not None
    return is_number or word in ("double", "triple") or word.isdigit()


def _after_corrections(runs: list[_Digits], words: Sequence[str]) -> list[_Digits]:
    for place in range(len(runs) - 1, 0, -1):
        if is_replaced(words, runs[place - 1].after, runs[place].at):
            return runs[place:]
    return runs
