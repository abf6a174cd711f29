"""Which sentences have come to their value, and which may go on."""

from __future__ import annotations

import pytest

from intents.wholeness import is_whole
from models.domain import Entity, Intent, Transcript, Understanding


def understood(
    text: str, intent: Intent | None, value: str = "", name: str = "drug", certainty: float = 0.97
) -> Understanding:
    at = text.find(value) if value else 0
    entities = {name: Entity(value, (at, at + len(value)), certainty)} if value else {}
    intents = (intent,) if intent else ()
    return Understanding(Transcript(text), intent, intents, 0.97, entities)


def test_a_refill_that_names_its_medicine_is_whole_also_politely() -> None:
    assert is_whole(understood("i need a refill of my lisinopril", Intent.REFILL_REQUEST, "lisinopril"))
    assert is_whole(understood("a refill of lisinopril please", Intent.REFILL_REQUEST, "lisinopril"))


def test_a_wish_whose_object_may_still_come_is_not() -> None:
    assert not is_whole(understood("i need a refill", Intent.REFILL_REQUEST))
    assert not is_whole(understood("lisinopril is what i need and", Intent.REFILL_REQUEST, "lisinopril"))


def test_a_value_that_was_hardly_understood_is_not() -> None:
    assert not is_whole(understood("my name is james", None, "james", "name", certainty=0.35))


def test_who_wants_a_person_has_said_all() -> None:
    assert is_whole(understood("i want to talk to a person", Intent.HUMAN_AGENT))


@pytest.mark.parametrize("name", ["dob", "date", "number", "letters", "phone", "zip"])
def test_what_is_dictated_piece_by_piece_is_waited_for(name: str) -> None:
    assert not is_whole(understood("august twenty second", None, "august twenty second", name))


def test_who_tells_of_symptoms_is_never_hurried() -> None:
    assert not is_whole(understood("i feel dizzy", Intent.SYMPTOM_REPORT, "dizzy", "symptom"))
    assert not is_whole(understood("dizzy since i take lisinopril", Intent.SYMPTOM_REPORT, "lisinopril"))
