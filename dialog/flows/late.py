"""Running late: staff are told how late, and who is too late for that visit may move it."""

from __future__ import annotations

from datetime import timedelta

from dialog.flows import which
from dialog.flows.visits_wording import on_file
from dialog.flows.which import visit
from dialog.reading import value, yes
from dialog.speech import number
from dialog.steps import Flow, Step, expect_yes_no, slot_missing
from dialog.tasks import not_saved, open_task
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    Disposition,
    Expectation,
    ExpectationKind,
    Priority,
    ProxyScope,
    Result,
    TaskKind,
    Understanding,
)

HOW_LATE = "About how many minutes late will you be?"
MAY_NOT_KEEP = "Our staff may not be able to keep that time for you."
MOVE_INSTEAD = "Would you like to move the visit instead?"
_AHEAD = timedelta(hours=12)  # a visit later than that is not what somebody is late for


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    said = value(heard, "late_min")
    return turn.put(minutes=int(float(said))) if said else turn


def _hear_minutes(turn: Turn, heard: Understanding) -> Turn | None:
    said = value(heard, "number").removesuffix(".0")
    if said.isdigit() and 0 < int(said) < 600:
        return turn.put(minutes=int(said))
    return turn if turn.has("minutes") else None


def _settle(turn: Turn) -> Turn:
    """The visit of today, where there is one."""
    visits = which.upcoming(turn, begun=True)
    today = [one for one in visits if one.start - turn.context.now < _AHEAD]
    turn = turn.put(looked=True)
    return which.about(turn, today[0]) if today else turn


def _too_late(turn: Turn) -> bool:
    late = int(turn.slot("minutes")) > turn.practice.late_limit_min
    return late and turn.has("appointment") and not turn.has("keeping")


def _hear_move(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    return turn.begin("move", **which.about_slots(turn)) if answer else turn.put(keeping=True)


def _tell(turn: Turn) -> Turn:
    minutes, one = int(turn.slot("minutes")), visit(turn)
    which_one = on_file(turn, one).removeprefix("your ") if one else "a visit, not found on file"
    summary = f"Running {minutes} minutes late: {which_one}. Caller's words: {turn.state.reason}"
    return open_task(turn, "late.told", TaskKind.ROUTINE_MESSAGE, Priority.ASAP, summary).wait()


def _told(turn: Turn, result: Result) -> Turn:
    if isinstance(result, ActionFailed):
        return not_saved(turn).done()
    minutes = int(turn.slot("minutes"))
    spoken = number(minutes) if minutes < 100 else str(minutes)
    turn = turn.say(f"I've told our staff that you'll be about {spoken} minutes late.")
    return turn.settle(Disposition.MESSAGE_TAKEN).note(served=True).done()


LATE = Flow(
    "late",
    (
        Step(
            "minutes",
            HOW_LATE,
            slot_missing("minutes"),
            _hear_minutes,
            lambda turn: Expectation(ExpectationKind.NUMBER, digits=2),
            ("Please say a number of minutes, like fifteen.", "You can press the number of minutes."),
        ),
        Step("settle", _settle, slot_missing("looked")),
        Step(
            "move",
            lambda turn: turn.ask("late.move", MAY_NOT_KEEP, MOVE_INSTEAD),
            _too_late,
            _hear_move,
            expect_yes_no,
            ("Shall we move the visit, yes or no?", "Press 1 to move it, or 2 to come late."),
        ),
        Step("tell", _tell),
    ),
    back="Back to your visit.",
    then="Now, your visit.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    survives_refusal=True,
    absorb=_absorb,
    outcomes={"late.told": _told},
    constants=(MAY_NOT_KEEP, MOVE_INSTEAD),
)
