"""A person, a message, another language, a professional caller; and what happens when nobody answers."""

from __future__ import annotations

import pytest

import dialog
from models.domain import (
    CallStarted,
    Disposition,
    ExpectationKind,
    HangUp,
    HungUp,
    Intent,
    Keys,
    NoInput,
    OpenTask,
    Phase,
    Priority,
    StaffJoined,
    StopTexts,
    TaskKind,
    TransferCall,
)
from tests.dialog.calls import Backend, Call


def at_the_greeting(call: Call) -> None:
    call.hears("How can I help?")


def in_the_identity_check(call: Call) -> None:
    call.says("refill", Intent.REFILL_REQUEST)


def in_a_refill(call: Call) -> None:
    call.says("refill lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()


def at_a_confirmation(call: Call) -> None:
    call.says("cancel my visit", Intent.SCHEDULE_CANCEL)
    call.identifies()


def after_the_closing(call: Call) -> None:
    call.says("goodbye", Intent.GOODBYE)


def while_waiting(call: Call) -> None:
    at_a_confirmation(call)
    call.slow = True
    call.yes()


PLACES = (
    at_the_greeting,
    in_the_identity_check,
    in_a_refill,
    at_a_confirmation,
    after_the_closing,
    while_waiting,
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("by_key", [True, False])
def test_a_person_from_everywhere_in_the_same_turn(place: object, by_key: bool) -> None:
    call = Call()
    assert callable(place)
    place(call)
    call.event(Keys("0")) if by_key else call.says("representative", Intent.HUMAN_AGENT)
    call.hears("I'm connecting you with our staff now.")
    assert len(call.ordered_of(TransferCall)) == 1
    call.answer()
    assert dialog.summary(call.state).disposition is Disposition.TRANSFERRED


@pytest.mark.parametrize("place", PLACES)
def test_out_of_hours_a_message_with_a_call_back(place: object) -> None:
    call = Call(staff=False)
    assert callable(place)
    place(call)
    call.says("representative", Intent.HUMAN_AGENT)
    call.hears("Our office is closed right now.", "What would you like me to tell them?")
    call.slow = False
    call.says("please call me about my knee")
    call.hears("I'll pass this on: please call me about my knee. Is that right?")
    call.yes()
    call.hears("I've passed it on.")
    task = call.ordered_of(OpenTask)[-1]
    assert (task.kind, task.callback_number) == (TaskKind.SAME_DAY_CALLBACK, "+15550107777")
    assert task.priority is Priority.URGENT


def test_out_of_hours_a_refill_asked_of_the_girl_at_the_desk_is_served() -> None:
    call = Call(staff=False)
    wishes = (Intent.REFILL_REQUEST, Intent.HUMAN_AGENT)
    call.says("I thought I'd get the girl at the desk. I need my lisinopril", wishes, drug="lisinopril")
    call.hears("Our office is closed right now. May I have your full name?")
    call.identifies()
    call.hears("Any new problems or side effects")
    assert call.ordered_of(OpenTask) == []


def test_out_of_hours_a_wish_to_be_called_back_is_the_message() -> None:
    call = Call(staff=False)
    call.says("representative", Intent.HUMAN_AGENT)
    call.says("Please have someone call me back", Intent.HUMAN_AGENT)
    call.hears("I'll pass this on: Please have someone call me back. Is that right?")
    call.yes()
    assert call.ordered_of(OpenTask)[-1].kind is TaskKind.SAME_DAY_CALLBACK


def test_who_hangs_up_before_the_message_is_called_back_all_the_same() -> None:
    call = Call(staff=False)
    call.says("representative", Intent.HUMAN_AGENT)
    call.event(HungUp())
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.SAME_DAY_CALLBACK
    assert dialog.summary(call.state).disposition is Disposition.MESSAGE_TAKEN


def test_a_failed_transfer_is_told_and_called_back() -> None:
    call = Call(Backend(failing=(TransferCall,)))
    call.says("operator please", Intent.HUMAN_AGENT)
    call.hears("I'm sorry, I couldn't reach anyone.", "They have your request to be called back.")
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.SAME_DAY_CALLBACK
    assert call.state.phase is Phase.SERVING


def test_a_transfer_that_nobody_picked_up_comes_back() -> None:
    call = Call()
    call.says("representative", Intent.HUMAN_AGENT)
    call.event(CallStarted(resumed=True))
    call.hears("I'm sorry, I couldn't reach anyone.")
    assert dialog.summary(call.state).disposition is Disposition.MESSAGE_TAKEN, "nobody was there"


def test_once_a_person_is_there_the_agent_is_quiet() -> None:
    call = Call()
    call.event(StaffJoined("staff-1"))
    assert call.says("hello?") == ""
    assert dialog.summary(call.state).disposition is Disposition.TRANSFERRED


def test_a_message_from_a_hidden_number_asks_where_to_call() -> None:
    call = Call(number="")
    call.says("I'd like to leave a message", Intent.MESSAGE_FOR_PROVIDER)
    call.says("please tell the doctor my knee is fine")
    call.hears("What number should they call?")
    assert call.decision.expectation.kind is ExpectationKind.PHONE
    call.event(Keys("5550109999"))
    call.yes()
    assert call.ordered_of(OpenTask)[0].callback_number == "+15550109999"
    assert dialog.summary(call.state).disposition is Disposition.MESSAGE_TAKEN


@pytest.mark.parametrize(
    ("intent", "kind", "title"),
    [
        (Intent.BILLING_QUESTION, TaskKind.BILLING_QUESTION, ""),
        (Intent.RESULTS_INQUIRY, TaskKind.ROUTINE_MESSAGE, "Test result: "),
        (Intent.OPT_OUT, TaskKind.OPT_OUT_RECORDED, ""),
        (Intent.REFERRAL_REQUEST, TaskKind.ROUTINE_MESSAGE, "Referral: "),
        (Intent.UPDATE_INFO, TaskKind.ROUTINE_MESSAGE, "Change of details: "),
    ],
)
def test_wishes_that_are_passed_on_in_the_callers_words(intent: Intent, kind: TaskKind, title: str) -> None:
    call = Call()
    call.says("there is something about this that I need looked at.", intent)
    call.hears("I'll pass this on: there is something about this that I need looked at. Is that right?")
    call.no()
    call.hears("What should I change?")
    call.says("say it is about March")
    call.hears("I'll pass this on: say it is about March. Is that right?")
    call.yes()
    [task] = call.ordered_of(OpenTask)
    assert (task.kind, task.summary) == (kind, f"{title}say it is about March")


def test_records_go_somewhere_by_some_day() -> None:
    call = Call()
    call.says("I need my records", Intent.RECORDS_REQUEST)
    call.hears("Which papers or records do you need?")
    call.says("my shot record for school")
    call.hears("Where should the papers go?")
    call.says("the school office")
    call.hears("When do you need them?")
    call.says("by next Friday")
    call.hears("I'll pass this on: my shot record for school; the school office; by next Friday.")
    call.yes()
    [task] = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.RECORDS_REQUEST
    assert task.summary == (
        "Records or forms: my shot record for school. Send to: the school office. Needed by: by next Friday"
    )


def test_results_are_never_told_and_details_never_changed_by_voice() -> None:
    call = Call()
    call.says("my results", Intent.RESULTS_INQUIRY)
    call.hears("I can't give results on this call", "Which test is it about?")
    call = Call()
    call.says("a new number", Intent.UPDATE_INFO)
    call.hears("I can't change that on this call", "What has changed?")


@pytest.mark.parametrize(
    "number", ["four one one one " + "one " * 12, "4111 1111 1111 1111", "4111111111111111"]
)
def test_a_card_number_is_neither_said_again_nor_written_down(number: str) -> None:
    call = Call()
    call.says(f"I want to pay my bill, my card number is {number.strip()}", Intent.BILLING_QUESTION)
    call.hears("Please don't tell me a card number; our staff or the portal can take a payment.")
    call.hears("I'll pass this on: I want to pay my bill, my card number is a card number left out.")
    call.yes()
    (task,) = call.ordered_of(OpenTask)
    assert "one one one" not in task.summary
    assert "1111" not in task.summary
    assert "one one" not in str(call.state)
    assert "1111" not in str(call.state)


def test_a_card_number_read_out_at_the_last_question_is_refused_in_other_words() -> None:
    call = Call()
    call.says("I want to pay my bill with my card", Intent.BILLING_QUESTION)
    before = call.text
    call.says("the card is 4111 1111 1111 1111")
    call.hears("Please don't tell me a card number")
    assert call.text != before


def test_a_card_is_not_taken_by_voice() -> None:
    call = Call()
    call.says("I want to pay my bill with my card", Intent.BILLING_QUESTION)
    call.hears("Please don't tell me a card number; our staff or the portal can take a payment.")


def test_a_subject_asks_again_in_its_own_words() -> None:
    call = Call()
    call.says("a referral", Intent.REFERRAL_REQUEST)
    call.hears("Who would you like to see, and what is it for?")
    call.event(NoInput())
    call.hears("What kind of doctor is it?")


def test_a_complaint_is_filed_as_one() -> None:
    call = Call()
    call.says(
        "I waited two hours and I am very angry about it", Intent.MESSAGE_FOR_PROVIDER, kind="complaint"
    )
    call.hears("I'm sorry to hear that. I'll pass this on: I waited two hours")
    call.yes()
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.COMPLAINT


def test_a_message_that_cannot_be_saved_is_not_called_passed_on() -> None:
    call = Call(Backend(failing=(OpenTask,)))
    call.says("please tell the doctor that my knee is fine now", Intent.MESSAGE_FOR_PROVIDER)
    call.yes()
    call.hears("I'm sorry, I couldn't save that.", "Please call us at")
    assert "passed it on" not in call.text


def test_a_pharmacy_calling_is_put_through() -> None:
    call = Call()
    call.says("this is the hospital laboratory", Intent.PROFESSIONAL_CALLER)
    assert call.ordered_of(TransferCall)


def test_another_language() -> None:
    call = Call(staff=False)
    call.says("habla espanol", Intent.LANGUAGE_REQUEST)
    assert call.ordered_of(OpenTask)[0].kind is TaskKind.LANGUAGE_LINE


# --------------------------------------------------------------------------- texts, and who is on call


def test_who_wants_no_texts_gets_none_from_that_sentence_on() -> None:
    call = Call()
    call.slow = True
    call.says("stop texting me", Intent.OPT_OUT)
    assert call.ordered_of(StopTexts)
    assert call.text == "", "nothing is called done before it is"
    call.answer()
    call.hears("We won't send you any more texts. I'll pass this on: stop texting me. Is that right?")
    call.yes()
    call.answer()
    assert [task.kind for task in call.ordered_of(OpenTask)] == [TaskKind.OPT_OUT_RECORDED]
    assert len(call.ordered_of(StopTexts)) == 1


def test_from_a_withheld_number_there_is_nothing_to_stop_but_staff_hear_of_it() -> None:
    call = Call(number="")
    call.says("stop texting me", Intent.OPT_OUT)
    assert not call.ordered_of(StopTexts)
    call.says("six one seven five five five oh one two three", phone="+16175550123")
    call.yes()
    assert [task.kind for task in call.ordered_of(OpenTask)] == [TaskKind.OPT_OUT_RECORDED]


def test_at_night_who_is_on_call_takes_a_danger_and_nothing_else() -> None:
    call = Call(staff=False, on_call=True)
    call.says("a person please", Intent.HUMAN_AGENT)
    call.hears("Our office is closed right now.")
    assert not call.ordered_of(TransferCall)
    call = Call(staff=False, on_call=True)
    call.says("I want to kill myself")
    [order] = call.ordered_of(TransferCall)
    assert order.urgent
    assert "kill myself" in order.words


def test_whoever_takes_the_call_learns_who_is_on_the_line() -> None:
    call = Call()
    in_the_identity_check(call)
    call.identifies()
    call.says("a person please", Intent.HUMAN_AGENT)
    [order] = call.ordered_of(TransferCall)
    assert (order.name, order.urgent) == ("Maria", False)


def test_who_hangs_up_before_anybody_is_reached_is_called_back() -> None:
    call = Call()
    call.says("a person please, it is about my bill", Intent.HUMAN_AGENT)
    call.event(HungUp(alone=True))
    assert [task.kind for task in call.ordered_of(OpenTask)] == [TaskKind.SAME_DAY_CALLBACK]
    assert dialog.summary(call.state).disposition is not Disposition.TRANSFERRED


def test_who_hangs_up_while_a_nurse_is_looked_for_is_called_by_one() -> None:
    call = Call()
    call.says("I have a fever of 103 and my wound is opening", None)
    [order] = call.ordered_of(TransferCall)
    call.event(HungUp(alone=True))
    assert order.urgent
    assert [task.kind for task in call.ordered_of(OpenTask)][-1] is TaskKind.NURSE_NOW


def test_who_hangs_up_after_talking_to_somebody_leaves_no_task() -> None:
    call = Call()
    call.says("a person please", Intent.HUMAN_AGENT)
    call.event(HungUp())
    assert not call.ordered_of(OpenTask)
    assert dialog.summary(call.state).disposition is Disposition.TRANSFERRED


def test_out_of_hours_a_message_that_sounds_like_a_wish_for_a_person_is_the_message() -> None:
    call = Call(staff=False)
    call.says("representative", Intent.HUMAN_AGENT)
    call.says("please call me about my knee", Intent.HUMAN_AGENT)
    call.hears("I'll pass this on: please call me about my knee. Is that right?")


def test_a_person_asked_for_once_more_is_no_message() -> None:
    call = Call(staff=False)
    call.says("representative", Intent.HUMAN_AGENT)
    call.says("no I want to speak to a real person", Intent.HUMAN_AGENT)
    assert "I'll pass this on" not in call.text


def test_a_call_back_that_was_promised_is_owed_whatever_becomes_of_the_words() -> None:
    """After hours: a person asked for, no words found for the message, then "a message", then hung up."""
    call = Call(staff=False)
    call.says("a person please", Intent.HUMAN_AGENT)
    for _ in range(3):
        call.yes()
    call.hears("Would you like to speak with a person, or leave a message?")
    call.event(Keys("2"))
    call.hears("What would you like me to tell them?")
    call.event(HungUp())
    [task] = call.ordered_of(OpenTask)
    assert (task.kind, task.priority) == (TaskKind.SAME_DAY_CALLBACK, Priority.URGENT)


def test_out_of_hours_who_asks_again_and_again_is_put_down_for_a_call_back_told_so_and_taken_leave_of() -> (
    None
):
    call = Call(staff=False)
    person = ("a person please", Intent.HUMAN_AGENT)
    call.says(*person)
    call.hears("What would you like me to tell them?")
    call.says(*person)
    call.hears("They have your request to be called back. Is there anything else")
    [task] = call.ordered_of(OpenTask)
    assert task.kind is TaskKind.SAME_DAY_CALLBACK
    call.says(*person)
    call.hears("Our office is closed right now. They have your request to be called back.")
    call.says(*person)
    call.hears("They have your request to be called back. You've been speaking with an AI assistant.")
    assert call.ordered_of(HangUp)
    assert call.ordered_of(OpenTask) == [task]


def test_out_of_hours_without_a_number_the_number_is_all_that_is_asked_and_then_ours_is_given() -> None:
    call = Call(staff=False, number="")
    for _ in range(2):
        call.says("a person please", Intent.HUMAN_AGENT)
    call.hears("What number should they call?")
    call.says("a person please", Intent.HUMAN_AGENT)
    call.hears("To reach our staff, call five five five")
    assert len(call.ordered_of(OpenTask)) == 1


def test_a_call_back_that_is_left_does_not_stop_what_else_is_wanted() -> None:
    call = Call(staff=False)
    for _ in range(2):
        call.says("a person please", Intent.HUMAN_AGENT)
    call.says("a refill of lisinopril", Intent.REFILL_REQUEST, drug="lisinopril")
    call.identifies()
    call.says("get me a human", Intent.HUMAN_AGENT)
    call.hears("They have your request to be called back.", "Any new problems")
