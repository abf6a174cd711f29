"""Kinds of visits: which one a caller names, and the question for it."""

from __future__ import annotations

import re

from dialog.reading import asks_other, says, value, yes
from dialog.speech import quoted
from dialog.turn import Turn
from models.domain import Choice, Expectation, ExpectationKind, Intent, Understanding, VisitType

_A_REASON = re.compile(r"\b(my|for|about|because|check|checked|problem|question)\b")


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


def bookable(turn: Turn) -> tuple[VisitType, ...]:
    """What a known patient may book by telephone."""
    return tuple(k for k in turn.practice.visit_types if not (k.new_patients or k.staff_only))


def hear_kind(turn: Turn, heard: Understanding) -> Turn | None:
    """Who does not know, or tells a reason, gets the practice's ordinary visit, which is read back."""
    if turn.has("visit_type"):
        return turn
    if asks_other(heard):
        return None
    kind = kind_named(turn, value(heard, "choice"))
    tells = "symptom" in heard.entities or (yes(heard) is None and says(heard, _A_REASON))
    if kind is None and (heard.intent is Intent.DONT_KNOW or tells):
        turn = turn.put(reason=quoted(heard.text)) if tells else turn
        kind = next((k for k in bookable(turn) if not (k.screened or k.video or k.after_hospital)), None)
    return turn.put(visit_type=kind.code) if kind else None


def expect_kind(turn: Turn) -> Expectation:
    """The practice's kinds, as a closed list."""
    choices = tuple(Choice(k.code, (k.name, *k.spoken)) for k in turn.practice.visit_types)
    return Expectation(ExpectationKind.CHOICE, choices, digits=1)
