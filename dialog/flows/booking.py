"""A new visit: what kind, when, one of two offers, an explicit yes; booked only when the schedule says so."""

from __future__ import annotations

from dialog.flows import eligibility, holding, searching, widening
from dialog.flows.kinds import kind_of
from dialog.flows.searching import picked
from dialog.flows.visits_wording import ANOTHER_THEN, at, booked, ending
from dialog.speech import quoted
from dialog.steps import Flow, Step
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    BookOpening,
    Disposition,
    OpeningGone,
    ProxyScope,
    Result,
    VisitBooked,
)

SHALL_I = "Shall I book it?"


def _read_out(turn: Turn) -> str:
    """The kind as the caller said it; one that we know of from the chart alone is "a visit"."""
    kind, one = kind_of(turn), picked(turn)
    name = kind.name if kind and not kind.new_patients else "visit"
    article = "An" if name[0].lower() in "aeiou" else "A"
    return f"{article} {name} with {one.provider_name} on {at(turn, one)}."


def _book(turn: Turn) -> Turn:
    opening_id, kind, patient = turn.slot("picked"), turn.slot("visit_type"), turn.state.patient_id
    reason, needs = turn.slot("reason") or quoted(turn.state.reason), turn.slot("needs")
    return turn.act(
        "book.book", lambda id_: BookOpening(id_, patient, opening_id, kind, reason, needs)
    ).wait()


def _booked(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitBooked(visit, _, text_queued):
            kind = kind_of(turn)
            turn = turn.say(booked(turn, visit, texted=text_queued), ending(turn, kind))
            return _without_another(turn.settle(Disposition.COMPLETED).note(served=True).done())
        case OpeningGone():
            return holding.taken(turn)
        case ActionFailed(code):
            return _refused(turn, code)
    return turn


def _without_another(turn: Turn) -> Turn:
    """A wish for a visit that waits is the one that was just booked, said in other words."""
    return turn.but(queue=tuple(wish for wish in turn.state.queue if wish.flow != "book" or wish.aside))


def _refused(turn: Turn, code: str) -> Turn:
    """Names of what the schedule refuses are those of the scheduling backend."""
    if code == "patient-busy":
        return searching.refuse_offers(turn.say(ANOTHER_THEN))
    if code == "too-many-visits":
        return widening.to_scheduling(turn.say(eligibility.TWO_ALREADY))
    if code == "too-many-no-shows":
        return widening.to_scheduling(turn.say(eligibility.STAFF_BOOK))
    return widening.no_system(turn)


BOOK = Flow(
    "book",
    (*eligibility.STEPS, *holding.steps("book", _read_out, SHALL_I), Step("book", _book)),
    back="Back to your visit.",
    then="Now, your visit.",
    identified=True,
    absorb=eligibility.absorb,
    scope=ProxyScope.SCHEDULING,
    outcomes={**holding.outcomes("book"), "book.book": _booked},
    constants=(*eligibility.CONSTANTS, *searching.CONSTANTS, *widening.CONSTANTS, ANOTHER_THEN, SHALL_I),
)
