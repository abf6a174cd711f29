"""The patient lets somebody speak for them: the patient is verified first, then asked, then it is kept."""

from __future__ import annotations

from dialog import authority, wording
from dialog.reading import explicit_yes, value, word_count
from dialog.steps import Flow, Step, expect_yes_no, slot_missing
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Disposition,
    Expectation,
    ExpectationKind,
    PermissionRecorded,
    RecordPermission,
    Result,
    Understanding,
)

NOTED = "Thank you, I've noted that."
WHO = "What is their full name?"


def opening_slots(heard: Understanding) -> dict[str, str]:
    """ "I let my daughter Ann Smith speak for me": the name, and the word for who it is."""
    name = value(heard, "name")
    return {"relation": value(heard, "lets_speak"), **({"caller": name} if word_count(name) > 1 else {})}


def _hear_who(turn: Turn, heard: Understanding) -> Turn | None:
    name = value(heard, "name")
    return turn.put(caller=name) if word_count(name) > 1 else None


def _ask(turn: Turn) -> Turn:
    caller = turn.slot("caller")
    return turn.ask("permission.confirm", f"May {caller} speak for you on this call?")


def _hear(turn: Turn, heard: Understanding) -> Turn | None:
    answer = explicit_yes(heard)
    if answer is None:
        return None
    return turn.put(confirmed=True) if answer else turn.say(wording.ALL_RIGHT).done()


def _record(turn: Turn) -> Turn:
    patient, caller, relation = turn.state.patient_id, turn.slot("caller"), turn.slot("relation")
    make = lambda id_: RecordPermission(id_, patient, caller, relation)  # noqa: E731
    return turn.act("permission.recorded", make).wait()


def _recorded(turn: Turn, result: Result) -> Turn:
    match result:
        case PermissionRecorded(authority=given):
            caller, relation = turn.slot("caller"), turn.slot("relation")
            turn = turn.note(caller_name=caller, caller_names=caller, relation=relation)
            turn = authority.granted(turn, given).settle(Disposition.COMPLETED)
            return turn.note(served=True).say(NOTED).done()
        case ActionFailed():
            return turn.say(wording.NOT_SAVED).done()
    return turn


PERMISSION = Flow(
    "permission",
    (
        Step(
            "who",
            WHO,
            slot_missing("caller"),
            _hear_who,
            lambda turn: Expectation(ExpectationKind.NAME),
            ("What are their first and last names?", "Please say their name slowly, first and last."),
        ),
        Step(
            "confirm",
            _ask,
            slot_missing("confirmed"),
            _hear,
            expect_yes_no,
            ("May they speak for you, yes or no?", "Press 1 if they may speak for you, or 2 if not."),
        ),
        Step("record", _record),
    ),
    back="Back to your permission.",
    then="Now, your permission.",
    identified=True,
    outcomes={"permission.recorded": _recorded},
    constants=(NOTED,),
)
