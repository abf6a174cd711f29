"""Visits: book with a correction, a race lost, nothing free; move; cancel; look up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

import dialog
from models.domain import (
    BookOpening,
    CancelVisit,
    ConfirmVisit,
    Disposition,
    Entity,
    FindOpenings,
    HoldOpening,
    Intent,
    MoveVisit,
    NoInput,
    OpenTask,
    TaskKind,
)
from tests.dialog.calls import MARIA, NOW, VISIT, Backend, Call


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


def test_who_has_no_visit_to_move_is_offered_what_the_opening_asked_for() -> None:
    call = Call(Backend(replace(MARIA, visits=())))
    call.says("Only do Thursdays, with Doctor Chen", Intent.SCHEDULE_RESCHEDULE, weekday=3, provider="p1")
    call.identifies()
    call.hears("I don't see an upcoming visit for you. Would you like to book one?")
    call.yes()
    call.hears("kind of visit")
    call.says("a follow up", visit_type="follow-up", choice="follow-up")
    [wish] = call.ordered_of(FindOpenings)
    assert (wish.weekdays, wish.provider_id) == ((3,), "p1")


def test_neither_and_another_day_asks_for_that_day_and_picks_nothing() -> None:
    call = booking()
    call.says("any time")
    call.hears("Tuesday, December first")
    call.says("No, neither. Do you have Tuesday?", Intent.DENY, yes_no=False, weekday=1)
    call.hears("Tuesday, December eighth")
    assert "Tuesday, December first" not in call.text


def test_the_time_it_is_now_is_no_wish_for_that_time() -> None:
    call = booking()
    call.says("it's 11 am now, so Thursday please", time="11:00", weekday=3)
    assert call.ordered_of(FindOpenings)[0].near_time == ""
    call.hears("Thursday, December third at nine AM")


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
    call.hears("Our scheduling staff will call you. Is there anything else")
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


def cancelling(backend: Backend | None = None, text: str = "cancel my appointment", **entities: Any) -> Call:
    call = Call(backend)
    call.says(text, Intent.SCHEDULE_CANCEL, **entities)
    call.identifies()
    return call


def test_cancelling_needs_a_yes_and_is_said_only_when_done() -> None:
    call = cancelling()
    call.hears("May I ask why you're cancelling your visit with Doctor Chen on Monday, November thirtieth")
    call.says("I'm feeling better")
    call.hears(
        "I'll cancel your visit with Doctor Chen on Monday, November thirtieth at ten AM. Is that right?"
    )
    call.slow = True
    call.yes()
    assert "cancelled" not in call.text
    assert "cancelled" in call.answer()
    call.hears("I can book another time, if you like. Is there anything else I can help with?")
    assert [(o.appointment_id, o.reason) for o in call.ordered_of(CancelVisit)] == [("a1", "pat-fb")]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("I don't have a ride", "pat-lt"),
        ("we moved to Ohio", "pat-mv"),
        ("because of the snow", "oth-weath"),
        ("I can't afford it", "oth-fin"),
        ("I found another doctor", "pat-uwp"),
        ("something came up at work", "pat"),
        ("I will be out of town", "pat"),
        ("I'd rather not say", "pat"),
        ("no", "pat"),
    ],
)
def test_the_reason_is_kept_as_a_code(said: str, code: str) -> None:
    call = cancelling()
    call.says(said)
    call.yes()
    assert call.ordered_of(CancelVisit)[0].reason == code


@pytest.mark.parametrize("said", ["I will be out of town", "I can't make it that day", "we're away then"])
def test_a_reason_that_sounds_like_a_wish_for_another_day_stays_a_reason(said: str) -> None:
    call = cancelling()
    call.says(said, Intent.SCHEDULE_RESCHEDULE)
    call.hears("I'll cancel your visit", "Is that right?")
    call.says(said, Intent.SCHEDULE_RESCHEDULE)  # once more, at the read-out: no yes, and no move
    call.hears("yes or no?")
    call.yes()
    assert len(call.ordered_of(CancelVisit)) == 1


def test_another_day_asked_for_instead_of_a_reason_moves_the_visit() -> None:
    call = cancelling()
    call.says("actually can we do next Friday instead", Intent.SCHEDULE_RESCHEDULE, weekday=4)
    assert call.state.flow == "move"


def test_a_reason_told_already_is_not_asked_for() -> None:
    call = cancelling(text="cancel my appointment, I don't have a ride")
    call.hears("I'll cancel your visit", "Is that right?")


def test_a_reason_that_sounds_like_a_goodbye_ends_nothing() -> None:
    call = cancelling()
    call.says("I have to go to work", Intent.GOODBYE)
    call.hears("I'll cancel your visit", "Is that right?")
    other = cancelling()
    other.says("goodbye", Intent.GOODBYE)
    other.hears("Goodbye.")


def test_silence_about_the_reason_is_an_answer() -> None:
    call = cancelling()
    call.event(NoInput())
    call.hears("I'll cancel your visit", "Is that right?")


def test_after_cancelling_another_time_may_be_booked() -> None:
    call = cancelling()
    call.says("I have to work")
    call.yes()
    call.says("yes, book another time", (Intent.SCHEDULE_BOOK,), yes_no=True)
    call.hears("What day and time would suit you?")
    call.says("any time")
    assert call.ordered_of(FindOpenings)[0].visit_type == "follow-up"


def test_who_cancels_late_hears_the_policy_and_may_cancel() -> None:
    tomorrow = replace(VISIT, start=NOW + timedelta(hours=20))
    call = cancelling(Backend(patient=replace(MARIA, visits=(tomorrow,))))
    call.says("I have to work")
    call.hears("We ask for a day's notice when you cancel. I'll cancel your visit")
    call.yes()
    assert len(call.ordered_of(CancelVisit)) == 1


def test_a_no_leaves_the_visit() -> None:
    call = cancelling()
    call.says("I have to work")
    call.no()
    call.hears("I've left it as it is.")
    assert call.ordered_of(CancelVisit) == []


@pytest.mark.parametrize(
    "said",
    ["oh leave it, I'll come", "you know what, I'll be there after all", "let's just keep the appointment",
     "hm I'm still coming on that day"],
)  # fmt: skip
def test_who_would_rather_come_keeps_the_visit(said: str) -> None:
    call = cancelling()
    call.says("no reason")
    call.hears("Is that right?")
    call.says(said)
    call.hears("I've left it as it is.")
    assert not call.ordered_of(CancelVisit)


@pytest.mark.parametrize("said", ["yes, I'll come", "yes keep it"])
def test_a_yes_to_coming_is_none_to_cancelling(said: str) -> None:
    call = cancelling()
    call.says("no reason")
    call.says(said, yes_no=True)
    assert not call.ordered_of(CancelVisit)
    call.hears("yes or no?")


@pytest.mark.parametrize(
    "said", ["right, I can't keep it", "yes, I won't be coming", "correct, I'm not going to come"]
)
def test_who_cannot_come_says_yes_to_cancelling(said: str) -> None:
    call = cancelling()
    call.says("no reason")
    call.says(said, yes_no=True)
    assert len(call.ordered_of(CancelVisit)) == 1


@pytest.mark.parametrize("said", ["I can't keep it", "I won't be coming", "I'm not going to come"])
def test_who_cannot_come_does_not_hear_that_the_visit_is_kept(said: str) -> None:
    call = cancelling()
    call.says("no reason")
    call.says(said)
    assert "left it as it is" not in call.text
    call.hears("yes or no?")


def test_moving_it_instead_of_cancelling_it() -> None:
    call = cancelling()
    call.says("I have to work")
    call.says("no, can we move it instead", (Intent.SCHEDULE_RESCHEDULE,), yes_no=False)
    call.hears("What day and time would suit you?")
    assert call.ordered_of(CancelVisit) == []


LATER = replace(VISIT, appointment_id="a2", start=VISIT.start.replace(month=12, day=9))
TWO_VISITS = replace(MARIA, visits=(LATER, VISIT))


def test_which_of_two_visits() -> None:
    call = cancelling(Backend(patient=TWO_VISITS))
    call.hears("Which one do you mean?")
    call.says("the one in December", date="2026-12-09")
    call.hears("Wednesday, December ninth")
    call.says("I have to work")
    call.yes()
    assert call.ordered_of(CancelVisit)[0].appointment_id == "a2"


def test_the_day_said_with_the_wish_tells_which_visit() -> None:
    call = cancelling(Backend(patient=TWO_VISITS), "cancel my Wednesday appointment", weekday=2)
    call.hears("May I ask why you're cancelling your visit with Doctor Chen on Wednesday, December ninth")


def test_both_are_cancelled_each_after_its_own_yes() -> None:
    call = cancelling(Backend(patient=TWO_VISITS))
    call.says("both of them")
    call.says("I have to work")
    call.yes()
    call.hears("That visit is cancelled.", "Wednesday, December ninth", "Is that right?")
    call.yes()
    assert [(order.appointment_id, order.reason) for order in call.ordered_of(CancelVisit)] == [
        ("a1", "pat"),
        ("a2", "pat"),
    ]


@pytest.mark.parametrize(
    ("said", "is_all"),
    [
        ("ok then cancel everything", True),
        ("cancel all my appointments", True),
        ("cancel my appointment, that's all", False),
    ],
)
def test_everything_is_every_visit_said_at_once(said: str, is_all: bool) -> None:
    call = cancelling(Backend(patient=TWO_VISITS), said)
    call.hears("May I ask why" if is_all else "Which one do you mean?")
    assert [wish.flow for wish in call.state.queue] == ["cancel"] * is_all


# --------------------------------------------------------------------------- moving


def moving(text: str = "move my appointment", backend: Backend | None = None, **entities: Any) -> Call:
    call = Call(backend)
    call.says(text, Intent.SCHEDULE_RESCHEDULE, **entities)
    call.identifies()
    return call


def test_a_week_later_is_counted_from_the_visit() -> None:
    call = moving("can you move my appointment a week later", shift_days=7)
    wish = call.ordered_of(FindOpenings)[0]
    assert (wish.from_date, wish.to_date, wish.near_time) == (date(2026, 12, 7), date(2026, 12, 7), "10:00")
    assert (wish.prefer, wish.instead_of) == (("p1",), "a1")


def test_the_same_time_the_next_day() -> None:
    call = moving("the same time the next day", shift_days=1, same="time")
    wish = call.ordered_of(FindOpenings)[0]
    assert (wish.from_date, wish.not_before, wish.not_after) == (date(2026, 12, 1), "10:00", "10:00")
    call.hears("I don't see an opening then. At other times, I have Tuesday, December first at two twenty PM")


def test_a_week_later_said_when_asked() -> None:
    call = moving()
    call.hears("What day and time would suit you?")
    call.says("just a week later", shift_days=7)
    assert call.ordered_of(FindOpenings)[0].from_date == date(2026, 12, 7)


def test_the_new_day_told_apart_from_the_visits_own() -> None:
    call = moving("move my appointment to Thursday", weekday=Entity(3, (23, 31), 0.95))
    call.hears("I have Thursday, December third at nine AM")
    other = moving("move my Monday appointment", weekday=Entity(0, (8, 14), 0.95))
    other.hears("What day and time would suit you?")


def test_somebody_else_this_time() -> None:
    call = moving("move it, and with someone else this time", with_whom="other")
    call.says("any time")
    assert call.ordered_of(FindOpenings)[0].not_providers == ("p1",)


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


def test_a_no_for_good_leaves_it() -> None:
    call = booking()
    call.says("Thursday", weekday=3)
    call.yes()
    call.says("no, don't book it, I'll call again", Intent.DENY, yes_no=False)
    call.hears("I've left it as it is.")
    assert call.ordered_of(BookOpening) == []


def test_a_yes_that_names_another_date_books_nothing() -> None:
    call = booking()
    call.says("Thursday", weekday=3)
    call.yes()
    call.says("yes, Thursday December tenth", Intent.AFFIRM, yes_no=True, date="2026-12-10", weekday=3)
    call.hears("I don't see an opening then.")
    assert call.ordered_of(BookOpening) == []


# --------------------------------------------------------------------------- confirming, running late


def test_calling_to_confirm() -> None:
    call = Call()
    call.says("I'm calling to confirm my appointment", Intent.SCHEDULE_LOOKUP, mode="confirm")
    call.identifies()
    call.hears("I see your visit with Doctor Chen on Monday, November thirtieth at ten AM. Shall I mark it")
    assert call.ordered_of(ConfirmVisit) == []
    call.yes()
    call.hears("Your visit is confirmed.")
    assert [order.appointment_id for order in call.ordered_of(ConfirmVisit)] == ["a1"]


def test_who_cannot_come_after_all_may_move_it() -> None:
    call = Call()
    call.says("I'm calling to confirm my appointment", Intent.SCHEDULE_LOOKUP, mode="confirm")
    call.identifies()
    call.says("no, I need to move it", (Intent.SCHEDULE_RESCHEDULE,), yes_no=False)
    call.hears("What day and time would suit you?")
    assert call.ordered_of(ConfirmVisit) == []


TODAY = replace(VISIT, start=NOW + timedelta(minutes=30))


def late(minutes: int, backend: Backend | None = None) -> Call:
    call = Call(backend or Backend(patient=replace(MARIA, visits=(TODAY, VISIT))))
    call.says(f"I'm running {minutes} minutes late", Intent.SCHEDULE_RESCHEDULE, late_min=minutes)
    call.identifies()
    return call


def test_running_late_is_told_to_staff() -> None:
    call = late(10)
    call.hears("I've told our staff that you'll be about ten minutes late.")
    [task] = call.ordered_of(OpenTask)
    assert task.summary.startswith("Running 10 minutes late: visit with Doctor Chen on Monday")
    assert "follow-up" not in call.text


def test_who_is_too_late_may_move_the_visit() -> None:
    call = late(40)
    call.hears("may not be able to keep that time", "move the visit instead?")
    call.yes()
    call.hears("What day and time would suit you?")
    call.says("any time")
    assert call.ordered_of(FindOpenings)[0].instead_of == "a1"


def test_who_is_too_late_may_come_all_the_same() -> None:
    call = late(40)
    call.no()
    call.hears("I've told our staff that you'll be about forty minutes late.")


def test_late_for_nothing_that_is_on_file() -> None:
    call = late(10, Backend(patient=replace(MARIA, visits=())))
    call.hears("I've told our staff that you'll be about ten minutes late.")
    assert "not found on file" in call.ordered_of(OpenTask)[0].summary


# --------------------------------------------------------------------------- another wish for an answer


@pytest.mark.parametrize(
    ("said", "intent", "flow"),
    [
        ("I need a refill of my inhaler", Intent.REFILL_REQUEST, "refill"),
        ("actually can you refill my lisinopril", Intent.REFILL_REQUEST, "refill"),
        ("what time do you close for lunch", Intent.OFFICE_INFO, ""),
        ("I have a question about my bill, can you help", Intent.SYMPTOM_REPORT, "book"),
    ],
)
def test_another_wish_at_the_kind_of_visit_is_served_first(said: str, intent: Intent, flow: str) -> None:
    call = Call()
    call.says("I need an appointment", Intent.SCHEDULE_BOOK)
    call.identifies()
    call.hears("What kind of visit do you need?")
    call.says(said, intent)
    assert flow in ("", call.state.flow)
    assert call.state.flow == "book" or [wish.flow for wish in call.state.queue] == ["book"]


def test_back_to_the_visit_once_the_question_between_is_answered() -> None:
    call = Call()
    call.says("I need an appointment", Intent.SCHEDULE_BOOK)
    call.identifies()
    call.says("where are you for my visit", Intent.OFFICE_INFO)
    call.hears("Back to your visit. What kind of visit do you need?")


def test_a_reason_for_the_visit_is_no_other_wish() -> None:
    call = Call()
    call.says("I need an appointment", Intent.SCHEDULE_BOOK)
    call.identifies()
    call.says("it's about my medication", Intent.REFILL_REQUEST)
    call.hears("What day and time would suit you?")


def test_another_wish_instead_of_a_reason_to_cancel() -> None:
    call = cancelling()
    call.says("oh and I need a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    assert call.state.flow == "refill"
    assert [wish.flow for wish in call.state.queue] == ["cancel"]
