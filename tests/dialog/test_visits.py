"""Visits: book with a correction, a race lost, nothing free; move; cancel; look up."""

from __future__ import annotations

from dataclasses import replace

import dialog
from models.domain import (
    BookOpening,
    CancelVisit,
    Disposition,
    Entity,
    FindOpenings,
    HoldOpening,
    Intent,
    MoveVisit,
    OpenTask,
    TaskKind,
)
from tests.dialog.calls import MARIA, VISIT, Backend, Call


def booking(backend: Backend | None = None) -> Call:
    call = Call(backend)
    call.says("I want to book a follow up visit", Intent.SCHEDULE_BOOK, visit_type="follow-up")
    call.identifies()
    call.hears("What day and time would suit you?")
    return call


def test_a_booking_with_a_correction_at_the_end() -> None:
    call = booking()
    call.says("any time")
    call.hears(
        "I have Tuesday, December first at two twenty PM with Doctor Chen, "
        "or Thursday, December third at nine AM with Doctor Chen. Which would you like?"
    )
    spoken = [form for choice in call.decision.expectation.choices for form in choice.spoken]
    assert "the first one" in spoken
    assert "thursday" in spoken
    assert "doctor chen" not in spoken  # said of both, so it tells neither
    call.says("the second one", choice="o2")
    call.hears("A follow-up visit with Doctor Chen on Thursday, December third at nine AM. Shall I book it?")
    call.says("no, I meant the first one", Intent.DENY, yes_no=False, choice="o1")
    call.hears("Tuesday, December first at two twenty PM. Shall I book it?")
    assert call.ordered_of(BookOpening) == []
    call.yes()
    call.hears("You're booked for Tuesday, December first at two twenty PM with Doctor Chen.")
    [booked] = call.ordered_of(BookOpening)
    assert (booked.opening_id, booked.visit_type, booked.patient_id) == ("o1", "follow-up", "pat-1")
    assert [wish.opening_id for wish in call.ordered_of(HoldOpening)] == ["o2", "o1"]
    assert dialog.summary(call.state).disposition is Disposition.COMPLETED


def test_wishes_of_the_first_sentence_are_kept() -> None:
    call = Call()
    call.says(
        "a physical with Doctor Patel on Friday morning",
        Intent.SCHEDULE_BOOK,
        visit_type="physical",
        provider="Doctor Patel",
        weekday=4,
        daypart="morning",
    )
    call.identifies()
    wish = call.ordered_of(FindOpenings)[0]
    assert (wish.visit_type, wish.provider_id, wish.weekdays, wish.daypart) == (
        "physical",
        "p2",
        (4,),
        "morning",
    )


def test_another_day_instead_of_a_yes_is_searched_and_confirmed_anew() -> None:
    call = booking()
    call.says("any time")
    call.says("Tuesday", weekday=1)
    call.hears("Tuesday, December first")
    call.says("no, Thursday", Intent.DENY, yes_no=False, weekday=3)
    call.hears("Thursday, December third at nine AM. Shall I book it?")
    call.says("yes, on Friday", Intent.AFFIRM, yes_no=True, weekday=4)
    call.hears("I have Friday, December fourth")
    assert call.ordered_of(BookOpening) == []


def test_neither_brings_others() -> None:
    call = booking()
    call.says("any time")
    call.says("neither of those", Intent.DENY, yes_no=False)
    call.hears("I have Friday, December fourth", "Tuesday, December eighth")
    assert call.ordered_of(FindOpenings)[1].not_openings == ("o1", "o2")


def test_an_opening_that_is_taken_meanwhile() -> None:
    backend = Backend()
    call = booking(backend)
    call.says("any time")
    backend.gone.add("o1")
    call.says("the first", choice="o1")
    call.hears("I'm sorry, that time was just taken.", "I have Thursday, December third")
    assert "booked" not in call.text


def test_nothing_at_all_goes_to_a_person() -> None:
    call = booking(Backend(openings=()))
    call.says("Monday", weekday=0)
    call.hears("I don't see an opening that fits. Shall I put you on our waiting list?")
    call.no()
    call.hears("I'm asking our scheduling staff to call you.", "I've passed it on.")
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.SCHEDULE_ASSIST


def test_nothing_on_that_day_brings_other_days_and_says_so() -> None:
    call = booking()
    call.says("Monday morning with Doctor Chen", weekday=0, daypart="morning", provider="Doctor Chen")
    call.hears("I don't see an opening then. On other days, I have Thursday, December third at nine AM")
    wish = call.ordered_of(FindOpenings)[-1]
    assert (wish.weekdays, wish.daypart, wish.provider_id) == ((), "morning", "p1")


def test_who_waits_waits_for_what_was_wished_first() -> None:
    call = booking(Backend(openings=()))
    call.says("Monday morning, not with Doctor Patel", weekday=0, daypart="morning", not_provider="p2")
    call.yes()
    call.hears("I see your visit with Doctor Chen")  # is it about an earlier time for that one?
    call.no()
    call.hears("May we text you")
    call.yes()
    call.hears("on the waiting list for a follow-up visit, on a Monday, in the morning")


def test_what_is_the_only_thing_is_not_given_up() -> None:
    call = booking()
    call.says("only mornings with Doctor Patel", daypart="morning", provider="Doctor Patel")
    call.hears("I don't see an opening that fits. Shall I put you on our waiting list?")
    assert {wish.provider_id for wish in call.ordered_of(FindOpenings)} == {"p2"}


def test_a_day_that_has_passed() -> None:
    call = booking()
    call.says("the first of November", date="2026-11-01")
    call.hears("That day has passed. What day and time would suit you?")


def test_keys_pick_and_confirm() -> None:
    from models.domain import Keys

    call = booking()
    call.says("any time")
    call.event(Keys("2"))
    call.hears("Thursday, December third at nine AM. Shall I book it?")
    call.event(Keys("1"))
    call.hears("You're booked for Thursday")


def test_moving_a_visit_is_one_swap_after_a_yes() -> None:
    call = Call()
    call.says("move my appointment", Intent.SCHEDULE_RESCHEDULE)
    call.identifies()
    call.says("Thursday", weekday=3)
    call.yes()
    call.hears(
        "your visit with Doctor Chen on Monday, November thirtieth at ten AM to Thursday, December third"
    )
    assert "follow-up" not in call.text  # the reason of a visit on file is not told
    assert call.ordered_of(MoveVisit) == []
    call.yes()
    call.hears("Your visit is now on Thursday, December third at nine AM")
    [move] = call.ordered_of(MoveVisit)
    assert (move.appointment_id, move.opening_id) == ("a1", "o2")


def test_cancelling_needs_a_yes_and_is_said_only_when_done() -> None:
    call = Call()
    call.says("cancel my appointment", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.hears(
        "I'll cancel your visit with Doctor Chen on Monday, November thirtieth at ten AM. Is that right?"
    )
    call.slow = True
    call.yes()
    assert "cancelled" not in call.text
    assert "cancelled" in call.answer()
    assert [wish.appointment_id for wish in call.ordered_of(CancelVisit)] == ["a1"]


def test_a_no_leaves_the_visit() -> None:
    call = Call()
    call.says("cancel my appointment", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.no()
    call.hears("I've left it as it is.")
    assert call.ordered_of(CancelVisit) == []


def test_which_of_two_visits() -> None:
    later = replace(VISIT, appointment_id="a2", start=VISIT.start.replace(month=12, day=9))
    call = Call(Backend(patient=replace(MARIA, visits=(later, VISIT))))
    call.says("cancel my appointment", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.hears("Which one do you mean?")
    call.says("the one in December", date="2026-12-09")
    call.hears("Wednesday, December ninth")
    call.yes()
    assert call.ordered_of(CancelVisit)[0].appointment_id == "a2"


def test_looking_up() -> None:
    call = Call()
    call.says("when is my appointment", Intent.SCHEDULE_LOOKUP)
    call.identifies()
    call.hears("I see your visit with Doctor Chen on Monday, November thirtieth at ten AM.")


def test_no_visit_on_file_offers_to_book_one() -> None:
    call = Call(Backend(patient=replace(MARIA, visits=())))
    call.says("when is my appointment", Intent.SCHEDULE_LOOKUP)
    call.identifies()
    call.hears("I don't see an upcoming visit for you. Would you like to book one?")
    call.yes()
    call.hears("What kind of visit do you need?")


def test_a_bare_weekday_is_any_such_day_from_the_nearest_on() -> None:
    """Readers give "Thursday" as the nearest date too; Thanksgiving has no opening, the week after has."""
    call = booking()
    call.says("Thursday", date=Entity("2026-11-26", (0, 8), 0.95), weekday=3)
    call.hears("I have Thursday, December third at nine AM")
    call.yes()
    nearest = Entity("2026-11-26", (5, 13), 0.95)
    call.says("yes, Thursday", Intent.AFFIRM, yes_no=True, date=nearest, weekday=3)
    call.hears("You're booked for Thursday, December third")


def test_a_yes_that_names_another_date_books_nothing() -> None:
    call = booking()
    call.says("Thursday", weekday=3)
    call.yes()
    call.says("yes, Thursday December tenth", Intent.AFFIRM, yes_no=True, date="2026-12-10", weekday=3)
    call.hears("I don't see an opening then.")
    assert call.ordered_of(BookOpening) == []
