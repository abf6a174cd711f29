"""A refill: which medicines, any new problem, which pharmacy, an explicit yes; then the requests are sent.

Nothing is ever called approved: a person decides. Each medicine is found only among the patient's own, and
each is a request of its own; what is asked, is asked once for all.
"""

from __future__ import annotations

import re

from dialog.confirming import change_step, confirm_step, hear_confirm
from dialog.flows import (
    refill_after,
    refill_drug,
    refill_heard,
    refill_open,
    refill_outcome,
    refill_pharmacy,
    refill_problem,
)
from dialog.flows.refill_list import Wanted, has_current, joined, put_wanted, read_back, wanted
from dialog.reading import says, yes
from dialog.steps import Flow, Step
from dialog.turn import Turn
from models.domain import ProxyScope, RequestRefill, Understanding

_PHARMACY_WORD = re.compile(r"\b(pharmacy|drug ?store|place)\b")
_MEDICINE_WORD = re.compile(r"\b(medicines?|medications?|drugs?|pills?|names?)\b")


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """Keep medicines, strengths, a pharmacy and the answers to later questions from any sentence."""
    turn = refill_heard.absorb(turn, heard)
    turn = refill_problem.absorb(turn, heard)
    turn = refill_pharmacy.absorb(turn, heard)
    remembered = turn.known("refill_pharmacy")  # of a request before it in this call; it is read back
    return turn.put(pharmacy=remembered) if remembered and not turn.has("pharmacy") else turn


def _hear_change(turn: Turn, heard: Understanding) -> Turn | None:
    """ "The pharmacy": which of the two is asked anew."""
    if says(heard, _PHARMACY_WORD):
        return turn.drop("changing", "pharmacy").forget("refill_pharmacy")
    if says(heard, _MEDICINE_WORD):
        return put_wanted(turn.drop("changing"), ())
    return None


def _read_out(turn: Turn) -> str:
    return (
        f"A refill of {joined(read_back(turn, item) for item in wanted(turn))}, at {turn.slot('pharmacy')}."
    )


def _hear_confirm(turn: Turn, heard: Understanding) -> Turn | None:
    if not turn.has("changed") and yes(heard) is None and refill_heard.told_beside(heard):
        return turn.say(refill_heard.PASS_ON)
    return hear_confirm(turn, heard)


def _send(turn: Turn) -> Turn:
    """One request a medicine, all of them in this very turn."""
    for item in wanted(turn):
        turn = _request(turn, item)
    return turn.note(open_told=True, refill_pharmacy=turn.slot("pharmacy")).put(ordered=True).wait()


def _request(turn: Turn, item: Wanted) -> Turn:
    patient, pharmacy = turn.state.patient_id, refill_pharmacy.on_file(turn)
    problem, days = turn.state.slots["new_problem"] is True, turn.state.slots.get("days_left")
    beside, told = turn.slot("beside"), turn.slot("problem")
    return turn.act(
        "refill.request",
        lambda id_: RequestRefill(
            id_,
            patient,
            item.order_id,
            item.said,
            pharmacy,
            problem,
            item.taking,
            item.described,
            beside,
            days if isinstance(days, int) else None,
            told,
        ),
    )


REFILL = Flow(
    "refill",
    (
        *refill_after.STEPS,
        Step("chart", refill_outcome.failed, lambda turn: turn.patient is None and has_current(turn)),
        *refill_open.STEPS,
        *refill_drug.STEPS,
        *refill_problem.STEPS,
        *refill_pharmacy.STEPS,
        change_step(
            _hear_change, ("Is it the medication or the pharmacy?", "Say medication, or say pharmacy.")
        ),
        confirm_step("refill", _read_out, "Is that right?", _hear_confirm),
        Step("send", _send),
    ),
    back="Back to your refill.",
    then="Now, your refill.",
    identified=True,
    scope=ProxyScope.REFILLS,
    absorb=absorb,
    leave=refill_problem.leave,
    put_down=refill_problem.put_down,
    outcomes={"refill.request": refill_outcome.answered, "refill.added": refill_after.added},
    constants=(
        refill_heard.PASS_ON,
        *refill_drug.CONSTANTS,
        *refill_problem.CONSTANTS,
        *refill_pharmacy.CONSTANTS,
        *refill_outcome.CONSTANTS,
        *refill_open.CONSTANTS,
        *refill_after.CONSTANTS,
    ),
)
