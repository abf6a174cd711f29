"""When the visits are, and "I'm calling to confirm": told, and marked as confirmed after a yes."""

from __future__ import annotations

from dialog import wording
from dialog.flows import which
from dialog.flows.visits_wording import on_file
from dialog.flows.which import served, to_scheduling, visit
from dialog.reading import explicit_yes, value
from dialog.steps import Flow, Step, expect_yes_no
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    ConfirmVisit,
    Intent,
    ProxyScope,
    Result,
    Understanding,
    VisitConfirmed,
)

WILL_COME = "Shall I mark it as confirmed?"
CONFIRMED = "Your visit is confirmed."
_OTHERWISE = {Intent.SCHEDULE_CANCEL: "cancel", Intent.SCHEDULE_RESCHEDULE: "move"}


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    turn = turn.put(confirming=True) if value(heard, "mode") == "confirm" else turn
    return which.absorb(turn, heard)


def _tell(turn: Turn) -> Turn:
    if turn.patient is None:
        return to_scheduling(turn.say(wording.NO_SYSTEM))
    visits = which.upcoming(turn)
    if not visits:
        return turn.put(none_on_file=True)
    told = " and ".join(on_file(turn, one) for one in visits)
    return served(turn.say(f"I see {told}.")).done()


def _ask_confirm(turn: Turn) -> Turn:
    return turn.ask("lookup.confirm", f"I see {which.named(turn)}.", WILL_COME)


def _hear_confirm(turn: Turn, heard: Understanding) -> Turn | None:
    """ "No, I need to move it" is no confirmation."""
    other = _OTHERWISE.get(heard.intent) if heard.intent else None
    if other and visit(turn):
        return turn.begin(other, **which.about_slots(turn))
    answer = explicit_yes(heard)
    if answer is None:
        return None
    return turn.put(confirmed=True) if answer else turn.say(wording.LEFT_AS_IT_IS).done()


def _confirm(turn: Turn) -> Turn:
    patient, one = turn.state.patient_id, turn.slot("appointment")
    return turn.act("lookup.mark", lambda id_: ConfirmVisit(id_, patient, one)).wait()


def _marked(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitConfirmed():
            return served(turn.say(CONFIRMED)).done()
        case ActionFailed():
            return to_scheduling(turn.say(wording.NO_SYSTEM))
    return turn


_NONE, _WHICH = which.steps("lookup")

LOOKUP = Flow(
    "lookup",
    (
        _NONE,
        Step("tell", _tell, lambda turn: not turn.has("confirming")),
        _WHICH,
        Step(
            "confirm",
            _ask_confirm,
            lambda turn: not turn.has("confirmed"),
            _hear_confirm,
            expect_yes_no,
            ("Will you come to that visit, yes or no?", "Press 1 to confirm it, or 2 to leave it."),
        ),
        Step("mark", _confirm),
    ),
    back="Back to your visits.",
    then="Now, your visits.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    absorb=_absorb,
    outcomes={"lookup.mark": _marked},
    constants=(WILL_COME, CONFIRMED),
)
