"""A reply is at most two sentences and a question, in however many decisions it comes; nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence

import hypothesis.strategies as st
from hypothesis import given

import dialog
from dialog import replies
from dialog.speech import in_one_breath
from dialog.turn import WAITING, Turn
from dialog.wording_rules import sentences
from models.domain import (
    Context,
    Event,
    FindOpenings,
    Heard,
    Intent,
    Outcome,
    RefillOutcome,
    TaskOpened,
)
from tests.dialog.calls import NOW, PRACTICE, Backend, Call, meaning

SAYS, NEWS = Heard(meaning("well")), Outcome("c1-a1", TaskOpened("Task/1"))
TOLD = st.lists(st.sampled_from([f"Told {n}." for n in "abcdefgh"]), max_size=5, unique=True)
LONG = st.lists(st.sampled_from(["One. Two. Three.", "Four. Five."]), max_size=2, unique=True)


def reply(before: dialog.DialogState, event: Event, said: Sequence[str], asks: bool, acts: bool) -> Turn:
    turn = Turn(before, Context(NOW, PRACTICE)).say(*said)
    turn = turn.ask("call.more", "And what else?") if asks else turn.but(asking=WAITING, asked="").stop()
    turn = turn.act("book.find", lambda id_: FindOpenings(id_, "follow-up")) if acts else turn
    return replies.finish(turn, event)


def told(turn: Turn) -> list[str]:
    return [part for text in turn.said for part in sentences(text) if not part.endswith("?")]


@given(at_once=TOLD, long=LONG, news=TOLD, later=TOLD)
def test_two_sentences_until_the_caller_speaks_again_and_the_rest_after_that(
    at_once: list[str], long: list[str], news: list[str], later: list[str]
) -> None:
    state = dialog.start("c1")
    first = reply(state, SAYS, [*at_once, *long], asks=False, acts=True)
    second = reply(first.state, NEWS, news, asks=True, acts=False)
    assert len(told(first)) <= 1
    assert len(told(first)) + len(told(second)) <= 2
    assert second.said[-1] == "And what else?"
    heard, turn = [*told(first), *told(second)], second
    while turn.state.owed:
        turn = reply(turn.state, SAYS, later, asks=True, acts=False)
        later = []
        assert 0 < len(told(turn)) <= 2
        heard += told(turn)
    assert {part for text in (*at_once, *long, *news) for part in sentences(text)} <= set(heard)


def test_a_sentence_that_the_question_reads_out_stays_with_it() -> None:
    turn = Turn(dialog.start("c1"), Context(NOW, PRACTICE)).say("Sent.", "Soon.", "Come by.")
    turn = replies.finish(turn.ask("cancel.confirm", "Your visit is on Monday.", "Shall I cancel it?"), SAYS)
    assert turn.said == ("Sent.", "Your visit is on Monday.", "Shall I cancel it?")
    assert turn.state.owed == ("Soon.", "Come by.")


def test_the_same_long_reply_again_is_a_shorter_one() -> None:
    asked = ("You have two. Both are open.", "Which one?")
    first = reply(dialog.start("c1"), SAYS, asked[:1], asks=True, acts=False)
    again = reply(first.state, SAYS, asked[:1], asks=True, acts=False)
    assert again.said == ("And what else?",)


def test_a_callers_own_questions_are_read_back_in_one_breath() -> None:
    assert in_one_breath("Is it in? I called twice. Call me!") == "Is it in, I called twice, Call me"
    call = Call()
    call.says("tell Doctor Chen it hurts. Is that normal? I worry.", Intent.MESSAGE_FOR_PROVIDER)
    call.hears("I'll pass this on: tell Doctor Chen it hurts, Is that normal, I worry. Is that right?")


def test_an_offer_to_book_after_a_refill_leaves_room_for_what_is_told_of_it() -> None:
    call = Call(Backend(refill=RefillOutcome.NEEDS_REVIEW))
    call.says("a refill of lisinopril and cancel my visit", (Intent.REFILL_REQUEST, Intent.SCHEDULE_CANCEL),
              drug="lisinopril")  # fmt: skip
    call.identifies()
    call.no()
    call.says("Oak Drugs", pharmacy="Oak Drugs")
    call.yes()
    assert len([one for one in call.said if not one.endswith("?")]) <= 2
    call.hears("I've sent this to the care team.", "It usually takes up to 48 hours")


def test_the_points_of_an_hour_end_no_sentence() -> None:
    hours = "We're open Monday, 8 a.m. to 5 p.m.; Thursday, 8 a.m. to 7 p.m."
    assert sentences(f"{hours} What else? It's at 9 a.m. Goodbye.") == [
        hours, "What else?", "It's at 9 a.m.", "Goodbye.",
    ]  # fmt: skip
