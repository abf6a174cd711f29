"""The demo practice's chart. Seeding again adds only what is new: the slots of further days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from backends.chart import Chart
from backends.practice import Practice
from backends.refusals import Json
from backends.scheduling import EmbeddedScheduling
from backends.seed_patients import chart_of, read_patients
from backends.seed_practice import practice_resources, slots
from models.domain import BookOpening, FindOpenings, VisitBooked

DEMO_DAYS = 30
VISIT_IN_DAYS = 7
SEED_CALL = "seed"  # the bookings of the seed belong to no caller


async def seed_demo(chart: Chart, practice: Practice, now: datetime, system_url: str) -> int:
    """Fill the chart with the demo practice; how many resources were new. Safe to repeat."""
    system_url = system_url.rstrip("/")
    today = now.astimezone(practice.zone).date()
    resources = list(demo_resources(practice, today, system_url))
    added = await chart.storage.write(lambda session: chart.store.add_missing(session, resources))
    return added + await _book_visits(chart, practice, today, system_url)


def demo_resources(practice: Practice, today: date, system_url: str) -> Iterator[Json]:
    """All resources of the demo chart, as of ``today``; the same day gives the same resources."""
    yield from practice_resources(practice)
    yield from slots(practice, today, DEMO_DAYS)
    for patient in read_patients():
        yield from chart_of(patient, today, system_url)


async def _book_visits(chart: Chart, practice: Practice, today: date, system_url: str) -> int:
    """Book, once, the visits that demo patients have ahead."""
    scheduling = EmbeddedScheduling(chart, practice, system_url)
    booked = 0
    for patient in read_patients():
        if "books" in patient and not await _has_appointment(chart, patient["id"]):
            booked += await _book(scheduling, patient, today + timedelta(days=VISIT_IN_DAYS))
    return booked


async def _has_appointment(chart: Chart, patient_id: str) -> bool:
    return (await chart.search("Appointment", [("patient", f"Patient/{patient_id}")])).total > 0


async def _book(scheduling: EmbeddedScheduling, patient: dict[str, Any], from_date: date) -> int:
    code, patient_id = patient["books"], patient["id"]
    wish = FindOpenings(
        SEED_CALL,
        code,
        provider_id=patient["provider"],
        from_date=from_date,
        near_time="10:00",
        limit=1,
    )
    found = await scheduling.find(wish)
    if not found.openings:
        return 0
    booking = BookOpening(f"visit-{patient_id}", patient_id, found.openings[0].opening_id, code)
    return int(isinstance(await scheduling.book(booking, call_id=SEED_CALL), VisitBooked))
