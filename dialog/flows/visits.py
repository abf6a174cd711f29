"""Visits on file: move one to a new opening, cancel one, or hear when they are."""

from __future__ import annotations

from dialog import wording
from dialog.confirming import confirm_step
from dialog.flows import holding, preferences, widening
from dialog.flows.searching import picked
from dialog.flows.visits_wording import THAT_VISIT_IS_CANCELLED, at, moved, on_file
from dialog.reading import value, yes
from dialog.speech import either
from dialog.steps import Flow, Step, expect_yes_no, slot_missing
from dialog.tasks import hand_over
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    BookedVisit,
    CancelVisit,
    Choice,
    Disposition,
    Expectation,
    ExpectationKind,
    MoveVisit,
    OpeningGone,
    Priority,
    ProxyScope,
    Result,
    TaskKind,
    Understanding,
    VisitBooked,
    VisitCancelled,
)

NO_VISIT = "I don't see an upcoming visit for you."
BOOK_ONE = "Would you like to book one?"
WHICH_VISIT = "Which one do you mean?"
TOLD_AT_MOST = 3  # visits read out in one breath


def _upcoming(turn: Turn) -> tuple[BookedVisit, ...]:
    visits = turn.patient.visits if turn.patient else ()
    coming = [visit for visit in visits if visit.start > turn.context.now]
    return tuple(sorted(coming, key=lambda visit: visit.start))[:TOLD_AT_MOST]


def _visit(turn: Turn) -> BookedVisit | None:
    wanted = turn.slot("appointment")
    return next((visit for visit in _upcoming(turn) if visit.appointment_id == wanted), None)


# --------------------------------------------------------------------------- which visit


def _which(owner: str, turn: Turn) -> Turn:
    """Settle which visit is meant; a single one needs no question, its day is read out before the yes."""
    visits = _upcoming(turn)
    if turn.patient is None:
        return _to_scheduling(turn.say(wording.NO_SYSTEM))
    if not visits:
        return turn.put(none_on_file=True)
    if len(visits) == 1:
        return _about(turn, visits[0])
    return turn.ask(f"{owner}.which", f"You have {either([on_file(turn, v) for v in visits])}.", WHICH_VISIT)


def _about(turn: Turn, visit: BookedVisit) -> Turn:
    """The same doctor is looked for first."""
    about = {"appointment": visit.appointment_id, "visit_type": visit.visit_type}
    return turn.put(**about, provider=visit.provider_id)


def _hear_which(turn: Turn, heard: Understanding) -> Turn | None:
    visits, said = _upcoming(turn), value(heard, "choice")
    fitting = [visit for visit in visits if visit.appointment_id == said]
    if not fitting and preferences.given(turn, heard):
        fitting = [visit for visit in visits if preferences.fits(turn, visit, heard)]
    return _about(turn, fitting[0]) if len(fitting) == 1 else None


def _expect_which(turn: Turn) -> Expectation:
    nth = ("first", "second", "third")
    choices = tuple(
        Choice(v.appointment_id, (f"the {nth[place]} one", at(turn, v).lower(), v.provider_name.lower()))
        for place, v in enumerate(_upcoming(turn))
    )
    return Expectation(ExpectationKind.CHOICE, choices, digits=1)


def _which_steps(owner: str) -> tuple[Step, ...]:
    return (
        Step(
            "book_one",
            lambda turn: turn.ask(f"{owner}.book_one", NO_VISIT, BOOK_ONE),
            lambda turn: turn.has("none_on_file"),
            _hear_book_one,
            expect_yes_no,
            ("Shall we book a visit, yes or no?", "Press 1 to book a visit, or 2 for something else."),
        ),
        Step(
            "which",
            lambda turn: _which(owner, turn),
            slot_missing("appointment"),
            _hear_which,
            _expect_which,
            ("Please say the day of the visit.", "Press 1 for the first one, 2 for the second."),
        ),
    )


def _hear_book_one(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    return turn.done().begin("book") if answer else turn.done()


def _to_scheduling(turn: Turn) -> Turn:
    summary = f"Wants a change to a visit, not done. Caller's words: {turn.state.reason}"
    turn = turn.say(widening.SCHEDULING_CALLS)
    return hand_over(turn, TaskKind.SCHEDULE_ASSIST, Priority.ROUTINE, summary)


# --------------------------------------------------------------------------- move


def _absorb_move(turn: Turn, heard: Understanding) -> Turn:
    """A day said before it is clear which visit is meant may be the visit's own: it is no wish yet."""
    return preferences.absorb(turn, heard) if turn.has("appointment") else turn


def _read_out_move(turn: Turn) -> str:
    visit, one = _visit(turn), picked(turn)
    old = on_file(turn, visit) if visit else "your visit"
    return f"I'll move {old} to {at(turn, one)} with {one.provider_name}."


def _move(turn: Turn) -> Turn:
    patient, visit, opening = turn.state.patient_id, turn.slot("appointment"), turn.slot("picked")
    return turn.act("move.move", lambda id_: MoveVisit(id_, patient, visit, opening)).wait()


def _moved(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitBooked(visit):
            return _served(turn.say(moved(turn, visit)))
        case OpeningGone():
            return holding.taken(turn)
        case ActionFailed():
            return _to_scheduling(turn.say(wording.NO_SYSTEM))
    return turn


def _served(turn: Turn) -> Turn:
    return turn.settle(Disposition.COMPLETED).note(served=True).done()


MOVE = Flow(
    "move",
    (*_which_steps("move"), *holding.steps("move", _read_out_move, "Is that right?"), Step("move", _move)),
    back="Back to your visit.",
    then="Now, your visit.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    absorb=_absorb_move,
    outcomes={**holding.outcomes("move"), "move.move": _moved},
    constants=(NO_VISIT, BOOK_ONE, WHICH_VISIT),
)


# --------------------------------------------------------------------------- cancel


def _read_out_cancel(turn: Turn) -> str:
    visit = _visit(turn)
    return f"I'll cancel {on_file(turn, visit) if visit else 'your visit'}."


def _hear_cancel(turn: Turn, heard: Understanding) -> Turn | None:
    answer = yes(heard)
    if answer is None:
        return None
    return turn.put(confirmed=True) if answer else turn.say(wording.LEFT_AS_IT_IS).done()


def _cancel(turn: Turn) -> Turn:
    patient, visit = turn.state.patient_id, turn.slot("appointment")
    return turn.act("cancel.cancel", lambda id_: CancelVisit(id_, patient, visit)).wait()


def _cancelled(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitCancelled():
            return _served(turn.say(THAT_VISIT_IS_CANCELLED))
        case ActionFailed():
            return _to_scheduling(turn.say(wording.NO_SYSTEM))
    return turn


CANCEL = Flow(
    "cancel",
    (
        *_which_steps("cancel"),
        confirm_step("cancel", _read_out_cancel, "Is that right?", _hear_cancel),
        Step("cancel", _cancel),
    ),
    back="Back to cancelling your visit.",
    then="Now, cancelling your visit.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    outcomes={"cancel.cancel": _cancelled},
    constants=(THAT_VISIT_IS_CANCELLED,),
)


# --------------------------------------------------------------------------- look up


def _tell(turn: Turn) -> Turn:
    if turn.patient is None:
        return _to_scheduling(turn.say(wording.NO_SYSTEM))
    visits = _upcoming(turn)
    if not visits:
        return turn.put(none_on_file=True)
    told = " and ".join(on_file(turn, visit) for visit in visits)
    return _served(turn.say(f"I see {told}."))


LOOKUP = Flow(
    "lookup",
    (_which_steps("lookup")[0], Step("tell", _tell)),
    back="Back to your visits.",
    then="Now, your visits.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
)
