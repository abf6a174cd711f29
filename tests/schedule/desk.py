"""What tests do at the desk and on the telephone."""

from __future__ import annotations

import uuid
from datetime import date, time
from typing import Any

from agent.schedule_desk import OwnSchedule
from backends.embedded import EmbeddedBackends
from models.domain import BookOpening, FindOpenings, Opening, OpeningGone, VisitBooked
from models.schedule import Block, DeskBooking, DeskOrder

MARIA, LINDA = "pt-1001", "pt-1004"  # neither has a visit ahead
MONDAY = date(2026, 11, 23)
Found = tuple[Opening, ...]


def order(who: str = "kim", form_id: str = "") -> DeskOrder:
    return DeskOrder(who, form_id or uuid.uuid4().hex)


async def openings(schedule: OwnSchedule, day: date = MONDAY, code: str = "follow-up", **more: Any) -> Found:
    return await schedule.openings(code, day, **more)


async def at_the_desk(
    schedule: OwnSchedule, opening: Opening, patient: str = LINDA, code: str = "follow-up", form_id: str = ""
) -> VisitBooked | OpeningGone:
    return await schedule.book(DeskBooking(patient, opening.opening_id, code), order(form_id=form_id))


async def by_phone(
    backends: EmbeddedBackends,
    opening: Opening,
    patient: str = MARIA,
    call: str = "C1",
    code: str = "follow-up",
) -> VisitBooked | OpeningGone:
    return await backends.scheduling.book(
        BookOpening(f"{call}-a1", patient, opening.opening_id, code), call_id=call
    )


async def offered(
    backends: EmbeddedBackends, day: date = MONDAY, code: str = "follow-up", **more: Any
) -> Any:
    """What a caller is offered on a day."""
    wish = FindOpenings("f", code, from_date=day, to_date=day, limit=100, **more)
    return (await backends.scheduling.find(wish)).openings


def block(
    opens: str = "", closes: str = "", provider: str = "dr-chen", first: date = MONDAY, last: date = MONDAY
) -> Block:
    begin, end = (time.fromisoformat(text) if text else None for text in (opens, closes))
    return Block(provider, first, last, "jury duty", begin, end)
