"""Publishing bookable openings: free Slots from the practice's hours, https://hl7.org/fhir/R4/slot.html.

Publishing again adds only what is new. Time that is taken stays taken: a Slot that is there (free, busy
or blocked), a booking, and an Appointment that somebody else wrote all keep a new Slot away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from backends import cells
from backends.blocks import WITHDRAWN
from backends.chart import Chart, write_retrying
from backends.fhir_time import FhirTimeError, fhir_instant, instant
from backends.openings import actor
from backends.practice import Practice
from backends.refusals import Json
from backends.schedule_rules import cells as cells_of
from backends.seed_practice import practice_resources, schedule_id, slots
from backends.store import ChartStore

DAYS_AT_ONCE = 14  # a transaction each, so that a server beside gets its turn
LONGEST_VISIT = timedelta(days=1)
FREE_AGAIN = ("cancelled", "noshow", "entered-in-error")
Cell = tuple[str, datetime]  # provider, start


@dataclass(frozen=True, slots=True)
class Published:
    """How many openings are new, were there, and were not made because the time is taken."""

    new: int = 0
    known: int = 0
    taken: int = 0
    open_days: int = 0  # days on which the practice is open

    def __add__(self, other: Published) -> Published:
        return Published(
            self.new + other.new,
            self.known + other.known,
            self.taken + other.taken,
            self.open_days + other.open_days,
        )


async def publish_openings(chart: Chart, practice: Practice, first: date, days: int) -> Published:
    """Publish the openings of ``days`` days (1 or more) from ``first`` on, in practice time."""
    total = Published()
    for offset in range(0, days, DAYS_AT_ONCE):
        begin, count = first + timedelta(days=offset), min(DAYS_AT_ONCE, days - offset)

        def work(session: Session, begin: date = begin, count: int = count) -> Published:
            return _publish(chart, session, practice, begin, count)

        total += await write_retrying(chart.storage, work)
    return total


def _publish(chart: Chart, session: Session, practice: Practice, first: date, days: int) -> Published:
    store = chart.store
    store.add_missing(session, list(practice_resources(practice)))
    begin, end = practice.instant(first), practice.instant(first + timedelta(days=days))
    present = _slots(store, session, practice, begin, end)
    busy = {cell for slot in present if slot["status"] != WITHDRAWN for cell in cells_of_slot(slot, practice)}
    busy |= set(cells_of_visits(store, session, begin, end))
    busy |= cells.taken(session, begin, end, chart.clock()).cells
    known = {slot["id"] for slot in present}
    wanted = [slot for slot in slots(practice, first, days) if slot["id"] not in known]
    free = [slot for slot in wanted if not busy.intersection(cells_of_slot(slot, practice))]
    added = store.add_missing(session, free)
    had = sum(1 for slot in slots(practice, first, days) if slot["id"] in known)
    open_days = sum(any(practice.open_times(first + timedelta(days=n))) for n in range(days))
    return Published(added, had, len(wanted) - added, open_days)


def _slots(
    store: ChartStore, session: Session, practice: Practice, begin: datetime, end: datetime
) -> list[Json]:
    """Every Slot of our providers' Schedules that starts in a time, whatever its status."""
    mine = (schedule_id(clinician.provider.provider_id) for clinician in practice.clinicians)
    return store.all(
        session,
        "Slot",
        ("start", f"ge{fhir_instant(begin)}"),
        ("start", f"lt{fhir_instant(end)}"),
        ("schedule", ",".join(f"Schedule/{name}" for name in mine)),
    )


def cells_of_slot(slot: Json, practice: Practice) -> list[Cell]:
    """The cells of a Slot of one of the practice's providers."""
    schedule = slot["schedule"]["reference"]
    mine = (clinician.provider.provider_id for clinician in practice.clinicians)
    owner = next((name for name in mine if schedule == f"Schedule/{schedule_id(name)}"), "")
    return list(_cells(owner, slot["start"], slot["end"]))


def cells_of_visits(store: ChartStore, session: Session, begin: datetime, end: datetime) -> Iterator[Cell]:
    """Cells of the Appointments that stand, whoever wrote them."""
    visits = store.all(
        session,
        "Appointment",
        ("date", f"ge{fhir_instant(begin - LONGEST_VISIT)}"),
        ("date", f"lt{fhir_instant(end)}"),
    )
    for visit in visits:
        if visit["status"] in FREE_AGAIN or not visit.get("end"):
            continue
        for part in visit.get("participant", []):
            owner = actor({"actor": [part.get("actor", {})]}, "Practitioner")
            if owner:
                yield from _cells(owner, visit["start"], visit["end"])


def _cells(owner: str, start: str, end: str) -> Iterator[Cell]:
    try:
        first, last = instant(start), instant(end)
    except FhirTimeError:
        return
    minutes = -(-int((last - first).total_seconds()) // 60)
    yield from ((owner, cell) for cell in cells_of(first, max(minutes, 1)))
