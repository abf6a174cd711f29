"""Keys as answers: the same slot as by speech. 0 alone is a person, from everywhere."""

from __future__ import annotations

from datetime import date

from models.domain import Entity, Expectation, ExpectationKind, Transcript, Understanding

PERSON = "0"
ENGINE = "keys"  # of what was keyed
SPANISH = "2"  # where nothing else is asked


def understood(digits: str, expectation: Expectation) -> Understanding:
    """What the keys say, as if spoken; without entities where they say nothing here."""
    digits = "".join(key for key in digits if key.isdigit())
    found = _READERS.get(expectation.kind, _nothing)(digits, expectation)
    entities = {name: Entity(value, (0, 0), 1.0) for name, value in found.items()}
    return Understanding(Transcript("", 1.0, engine=ENGINE), entities=entities)


def _nothing(digits: str, expectation: Expectation) -> dict[str, str | bool]:
    return {}


def _yes_no(digits: str, expectation: Expectation) -> dict[str, str | bool]:
    return {"yes_no": digits == "1"} if digits in ("1", "2") else {}


def _birth(digits: str, expectation: Expectation) -> dict[str, str | bool]:
    """MMDDYYYY."""
    if len(digits) != 8:
        return {}
    try:
        born = date(int(digits[4:]), int(digits[:2]), int(digits[2:4]))
    except ValueError:
        return {}
    return {"dob": born.isoformat()}


def _zip(digits: str, expectation: Expectation) -> dict[str, str | bool]:
    return {"zip": digits} if len(digits) == 5 else {}


def _phone(digits: str, expectation: Expectation) -> dict[str, str | bool]:
    national = digits.removeprefix("1") if len(digits) == 11 else digits
    return {"phone": f"+1{national}"} if len(national) == 10 else {}


def _choice(digits: str, expectation: Expectation) -> dict[str, str | bool]:
    place = int(digits or 0)
    return {"choice": expectation.choices[place - 1].value} if 0 < place <= len(expectation.choices) else {}


def _number(digits: str, expectation: Expectation) -> dict[str, str | bool]:
    return {"number": digits} if digits else {}


_READERS = {
    ExpectationKind.YES_NO: _yes_no,
    ExpectationKind.DOB: _birth,
    ExpectationKind.ZIP: _zip,
    ExpectationKind.PHONE: _phone,
    ExpectationKind.CHOICE: _choice,
    ExpectationKind.NUMBER: _number,
}
