"""A wish that one opening answers to the minute is read back at once; our names make a wish for a visit."""

from __future__ import annotations

from models.domain import BookOpening, HoldOpening, Intent
from tests.dialog.calls import MARIA, Backend, Call, opening

BOOK = Intent.SCHEDULE_BOOK


def asks(call: Call, text: str, **more: object) -> None:
    call.says(text, BOOK, visit_type="follow-up", **more)
    call.identifies()


def test_the_very_day_and_minute_leave_nothing_to_choose() -> None:
    call = Call()
    asks(call, "a follow up on december third at nine", date="2026-12-03", time="09:00")
    call.hears("A follow-up visit with Doctor Chen on Thursday, December third at nine AM. Shall I book it?")
    assert [order.opening_id for order in call.ordered_of(HoldOpening)] == ["o2"]
    assert call.ordered_of(BookOpening) == []
    call.yes()
    call.hears("You're booked")


def test_a_weekday_with_a_time_is_the_nearest_one() -> None:
    call = Call(Backend(openings=(opening(2, 3, 9), opening(4, 10, 9))))
    call.context = call.context.__class__(
        **{**{name: getattr(call.context, name) for name in call.context.__dataclass_fields__},
           "now": opening(1, 1, 9).start}
    )  # fmt: skip
    asks(call, "a follow up on thursday at nine", weekday=3, time="09:00")
    call.hears("Thursday, December third at nine AM. Shall I book it?")


def test_another_minute_is_a_choice() -> None:
    call = Call()
    asks(call, "a follow up on december third at ten", date="2026-12-03", time="10:00")
    call.hears("Would you like that one?")


def test_yes_and_another_at_the_same_time_takes_the_one_on_offer() -> None:
    call = Call(Backend(openings=(opening(2, 3, 9),)))
    asks(call, "a follow up on thursday", weekday=3)
    call.says("yes and my daughter at the same time", (BOOK, Intent.AFFIRM), yes_no=True, same="time")
    call.hears("Shall I book it?")


def test_a_visit_with_one_of_ours_is_booked_though_the_network_does_not_know_the_name() -> None:
    call = Call()
    call.says("I want an appointment with Doctor Patel", Intent.OUT_OF_SCOPE, provider="p2")
    call.hears("May I have your full name?")
    other = Call()
    other.says("I want an appointment with my dentist", Intent.OUT_OF_SCOPE)
    other.hears("can't help with that")


def test_a_symptom_told_with_the_wish_for_a_visit_is_why() -> None:
    call = Call(Backend(MARIA))
    call.says(
        "I've been coughing, I need a follow up",
        (Intent.SYMPTOM_REPORT, BOOK),
        symptom="cough",
        visit_type="follow-up",
    )
    call.identifies()
    call.hears("Do you have chest pain or trouble breathing right now?")
    call.no()
    call.hears("What day and time would suit you?")
