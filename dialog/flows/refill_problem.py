"""New problems or side effects: asked once for all the medicines; what is told reaches a person today."""

from __future__ import annotations

import re

from dialog.flows.refill_heard import PASS_ON, told_beside
from dialog.flows.refill_list import joined, wanted
from dialog.reading import says, word_count, yes
from dialog.speech import quoted
from dialog.steps import Step, expect_yes_no, slot_missing
from dialog.tasks import open_task
from dialog.turn import Turn
from models.domain import Priority, TaskKind, Understanding

WITH_IT = "Any new problems or side effects with it?"
WITH_THEM = "Any new problems or side effects with them?"
CONSTANTS = (WITH_IT, WITH_THEM)
_NO_PROBLEMS = re.compile(
    r"\bno (?:new |other )?(?:problems?|side[- ]effects?|issues|trouble)\b"
    r"|\bwithout (?:any )?(?:problems?|side[- ]effects?)\b"
)


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """ "No side effects", said before it is asked."""
    said = says(heard, _NO_PROBLEMS) and "symptom" not in heard.entities and not turn.has("new_problem")
    return turn.put(new_problem=False) if said else turn


def _ask(turn: Turn) -> Turn:
    return turn.ask("refill.problem", WITH_THEM if len(wanted(turn)) > 1 else WITH_IT)


def _hear_problem(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None and told_beside(heard):
        return turn.say(PASS_ON)
    if "symptom" in heard.entities and answer is not False:
        answer = True
    if answer and word_count(heard.text) > 3:
        return _keep_problem(turn.put(new_problem=True), heard)
    if answer is None:
        return turn if turn.state.slots.get("new_problem") is False else None
    return turn.put(new_problem=answer)


def _keep_problem(turn: Turn, heard: Understanding) -> Turn | None:
    """What the caller says goes to a person today, whatever becomes of the refill (`leave`)."""
    if not heard.text.strip():
        return None
    return turn.put(problem=quoted(heard.text)).but(
        symptoms_present=(*turn.state.symptoms_present, quoted(heard.text))
    )


def leave(turn: Turn) -> Turn:
    """A request makes the problem a nurse's matter; where none was sent, a task of its own does."""
    if not turn.has("problem") or turn.has("ordered"):
        return turn
    names = joined([item.said for item in wanted(turn)] or ["a medicine"])
    summary = f"New problem with {names}: {turn.slot('problem')}"
    return open_task(turn, "desk.quiet", TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, summary)


def put_down(turn: Turn, told: bool) -> Turn:
    return turn if told else leave(turn)


def _hear_problem_words(turn: Turn, heard: Understanding) -> Turn | None:
    if yes(heard) is False and word_count(heard.text) < 3:
        return turn.put(new_problem=False)
    return _keep_problem(turn, heard)


STEPS = (
    Step(
        "problem",
        _ask,
        slot_missing("new_problem"),
        _hear_problem,
        expect_yes_no,
        ("Has it caused you any trouble, yes or no?", "Press 1 for new problems, or 2 for none."),
    ),
    Step(
        "problem_words",
        "What has been happening?",
        lambda turn: turn.state.slots["new_problem"] is True and not turn.has("problem"),
        _hear_problem_words,
        reasks=("Please tell me in a few words what you noticed.", "For example, say I feel dizzy."),
    ),
)
