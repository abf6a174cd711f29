"""Do the words heard so far make a whole answer? Decides how long a silence may still be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from models.domain import Expectation, ExpectationKind
from voice import carriers
from voice.endpointing import SoFar

_DANGLING: Final = frozenset(
    {
        "my",
        "and",
        "uh",
        "um",
        "the",
        "a",
        "is",
        "it's",
        "i",
        "i'm",
        "of",
        "or",
        "for",
        "to",
        "with",
        "at",
        "on",
        "but",
        "because",
        "so",
        "i'd",
        "need",
        "about",
    }
)
_YES_NO: Final = frozenset("yes yeah yep yup no nope correct right sure okay".split())
_NO: Final = frozenset({"no", "nope"})
_READ_BACK: Final = re.compile(r"\b(birth date|born)\b")  # in a question that reads out what was said
_POLITE: Final = frozenset("please thanks ma'am sir right correct sure".split())
_SHORT_ANSWER: Final = 3  # words; a longer one may go on: "yes but on thursday"
_DIGIT_WORDS: Final = frozenset((*carriers.DIGITS, "oh", "o"))
_LARGER: Final = frozenset(
    word
    for form in (*map(carriers.cardinal, range(10, 100)), *map(carriers.ordinal, range(1, 32)))
    for word in form.split()
) | {"hundred", "thousand"}
_A_SENTENCE: Final = 4  # words; shorter may be the beginning of anything


def _one_of(forms: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(set(forms), key=len, reverse=True))})"


_UNIT: Final = _one_of(carriers.DIGITS[1:])
_ORDINAL: Final = _one_of(carriers.ordinal(day) for day in range(1, 32))
_CARDINAL: Final = _one_of(carriers.cardinal(day) for day in range(1, 32))
_MONTH: Final = _one_of(carriers.MONTHS)
_TENS: Final = _one_of(carriers.cardinal(tens) for tens in range(20, 100, 10))
_TEENS: Final = _one_of(carriers.cardinal(teen) for teen in range(10, 20))
_IN_CENTURY: Final = rf"(?:{_TENS} {_UNIT}|{_TENS}|{_TEENS}|oh? {_UNIT})"
_YEAR: Final = (
    rf"(?:(?:nineteen|nineteen hundred|twenty|two thousand|two thousand and) (?:{_IN_CENTURY}|{_UNIT})"
    rf"|two thousand|{_TENS} {_UNIT}|(?!twenty){_TENS})"
)
_DATE: Final = re.compile(
    rf"(?:^| )(?:{_MONTH} (?:the )?(?:{_ORDINAL}|{_CARDINAL})|(?:the )?{_ORDINAL} of {_MONTH}"
    rf"|{_CARDINAL} {_CARDINAL}) {_YEAR}$"
)
_HALF_DATE: Final = re.compile(
    rf"(?:^| )(?:{_MONTH}(?: (?:the )?(?:{_ORDINAL}|{_CARDINAL}))?|(?:the )?{_ORDINAL}(?: of(?: {_MONTH})?)?"
    rf"|{_CARDINAL} {_CARDINAL})(?: (?:nineteen|nineteen hundred|two thousand|two thousand and))?$"
)
_DIGITS_WANTED: Final = {ExpectationKind.PHONE: 10, ExpectationKind.ZIP: 5}


def so_far(text: str, expectation: Expectation) -> SoFar:
    """``text`` as heard until now, as an answer to ``expectation``."""
    words = text.lower().split()
    if not words:
        return SoFar.UNKNOWN
    whole, half = _WHOLE.get(expectation.kind), _HALF.get(expectation.kind)
    if whole is not None and whole(words, expectation):
        return SoFar.COMPLETE
    if half is not None and half(words, expectation):
        return SoFar.UNFINISHED
    if words[-1] in _DANGLING:
        return SoFar.UNFINISHED
    if expectation.kind is ExpectationKind.OPEN and len(words) > 2 and all(map(_is_piece, words[-2:])):
        return SoFar.UNFINISHED  # a number or a name is being spelled though nobody asked for one
    dictated = _DICTATED.get(expectation.kind)
    elsewhere = dictated is not None and len(words) >= _A_SENTENCE and not dictated & set(words)
    return SoFar.OTHER if elsewhere else SoFar.UNKNOWN


def _is_piece(word: str) -> bool:
    """A digit or a letter by its name; "a" and "i" are words."""
    return word in _DIGIT_WORDS or (len(word) == 1 and word not in "ai")


def _whole_date(words: Sequence[str], _expectation: Expectation) -> bool:
    """Month, day and year are there, and the year is not cut after its century."""
    return bool(_DATE.search(" ".join(words)))


def _half_date(words: Sequence[str], _expectation: Expectation) -> bool:
    """A month, or a month and a day, and the year is still to come."""
    return bool(_HALF_DATE.search(" ".join(words)))


def _enough_digits(words: Sequence[str], expectation: Expectation) -> bool:
    return _digits(words) >= _DIGITS_WANTED[expectation.kind]


def _too_few_digits(words: Sequence[str], expectation: Expectation) -> bool:
    return words[-1] in _DIGIT_WORDS and 0 < _digits(words) < _DIGITS_WANTED[expectation.kind]


def _digits(words: Sequence[str]) -> int:
    return sum(word in _DIGIT_WORDS for word in words)


def _yes_or_no(words: Sequence[str], expectation: Expectation) -> bool:
    if _may_correct(words, expectation):
        return False
    return len(words) <= _SHORT_ANSWER and words[0] in _YES_NO and words[-1] in _YES_NO | _POLITE


def _may_correct(words: Sequence[str], expectation: Expectation) -> bool:
    """A bare "no" to a date that was read back: "no, the fifth of March" may follow."""
    return words[-1] in _NO and len(words) == 1 and bool(_READ_BACK.search(expectation.asked.lower()))


def _bare_no(words: Sequence[str], expectation: Expectation) -> bool:
    """Which one, what, when: "no" alone answers none of these; what is meant instead follows."""
    return len(words) == 1 and words[0] in _NO


def _a_choice(words: Sequence[str], expectation: Expectation) -> bool:
    said = f" {' '.join(words)} "
    return any(f" {form.lower()} " in said for choice in expectation.choices for form in choice.spoken)


_Test = Callable[[Sequence[str], Expectation], bool]
_WHOLE: Final[dict[ExpectationKind, _Test]] = {
    ExpectationKind.YES_NO: _yes_or_no,
    ExpectationKind.DOB: _whole_date,
    ExpectationKind.PHONE: _enough_digits,
    ExpectationKind.ZIP: _enough_digits,
    ExpectationKind.CHOICE: _a_choice,
}
_DICTATED: Final = {
    ExpectationKind.DOB: _DIGIT_WORDS | set(carriers.MONTHS) | _LARGER,
    ExpectationKind.PHONE: _DIGIT_WORDS | _LARGER,
    ExpectationKind.ZIP: _DIGIT_WORDS | _LARGER,
    ExpectationKind.NUMBER: _DIGIT_WORDS | _LARGER,
}
_HALF: Final[dict[ExpectationKind, _Test]] = {
    ExpectationKind.YES_NO: _may_correct,
    ExpectationKind.DOB: _half_date,
    ExpectationKind.PHONE: _too_few_digits,
    ExpectationKind.ZIP: _too_few_digits,
    **dict.fromkeys((ExpectationKind.OPEN, ExpectationKind.CHOICE, ExpectationKind.DRUG), _bare_no),
}
