"""Fourteen silences, fourteen wishes, fourteen answers that nobody understands: each call ends, kindly."""

from __future__ import annotations

from itertools import pairwise

import pytest

import dialog
from models.domain import (
    Disposition,
    Event,
    HangUp,
    Heard,
    Intent,
    Keys,
    NoInput,
    OpenTask,
    Phase,
    Transcript,
    TransferCall,
    Understanding,
)
from tests.dialog.calls import Call, meaning
from tests.dialog.test_people import PLACES

MANY = 14
NOISE = Heard(Understanding(Transcript("kshh brr", 0.1), Intent.OUT_OF_SCOPE, (Intent.OUT_OF_SCOPE,), 0.4))
MISSES = {
    "silence": NoInput(),
    "words that mean nothing": Heard(meaning("blah blah blah")),
    "noise taken for something else": NOISE,
    "a key that means nothing here": Keys("7"),
    "what the recogniser could not hear": Heard(Understanding(Transcript("", failure="timeout"))),
}


def is_over(call: Call) -> bool:
    ended = call.ordered_of(TransferCall) or call.ordered_of(HangUp)
    return bool(ended) or call.state.phase is Phase.ENDED


@pytest.mark.parametrize("staff", [True, False], ids=["staff there", "closed"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("miss", MISSES.values(), ids=MISSES)
def test_fourteen_times_nothing_ends_with_a_person_or_the_number(
    miss: Event, place: object, staff: bool
) -> None:
    call = Call(staff=staff)
    assert callable(place)
    place(call)
    call.slow = False
    call.answer()
    said: list[str] = []
    while not is_over(call) and len(said) < MANY:
        said.append(call.event(miss))
    assert is_over(call), said
    assert all(one != other for one, other in pairwise(said)), said
    if said and call.ordered_of(HangUp):
        call.hears("You've been speaking with an AI assistant.")


@pytest.mark.parametrize("staff", [True, False], ids=["staff there", "closed"])
def test_fourteen_wishes_in_one_sentence_are_all_served_or_left_to_somebody(staff: bool) -> None:
    wishes = [
        *(Intent.REFILL_REQUEST, Intent.SCHEDULE_BOOK, Intent.SCHEDULE_CANCEL, Intent.SCHEDULE_LOOKUP),
        *(Intent.OFFICE_INFO, Intent.BILLING_QUESTION, Intent.RESULTS_INQUIRY, Intent.REFERRAL_REQUEST),
        *(Intent.RECORDS_REQUEST, Intent.MEDICATION_QUESTION, Intent.MESSAGE_FOR_PROVIDER),
        *(Intent.UPDATE_INFO, Intent.SYMPTOM_REPORT, Intent.REFILL_STATUS),
    ]
    assert len(wishes) == MANY
    call = Call(staff=staff)
    call.says("I have a long list of things for you today and here they all are", wishes)
    for _ in range(100):
        if is_over(call):
            break
        call.identifies() if call.state.asking.startswith("identity.") else call.yes()
    assert is_over(call), call.text
    assert call.ordered_of(OpenTask) or call.ordered_of(TransferCall)


def test_fourteen_wishes_one_after_the_other_lose_none() -> None:
    call = Call()
    for number in range(MANY):
        call.says(f"this is my message number {number} for the doctor, please", Intent.MESSAGE_FOR_PROVIDER)
        call.yes()
    summaries = [task.summary for task in call.ordered_of(OpenTask)]
    assert len(summaries) == MANY
    call.no()
    call.hears("Goodbye.")
    assert dialog.summary(call.state).disposition is Disposition.MESSAGE_TAKEN


def test_noise_does_not_start_the_ladder_anew() -> None:
    """A sound that was read as something beyond us is a miss like any other."""
    call = Call()
    call.says("refill", Intent.REFILL_REQUEST)
    said = [call.event(event) for event in (NoInput(), NOISE, NoInput(), NOISE)]
    assert "speak with a person, or leave a message?" in said[2]
    assert call.ordered_of(TransferCall)
