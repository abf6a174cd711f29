"""Which medicine is meant: told by its use, by a look-alike name, with another dose; what is no refill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.domain import Entity, Intent, Medicine, OpenTask, RequestRefill, TaskKind
from tests.dialog.calls import MARIA, Backend, Call

AMLODIPINE = Medicine("m6", "amlodipine", "amlodipine 5 MG Oral Tablet", ("norvasc", "blood pressure pill"))
METFORMIN, LISINOPRIL = MARIA.medicines[1], MARIA.medicines[0]


def patient(*medicines: Medicine) -> Backend:
    return Backend(patient=replace(MARIA, medicines=medicines))


def wants(text: str, *medicines: Medicine, **entities: Any) -> Call:
    call = Call(patient(*medicines))
    call.says(text, Intent.REFILL_REQUEST, **entities)
    call.identifies()
    return call


@pytest.mark.parametrize(
    ("words", "back", "order"),
    [
        ("I need the little white one for my heart", "The one for your heart", "m6"),
        ("can I get my blood pressure pill", "The one for your blood pressure", "m6"),
        ("more of my sugar medicine please", "The one for your blood sugar", "m2"),
        ("I'm nearly out of my diabetes meds", "The one for your blood sugar", "m2"),
    ],
)
def test_a_medicine_told_by_its_use_is_asked_back_in_the_callers_words(
    words: str, back: str, order: str
) -> None:
    call = wants(words, AMLODIPINE, METFORMIN)
    call.hears(f"{back}, is that right?")
    call.yes()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.hears(f"A refill of {back.lower()}, at Oak Drugs. Is that right?")
    call.yes()
    [request] = call.ordered_of(RequestRefill)
    assert (request.order_id, request.described) == (order, True)
    for secret in ("amlodipine", "metformin", "white"):
        assert secret not in call.text.lower()


@pytest.mark.parametrize("own", [(), (METFORMIN,), (AMLODIPINE, LISINOPRIL)])
def test_none_or_two_that_fit_sound_the_same_and_the_label_decides(own: tuple[Medicine, ...]) -> None:
    call = wants("my blood pressure pill", *own)
    call.hears("What is the name on the label?")
    assert "is that right" not in call.text


def test_the_name_on_the_label_finds_the_one() -> None:
    call = wants("my blood pressure pill", AMLODIPINE, LISINOPRIL)
    call.says("lisinopril", drug="lisinopril")
    call.hears("Any new problems")
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    [request] = call.ordered_of(RequestRefill)
    assert (request.order_id, request.described) == ("m1", False)


def test_who_cannot_read_the_label_is_helped_by_the_care_team() -> None:
    call = wants("my blood pressure pill", AMLODIPINE, LISINOPRIL)
    call.says("I don't know, I can't read it", Intent.DONT_KNOW)
    call.hears("I'll pass that to the care team.", "I've passed it on.")
    [task] = call.ordered_of(OpenTask)
    assert (task.kind, "blood pressure pill" in task.summary) == (TaskKind.REFILL_REVIEW, True)


def test_the_readers_choice_of_a_lay_name_is_not_taken() -> None:
    """Two water pills: whichever the reader names first, the caller must say which."""
    one = Medicine("w1", "furosemide", "furosemide 20 MG Oral Tablet", ("lasix", "water pill"))
    two = Medicine("w2", "spironolactone", "spironolactone 25 MG Oral Tablet", ("aldactone", "water pill"))
    call = Call(patient(one, two))
    call.says("a refill", Intent.REFILL_REQUEST)
    call.identifies()
    call.says("my water pill", drug=Entity("furosemide", (3, 13), 0.9, ("spironolactone",)))
    call.hears("What is the name on the label?")


def test_a_no_to_the_use_asks_for_the_name() -> None:
    call = wants("my blood pressure pill", AMLODIPINE)
    call.no()
    call.hears("Which medication would you like refilled?")
    assert call.ordered_of(RequestRefill) == []


@pytest.mark.parametrize(
    ("answer", "entities", "sent"),
    [
        ("ten milligrams", {"strength": "10 mg"}, True),
        ("L I S I N O P R I L", {"letters": "lisinopril"}, True),
        ("twenty milligrams", {"strength": "20 mg"}, False),
        ("F O S I N O P R I L", {"letters": "fosinopril"}, False),
    ],
)
def test_a_look_alike_heard_in_doubt_needs_its_spelling_or_strength(
    answer: str, entities: dict[str, Any], sent: bool
) -> None:
    call = wants("lisinopril", LISINOPRIL, METFORMIN, drug=("lisinopril", 0.6))
    call.hears("I heard lisinopril. Please spell its name, or tell me the strength on the label.")
    call.says("yes lisinopril", drug=("lisinopril", 0.6))
    assert "Any new problems" not in call.text, "heard twice is no proof of a name that has a double"
    call.says(answer, **entities)
    if not sent:
        assert "Any new problems" not in call.text
        return
    call.hears("Any new problems")


@pytest.mark.parametrize(
    "words", ["I take two of the ten milligram", "I take ten milligrams twice a day", "half a tablet a day"]
)
def test_how_the_caller_takes_it_goes_with_the_request(words: str) -> None:
    call = wants(f"I need lisinopril, {words}", LISINOPRIL, drug="lisinopril")
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    [request] = call.ordered_of(RequestRefill)
    assert words in request.taking


@pytest.mark.parametrize(
    "words",
    [
        "I want to stop my lisinopril",
        "can you raise my dose of lisinopril",
        "please switch me from lisinopril to something else",
        "I need a higher dose of lisinopril",
    ],
)
def test_a_change_of_treatment_is_no_refill(words: str) -> None:
    call = wants(words, LISINOPRIL, drug="lisinopril")
    call.hears("I'll pass that to the care team.", "I've passed it on.")
    [task] = call.ordered_of(OpenTask)
    assert (task.kind, words in task.summary) == (TaskKind.MED_CHANGE_REQUEST, True)
    assert call.ordered_of(RequestRefill) == []


def test_a_change_of_pharmacy_is_no_change_of_treatment() -> None:
    call = wants("lisinopril, and I want to switch to Oak Drugs", drug="lisinopril", pharmacy="Oak Drugs")
    assert call.ordered_of(OpenTask) == []


def test_what_is_taken_beside_it_is_told_and_not_refilled() -> None:
    call = wants("a refill of lisinopril", LISINOPRIL, METFORMIN, drug="lisinopril")
    call.no()
    call.says("I also take ibuprofen", drug="ibuprofen")
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.hears("A refill of lisinopril, at Oak Drugs.")
    call.yes()
    [request] = call.ordered_of(RequestRefill)
    assert (request.order_id, request.beside) == ("m1", "I also take ibuprofen")


@pytest.mark.parametrize("words", ["omeprazole, the stomach capsules", "stomach pills, omeprazole"])
def test_a_name_with_its_use_beside_it_is_one_medicine(words: str) -> None:
    own = Medicine("o1", "omeprazole", "omeprazole 20 MG Delayed Release Oral Capsule", ("prilosec",))
    call = Call(patient(own))
    at = words.index("omeprazole")
    call.says(words, Intent.REFILL_REQUEST, drug=Entity("omeprazole", (at, at + 10), 0.97))
    call.identifies()
    call.hears("Any new problems or side effects with it?")


def test_a_strength_whose_medicine_was_not_heard_stays_with_the_one_named_next() -> None:
    call = Call()
    call.says("I need my mumble the twenty milligrams", Intent.REFILL_REQUEST, strength="20 mg")
    call.identifies()
    call.says("the lisinopril", drug="lisinopril")
    call.no()
    call.says("Main Street", pharmacy="Main Street Pharmacy")
    call.yes()
    [request] = call.ordered_of(RequestRefill)
    assert (request.said, "twenty milligrams" in request.taking) == ("lisinopril", True)
