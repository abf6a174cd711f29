"""Telephone numbers, ZIP codes, plain numbers, strengths and minutes late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intents.readers.corrections import is_replaced
from models.domain import Entity
from words.numbers import parse_below_hundred, parse_cardinal, parse_digits, single_digit
from words.tokens import Token, span, tokens, without_fillers, word_set

_JOINTS = word_set("area code and dash hyphen is then - . + extension comma my number it's ok okay")
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
_LATE = word_set("late behind")
_VAGUE_MINUTES = {"few": 5, "couple": 5}


@dataclass(frozen=True, slots=True)
class _Digits:
    at: int
    after: int
    digits: str


def read_phone(text: str, *, expected: bool = False) -> Entity | None:
    """A North American number as E.164, or None. Ten digits, or eleven that begin with 1.

    ``expected``: also reads "to", "for", "ate" as digits.
    """
    found, runs = _runs(text, homophones=expected)
    for run in reversed(runs):
        digits = run.digits[1:] if len(run.digits) == 11 and run.digits[0] == "1" else run.digits
        if len(digits) == 10 and digits[0] in "23456789" and digits[3] in "23456789":
            return Entity("+1" + digits, span(found, run.at, run.after), 0.95)
    return None


def read_zip(text: str, *, expected: bool = False) -> Entity | None:
    """Five digits (of nine, the first five), or None; without a question for it, "zip" must be said."""
    found, runs = _runs(text, homophones=expected)
    if not expected and not {"zip", "zipcode", "postal"} & {token.text for token in found}:
        return None
    for run in reversed(runs):
        if len(run.digits) in (5, 9):
            return Entity(run.digits[:5], span(found, run.at, run.after), 0.95)
    return None


def read_number(text: str) -> Entity | None:
    """A whole number: "eight", "one hundred and two", "98"; after a correction the corrected one."""
    found = without_fillers(tokens(text))
    words = [token.text for token in found]
    numbers: list[tuple[int, int, int]] = []
    at = 0
    while at < len(words):
        number = parse_cardinal(words, at)
        if number:
            numbers.append((number[0], at, number[1]))
        at = number[1] if number else at + 1
    return _chosen_number(numbers, words, found)


def _chosen_number(
    numbers: list[tuple[int, int, int]], words: Sequence[str], found: tuple[Token, ...]
) -> Entity | None:
    if not numbers:
        return None
    chosen, rivals = numbers[0], numbers[1:]
    for number in numbers[1:]:
        if is_replaced(words, chosen[2], number[1]):
            chosen, rivals = number, []
    certainty = 0.95 if not rivals else 0.5
    others = tuple(value for value, _, _ in rivals if value != chosen[0])
    return Entity(chosen[0], span(found, chosen[1], chosen[2]), certainty, others)


def read_strength(text: str) -> Entity | None:
    """ "ten milligrams" as "10 mg", "point five" and "half a milligram" too; None without a unit."""
    found = without_fillers(tokens(text))
    words = [token.text for token in found]
    for at, word in enumerate(words):
        amount = _amount_before(words, at) if word in _UNITS else None
        if amount:
            return Entity(f"{amount[0]} {_UNITS[word]}", span(found, amount[1], at + 1), 0.95)
    return None


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
    if _word(words, at) in ("point", "."):
        return _fraction(words, "0", at + 1)
    whole = parse_cardinal(words, at)
    if whole and _word(words, whole[1]) in ("point", "."):
        return _fraction(words, str(whole[0]), whole[1] + 1)
    if whole and tuple(words[whole[1] : whole[1] + 3]) == ("and", "a", "half"):
        return f"{whole[0]}.5", whole[1] + 3
    return (str(whole[0]), whole[1]) if whole else None


def _fraction(words: Sequence[str], whole: str, at: int) -> tuple[str, int] | None:
    digits = parse_digits(words, at)
    return (f"{whole}.{digits[0]}", digits[1]) if digits else None


def read_late_minutes(text: str) -> Entity | None:
    """ "I'm running fifteen minutes late" as 15; half an hour as 30. None when nobody is late."""
    found = without_fillers(tokens(text))
    words = [token.text for token in found]
    if not _LATE & set(words):
        return None
    for at, word in enumerate(words):
        if word.startswith("hour"):
            is_half = {"half"} & set(words[max(0, at - 2) : at])
            return Entity(30 if is_half else 60, span(found, max(0, at - 2), at + 1), 0.8)
        if word.startswith("minute"):
            return _minutes_before(words, at, found)
    return None


def _minutes_before(words: Sequence[str], at: int, found: tuple[Token, ...]) -> Entity | None:
    for start in (at - 2, at - 1):
        number = parse_below_hundred(words, start) if start >= 0 else None
        if number and number[1] == at:
            return Entity(number[0], span(found, start, at + 1), 0.9)
    vague = _VAGUE_MINUTES.get(_word(words, at - 1)) or _VAGUE_MINUTES.get(_word(words, at - 2))
    return Entity(vague, span(found, at - 1, at + 1), 0.5) if vague else None


def _runs(text: str, *, homophones: bool) -> tuple[tuple[Token, ...], list[_Digits]]:
    """Strings of digits; joints such as "area code", dashes and brackets do not break one."""
    found = without_fillers(tokens(text))
    words = [token.text for token in found]
    runs: list[_Digits] = []
    at = 0
    while at < len(words):
        run = _run_at(words, at, homophones)
        if run:
            runs.append(run)
        at = run.after if run else at + 1
    return found, _after_corrections(runs, words)


def _run_at(words: Sequence[str], at: int, homophones: bool) -> _Digits | None:
    first = parse_digits(words, at, homophones=homophones)
    if first is None or (not _begins_digits(words[at]) and homophones):
        return None
    digits, after = first
    while True:
        place = after
        while _word(words, place) in _JOINTS:
            place += 1
        more = parse_digits(words, place, homophones=homophones and place == after)
        if more is None:
            return _Digits(at, after, digits)
        digits, after = digits + more[0], more[1]


def _begins_digits(word: str) -> bool:
    """Homophones may stand inside a number, not begin one: "to" and "for" open many sentences."""
    is_number = parse_below_hundred([word], 0) is not None or single_digit(word) is not None
    return is_number or word in ("double", "triple") or word.isdigit()


def _after_corrections(runs: list[_Digits], words: Sequence[str]) -> list[_Digits]:
    for place in range(len(runs) - 1, 0, -1):
        if is_replaced(words, runs[place - 1].after, runs[place].at):
            return runs[place:]
    return runs


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""
