"""Which pharmacy: the caller names it, or it stays unnamed."""

from __future__ import annotations

from dataclasses import replace

from models.domain import Intent, RequestRefill
from tests.dialog.calls import MARIA, Backend, Call


def asked(backend: Backend | None = None, said: str = "I need a refill of lisinopril") -> Call:
    call = Call(backend)
    call.says(said, Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.no()
    return call


def pharmacy(call: Call) -> str:
    call.yes()
    [request] = call.ordered_of(RequestRefill)
    return str(request.pharmacy)


def test_one_that_the_practice_does_not_list_is_kept_with_its_street() -> None:
    call = asked()
    call.says("it's the Walgreens")
    call.hears("Which street is that pharmacy on?")
    call.says("on Main Street", pharmacy="Main Street Pharmacy")  # a street sounds like one of the list
    call.hears("A refill of lisinopril, at walgreens on main street. Is that right?")
    assert pharmacy(call) == "walgreens on main street"


def test_without_the_street_it_goes_on() -> None:
    call = asked()
    call.says("Walgreens")
    call.says("I don't know", Intent.DONT_KNOW)
    call.hears("at walgreens. Is that right?")


def test_by_mail() -> None:
    call = asked()
    call.says("can you send it by mail order")
    call.hears("at your mail order pharmacy. Is that right?")
    assert pharmacy(call) == "your mail order pharmacy"


def test_the_usual_one_said_before_anybody_knows_who_calls() -> None:
    call = asked(said="a refill of lisinopril at my usual pharmacy")
    call.hears("at your usual pharmacy. Is that right?")
    assert "Oak" not in call.text
    assert pharmacy(call) == "Oak Drugs"


def test_the_usual_one_where_none_is_on_file_is_asked_for() -> None:
    backend = Backend(patient=replace(MARIA, pharmacy_name=""))
    call = asked(backend, "a refill of lisinopril at my usual pharmacy")
    call.hears("Which pharmacy should we use?")


def test_no_problems_and_the_pharmacy_said_at_once_leave_only_the_yes() -> None:
    call = Call()
    text = "refill lisinopril at Oak Drugs, no side effects"
    call.says(text, Intent.REFILL_REQUEST, drug="lisinopril", pharmacy="Oak Drugs")
    call.identifies()
    call.hears("A refill of lisinopril, at Oak Drugs. Is that right?")
