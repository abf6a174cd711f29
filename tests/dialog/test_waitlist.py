"""The waitlist on the telephone: joining, an opening that is held, where one stands, leaving."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from models.domain import (
    AcceptOffer,
    Action,
    ActionFailed,
    BookedVisit,
    FindOpenings,
    Intent,
    JoinWaitlist,
    LeaveWaitlist,
    OpenTask,
    RefuseOffer,
    Result,
    TaskKind,
    WaitlistPlace,
)
from tests.dialog.calls import MARIA, OPENINGS, VISIT, Backend, Call

BOOK, LOOKUP, CANCEL = Intent.SCHEDULE_BOOK, Intent.SCHEDULE_LOOKUP, Intent.SCHEDULE_CANCEL
NOBODYS = replace(MARIA, visits=())
WAITING = replace(NOBODYS, waitlist=(WaitlistPlace("w1", "follow-up"),))
OFFERED = replace(NOBODYS, waitlist=(WaitlistPlace("w1", "follow-up", offer=OPENINGS[0]),))


def waits(call: Call, text: str = "put me on the waiting list", intent: Intent = BOOK, **more: object) -> str:
    return call.says(text, intent, mode="waitlist", **more)


def joined(call: Call) -> JoinWaitlist:
    (order,) = call.ordered_of(JoinWaitlist)
    assert isinstance(order, JoinWaitlist)
    return order


def test_joining_asks_for_kind_days_and_texts_and_is_read_back() -> None:
    call = Call(Backend(NOBODYS))
    waits(call)
    call.identifies()
    call.hears("What kind of visit should I look out for?")
    call.says("a follow up", visit_type="follow-up", choice="follow-up")
    call.hears("Which days or times would suit you?")
    call.says("Tuesday mornings", weekday=1, daypart="morning")
    call.hears("May we text you")
    call.yes()
    call.hears("waiting list for a follow-up visit, on a Tuesday, in the morning. Is that right?")
    assert call.ordered_of(JoinWaitlist) == []
    call.yes()
    call.hears("You're on the waiting list.", "text you", "anything else")
    order = joined(call)
    assert (order.patient_id, order.text_number, order.appointment_id) == ("pat-1", "+15550107777", "")
    assert (order.wish.visit_type, order.wish.weekdays, order.wish.daypart) == ("follow-up", (1,), "morning")


def test_to_be_called_if_somebody_cancels_is_no_wish_for_a_person_now() -> None:
    call = Call(Backend(NOBODYS))
    waits(call, "if somebody cancels can you call me", Intent.HUMAN_AGENT)
    call.identifies()
    call.hears("What kind of visit should I look out for?")
    call.says("representative", Intent.HUMAN_AGENT)
    call.hears("I'm connecting you with our staff now.")


def test_a_person_asked_for_about_the_waiting_list_is_a_person() -> None:
    call = Call(Backend(NOBODYS))
    waits(call, "can I talk to someone, if somebody cancels call me", Intent.HUMAN_AGENT)
    call.hears("I'm connecting you with our staff now.")


def test_all_said_at_once_leaves_only_the_texts_and_the_yes() -> None:
    call = Call(Backend(NOBODYS))
    waits(call, visit_type="follow-up", provider="p2", weekday=3)
    call.identifies()
    call.hears("May we text you")
    call.no()
    call.hears("on a Thursday, with Doctor Patel")
    call.yes()
    call.hears("Our staff will call you")
    assert joined(call).text_number == ""
    assert joined(call).wish.provider_id == "p2"


def test_a_withheld_number_is_not_asked_for_texts() -> None:
    call = Call(Backend(NOBODYS), number="")
    waits(call, visit_type="follow-up", weekday=3)
    call.identifies()
    call.hears("Is that right?")
    call.yes()
    assert joined(call).text_number == ""


def test_any_time_is_an_answer() -> None:
    call = Call(Backend(NOBODYS))
    waits(call, visit_type="follow-up")
    call.identifies()
    call.says("any time is fine")
    call.hears("May we text you")


def test_a_no_to_the_read_back_leaves_everything_as_it_is() -> None:
    call = Call(Backend(NOBODYS))
    waits(call, visit_type="follow-up", weekday=3)
    call.identifies()
    call.yes()
    call.no()
    call.hears("anything else")
    assert call.ordered_of(JoinWaitlist) == []


def test_from_a_search_that_found_nothing_nothing_is_asked_twice() -> None:
    call = Call(Backend(NOBODYS, openings=()))
    call.says("I need a follow up on Thursday with Doctor Chen", BOOK,
              visit_type="follow-up", weekday=3, provider="p1")  # fmt: skip
    call.identifies()
    call.hears("I don't see an opening that fits. Shall I put you on our waiting list?")
    waits(call)
    call.hears("May we text you")
    call.yes()
    call.hears("follow-up visit, on a Thursday, with Doctor Chen")
    call.yes()
    call.hears("You're on the waiting list.")
    assert "Back to your visit" not in call.text


def test_sooner_than_the_visit_on_file() -> None:
    call = Call()
    waits(call, "can you call me if something sooner opens up")
    call.identifies()
    call.says("any day", BOOK)
    call.yes()
    call.hears("earlier than Monday, November thirtieth at ten AM")
    call.yes()
    order = joined(call)
    assert (order.appointment_id, order.wish.visit_type) == (VISIT.appointment_id, "follow-up")


def test_a_visit_on_file_is_asked_about_where_sooner_was_not_said() -> None:
    call = Call()
    waits(call, visit_type="follow-up", weekday=1)
    call.identifies()
    call.hears("I see your visit with Doctor Chen", "Should it be earlier than that visit?")
    call.no()
    call.yes()
    call.yes()
    assert joined(call).appointment_id == ""


def test_after_a_failure_staff_go_on_with_it() -> None:
    call = Call(Backend(NOBODYS, failing=(JoinWaitlist,)))
    waits(call, visit_type="follow-up", weekday=3)
    call.identifies()
    call.yes()
    call.yes()
    assert "You're on the waiting list" not in call.text
    assert len(call.ordered_of(OpenTask)) == 1


class ElsewhereBackend(Backend):
    """The schedule is another system's: no waiting list is kept here."""

    def answer(self, action: Action) -> Result | None:
        return ActionFailed("not-offered") if isinstance(action, JoinWaitlist) else super().answer(action)


def test_where_no_list_is_kept_staff_get_the_whole_wish_and_nothing_is_promised() -> None:
    call = Call(ElsewhereBackend(NOBODYS))
    waits(call, visit_type="follow-up", weekday=3)
    call.identifies()
    call.yes()
    call.yes()
    assert "I can't keep a waiting list myself." in call.text
    assert "Our scheduling staff will call you." in call.text
    assert [one for one in PROMISES if one in call.text] == []
    (task,) = call.ordered_of(OpenTask)
    assert isinstance(task, OpenTask)
    assert task.kind is TaskKind.SCHEDULE_ASSIST
    assert task.summary.startswith("For your waiting list: a follow-up visit, on a Thursday; may be texted.")


PROMISES = ("You're on the waiting list", "can't reach", "We'll text you")


# --------------------------------------------------------------------------- an opening is held


def test_a_caller_back_about_a_text_hears_what_is_held_and_takes_it() -> None:
    call = Call(Backend(OFFERED))
    waits(call, "I got a text about an opening", LOOKUP)
    assert "Tuesday" not in call.text  # nothing before identity
    call.identifies()
    call.hears("I'm holding Tuesday, December first at two twenty PM with Doctor Chen", "take it?")
    call.yes()
    call.hears("You're booked for Tuesday, December first at two twenty PM with Doctor Chen.")
    assert [order.entry_id for order in call.ordered_of(AcceptOffer)] == ["w1"]


def test_who_calls_to_book_is_told_of_it_first() -> None:
    call = Call(Backend(OFFERED))
    call.says("I need a follow up", BOOK, visit_type="follow-up")
    call.identifies()
    call.hears("I'm holding Tuesday")
    call.no()
    call.hears("You stay on the waiting list.", "What day and time would suit you?")
    assert [order.entry_id for order in call.ordered_of(RefuseOffer)] == ["w1"]
    assert call.ordered_of(AcceptOffer) == []


def test_who_calls_about_something_else_is_told_at_the_end_and_once() -> None:
    call = Call(Backend(OFFERED))
    call.says("when are my visits", LOOKUP)
    call.identifies()
    call.hears("I'm holding Tuesday")
    call.no()
    call.says("what are your hours", Intent.OFFICE_INFO)
    assert "holding" not in call.text


def test_an_offer_that_ran_out_is_said_honestly() -> None:
    call = Call(Backend(OFFERED, gone={OPENINGS[0].opening_id}))
    waits(call, intent=LOOKUP)
    call.identifies()
    call.yes()
    call.hears("I'm sorry, that time is no longer free.", "You stay on the waiting list.")
    assert "booked" not in call.text


def test_what_it_would_replace_is_said() -> None:
    later = BookedVisit("a1", "p1", "Doctor Chen", datetime(2026, 12, 20, 15, 0, tzinfo=UTC), 20, "follow-up")
    place = WaitlistPlace("w1", "follow-up", "a1", OPENINGS[0])
    call = Call(Backend(replace(MARIA, visits=(later,), waitlist=(place,))))
    waits(call, intent=LOOKUP)
    call.identifies()
    call.hears("It would replace your visit with Doctor Chen on Sunday, December twentieth")


# --------------------------------------------------------------------------- standing and leaving


def test_where_one_stands() -> None:
    call = Call(Backend(WAITING))
    waits(call, "am I still on the waiting list", LOOKUP)
    call.identifies()
    call.hears("You're on the waiting list. Would you like to stay on it?")
    call.yes()
    call.hears("You stay on the waiting list.", "anything else")
    assert call.ordered_of(LeaveWaitlist) == []


def test_who_is_not_on_it_is_told_so() -> None:
    call = Call(Backend(NOBODYS))
    waits(call, "am I on the waiting list", LOOKUP)
    call.identifies()
    call.hears("I don't see you on the waiting list.")


def test_leaving_needs_a_yes() -> None:
    call = Call(Backend(WAITING))
    waits(call, "please take me off the waiting list", CANCEL)
    call.identifies()
    call.hears("I'll take you off the waiting list. Is that right?")
    assert call.ordered_of(LeaveWaitlist) == []
    call.yes()
    call.hears("You're off the waiting list.")


def test_a_no_to_staying_leaves() -> None:
    call = Call(Backend(WAITING))
    waits(call, "am I still on the waiting list", LOOKUP)
    call.identifies()
    call.no()
    call.hears("You're off the waiting list.")


def test_new_days_keep_the_place() -> None:
    call = Call(Backend(WAITING))
    waits(call, "put me on the waiting list for Friday", visit_type="follow-up", weekday=4)
    call.identifies()
    call.yes()
    call.yes()
    call.hears("You're on the waiting list.")
    assert joined(call).wish.weekdays == (4,)


def test_a_chart_that_cannot_leave_is_told() -> None:
    call = Call(Backend(WAITING, failing=(LeaveWaitlist,)))
    waits(call, "take me off the waiting list", CANCEL)
    call.identifies()
    call.yes()
    assert "You're off" not in call.text
    assert isinstance(call.ordered[-1], OpenTask)


def test_a_day_is_kept_as_the_search_has_it() -> None:
    call = Call(Backend(NOBODYS))
    waits(call, visit_type="follow-up", date="2026-12-04")
    call.identifies()
    call.no()
    call.hears("on Friday, December fourth")
    call.yes()
    wish = joined(call).wish
    assert isinstance(wish, FindOpenings)
    assert (wish.from_date, wish.to_date) == (date(2026, 12, 4), date(2026, 12, 4))


def test_failure_is_a_result_of_the_schedule_alone() -> None:
    call = Call(Backend(OFFERED, failing=(AcceptOffer,)))
    waits(call, intent=LOOKUP)
    call.identifies()
    call.yes()
    assert "booked" not in call.text
    assert isinstance(call.backend.answer(call.ordered_of(AcceptOffer)[0]), ActionFailed)


@pytest.mark.parametrize("intent", [Intent.SCHEDULE_LOOKUP, Intent.SCHEDULE_RESCHEDULE])
def test_if_anybody_drops_out_asks_for_a_place_whatever_it_sounds_like(intent: Intent) -> None:
    call = Call(Backend(NOBODYS))
    waits(call, "you gave me a day three weeks off, if anybody drops out I can come", intent)
    call.identifies()
    call.hears("What kind of visit should I look out for?")
