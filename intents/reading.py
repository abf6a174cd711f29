"""Which readers run on a turn: the question decides first, so that a birth date is never an appointment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

from intents.readers.births import read_birth
from intents.readers.choices import read_choice
from intents.readers.dates import read_when
from intents.readers.drugs import listed_medicines
from intents.readers.letters import read_letters
from intents.readers.limits import read_limits
from intents.readers.lists import read_pharmacy, read_provider, read_refused_provider, read_visit_type
from intents.readers.measures import read_measures
from intents.readers.modes import read_kind, read_mode
from intents.readers.names import read_name
from intents.readers.numbers import read_late_minutes, read_number, read_phone, read_strength, read_zip
from intents.readers.relations import (
    read_company,
    read_no_such_date,
    read_past_date,
    read_same,
    read_shift,
)
from intents.readers.several_drugs import read_drugs
from intents.readers.speaking import read_speaking
from intents.readers.symptoms import read_symptom
from intents.readers.yes_no import read_yes_no
from models.domain import Context, Entity, Expectation, ExpectationKind
from words.tokens import word_set, words

Kind = ExpectationKind
Entities = dict[str, Entity]

_VALUES = word_set(
    "dob date date_from date_to weekday time daypart phone zip number letters name drug strength pharmacy "
    "provider choice visit_type not_weekday not_date not_daypart not_provider time_from time_to with_whom"
)
_KEYS = word_set("one two 1 2")
_NUMBERS = (
    "dob", "phone", "zip", "strength", "blood_pressure", "glucose", "weight", "temperature", "pulse",
    "oxygen",
)  # fmt: skip
_WANTED = {
    Kind.DOB: "dob",
    Kind.PHONE: "phone",
    Kind.ZIP: "zip",
    Kind.NUMBER: "number",
    Kind.SPELLING: "letters",
    Kind.NAME: "name",
    Kind.YES_NO: "yes_no",
    Kind.CHOICE: "choice",
    Kind.DRUG: "drug",
}


def wanted_entity(kind: ExpectationKind) -> str:
    """The entity a question of this kind is after; "" for an open one."""
    return _WANTED.get(kind, "")


def read_entities(text: str, expectation: Expectation, context: Context) -> Entities:
    """All values of one text. ``context.now`` and the practice's time zone say what day it is."""
    today = context.now.astimezone(ZoneInfo(context.practice.timezone)).date()
    found = {**read_speaking(text), **_READERS[expectation.kind](text, expectation, context, today)}
    return _plain(_apart({name: entity for name, entity in found.items() if entity is not None}))


def _apart(entities: Entities) -> Entities:
    """A number is one thing only: what is a birth date, a telephone number or a reading is no wish of a
    time.
    """
    numbers = [entities[name] for name in _NUMBERS if name in entities]
    doubled = [
        name
        for name in ("date", "weekday", "time")
        if name in entities and any(_overlaps(entities[name], number) for number in numbers)
    ]
    return {name: entity for name, entity in entities.items() if name not in doubled}


def _plain(entities: Entities) -> Entities:
    """A bare "no" at the beginning corrects only where a value follows it: "no new problems" does not."""
    mode = entities.get("mode")
    if mode and mode.value == "correction" and not _VALUES & set(entities):
        del entities["mode"]
    return entities


Found = dict[str, Entity | None]
Reader = Callable[[str, Expectation, Context, date], Found]


def _dob(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    """Digits and months are the birth date's alone; a name may come along."""
    return {
        "dob": read_birth(text, today, expected=True),
        "name": _introduced(text, context),
        "yes_no": read_yes_no(text, expectation.asked),
        "mode": read_mode(text, after_question=True),
    }


def _phone(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    return {"phone": read_phone(text, expected=True), "yes_no": read_yes_no(text, expectation.asked)}


def _zip(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    return {
        "zip": read_zip(text, expected=True),
        "phone": read_phone(text),
        "yes_no": read_yes_no(text, expectation.asked),
    }


def _number(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    return {
        "number": read_number(text),
        **read_measures(text),
        "strength": read_strength(text),
        "yes_no": read_yes_no(text, expectation.asked),
    }


def _spelling(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    letters = read_letters(text, expected=True)
    name = (
        None
        if letters
        else read_name(text, context.practice.roster_names, context.caller_names, expected=True)
    )
    return {"letters": letters, "name": name, "yes_no": read_yes_no(text, expectation.asked)}


def _name(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    likely = (*context.caller_names, *(choice.value for choice in expectation.choices))
    return {
        "name": read_name(text, context.practice.roster_names, likely, expected=True),
        "dob": read_birth(text, today),
        "letters": read_letters(text),
        "yes_no": read_yes_no(text, expectation.asked),
        "mode": read_mode(text, after_question=True),
    }


def _yes_no(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    """The answer, and what a "no" puts in place of what was asked."""
    return {
        "yes_no": read_yes_no(text, expectation.asked),
        "choice": read_choice(text, expectation.choices, today),
        **_general(text, expectation, context, today),
        "time": _hour_instead(text, expectation, today),
        **_personal(text, expectation, context, today),
        "mode": read_mode(text, after_question=True),
    }


def _hour_instead(text: str, expectation: Expectation, today: date) -> Entity | None:
    """ "Ten?", to an opening: its hour. "One" and "two" are the keys for yes and no."""
    is_key = bool(_KEYS & set(words(text)))
    bare_hours = bool(expectation.choices) and not is_key
    return read_when(text, today, bare_hours=bare_hours).get("time")


def _personal(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    """Corrections of who somebody is; a question about a birth date turns days into that, one about letters
    is answered by letters too.
    """
    asked = expectation.asked.lower()
    found: Found = {"phone": read_phone(text), "zip": read_zip(text), "name": _introduced(text, context)}
    if "birth" in asked or "born" in asked:
        born, alone = read_birth(text, today, expected=True), read_zip(text, expected=True)
        if born and alone and _overlaps(born, alone):
            born, found["zip"] = None, alone  # five digits and no month: "oh two one one one"
        found |= {"dob": born, **dict.fromkeys(("date", "weekday", "time"))}
    if "letters" in asked:
        found["letters"] = read_letters(text)
    return found


def _choice(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    """The closed list first; wishes for another time or person where none of it was meant."""
    general = _general(text, expectation, context, today)
    return {
        **general,
        **read_when(text, today, bare_hours=True),
        "choice": read_choice(text, expectation.choices, today),
        "yes_no": read_yes_no(text, expectation.asked),
        "mode": read_mode(text, after_question=True),
    }


def _drug(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    medicines = context.patient.medicines if context.patient else ()
    listed = listed_medicines(expectation.choices, medicines)
    drugs = read_drugs(text, listed, context.practice.medicine_names, expected=True)
    drug = drugs["drug"]
    chosen = next((item.value for item in listed if drug and item.name == drug.value and item.value), None)
    choice = Entity(chosen, drug.span, drug.certainty) if drug and chosen else None
    return {
        **drugs,
        "choice": choice or read_choice(text, expectation.choices, today),
        "strength": read_strength(text),
        "pharmacy": read_pharmacy(text, context.practice.pharmacies),
        "letters": read_letters(text),
        "yes_no": read_yes_no(text, expectation.asked),
        "mode": read_mode(text, after_question=True),
    }


def _open(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    """Anything: whatever is named plainly."""
    return {
        **_general(text, expectation, context, today),
        "name": _introduced(text, context),
        "dob": read_birth(text, today),
        "phone": read_phone(text),
        "zip": read_zip(text),
        "choice": read_choice(text, expectation.choices, today),
        "yes_no": read_yes_no(text, expectation.asked),
        "letters": read_letters(text),
        "mode": read_mode(text, after_question=bool(expectation.asked)),
    }


def _general(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    """Values that may come up in any answer about visits and medicines."""
    practice = context.practice
    medicines = context.patient.medicines if context.patient else ()
    return {
        **read_when(text, today),
        **_limits(text, expectation, context, today),
        **read_measures(text),
        **read_drugs(text, listed_medicines((), medicines), practice.medicine_names),
        "strength": read_strength(text),
        "pharmacy": read_pharmacy(
            text, practice.pharmacies, expected="pharmacy" in expectation.asked.lower()
        ),
        "provider": read_provider(text, practice.providers, expected=_asks_who(expectation)),
        "visit_type": read_visit_type(text, practice.visit_types),
        "symptom": read_symptom(text),
        "late_min": read_late_minutes(text),
        "kind": read_kind(text),
    }


def _limits(text: str, expectation: Expectation, context: Context, today: date) -> Found:
    """What a visit must not be, and what it shall be beside another."""
    return {
        **read_limits(text, today),
        "not_provider": read_refused_provider(text, context.practice.providers),
        "with_whom": read_company(text, after_question=bool(expectation.asked)),
        "shift_days": read_shift(text),
        "same": read_same(text),
        "past_date": read_past_date(text, today),
        "no_such_date": read_no_such_date(text, today),
    }


def _asks_who(expectation: Expectation) -> bool:
    asked = expectation.asked.lower()
    return any(word in asked for word in ("doctor", "provider", "who would you", "whom"))


def _introduced(text: str, context: Context) -> Entity | None:
    return read_name(text, context.practice.roster_names, context.caller_names)


def _overlaps(one: Entity, other: Entity | None) -> bool:
    return other is not None and one.span[0] < other.span[1] and other.span[0] < one.span[1]


_READERS: dict[ExpectationKind, Reader] = {
    Kind.DOB: _dob,
    Kind.PHONE: _phone,
    Kind.ZIP: _zip,
    Kind.NUMBER: _number,
    Kind.SPELLING: _spelling,
    Kind.NAME: _name,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.DRUG: _drug,
    Kind.OPEN: _open,
}
