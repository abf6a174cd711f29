"""Kinds of visits: which one a caller names, and the question for it."""

from __future__ import annotations

from dialog.reading import value
from dialog.turn import Turn
from models.domain import Choice, Expectation, ExpectationKind, Intent, Understanding, VisitType


def kind_named(turn: Turn, said: str) -> VisitType | None:
    """The practice's kind of visit with this code, name or spoken form."""
    wanted = said.lower()
    for kind in turn.practice.visit_types:
        if wanted in (kind.code.lower(), kind.name.lower(), *(form.lower() for form in kind.spoken)):
            return kind
    return None


def kind_of(turn: Turn) -> VisitType | None:
    """The kind that the flow is about."""
    return kind_named(turn, turn.slot("visit_type"))


def hear_kind(turn: Turn, heard: Understanding) -> Turn | None:
    """Who does not know gets the practice's first kind, which is read back before anything is done."""
    if turn.has("visit_type"):
        return turn
    kind = kind_named(turn, value(heard, "choice"))
    if kind is None and heard.intent is Intent.DONT_KNOW:
        kind = turn.practice.visit_types[0]
    return turn.put(visit_type=kind.code) if kind else None


def expect_kind(turn: Turn) -> Expectation:
    """The practice's kinds, as a closed list."""
    choices = tuple(Choice(k.code, (k.name, *k.spoken)) for k in turn.practice.visit_types)
    return Expectation(ExpectationKind.CHOICE, choices, digits=1)
