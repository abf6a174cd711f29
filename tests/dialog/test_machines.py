"""Who cannot be spoken with: what is said and done, by hour and by what is going on."""

from __future__ import annotations

import pytest

from models.domain import (
    HangUp,
    Intent,
    NoPause,
    OpenTask,
    Phase,
    TaskKind,
    ToneHeard,
    ToneKind,
    TransferCall,
)
from tests.dialog.calls import Call

FAX, TTY = ToneHeard(ToneKind.FAX), ToneHeard(ToneKind.TTY)


def task(call: Call) -> OpenTask:
    (only,) = call.ordered_of(OpenTask)
    assert isinstance(only, OpenTask)
    return only


def test_a_fax_ends_a_call_in_which_nobody_has_spoken() -> None:
    call = Call()
    call.event(FAX)
    call.hears("This number takes calls by voice only")
    assert task(call).kind is TaskKind.ROUTINE_MESSAGE
    assert call.ordered_of(HangUp)


def test_a_caller_who_has_said_something_is_no_fax() -> None:
    call = Call()
    call.says("I need a refill", Intent.REFILL_REQUEST)
    assert call.event(FAX) == ""
    assert not call.ordered_of(HangUp)


def test_a_text_telephone_is_put_through_with_the_reason() -> None:
    call = Call()
    call.event(TTY)
    (order,) = call.ordered_of(TransferCall)
    assert "711" in order.reason


def test_a_text_telephone_out_of_hours_is_called_back_and_asked_about_once() -> None:
    call = Call(staff=False)
    call.event(TTY)
    assert "711" in task(call).summary
    call.hears("dial 711", "I've passed it on.")
    assert call.event(TTY) == "", "on a second stream it is known already"
    assert call.ordered_of(OpenTask) == [task(call)]


@pytest.mark.parametrize("event", [FAX, TTY, NoPause()], ids=["fax", "tty", "no pause"])
def test_nothing_disturbs_an_emergency_or_a_transfer(event: ToneHeard | NoPause) -> None:
    danger = Call()
    danger.says("I have chest pain")
    before = len(danger.ordered)
    assert danger.event(event) == ""
    assert len(danger.ordered) == before
    waiting = Call()
    waiting.slow = True
    waiting.says("representative", Intent.HUMAN_AGENT)
    assert waiting.event(event) == ""
    assert len(waiting.ordered_of(TransferCall)) == 1


def test_a_line_without_a_pause_reaches_a_person() -> None:
    call = Call()
    call.event(NoPause())
    assert len(call.ordered_of(TransferCall)) == 1


def test_a_line_without_a_pause_out_of_hours_ends_for_good() -> None:
    call = Call(staff=False)
    call.event(NoPause())
    assert task(call).kind is TaskKind.SAME_DAY_CALLBACK
    assert call.ordered_of(HangUp)
    assert call.state.phase is Phase.CLOSING
    assert call.says("and then we went to the market") == "", "it does not keep the call alive"
    call.says("my husband has chest pain")
    call.hears("911")


def test_hello_again_and_again_is_answered_three_ways() -> None:
    call = Call()
    replies = [call.says("hello?", Intent.GREETING) for _ in range(2)]
    assert len(set(replies)) == 2
    assert "If you cannot hear me" in replies[1]
    call.says("hello?", Intent.GREETING)
    assert len(call.ordered_of(TransferCall)) == 1


def test_can_you_hear_me_is_answered_however_the_rest_was_heard() -> None:
    call = Call()
    assert call.says("no show can you hear me", Intent.REPEAT).startswith("Hello.")
    assert "I can hear you. If you cannot hear me" in call.says("can you hear me", Intent.OUT_OF_SCOPE)
    call.says("is anybody there", Intent.REPEAT)
    assert len(call.ordered_of(TransferCall)) == 1


def test_who_asks_in_mid_question_whether_they_are_heard_is_told_and_asked_again() -> None:
    call = Call()
    question = call.says("refill", Intent.REFILL_REQUEST)
    for _ in range(2):
        assert call.says("can you hear me", Intent.REPEAT) == f"I can hear you. {question}"
    call.says("can you hear me", Intent.REPEAT)
    assert len(call.ordered_of(TransferCall)) == 1


def test_who_asks_and_says_more_is_answered_the_more() -> None:
    call = Call()
    call.says("can you hear me i need a refill", Intent.REFILL_REQUEST)
    call.hears("May I have your full name?")


def test_what_we_cannot_do_is_not_said_for_ever() -> None:
    call = Call()
    for _ in range(3):
        call.says("sing me a song", Intent.OUT_OF_SCOPE)
    call.hears("Would you like to speak with a person, or leave a message?")
