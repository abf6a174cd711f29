"""How openings and visits sound: provider, day and time. A visit on file is never called by its reason."""

from __future__ import annotations

from dialog.speech import either, moment
from dialog.turn import Turn
from models.domain import BookedVisit, Opening, VisitType

THAT_VISIT_IS_CANCELLED = "That visit is cancelled."
ANOTHER_THEN = "You have another visit at that time."
_TEXTED = ", and I'm sending you a text with the date and time"


def at(turn: Turn, visit: BookedVisit | Opening) -> str:
    """ "Tuesday, December first at two twenty PM"."""
    return moment(visit.start, turn.practice.timezone)


def opening(turn: Turn, one: Opening) -> str:
    return f"{at(turn, one)} with {one.provider_name}"


def offered(turn: Turn, openings: tuple[Opening, ...], lead: str = "I have") -> str:
    """ "I have Tuesday, ... with Doctor Chen, or Thursday, ...": at most two."""
    return f"{lead} {either([opening(turn, one) for one in openings])}."


def on_file(turn: Turn, visit: BookedVisit) -> str:
    return f"your visit with {visit.provider_name} on {at(turn, visit)}"


def booked(turn: Turn, visit: BookedVisit, *, texted: bool = False) -> str:
    """``texted``: the message is on its way already."""
    return f"You're booked for {at(turn, visit)} with {visit.provider_name}{_TEXTED if texted else ''}."


def moved(turn: Turn, visit: BookedVisit, *, texted: bool = False) -> str:
    when = f"{at(turn, visit)} with {visit.provider_name}"
    return f"Your visit is now on {when}{_TEXTED if texted else ''}."


def ending(turn: Turn, kind: VisitType | None) -> str:
    """What to do before it, else where it is: one sentence, "" for a video visit without preparation."""
    if kind and kind.preparation:
        return kind.preparation
    return f"We're at {turn.practice.address}." if turn.practice.address and not (kind and kind.video) else ""
