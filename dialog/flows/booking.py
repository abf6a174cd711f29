"""A new visit: what kind, when, one of two offers, an explicit yes; booked only when the schedule says so."""

from __future__ import annotations

from dialog import wording
from dialog.flows import holding, searching
from dialog.flows.kinds import expect_kind, hear_kind, kind_named, kind_of
from dialog.flows.searching import absorb as absorb_wishes
from dialog.flows.searching import picked
from dialog.flows.visits_wording import at, booked
from dialog.reading import value
from dialog.speech import quoted
from dialog.steps import Flow, Step, slot_missing
from dialog.turn import Turn
from models.domain import (
    ActionFailed,
    BookOpening,
    Disposition,
    OpeningGone,
    Result,
    Understanding,
    VisitBooked,
)

WHAT_KIND = "What kind of visit do you need?"


def _absorb(turn: Turn, heard: Understanding) -> Turn:
    kind = kind_named(turn, value(heard, "visit_type"))
    if kind and kind.code != turn.slot("visit_type"):
        turn = searching.drop_offers(turn).put(visit_type=kind.code)
    return absorb_wishes(turn, heard)


def _ask_kind(turn: Turn) -> Turn:
    kinds = turn.practice.visit_types
    if len(kinds) < 2:
        return turn.put(visit_type=kinds[0].code if kinds else "visit")
    return turn.ask("book.kind", WHAT_KIND)


def _read_out(turn: Turn) -> str:
    kind, one = kind_of(turn), picked(turn)
    name = kind.name if kind else "visit"
    article = "An" if name[0].lower() in "aeiou" else "A"
    return f"{article} {name} with {one.provider_name} on {at(turn, one)}."


def _book(turn: Turn) -> Turn:
    opening_id, kind, patient = turn.slot("picked"), turn.slot("visit_type"), turn.state.patient_id
    reason = quoted(turn.state.reason)
    return turn.act("book.book", lambda id_: BookOpening(id_, patient, opening_id, kind, reason)).wait()


def _booked(turn: Turn, result: Result) -> Turn:
    match result:
        case VisitBooked(visit):
            turn = turn.say(booked(turn, visit)).settle(Disposition.COMPLETED)
            return turn.note(served=True).done()
        case OpeningGone():
            return holding.taken(turn)
        case ActionFailed():
            return holding.to_scheduling(turn.say(wording.NO_SYSTEM))
    return turn


BOOK = Flow(
    "book",
    (
        Step(
            "kind",
            _ask_kind,
            slot_missing("visit_type"),
            hear_kind,
            expect_kind,
            ("For example, a follow-up visit, or a physical.", "Is it a follow-up, or something else?"),
        ),
        *holding.steps("book", _read_out, "Shall I book it?"),
        Step("book", _book),
    ),
    back="Back to your visit.",
    then="Now, your visit.",
    identified=True,
    absorb=_absorb,
    outcomes={**holding.outcomes("book"), "book.book": _booked},
    constants=(WHAT_KIND, *searching.CONSTANTS, searching.OTHER_DAYS, "Shall I book it?"),
)
