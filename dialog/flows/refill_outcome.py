"""What a caller hears of a refill request, by its outcome. Never "approved"; never why not."""

from __future__ import annotations

from dialog import wording
from dialog.handoff import connect
from dialog.tasks import hand_over
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Disposition,
    Priority,
    RefillAnswered,
    RefillOutcome,
    Result,
    TaskKind,
)

SENT = "I've sent this to the care team."
USUALLY = "It usually takes up to 48 hours; tell me if you will run out before then."
AT_PHARMACY = "The pharmacy still has refills for you; please ask them to fill it."
BY_A_PERSON = "A person needs to look at this one."
PASSED = "I've passed your request to the care team."
ALREADY = "That request is already with the care team."
VISIT_DUE = "They may ask you to come in for a visit."
WILL_CALL = "Our team will call you today."
CONSTANTS = (SENT, USUALLY, AT_PHARMACY, BY_A_PERSON, PASSED, ALREADY, VISIT_DUE, WILL_CALL)

_SENTENCES = {
    RefillOutcome.PHARMACY_HAS_REFILLS: (AT_PHARMACY,),
    RefillOutcome.READY_FOR_APPROVAL: (SENT, USUALLY),
    RefillOutcome.NEEDS_REVIEW: (SENT, USUALLY),
    RefillOutcome.BRIDGE_SUGGESTED: (SENT, VISIT_DUE),
    RefillOutcome.HUMAN_NOW: (WILL_CALL, wording.IF_WORSE),
    RefillOutcome.REFUSED_AUTOMATION: (BY_A_PERSON, PASSED),
}


def answered(turn: Turn, result: Result) -> Turn:
    match result:
        case RefillAnswered(already_open=False, outcome=RefillOutcome.HUMAN_NOW):
            return _human_now(_served(turn))
        case RefillAnswered():
            return _served(turn).say(*sentences(result)).done()
        case ActionFailed():
            return failed(turn)
    return turn


def sentences(result: RefillAnswered) -> tuple[str, ...]:
    return (ALREADY,) if result.already_open else _SENTENCES[result.outcome]


def _served(turn: Turn) -> Turn:
    return turn.settle(Disposition.COMPLETED).note(served=True, refill_sent=True)


def _human_now(turn: Turn) -> Turn:
    """New problems with a medicine: a person speaks to the caller now, or today."""
    if turn.practice.staff_available:
        return connect(turn.done(), "New problem with a medicine")
    return turn.say(*_SENTENCES[RefillOutcome.HUMAN_NOW]).done()


def failed(turn: Turn) -> Turn:
    summary = f"Refill asked for, not sent: {turn.slot('said')} at {turn.slot('pharmacy')}"
    turn = turn.say(wording.NO_SYSTEM, wording.TELLING_STAFF)
    return hand_over(turn, TaskKind.REFILL_REVIEW, Priority.URGENT, summary)
