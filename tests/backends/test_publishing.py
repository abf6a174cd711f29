"""Openings published from the practice's hours: all that may be booked, and nothing that is taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from backends.embedded import EmbeddedBackends
from backends.publishing import DAYS_AT_ONCE, Published, publish_openings
from backends.refusals import Json
from models.domain import BookOpening, FindOpenings, Opening, VisitBooked

TUESDAY = date(2026, 12, 1)  # two of the three providers work
TUESDAY_OPENINGS = 2 * 24  # 08:00-12:00 and 13:00-17:00, 20 minutes each
CHRISTMAS = date(2026, 12, 25)


async def publish(backends: EmbeddedBackends, first: date = TUESDAY, days: int = 1) -> Published:
    return await publish_openings(backends.chart, backends.practice, first, days)


async def find(backends: EmbeddedBackends, day: date = TUESDAY, **more: Any) -> tuple[Opening, ...]:
    wish = FindOpenings("f", "follow-up", from_date=day, to_date=day, **more)
    return (await backends.scheduling.find(wish)).openings


async def slot_at(backends: EmbeddedBackends, start: str) -> Json:
    page = await backends.chart.search("Slot", [("start", start), ("schedule", "Schedule/schedule-dr-chen")])
    assert page.total == 1
    return page.found[0].body


async def test_the_hours_of_every_provider(empty: EmbeddedBackends) -> None:
    assert await publish(empty) == Published(new=TUESDAY_OPENINGS, open_days=1)
    first = (await find(empty))[0]
    assert first.start.astimezone(empty.practice.zone).isoformat() == "2026-12-01T08:00:00-05:00"


async def test_again_makes_nothing_new(empty: EmbeddedBackends) -> None:
    await publish(empty)
    assert await publish(empty) == Published(known=TUESDAY_OPENINGS, open_days=1)


async def test_many_days_and_the_days_that_are_closed(empty: EmbeddedBackends) -> None:
    made = await publish(empty, TUESDAY, DAYS_AT_ONCE * 2 + 1)
    assert made.open_days == 20, "four weeks and a day, less weekends and Christmas"
    assert (await publish(empty, CHRISTMAS, 1)).new == 0


async def test_what_is_booked_is_not_opened_again(empty: EmbeddedBackends) -> None:
    await publish(empty)
    patient = (await empty.chart.create({"resourceType": "Patient"}))[0].body["id"]
    opening = (await find(empty))[0]
    booking = BookOpening("a", patient, opening.opening_id, "follow-up")
    assert isinstance(await empty.scheduling.book(booking, call_id="C1"), VisitBooked)
    await publish(empty)
    left = await find(empty, provider_id=opening.provider_id)
    assert all(other.start > opening.start for other in left)


async def test_other_lengths_never_open_time_that_is_booked_or_blocked(empty: EmbeddedBackends) -> None:
    await publish(empty)
    blocked = await slot_at(empty, "2026-12-01T09:00:00-05:00")
    await empty.chart.update({**blocked, "status": "busy-unavailable"}, blocked["id"])
    longer = replace(empty.practice, slot_minutes=30)
    made = await publish_openings(empty.chart, longer, TUESDAY, 1)
    assert made.new == 0, "every half hour overlaps what is there"
    assert made.taken
    assert (await slot_at(empty, "2026-12-01T09:00:00-05:00"))["status"] == "busy-unavailable"


async def test_a_visit_that_somebody_else_wrote_keeps_its_time(empty: EmbeddedBackends) -> None:
    visit = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2026-12-01T08:10:00-05:00",
        "end": "2026-12-01T08:40:00-05:00",
        "participant": [{"actor": {"reference": "Practitioner/dr-chen"}, "status": "accepted"}],
    }
    await empty.chart.create(visit)
    made = await publish(empty)
    assert (made.new, made.taken) == (TUESDAY_OPENINGS - 2, 2)
    first = (await find(empty, provider_id="dr-chen"))[0]
    zone = empty.practice.zone
    assert first.start.astimezone(zone) == datetime(2026, 12, 1, 8, 40, tzinfo=zone)


async def test_a_cancelled_visit_keeps_nothing(empty: EmbeddedBackends) -> None:
    visit = {
        "resourceType": "Appointment",
        "status": "cancelled",
        "start": "2026-12-01T08:00:00-05:00",
        "end": "2026-12-01T08:20:00-05:00",
        "participant": [{"actor": {"reference": "Practitioner/dr-chen"}, "status": "declined"}],
    }
    await empty.chart.create(visit)
    assert (await publish(empty)).new == TUESDAY_OPENINGS


async def test_the_day_on_which_the_clocks_change(empty: EmbeddedBackends) -> None:
    monday = date(2027, 3, 15)
    await publish(empty, monday - timedelta(days=3), 4)
    empty.chart.clock.move(days=110)  # type: ignore[attr-defined]
    first = (await find(empty, monday))[0]
    assert first.start.astimezone(empty.practice.zone).isoformat() == "2027-03-15T08:00:00-04:00"
