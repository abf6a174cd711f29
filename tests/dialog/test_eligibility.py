"""What is settled before a visit is looked for: who may book it here, and whether it is safe to wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from models.domain import (
    Action,
    ActionFailed,
    BookOpening,
    FindOpenings,
    Intent,
    NoInput,
    OpenTask,
    PageStaff,
    Priority,
    Result,
    TaskKind,
    VisitBooked,
    VisitType,
)
from tests.dialog.calls import MARIA, PRACTICE, VISIT, Backend, Call

TYPES = (
    VisitType("new-patient", "new patient visit", 40, ("new patient",), new_patients=True),
    *PRACTICE.visit_types,
    VisitType("sick", "sick visit", 20, ("sick visit",), screened=True),
    VisitType("procedure", "procedure", 40, ("procedure",), staff_only=True),
    VisitType("video", "video visit", 20, ("video visit",), video=True),
    VisitType("hospital", "hospital follow-up visit", 40, ("after the hospital",), after_hospital=True),
    VisitType("lab", "lab visit", 10, ("lab",), preparation="Please don't eat before the blood test."),
)


def books(kind: str = "", backend: Backend | None = None, text: str = "", **more: Any) -> Call:
    call = Call(backend)
    practice = replace(PRACTICE, visit_types=TYPES, licensed_states=("Massachusetts",))
    call.context = replace(call.context, practice=practice)
    more |= {"visit_type": kind} if kind else {}
    call.says(text or f"I'd like a {kind or 'visit'}", Intent.SCHEDULE_BOOK, **more)
    call.identifies()
    return call


def test_a_sick_visit_is_offered_only_after_the_danger_question() -> None:
    call = books("sick")
    call.hears("Do you have chest pain or trouble breathing right now?")
    assert call.ordered_of(FindOpenings) == []
    call.no()
    call.hears("What day and time would suit you?")


@pytest.mark.parametrize("answer", ["yes", "a little"])
def test_anything_but_a_no_is_a_danger_sign(answer: str) -> None:
    call = books("sick")
    call.says(answer, *((Intent.AFFIRM,) if answer == "yes" else ()))
    call.says(answer, *((Intent.AFFIRM,) if answer == "yes" else ()))
    assert call.ordered_of(PageStaff)
    assert call.ordered_of(FindOpenings) == []


def test_silence_at_the_danger_question_is_no_denial() -> None:
    call = books("sick")
    call.event(NoInput())
    call.event(NoInput())
    assert call.ordered_of(PageStaff)


def test_a_symptom_in_the_wish_brings_the_question_for_any_kind() -> None:
    call = books("follow-up", text="I need a visit about my cough", symptom="cough")
    call.hears("Do you have chest pain or trouble breathing right now?")


def test_who_is_sick_and_wants_to_come_today_gets_a_sick_visit() -> None:
    call = books(text="I have a cough, can I be seen today", symptom="cough", date="2026-11-23")
    call.no()
    assert call.ordered_of(FindOpenings)[0].visit_type == "sick"


def test_what_staff_arrange_goes_to_staff() -> None:
    call = books("procedure")
    call.hears("Our staff arrange that kind of visit. Our scheduling staff will call you.")
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.SCHEDULE_ASSIST
    assert call.ordered_of(FindOpenings) == []


def test_three_missed_visits_go_to_staff() -> None:
    call = books("follow-up", Backend(patient=replace(MARIA, no_shows=3)))
    call.hears("Our staff will have to book this visit with you.")
    assert "missed" not in call.text


def test_no_third_visit_of_one_kind() -> None:
    two = replace(MARIA, visits=(VISIT, replace(VISIT, appointment_id="a2")))
    call = books("follow-up", Backend(patient=two))
    call.hears("You already have two visits of that kind.")
    assert call.ordered_of(FindOpenings) == []


def test_not_seen_for_three_years_is_a_first_visit_again_and_that_is_not_told() -> None:
    call = books("follow-up", Backend(patient=replace(MARIA, established=False)))
    call.says("any time")
    call.says("the first one", choice="o1")
    call.hears("A visit with Doctor Chen on Tuesday, December first")
    assert "new" not in call.text
    call.yes()
    assert call.ordered_of(BookOpening)[0].visit_type == "new-patient"


def test_who_does_not_know_the_kind_gets_an_ordinary_visit() -> None:
    call = books()
    call.hears("What kind of visit do you need?")
    call.says("it's about my blood pressure")
    call.says("any time")
    call.says("the first one", choice="o1")
    call.yes()
    [booked] = call.ordered_of(BookOpening)
    assert (booked.visit_type, booked.reason) == ("follow-up", "it's about my blood pressure")


def test_a_video_visit_needs_a_patient_in_the_state() -> None:
    call = books("video")
    call.hears("Will you be in Massachusetts for the video visit?")
    call.yes()
    call.hears("What day and time would suit you?")
    other = books("video")
    other.no()
    other.hears("We can't do a video visit from there. Our scheduling staff will call you.")


def test_after_a_hospital_the_visit_lands_within_fourteen_days() -> None:
    call = books("hospital")
    call.hears("What day did you leave the hospital?")
    call.says("last Friday", past_date="2026-11-20")
    wish = call.ordered_of(FindOpenings)[0]
    assert wish.to_date is not None
    assert wish.to_date.isoformat() == "2026-12-04"


def test_after_a_hospital_nothing_in_time_is_urgent_for_staff() -> None:
    call = books("hospital", Backend(openings=()))
    call.says("last Friday", past_date="2026-11-20")
    call.hears("Our scheduling staff will call you.")
    assert call.ordered_of(OpenTask)[0].priority is Priority.URGENT


# --------------------------------------------------------------------------- what is said at the end


def booked(call: Call) -> str:
    call.says("any time")
    call.says("the first one", choice="o1")
    return call.yes()


def test_what_to_do_before_it_or_else_where_it_is() -> None:
    assert "Please don't eat before the blood test." in booked(books("lab"))
    assert "We're at 12 Maple Street." in booked(books("follow-up"))


def test_a_text_is_told_of_only_when_it_is_on_its_way() -> None:
    class Texting(Backend):
        def answer(self, action: Action) -> Result | None:
            made = super().answer(action)
            return replace(made, text_queued=True) if isinstance(made, VisitBooked) else made

    assert "text" not in booked(books("follow-up"))
    call = books("follow-up", Texting())
    assert "and I'm sending you a text with the date and time." in booked(call)


def test_a_visit_that_would_overlap_another_is_not_booked() -> None:
    class Busy(Backend):
        def answer(self, action: Action) -> Result | None:
            return ActionFailed("patient-busy") if isinstance(action, BookOpening) else super().answer(action)

    call = books("follow-up", Busy())
    booked(call)
    call.hears("You have another visit at that time.", "I have Friday, December fourth")


def test_home_from_the_hospital_says_the_kind_of_visit_and_the_day() -> None:
    """Of "on Friday" on a Monday it is the last Friday, and no day is asked for."""
    call = books(text="I came home from the hospital on Friday", date="2026-11-27", weekday=4)
    [wish] = call.ordered_of(FindOpenings)
    assert (wish.visit_type, wish.to_date, wish.weekdays) == ("hospital", date(2026, 12, 4), ())


def test_a_bare_weekday_is_the_last_one_when_asked_for_the_day_of_the_discharge() -> None:
    call = books("hospital")
    call.says("Thursday", date="2026-11-26", weekday=3)
    [wish] = call.ordered_of(FindOpenings)
    assert wish.to_date == date(2026, 12, 3)
