"""Staff who follow a call take it over, or have it ended: what is said and ordered, and when it is not."""

from __future__ import annotations

import pytest

import dialog
from models.domain import (
    CallStarted,
    Disposition,
    HangUp,
    HungUp,
    Intent,
    NoInput,
    OpenTask,
    Phase,
    StaffDeed,
    StaffOrdered,
    TaskKind,
    TransferCall,
)
from tests.dialog.calls import Backend, Call
from tests.dialog.test_eligibility import books

TAKE = StaffOrdered("c1-1", StaffDeed.TAKE_OVER, "Nurse Rivera")
END = StaffOrdered("c1-1", StaffDeed.END)
ANOTHER_END = StaffOrdered("c1-2", StaffDeed.END)


def in_a_refill(call: Call) -> None:
    call.says("refill lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()


def test_the_caller_is_told_and_put_through_to_the_telephone_that_was_chosen() -> None:
    call = Call()
    in_a_refill(call)
    call.event(TAKE)
    call.hears("One of our staff would like to speak with you.", "I'm connecting you with our staff now.")
    [order] = call.ordered_of(TransferCall)
    assert (order.contact, order.urgent) == ("Nurse Rivera", False)
    assert dialog.obeyed(call.state, TAKE)
    assert dialog.glance(call.state).leaves_us
    assert call.says("hello?") == ""
    call.event(HungUp())
    assert dialog.summary(call.state).disposition is Disposition.TRANSFERRED
    assert call.ordered_of(OpenTask) == [], "who has the caller needs no task about them"


def test_nobody_there_and_the_call_goes_on_where_it_was() -> None:
    call = Call()
    in_a_refill(call)
    question = call.state.asked
    call.event(TAKE)
    call.event(CallStarted(resumed=True))
    call.hears("I'm sorry, I couldn't reach our staff after all.", question)
    assert (call.state.flow, call.state.phase) == ("refill", Phase.SERVING)
    assert dialog.summary(call.state).disposition is not Disposition.TRANSFERRED
    assert call.ordered_of(OpenTask) == [], "it was not the caller who wanted a person"
    assert not dialog.glance(call.state).leaves_us


def test_who_hangs_up_while_it_rings_is_called_back() -> None:
    call = Call()
    call.says("about my bill", Intent.BILLING_QUESTION)
    call.event(TAKE)
    call.event(HungUp(alone=True))
    [task] = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.SAME_DAY_CALLBACK
    assert task.summary.startswith("Staff took the call over, hung up before anybody was reached.")
    assert dialog.summary(call.state).disposition is not Disposition.TRANSFERRED


def test_one_person_takes_a_call() -> None:
    call = Call()
    call.slow = True
    call.event(TAKE)
    second = StaffOrdered("c1-2", StaffDeed.TAKE_OVER, "Dr. Chen")
    for order in (second, ANOTHER_END, TAKE):
        assert call.event(order) == ""
    assert not dialog.obeyed(call.state, second)
    assert len(call.ordered_of(TransferCall)) == 1


def test_an_emergency_is_taken_over_with_its_sign_and_urgency() -> None:
    call = Call(staff=False)
    call.says("i have crushing chest pain")
    call.event(TAKE)
    call.hears("One of our staff would like to speak with you.", "I'm connecting you with our team now.")
    order = call.ordered_of(TransferCall)[-1]
    assert (order.contact, order.urgent, order.reason) == ("Nurse Rivera", True, "Danger sign RF01")


def test_nobody_there_for_an_emergency_and_the_agent_keeps_the_line() -> None:
    call = Call(staff=False)
    call.says("i have crushing chest pain")
    call.event(TAKE)
    call.event(CallStarted(resumed=True))
    call.hears("I couldn't reach our team yet.", "Can you call 911 right now?")
    assert dialog.glance(call.state).in_danger


def test_the_agent_says_a_kind_goodbye_with_the_way_to_staff() -> None:
    call = Call()
    in_a_refill(call)
    call.event(END)
    call.hears(
        "Our staff have asked me to end this call now.", "You've been speaking with an AI assistant.",
        "To reach our staff", "Goodbye.",
    )  # fmt: skip
    assert call.ordered_of(HangUp)
    assert dialog.obeyed(call.state, END)
    assert dialog.summary(call.state).disposition is Disposition.STAFF_ENDED
    assert call.event(ANOTHER_END) == "", "it is being ended already"


def test_who_talks_on_hears_goodbye_again_and_nothing_is_begun() -> None:
    call = Call()
    call.event(END)
    call.says("but i need a refill", Intent.REFILL_REQUEST)
    call.hears("Thank you for calling.")
    assert call.state.flow == ""
    assert len(call.ordered_of(HangUp)) == 2
    call.event(NoInput())
    assert call.state.phase is Phase.CLOSING


def test_after_the_goodbye_a_danger_and_a_person_still_come_first() -> None:
    call = Call()
    call.event(END)
    call.says("i have crushing chest pain")
    call.hears("call 911")
    other = Call()
    other.event(END)
    other.says("representative", Intent.HUMAN_AGENT)
    assert other.ordered_of(TransferCall)


@pytest.mark.parametrize("words", ["i have crushing chest pain", "what should I do if I get chest pain"])
def test_a_call_in_danger_is_never_ended(words: str) -> None:
    """Also while the question about it is open."""
    call = Call(staff=False)
    call.says(words)
    assert dialog.glance(call.state).in_danger
    before = call.state
    assert call.event(END) == ""
    assert not dialog.obeyed(call.state, END)
    assert call.state.phase is before.phase
    assert call.ordered_of(HangUp) == []


def test_what_the_caller_had_said_for_staff_is_kept_when_staff_end_the_call() -> None:
    call = Call(backend=Backend())
    call.says("I'd like to leave a message", Intent.MESSAGE_FOR_PROVIDER)
    call.says("please tell the doctor my knee is fine")
    call.event(END)
    call.event(HungUp())
    assert "my knee is fine" in call.ordered_of(OpenTask)[0].summary


def test_a_call_is_not_ended_while_the_caller_is_asked_about_danger() -> None:
    """It is asked of everybody, and the answer may be the sign."""
    call = books("sick")
    call.hears("Do you have chest pain or trouble breathing right now?")
    assert call.event(END) == ""
    assert call.ordered_of(HangUp) == []
    call.yes()
    assert dialog.glance(call.state).in_danger


def test_what_comes_of_an_order_after_the_goodbye_is_told_and_the_call_still_ends() -> None:
    call = books("follow-up")
    call.says("any time")
    call.says("the first one", choice="o1")
    call.slow = True
    call.yes()
    call.event(END)
    call.answer()
    call.hears("You're booked", "Thank you for calling.")
    assert "How can I help?" not in call.text
    assert call.decision.actions == (call.ordered_of(HangUp)[-1],), "the goodbye was put off by the news"


def test_silence_after_the_goodbye_ends_the_call() -> None:
    """A cough at the moment of hanging up puts that off, and nothing else may follow."""
    call = Call()
    call.event(END)
    call.event(NoInput())
    assert call.said == []
    assert len(call.ordered_of(HangUp)) == 2


def test_a_person_asked_for_while_staff_are_rung_is_a_wish_of_the_callers() -> None:
    """Nobody there: they are called back, as whoever asks for a person."""
    call = Call()
    call.event(TAKE)
    call.slow = True
    call.event(CallStarted(resumed=True))
    call.event(StaffOrdered("c1-2", StaffDeed.TAKE_OVER, "Nurse Rivera"))
    call.says("representative", Intent.HUMAN_AGENT)
    call.slow, call.backend.failing = False, (TransferCall,)
    call.answer()
    call.hears("They have your request to be called back.")
    [task] = call.ordered_of(OpenTask)
    assert task.summary.startswith("Asked for a person, transfer failed.")


def test_who_could_not_be_reached_for_a_danger_does_not_stand_in_the_way_of_a_later_call_back() -> None:
    call = Call(Backend(failing=(TransferCall,)), staff=False)
    call.says("i have crushing chest pain")
    call.event(TAKE)
    call.hears("I couldn't reach our team yet.", "Can you call 911 right now?")
    assert "taken_over" not in call.state.known


def test_a_call_that_was_being_ended_and_is_taken_over_is_served_when_nobody_is_there() -> None:
    call = Call()
    call.event(END)
    call.event(StaffOrdered("c1-2", StaffDeed.TAKE_OVER, "Nurse Rivera"))
    call.event(CallStarted(resumed=True))
    call.says("refill lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    assert call.state.flow == "refill"
