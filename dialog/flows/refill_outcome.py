"""What a caller hears of refill requests, by their outcomes. Never "approved"; never why not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from dialog import wording
from dialog.flows.refill_list import joined, wanted
from dialog.handoff import connect
from dialog.tasks import hand_over, open_task
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
PASSED = "I've passed this one to a person on the care team."
ALREADY = "That request is already with the care team."
VISIT_DUE = "They may ask you to come in for a visit."
TEST_DUE = "They may ask for a test first."
REVIEW_LIST = "Our pharmacist or nurse will review your list."
WILL_CALL = "Our team will call you today."
CONSTANTS = (
    *(SENT, USUALLY, AT_PHARMACY, BY_A_PERSON, PASSED, ALREADY, VISIT_DUE, TEST_DUE, REVIEW_LIST, WILL_CALL),
)
TOO_SOON, LABS = "not-too-soon", "labs-recent"  # rules that decide

_SENTENCES = {
    RefillOutcome.PHARMACY_HAS_REFILLS: (AT_PHARMACY,),
    RefillOutcome.READY_FOR_APPROVAL: (SENT, USUALLY),
    RefillOutcome.NEEDS_REVIEW: (SENT, USUALLY),
    RefillOutcome.BRIDGE_SUGGESTED: (SENT, VISIT_DUE),
    RefillOutcome.HUMAN_NOW: (WILL_CALL, wording.IF_WORSE),
    RefillOutcome.REFUSED_AUTOMATION: (PASSED,),
}
_MOST_TOLD = 2  # outcomes, each in a sentence of its own
_SENT = (RefillOutcome.READY_FOR_APPROVAL, RefillOutcome.NEEDS_REVIEW, RefillOutcome.BRIDGE_SUGGESTED)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one medicine's request, as the state keeps it. ``outcome`` "": it failed."""

    order_id: str = ""
    outcome: str = ""
    task_ref: str = ""
    already_open: bool = False
    decided_by: str = ""
    visit_type: str = ""
    urgent: bool = False
    issue: bool = False

    @property
    def was_sent(self) -> bool:
        return not self.already_open and self.outcome in _SENT


def answers(turn: Turn) -> tuple[Answer, ...]:
    return tuple(Answer(**row) for row in json.loads(turn.slot("answers") or "[]"))


def answered(turn: Turn, result: Result) -> Turn:
    """Keep one answer; they are told together, when the last of them has come."""
    answer = _answer(result)
    if answer is None:
        return turn
    turn = turn.put(answers=json.dumps([asdict(each) for each in (*answers(turn), answer)]))
    if answer.task_ref:
        tasks = dict.fromkeys((*turn.known("refill_tasks").split(), answer.task_ref))
        turn = turn.note(refill_tasks=" ".join(tasks))
    return turn


def _answer(result: Result) -> Answer | None:
    match result:
        case ActionFailed():
            return Answer()
        case RefillAnswered():
            return Answer(
                result.order_id,
                result.outcome.value,
                result.task_ref,
                result.already_open,
                _failed_rule(result),
                result.visit_type,
                result.urgent,
                bool(result.issues),
            )
    return None


def _failed_rule(result: RefillAnswered) -> str:
    """The rule that decided, where it failed: of what merely is not known nothing is told or asked."""
    failed = {rule.rule for rule in result.rules if rule.passed is False}
    return result.decided_by if result.decided_by in failed else ""


def is_due(turn: Turn) -> bool:
    """Every request has its answer, and nothing was said of them yet."""
    return turn.has("answers") and not turn.has("told")


def tell(turn: Turn) -> Turn:
    """All outcomes in one breath. A failure of one is told beside what was sent."""
    found = answers(turn)
    good = [answer for answer in found if answer.outcome]
    if not good:
        return failed(turn)
    turn = turn.settle(Disposition.COMPLETED).note(served=True, refill_sent=True).put(told=True)
    if any(answer.outcome == RefillOutcome.HUMAN_NOW and not answer.already_open for answer in good):
        return _human_now(turn)
    if len(found) == 1:
        return turn.say(*_of_one(found[0]))
    return _of_several(turn, good)


def _of_one(answer: Answer) -> tuple[str, ...]:
    if answer.already_open:
        return (ALREADY,)
    if answer.urgent:
        return (SENT if answer.was_sent else BY_A_PERSON, WILL_CALL)
    if not answer.was_sent:
        return _SENTENCES[RefillOutcome(answer.outcome)]
    if answer.issue:
        return (SENT, REVIEW_LIST)
    if answer.decided_by == TOO_SOON:
        return (SENT,)
    return (SENT, TEST_DUE) if answer.decided_by == LABS else _SENTENCES[RefillOutcome(answer.outcome)]


def _of_several(turn: Turn, good: Sequence[Answer]) -> Turn:
    """A sentence for each kind of outcome; each medicine is named in the caller's own words."""
    turn, lost = _note_lost(turn, good)
    sent, refused = _those(turn, (a for a in good if a.was_sent)), _those(turn, _refused(good))
    at_pharmacy = (a for a in good if a.outcome == RefillOutcome.PHARMACY_HAS_REFILLS)
    before, left = _those(turn, (a for a in good if a.already_open)), _those(turn, at_pharmacy)
    told = [
        f"I could not send {lost}, so I'm leaving our staff a note." if lost else "",
        _sent(sent, all_went=not lost),
        f"A person needs to look at {refused}." if refused else "",
        f"Your request for {before} is already with the care team." if before else "",
        f"The pharmacy still has refills of {left}; please ask them to fill it." if left else "",
    ]
    told = [sentence for sentence in told if sentence]
    if any(answer.urgent for answer in good):
        told.append(WILL_CALL)
    elif any(answer.issue for answer in good):
        told.append(REVIEW_LIST)
    elif len(told) == 1 and sent:
        told.append(USUALLY)
    return turn.say(*_in_pairs(told))


def _in_pairs(told: Sequence[str]) -> list[str]:
    """More than an ear takes one by one: "..., and ..."."""
    if len(told) <= _MOST_TOLD:
        return list(told)
    pairs = [told[at : at + 2] for at in range(0, len(told), 2)]
    return [f"{pair[0].rstrip('.')}, and {_in_midst(pair[1])}" if pair[1:] else pair[0] for pair in pairs]


def _in_midst(sentence: str) -> str:
    return sentence if sentence.startswith("I") else sentence[0].lower() + sentence[1:]


def _sent(names: str, *, all_went: bool) -> str:
    if not names:
        return ""
    return f"I've sent {names} to the care team." if all_went else f"The care team has {names}."


def _refused(good: Iterable[Answer]) -> Iterable[Answer]:
    refused = RefillOutcome.REFUSED_AUTOMATION
    return (answer for answer in good if answer.outcome == refused and not answer.already_open)


def _those(turn: Turn, found: Iterable[Answer]) -> str:
    orders = {answer.order_id for answer in found}
    names = [item.said for item in wanted(turn) if item.order_id in orders]
    return joined(names) if names else ""


def _note_lost(turn: Turn, good: Iterable[Answer]) -> tuple[Turn, str]:
    """Those whose request failed: a person sends them, and the caller hears so."""
    got = {answer.order_id for answer in good}
    names = [item.said for item in wanted(turn) if item.order_id not in got]
    if not names:
        return turn, ""
    summary = f"Refill asked for, not sent: {joined(names)} at {turn.slot('pharmacy')}"
    return open_task(turn, "desk.quiet", TaskKind.REFILL_REVIEW, Priority.URGENT, summary), joined(names)


def sentences(result: RefillAnswered) -> tuple[str, ...]:
    """Of an answer that came when the call was about something else."""
    return (ALREADY,) if result.already_open else _SENTENCES[result.outcome]


def _human_now(turn: Turn) -> Turn:
    """New problems with a medicine: a person speaks to the caller now, or today."""
    if turn.practice.staff_available:
        return connect(turn.done(), "New problem with a medicine")
    return turn.say(*_SENTENCES[RefillOutcome.HUMAN_NOW]).done()


def failed(turn: Turn) -> Turn:
    names = [item.said for item in wanted(turn)] or [turn.slot("said")]
    summary = f"Refill asked for, not sent: {joined(names)} at {turn.slot('pharmacy') or 'pharmacy not said'}"
    if turn.has("problem"):
        summary = f"{summary}. New problem: {turn.slot('problem')}"
    turn = turn.say(wording.NO_SYSTEM, wording.TELLING_STAFF)
    return hand_over(turn, TaskKind.REFILL_REVIEW, Priority.URGENT, summary)
