"""Which of the visits on file is meant: the only one, the one whose day was said, or one that is picked."""

from __future__ import annotations

import json
from datetime import timedelta

from dialog import tasks, wording
from dialog.flows import preferences
from dialog.flows.visits_wording import at, on_file
from dialog.reading import value, yes
from dialog.speech import either
from dialog.steps import Hear, Step, expect_yes_no, slot_missing
from dialog.turn import Turn
from models.domain import (
    BookedVisit,
    Choice,
    Disposition,
    Expectation,
    ExpectationKind,
    Priority,
    TaskKind,
    Understanding,
)

NO_VISIT = "I don't see an upcoming visit for you."
BOOK_ONE = "Would you like to book one?"
WHICH_VISIT = "Which one do you mean?"
CONSTANTS = (NO_VISIT, BOOK_ONE, WHICH_VISIT)
_TELLING = (*preferences.DAYS, *preferences.TIMES, "provider")  # by which a visit on file may be named
TOLD_AT_MOST = 3  # visits read out in one breath
_BEGUN = timedelta(hours=1)  # a visit that began so lately may still be meant by who is late


def upcoming(turn: Turn, *, begun: bool = False) -> tuple[BookedVisit, ...]:
    """The patient's next visits; ``begun``: with those that should be under way."""
    visits = turn.patient.visits if turn.patient else ()
    since = turn.context.now - (_BEGUN if begun else timedelta())
    coming = [visit for visit in visits if visit.start > since]
    return tuple(sorted(coming, key=lambda visit: visit.start))[:TOLD_AT_MOST]


def visit(turn: Turn) -> BookedVisit | None:
    """The visit that was settled on."""
    wanted = turn.slot("appointment")
    return next((one for one in upcoming(turn, begun=True) if one.appointment_id == wanted), None)


def named(turn: Turn) -> str:
    """ "your visit with Doctor Chen on Monday, ..."."""
    one = visit(turn)
    return on_file(turn, one) if one else "your visit"


def absorb(turn: Turn, heard: Understanding) -> Turn:
    """A day or time said before it is clear which visit is meant tells of the visit itself."""
    said = {name: text for name, text in preferences.stated(turn, heard).items() if name in _TELLING}
    return turn.put(said=json.dumps(said)) if said and not turn.has("appointment") else turn


def said_of(turn: Turn) -> dict[str, str]:
    found: dict[str, str] = json.loads(turn.slot("said") or "{}")
    return found


# --------------------------------------------------------------------------- the steps


def steps(owner: str, hear_it: Hear | None = None) -> tuple[Step, ...]:
    return (
        none_step(owner),
        Step(
            "which",
            lambda turn: _which(owner, turn),
            slot_missing("appointment"),
            hear_it or hear,
            _expect,
            ("Please say the day of the visit.", "Press 1 for the first one, 2 for the second."),
        ),
    )


def none_step(owner: str) -> Step:
    """No visit on file: one may be booked."""
    return Step(
        "book_one",
        lambda turn: served(turn).ask(f"{owner}.book_one", NO_VISIT, BOOK_ONE),
        lambda turn: turn.has("none_on_file"),
        _hear_book_one,
        expect_yes_no,
        ("Shall we book a visit, yes or no?", "Press 1 to book a visit, or 2 for something else."),
    )


def _which(owner: str, turn: Turn) -> Turn:
    """A single visit needs no question: its day is read out before the yes."""
    if turn.patient is None:
        return to_scheduling(turn.say(wording.NO_SYSTEM))
    visits = upcoming(turn)
    if not visits:
        return turn.put(none_on_file=True)
    said = said_of(turn)
    fitting = [one for one in visits if said and preferences.matches(turn, one, said)]
    if len(visits) == 1 or len(fitting) == 1:
        return about(turn, (fitting or list(visits))[0])
    told = either([on_file(turn, one) for one in visits])
    return turn.ask(f"{owner}.which", f"You have {told}.", WHICH_VISIT)


def about(turn: Turn, one: BookedVisit) -> Turn:
    """The visit is settled; the same provider is looked for first."""
    about = {"appointment": one.appointment_id, "visit_type": one.visit_type}
    return turn.put(**about, visit_provider=one.provider_id)


def about_slots(turn: Turn) -> dict[str, str]:
    """What another flow about the same visit begins with."""
    return {name: turn.slot(name) for name in ("appointment", "visit_type", "visit_provider")}


def hear(turn: Turn, heard: Understanding) -> Turn | None:
    visits, said = upcoming(turn), value(heard, "choice")
    fitting = [one for one in visits if one.appointment_id == said]
    if not fitting and preferences.stated(turn, heard):
        fitting = [one for one in visits if preferences.fits(turn, one, heard)]
    return about(turn, fitting[0]) if len(fitting) == 1 else None


def _expect(turn: Turn) -> Expectation:
    nth = ("the first one", "the second one", "the third one")
    choices = tuple(
        Choice(one.appointment_id, (nth[place], at(turn, one).lower(), one.provider_name.lower()))
        for place, one in enumerate(upcoming(turn))
    )
    return Expectation(ExpectationKind.CHOICE, choices, digits=1)


def _hear_book_one(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    if not answer:
        return turn.done()
    turn = turn.but(queue=tuple(wish for wish in turn.state.queue if wish.flow != "book"))  # it is this one
    return turn.done().begin("book", **_wished(turn))


def _wished(turn: Turn) -> dict[str, str]:
    """Where a visit that is none was to be moved to: so the new one is looked for there."""
    if turn.state.flow != "move":
        return {}
    return {name: turn.slot(name) for name in preferences.ALL if turn.has(name)} or said_of(turn)


def to_scheduling(turn: Turn) -> Turn:
    summary = f"Wants a change to a visit, not done. Caller's words: {turn.state.reason}"
    return tasks.to_scheduling(turn, TaskKind.SCHEDULE_ASSIST, Priority.ROUTINE, summary)


def served(turn: Turn) -> Turn:
    """The wish is done, and the call counts as completed."""
    return turn.settle(Disposition.COMPLETED).note(served=True)
