"""Danger signs: in every phase, before everything, in fixed words, with the line kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from dialog.safety import Code, sentence
from models.domain import (
    BookOpening,
    CallStarted,
    DangerPhrase,
    Disposition,
    HangUp,
    Heard,
    HungUp,
    Intent,
    NoInput,
    OpenTask,
    PageStaff,
    Phase,
    Priority,
    RequestRefill,
    TaskKind,
    Transcript,
    TransferCall,
    Understanding,
)
from tests.dialog.calls import Backend, Call

CHEST_PAIN = "I have crushing chest pain right now"


def test_chest_pain_at_once_and_again_while_nothing_else_is_heard() -> None:
    call = Call(staff=False)
    call.says(CHEST_PAIN)
    call.hears(sentence(Code.D0), "Can you call 911 right now?")
    assert [type(action) for action in call.ordered] == [PageStaff, OpenTask]
    task = call.ordered_of(OpenTask)[0]
    assert (task.kind, task.priority) == (TaskKind.RED_FLAG_911, Priority.STAT)
    assert call.state.phase is Phase.HANDOFF
    call.no()
    call.hears("I'm staying on the line with you.")
    said = {call.event(NoInput()) for _ in range(3)}
    assert len(said) == 3
    call.says("I want a refill", Intent.REFILL_REQUEST)
    assert call.ordered_of(HangUp) == []
    assert dialog.summary(call.state).disposition is Disposition.ESCALATED


def test_a_yes_is_sent_off_to_call_and_the_line_is_kept() -> None:
    call = Call()
    call.says(CHEST_PAIN)
    call.yes()
    call.hears("Please hang up and call 911 now.", "I'll stay on the line until you do.")
    assert call.ordered_of(TransferCall) == []
    call.event(HungUp())
    assert call.state.phase is Phase.ENDED


@pytest.mark.parametrize("answer", ["no", "silence", "mumble"])
def test_anything_but_a_yes_brings_a_person(answer: str) -> None:
    call = Call()
    call.says(CHEST_PAIN)
    call.event(NoInput()) if answer == "silence" else call.says(answer)
    call.hears("I'm connecting you with our team now.")
    assert len(call.ordered_of(TransferCall)) == 1


def test_a_transfer_that_fails_keeps_the_line_with_the_question() -> None:
    call = Call(Backend(failing=(TransferCall,)))
    call.says(CHEST_PAIN)
    call.no()
    call.hears("I couldn't reach our team yet. Can you call 911 right now?")


def test_the_alternatives_are_screened_too() -> None:
    call = Call()
    call.event(Heard(Understanding(Transcript("chess payne", alternatives=(CHEST_PAIN,)))))
    call.hears(sentence(Code.D0))


def test_danger_while_an_action_is_under_way() -> None:
    call = Call()
    call.says("refill lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.slow = True
    call.yes()
    assert call.ordered_of(RequestRefill)
    call.says(CHEST_PAIN)
    call.hears(sentence(Code.D0))
    assert call.answer() == ""  # the refill's outcome comes, and does not disturb
    assert call.state.phase is Phase.HANDOFF


def test_before_identity_and_in_the_middle_of_a_name() -> None:
    call = Call()
    call.says("refill please", Intent.REFILL_REQUEST)
    call.says(CHEST_PAIN, name="Maria Lopez")
    call.hears(sentence(Code.D0))


def test_a_crisis_is_connected_at_once_and_never_hung_up_on() -> None:
    call = Call()
    call.says("I want to kill myself")
    call.hears(sentence(Code.D0_988))
    assert len(call.ordered_of(TransferCall)) == 1
    closed = Call(staff=False)
    closed.says("I want to kill myself")
    closed.hears(sentence(Code.D0_988))
    closed.says("goodbye", Intent.GOODBYE)
    closed.event(NoInput())
    assert closed.ordered_of(HangUp) == []


def test_a_person_asked_for_with_the_danger_in_one_sentence() -> None:
    call = Call()
    call.says(f"{CHEST_PAIN}, representative", Intent.HUMAN_AGENT)
    call.hears(sentence(Code.D0), "I'm connecting you with our team now.")
    assert len(call.ordered_of(TransferCall)) == 1


def test_a_doubt_is_settled_by_one_question() -> None:
    call = Call()
    call.says("what should I do if I get chest pain")
    asked = call.text
    assert asked.endswith("?")
    assert call.ordered_of(PageStaff) == []
    call.no()
    call.hears("Is there anything else I can help with?")
    assert dialog.summary(call.state).red_flags == ()
    assert dialog.summary(call.state).symptoms_denied


@pytest.mark.parametrize("answer", ["", "maybe a little", "yes"])
def test_no_clear_no_counts_as_a_yes(answer: str) -> None:
    call = Call()
    call.says("what should I do if I get chest pain")
    call.event(NoInput()) if not answer else call.says(answer)
    call.hears(sentence(Code.D0))


def test_a_recent_sign_is_asked_about_and_then_a_nurse_takes_it() -> None:
    call = Call()
    call.says("I had chest pain last night, it went away")
    assert call.ordered_of(PageStaff)
    call.no()
    call.hears(sentence(Code.D1))
    assert len(call.ordered_of(TransferCall)) == 1


def test_a_nurse_out_of_hours_calls_back() -> None:
    call = Call(staff=False)
    call.says("I had chest pain last night, it went away")
    call.no()
    call.hears("Our team will call you back within 15 minutes. If it gets worse, call 911.")
    assert TaskKind.NURSE_NOW in [task.kind for task in call.ordered_of(OpenTask)]


def test_hanging_up_on_a_danger_question_leaves_a_task() -> None:
    call = Call()
    call.says("what should I do if I get chest pain")
    call.event(HungUp())
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.NURSE_NOW


def test_chest_pain_next_tuesday_is_never_booked() -> None:
    call = Call()
    call.says("I have chest pain, book me for Tuesday", Intent.SCHEDULE_BOOK, weekday=1)
    call.hears(sentence(Code.D0))
    call.says("any time")
    assert call.ordered_of(BookOpening) == []


def test_a_new_stream_asks_the_danger_question_again() -> None:
    call = Call(staff=False)
    call.says(CHEST_PAIN)
    call.event(CallStarted(resumed=True))
    call.hears("Sorry, we were cut off. Can you call 911 right now?")


def test_a_phrase_that_the_practice_added_is_answered_like_any_danger() -> None:
    call = Call(staff=False)
    practice = replace(call.context.practice, danger_phrases=(DangerPhrase("RF03", "lost my bellows"),))
    call.says("I've lost my bellows")
    assert not call.ordered_of(PageStaff)
    call.context = replace(call.context, practice=practice)
    call.says("I've lost my bellows")
    call.hears(sentence(Code.D0))
    assert [flag.red_flag_id for flag in call.state.red_flags] == ["RF03"]
    assert call.ordered_of(PageStaff)


def test_every_sign_of_one_breath_is_paged_and_is_one_task() -> None:
    call = Call()
    call.says("I can hardly get the words out, my lips are blue")
    assert {page.red_flag_id for page in call.ordered_of(PageStaff)} == {"RF02", "RF03"}
    assert len(call.ordered_of(OpenTask)) == 1
