"""How openings and visits sound: provider, day and time. A visit on file is never called by its reason."""

from __future__ import annotations

from dialog.speech import either, moment
from dialog.turn import Turn
from models.domain import BookedVisit, Opening

THAT_VISIT_IS_CANCELLED = "That visit is cancelled."


def at(turn: Turn, visit: BookedVisit | Opening) -> str:
    """ "Tuesday, December first at two twenty PM"."""
    return moment(visit.start, turn.practice.timezone)


def opening(turn: Turn, one: Opening) -> str:
    return f"{at(turn, one)} with {one.provider_name}"


def offered(turn: Turn, openings: tuple[Opening, ...]) -> str:
    """ "I have Tuesday, ... with Doctor Chen, or Thursday, ...": at most two."""
    return f"I have {either([opening(turn, one) for one in openings])}."


def on_file(turn: Turn, visit: BookedVisit) -> str:
    return f"your visit with {visit.provider_name} on {at(turn, visit)}"


def booked(turn: Turn, visit: BookedVisit) -> str:
    return f"You're booked for {at(turn, visit)} with {visit.provider_name}."


def moved(turn: Turn, visit: BookedVisit) -> str:
    return f"Your visit is now on {at(turn, visit)} with {visit.provider_name}."
