"""Small moves: repeat, wait, start over, robots, several wishes, a subject changed, the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dialog
from models.domain import (
    ActionFailed,
    CallStarted,
    Context,
    Disposition,
    HangUp,
    HungUp,
    Intent,
    Interrupted,
    Keys,
    NoInput,
    OpenTask,
    Outcome,
    Pace,
    Phase,
    RequestRefill,
    TaskKind,
    TransferCall,
    Waiting,
)
from tests.dialog.calls import MARIA, NOW, PRACTICE, Backend, Call


def test_the_greeting_discloses_what_it_must() -> None:
    call = Call()
    assert call.text == (
        "Thank you for calling Maple Street Family Practice. If this is an emergency, hang up and call 911. "
        "Para español, press two. I'm an AI assistant - not a nurse or doctor. This call is recorded. "
        "You can say 'representative' at any time. How can I help?"
    )
    assert dialog.summary(call.state).disclosures == ("ai", "recording", "emergency")
    fixed = dialog.fixed_sentences(call.context.practice)
    assert all(sentence.fixed and sentence.text in fixed for sentence in call.decision.say)


def test_where_nothing_is_recorded_nothing_is_said_of_it() -> None:
    practice = replace(PRACTICE, records_calls=False)
    greeted = dialog.decide(dialog.start("call-1"), CallStarted(), Context(NOW, practice))
    assert "This call is recorded." not in [sentence.text for sentence in greeted.say]
    assert dialog.summary(greeted.state).disclosures == ("ai", "emergency")


@pytest.mark.parametrize(
    "said",
    [
        "i can't make appointment for refill up visit",
        "i don't have an appointment",
        "we couldn't find the form on your website",
    ],
)
def test_who_tells_of_trouble_at_the_beginning_is_asked_and_not_taken_leave_of(said: str) -> None:
    call = Call()
    call.says(said, None, yes_no=False)
    assert not call.ordered_of(HangUp)
    assert call.state.asking == "call.open"


@pytest.mark.parametrize("said", ["no", "nothing thank you", "no thanks, that's all, bye"])
def test_who_wants_nothing_is_taken_leave_of(said: str) -> None:
    call = Call()
    call.says(said, None, yes_no=False)
    call.hears("Goodbye")


def test_a_new_stream_goes_on_where_it_was() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    call.event(CallStarted(resumed=True))
    assert call.text == "Sorry, we were cut off. May I have your full name?"


def test_what_was_lost_with_the_line_is_said_again() -> None:
    """The process died before it had spoken: the news was never heard, the question neither."""
    call = Call()
    call.says("book a follow up", Intent.SCHEDULE_BOOK, visit_type="follow-up")
    call.identifies()
    call.says("any time")
    offers = call.text
    call.event(CallStarted(resumed=True, unheard=True))
    assert call.text == f"Sorry, we were cut off. {offers}"
    call.event(CallStarted(resumed=True, unheard=True))
    assert call.text == f"Sorry, we were cut off. {offers}", "and again, if it is lost again"


def test_a_greeting_that_was_not_heard_out_is_said_with_all_it_must_say() -> None:
    call = Call()
    greeting = call.text
    call.event(CallStarted(resumed=True, unheard=True))
    assert call.text == f"Sorry, we were cut off. {greeting}"


def test_a_call_that_was_being_ended_is_ended() -> None:
    call = Call()
    call.says("goodbye", Intent.GOODBYE)
    call.event(CallStarted(resumed=True))
    assert call.text == "Sorry, we were cut off. Goodbye."


def test_repeat_wait_and_robot() -> None:
    call = Call()
    question = call.says("refill", Intent.REFILL_REQUEST)
    assert call.says("say that again", Intent.REPEAT) == question
    assert call.says("hold on", Intent.WAIT) == "Take your time."
    assert call.says("one second", Intent.WAIT) != "Take your time."
    call.says("am I talking to a real person", Intent.HUMAN_AGENT)
    call.hears("I'm an AI assistant, not a person.", question)


def test_slower_please_lasts_for_the_rest_of_the_call() -> None:
    call = Call()
    question = call.says("refill", Intent.REFILL_REQUEST)
    assert call.says("slower please", Intent.REPEAT, mode="slower") == question
    assert {sentence.pace for sentence in call.decision.say} == {Pace.SLOW}
    call.says("Maria Lopez", name="Maria Lopez")
    assert {sentence.pace for sentence in call.decision.say} == {Pace.SLOW}
    call.event(CallStarted(resumed=True))
    assert {sentence.pace for sentence in call.decision.say} == {Pace.SLOW}
    call.says("still too fast", Intent.REPEAT, mode="slower")
    call.says("slower", Intent.REPEAT, mode="slower")
    paces = [call.state.pace]
    call.says("a little faster", Intent.REPEAT, mode="faster")
    assert [*paces, call.state.pace] == [Pace.SLOWEST, Pace.SLOW]
    call.says("normal speed please", Intent.REPEAT, mode="normal_pace")
    assert {sentence.pace for sentence in call.decision.say} == {Pace.NORMAL}


def test_the_pace_changes_while_something_is_awaited_too() -> None:
    call = Call()
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.says("I have no ride")
    call.slow = True
    call.yes()
    call.says("slower please", Intent.REPEAT, mode="slower")
    assert [sentence.pace for sentence in call.decision.say] == [Pace.SLOW]


def test_a_slower_walk_is_no_wish_about_our_speech() -> None:
    call = Call()
    call.says("I walk slower since the fall", Intent.SYMPTOM_REPORT, mode="slower", symptom="fall")
    assert call.state.pace is Pace.NORMAL


def test_start_over_keeps_who_is_calling() -> None:
    call = Call()
    call.says("refill lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.says("start over", Intent.REPEAT, mode="start_over")
    call.hears("Let's start over. How can I help?")
    call.says("a refill", Intent.REFILL_REQUEST)
    call.hears("Which medication")


def test_two_wishes_in_one_sentence_are_served_one_after_the_other() -> None:
    call = Call()
    call.says(
        "cancel my visit and refill lisinopril",
        (Intent.SCHEDULE_CANCEL, Intent.REFILL_REQUEST),
        drug="lisinopril",
    )
    call.identifies()
    call.says("I have no ride")
    call.yes()
    call.hears("That visit is cancelled.", "Now, your refill.", "Any new problems")


def test_a_change_of_subject_comes_back() -> None:
    call = Call()
    call.says("refill lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.says("what are your hours", Intent.OFFICE_INFO)
    call.hears("We're open Monday to Friday, eight to five. Back to your refill. Any new problems")


def test_a_wish_while_waiting_is_served_next() -> None:
    call = Call()
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.identifies()
    call.says("I have no ride")
    call.slow = True
    call.yes()
    [pending] = call.held_back
    assert call.event(Waiting(pending.action_id)) == "One moment, please."
    assert call.event(Waiting(pending.action_id)) == "Still working on it."
    call.says("and what are your hours", Intent.OFFICE_INFO)
    call.hears("I'll help with that next.")
    call.slow = False
    call.answer()
    call.hears("That visit is cancelled.", "We're open")


def test_an_outcome_of_nothing_that_was_ordered_is_dropped() -> None:
    call = Call()
    before = call.state
    assert call.event(Outcome("call-1-a77", ActionFailed("x"))) == ""
    assert call.state == before


def test_a_late_outcome_is_news_and_no_second_order() -> None:
    call = Call(staff=False)
    call.says(
        "refill lisinopril at Oak Drugs", Intent.REFILL_REQUEST, drug="lisinopril", pharmacy="Oak Drugs"
    )
    call.identifies()
    call.no()
    call.slow = True
    call.yes()
    call.says("representative", Intent.HUMAN_AGENT)
    call.slow = False
    call.answer()
    call.hears("I've sent this to the care team.", "What would you like me to tell them?")
    assert len(call.ordered_of(RequestRefill)) == 1


def test_barge_in_is_remembered_and_silent() -> None:
    call = Call()
    assert call.event(Interrupted("Thank you for")) == ""
    assert call.state.heard_to == "Thank you for"
    assert call.decision.expectation.asked == "How can I help?"


def test_the_end_and_a_wish_after_it() -> None:
    call = Call()
    call.says("what are your hours", Intent.OFFICE_INFO)
    call.no()
    assert call.state.phase is Phase.CLOSING
    assert len(call.ordered_of(HangUp)) == 1
    assert call.event(NoInput()) == ""
    call.says("wait, where are you located", Intent.OFFICE_INFO)
    call.hears("We're at 12 Maple Street.", "Is there anything else")
    call.says("bye", Intent.GOODBYE)
    assert len(call.ordered_of(HangUp)) == 3, "the silence asked for it again"
    call.event(HungUp())
    assert dialog.summary(call.state).disposition is Disposition.COMPLETED
    assert call.says("hello") == ""


def test_a_call_that_ends_with_nothing_was_abandoned() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    call.event(HungUp())
    assert dialog.summary(call.state).disposition is Disposition.ABANDONED


def test_a_symptom_is_taken_down_and_called_back() -> None:
    call = Call()
    call.says("my back hurts a lot since the garden", Intent.SYMPTOM_REPORT, symptom="back pain")
    call.identifies()
    call.hears("When did it start?")
    call.says("two days ago")
    call.hears("On a scale of zero to ten, how bad is it?")
    call.says("six", number=6)
    call.hears("Do you have chest pain or trouble breathing right now?")
    call.no()
    call.hears("Our team will call you today. If you get worse, call 911.")
    [task] = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.SAME_DAY_CALLBACK
    assert all(part in task.summary for part in ("my back hurts", "two days ago", "6 of 10"))
    kept = dialog.summary(call.state)
    assert kept.symptoms_present == ("my back hurts a lot since the garden",)
    assert kept.symptoms_denied == ("chest pain", "trouble breathing")


def test_a_yes_to_the_danger_question_of_the_check_in() -> None:
    call = Call()
    call.says("my back hurts a lot", Intent.SYMPTOM_REPORT, symptom="back pain")
    call.identifies()
    call.says("today")
    call.says("six", number=6)
    call.yes()
    call.hears("Please hang up and call 911 now.")
    assert call.state.red_flags[0].red_flag_id == "RF01"


def test_a_symptom_half_told_is_passed_on() -> None:
    call = Call()
    call.says("my back hurts a lot", Intent.SYMPTOM_REPORT, symptom="back pain")
    call.identifies()
    call.event(HungUp())
    assert "my back hurts" in call.ordered_of(OpenTask)[0].summary


def test_two_at_the_greeting_is_spanish_and_brings_a_person() -> None:
    call = Call()
    call.event(Keys("2"))
    assert call.ordered_of(TransferCall)
    assert dialog.summary(call.state).disposition is Disposition.TRANSFERRED


def test_two_out_of_hours_is_a_call_back_with_an_interpreter() -> None:
    call = Call(staff=False)
    call.event(Keys("2"))
    (task,) = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.LANGUAGE_LINE
    assert "pressed 2 for Spanish" in task.summary
    call.hears("call you back with an interpreter")


def test_two_is_an_answer_where_something_was_asked() -> None:
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    call.event(Keys("2"))
    assert not call.ordered_of(TransferCall)


def test_a_practice_may_offer_no_key() -> None:
    call = Call()
    call.context = replace(call.context, practice=replace(PRACTICE, spanish_key=False))
    call.state = dialog.start("call-1")
    assert "español" not in call.event(CallStarted())
    call.event(Keys("2"))
    assert not call.ordered


@pytest.mark.parametrize(
    "text",
    [
        "Are you a robot? I want to talk to a person.",
        "Is this a machine? Get me a real person.",
        "Am I talking to a bot? Representative!",
        "Get me a real person",
        "I need a human",
        "Representative!",
    ],
)
@pytest.mark.parametrize("intent", [None, Intent.OUT_OF_SCOPE])
def test_a_person_asked_for_beside_the_robot_question_comes_in_that_turn(
    text: str, intent: Intent | None
) -> None:
    call = Call()
    call.says(text, intent)
    assert len(call.ordered_of(TransferCall)) == 1


@pytest.mark.parametrize(
    "text",
    ["am I talking to a person", "are you a robot or a real person", "is this a human or is this a machine"],
)
def test_whether_this_is_a_person_is_only_a_question(text: str) -> None:
    call = Call()
    call.says(text)
    call.hears("I'm an AI assistant, not a person.")
    assert call.ordered_of(TransferCall) == []


@pytest.mark.parametrize("intent", [Intent.GOODBYE, Intent.OUT_OF_SCOPE, Intent.SCHEDULE_CANCEL, None])
def test_who_will_not_make_it_on_time_is_late_and_has_not_said_goodbye(intent: Intent | None) -> None:
    call = Call()
    call.says("I'm not going to make it on time.", intent)
    assert call.ordered_of(HangUp) == []
    call.identifies()
    call.hears("About how many minutes late will you be?")
    call.says("ten", number=10)
    call.hears("I've told our staff that you'll be about ten minutes late.")
    assert len(call.ordered_of(OpenTask)) == 1


def test_a_long_sentence_with_more_than_a_farewell_ends_nothing() -> None:
    call = Call()
    call.says("the parking lot is full again", Intent.GOODBYE)
    assert call.ordered_of(HangUp) == []
    call.says("okay that's all thank you so much have a nice day", Intent.GOODBYE)
    assert len(call.ordered_of(HangUp)) == 1


def test_a_bye_at_the_end_ends_the_call() -> None:
    call = Call()
    call.says("never mind I will ask my daughter, bye", Intent.GOODBYE)
    assert len(call.ordered_of(HangUp)) == 1


def test_who_hurries_us_along_moves_no_visit() -> None:
    call = Call()
    call.says("a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.says("No. Can we move on?", (Intent.DENY, Intent.SCHEDULE_RESCHEDULE), yes_no=False)
    assert call.state.queue == ()
    call.says("we'd better move on from my visit and cancel it", (Intent.SCHEDULE_CANCEL,))
    assert call.state.flow == "cancel"


def test_a_question_that_is_answered_completes_the_call_also_when_there_is_nothing() -> None:
    call = Call(Backend(replace(MARIA, visits=())))
    call.says("when is my visit", Intent.SCHEDULE_LOOKUP)
    call.identifies()
    call.hears("I don't see an upcoming visit for you.")
    call.event(HungUp())
    assert dialog.summary(call.state).disposition is Disposition.COMPLETED
