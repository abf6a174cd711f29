"""Move a visit: to another opening as one swap, the old one kept until the new one is ours."""

from __future__ import annotations

import re

from dialog import wording
from dialog.flows import holding, preferences, relative, searching, which
from dialog.flows.searching import picked
from dialog.flows.visits_wording import ANOTHER_THEN, at, moved
from dialog.flows.which import served, to_scheduling, visit
from dialog.reading import value
from dialog.steps import Flow, Step, slot_missing
from dialog.turn import Turn
from models.domain import ActionFailed, MoveVisit, OpeningGone, ProxyScope, Result, Understanding, VisitBooked

_TO = re.compile(r"\b(to|until|till|for|onto|on)( (the|a|next|this|maybe|any))*\s*$")
_WISHES_ONLY = ("with_whom", *preferences.NOT)  # of what is to be, whichever visit it is
_PLACED = (*preferences.DAYS, *preferences.TIMES, *preferences.NOT)


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    """ "My Thursday visit" tells which, "to Friday" tells where to; "a week later" counts from the visit."""
    if turn.state.offers:
        return turn
    old = visit(turn)
    if old is None:
        turn = _kept_for_later(turn, heard)
        said = preferences.stated(turn, heard)
        turn = preferences.put(turn, {name: said[name] for name in _WISHES_ONLY if name in said})
        return preferences.absorb(turn, heard) if _names_the_new(heard) else which.absorb(turn, heard)
    turn = preferences.absorb(turn, heard)
    return relative.beside(turn, old, int(value(heard, "shift_days") or 0), value(heard, "same"))


def _kept_for_later(turn: Turn, heard: Understanding) -> Turn:
    turn = turn.put(shift=int(value(heard, "shift_days"))) if "shift_days" in heard.entities else turn
    return turn.put(same=value(heard, "same")) if "same" in heard.entities else turn


def _names_the_new(heard: Understanding) -> bool:
    spans = [heard.entities[name].span for name in _PLACED if name in heard.entities]
    return any(_TO.search(heard.text[:first].lower()) for first, _ in spans)


def _settle(turn: Turn) -> Turn:
    """What was said before the visit was known: of the visit itself, or of where it shall go."""
    old, said = visit(turn), which.said_of(turn)
    shift, same = int(turn.state.slots.get("shift") or 0), turn.slot("same")
    turn = turn.drop("said", "shift", "same").put(settled=True)
    if old is None:
        return turn
    if said and not preferences.matches(turn, old, said):
        turn = preferences.put(turn, said)
    return relative.beside(turn, old, shift, same)


def _read_out(turn: Turn) -> str:
    one = picked(turn)
    return f"I'll move {which.named(turn)} to {at(turn, one)} with {one.provider_name}."


def _move(turn: Turn) -> Turn:
    patient, old, opening = turn.state.patient_id, turn.slot("appointment"), turn.slot("picked")
    return turn.act("move.move", lambda id_: MoveVisit(id_, patient, old, opening)).wait()


def _moved(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitBooked(new, _, text_queued):
            return served(turn.say(moved(turn, new, texted=text_queued))).done()
        case OpeningGone():
            return holding.taken(turn)
        case ActionFailed("patient-busy"):
            return searching.refuse_offers(turn.say(ANOTHER_THEN))
        case ActionFailed():
            return to_scheduling(turn.say(wording.NO_SYSTEM))
    return turn


MOVE = Flow(
    "move",
    (
        *which.steps("move"),
        Step("settled", _settle, slot_missing("settled")),
        *holding.steps("move", _read_out, "Is that right?"),
        Step("move", _move),
    ),
    back="Back to your visit.",
    then="Now, your visit.",
    identified=True,
    scope=ProxyScope.SCHEDULING,
    absorb=_absorb,
    outcomes={**holding.outcomes("move"), "move.move": _moved},
    constants=(*which.CONSTANTS, ANOTHER_THEN),
)
