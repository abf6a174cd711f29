"""Time in which a provider is not there: Slots of status ``busy-unavailable`` over the published openings.

https://hl7.org/fhir/R4/slot.html. What lies below stays as it is and is offered to nobody while the block
stands. Visits are never cancelled by it: each becomes a task to call that patient. In one transaction the
block takes the cells of all that is free, so that a booking that is under way either is refused, or is seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, delete, or_
from sqlmodel import Session, col, select

from backends import cells
from backends.by_time import beginning
from backends.fhir_time import fhir_instant, instant
from backends.practice import Practice
from backends.refusals import Json
from backends.schedule_rules import cells as cells_of
from backends.seed_practice import schedule_id
from backends.store import ChartStore
from models.chart import BookingCell
from models.rows import insert_new
from models.schedule import Block

UNAVAILABLE = "busy-unavailable"
WITHDRAWN = "entered-in-error"  # a Slot that is to count no more
NEW_PATIENT = "new/"  # how the hold of a promised first visit begins
A_DAY = timedelta(days=1)
LONGEST = timedelta(hours=25)  # of one of its Slots: the night when clocks go back
Span = tuple[datetime, datetime]


def spans(block: Block, practice: Practice) -> Iterator[Span]:
    """The instants of each of its days; wall-clock times of the practice, whatever its clocks do."""
    for number in range((block.last - block.first).days + 1):
        day = block.first + timedelta(days=number)
        begin = practice.instant(day, block.opens or time(0))
        end = practice.instant(day, block.closes) if block.closes else practice.instant(day + A_DAY)
        yield begin, end


def overlaps(slot: Json, span: Span) -> bool:
    return instant(slot["start"]) < span[1] and span[0] < instant(slot["end"])


def without_blocked(free: Iterable[Json], shut: Sequence[Json]) -> list[Json]:
    """The free Slots that no unavailable Slot of the same Schedule overlaps."""
    by_schedule: dict[str, list[Span]] = {}
    for slot in shut:
        found = by_schedule.setdefault(slot["schedule"]["reference"], [])
        found.append((instant(slot["start"]), instant(slot["end"])))
    return [
        slot
        for slot in free
        if not any(overlaps(slot, span) for span in by_schedule.get(slot["schedule"]["reference"], ()))
    ]


@dataclass(frozen=True, slots=True)
class Blocks:
    """Sets and ends blocks within the caller's transaction."""

    store: ChartStore
    practice: Practice
    system_url: str

    def slots(self, session: Session, block_id: str) -> list[Json]:
        """The Slots of a block, whether it stands or has ended; none for a name that is no block's."""
        found: list[Json] = []
        while stored := self.store.by_identifier(
            session, "Slot", self._system, f"{block_id}/{len(found) + 1}"
        ):
            found.append(stored.body)
        return found

    def block_of(self, slot: Json) -> str:
        """The block that a Slot belongs to, "" for another's."""
        mine = (one["value"] for one in slot.get("identifier", []) if one.get("system") == self._system)
        return str(next(mine, "")).rpartition("/")[0]

    def set(self, session: Session, block: Block, block_id: str, now: datetime) -> int:
        """Let the block stand; how many openings it takes. Callers' holds end, promised visits do not."""
        taken = 0
        for number, span in enumerate(spans(block, self.practice), 1):
            free = self.free_in(session, block.provider_id, span)
            self._end_holds(session, block.provider_id, span, now, callers_too=True)
            taken += sum(_take(session, block.provider_id, slot, block_id) for slot in free)
            self.store.update(session, self._slot(block, block_id, number, span), f"{block_id}-{number}")
        return taken

    def withdraw(self, session: Session, provider_id: str, span: Span, name: str, now: datetime) -> int:
        """Let the openings of a span count no more that nobody has or holds; how many."""
        self._end_holds(session, provider_id, span, now, callers_too=False)
        free = self.free_in(session, provider_id, span)
        gone = [slot for slot in free if _take(session, provider_id, slot, name)]
        for slot in gone:
            self.store.update(session, {**slot, "status": WITHDRAWN}, slot["id"])
        cells.free_visit(session, name)
        return len(gone)

    def end(self, session: Session, block_id: str) -> bool:
        """What it covered may be booked again; False where it does not stand."""
        standing = [slot for slot in self.slots(session, block_id) if slot["status"] == UNAVAILABLE]
        for slot in standing:
            self.store.update(session, {**slot, "status": WITHDRAWN}, slot["id"])
        cells.free_visit(session, block_id)
        return bool(standing)

    def free_in(self, session: Session, provider_id: str, span: Span) -> list[Json]:
        """The free Slots that a span touches and no block covers yet, held ones too."""
        mine = f"Schedule/{schedule_id(provider_id)}"
        near = (stored.body for stored in beginning(session, "Slot", span[0] - LONGEST, span[1]))
        ours = [slot for slot in near if slot["schedule"]["reference"] == mine]
        free = [slot for slot in ours if slot["status"] == "free" and overlaps(slot, span)]
        return without_blocked(free, [slot for slot in ours if slot["status"] == UNAVAILABLE])

    def holds(self, session: Session, provider_id: str, span: Span, now: datetime) -> dict[str, datetime]:
        """Who holds something in a span at ``now``, with the first cell of each."""
        rows = session.exec(
            select(BookingCell.held_by_call, BookingCell.cell_start)
            .where(*_held_in(provider_id, span), col(BookingCell.expires_at) > now)
            .order_by(col(BookingCell.cell_start).desc())
        )
        return {str(name): start for name, start in rows}

    def _end_holds(
        self, session: Session, provider_id: str, span: Span, now: datetime, *, callers_too: bool
    ) -> None:
        """Those that have run out; ``callers_too``: and all but what was promised to new patients."""
        over = col(BookingCell.expires_at) <= now
        if callers_too:
            over = or_(over, ~col(BookingCell.held_by_call).startswith(NEW_PATIENT))
        session.exec(delete(BookingCell).where(*_held_in(provider_id, span), over))

    def _slot(self, block: Block, block_id: str, number: int, span: Span) -> Json:
        return {
            "resourceType": "Slot",
            "id": f"{block_id}-{number}",
            "identifier": [{"system": self._system, "value": f"{block_id}/{number}"}],
            "schedule": {"reference": f"Schedule/{schedule_id(block.provider_id)}"},
            "status": UNAVAILABLE,
            "start": fhir_instant(span[0]),
            "end": fhir_instant(span[1]),
            "comment": block.reason,
        }

    @property
    def _system(self) -> str:
        return f"{self.system_url}/block"


def _take(session: Session, provider_id: str, slot: Json, name: str) -> bool:
    """Take the cells of a free Slot, as far as nobody has them; whether that was all of it."""
    start, end = instant(slot["start"]), instant(slot["end"])
    rows = [
        BookingCell(provider_id=provider_id, cell_start=cell, opening_id=slot["id"], appointment_id=name)
        for cell in cells_of(start, int((end - start).total_seconds()) // 60)
    ]
    return insert_new(session, rows) == len(rows)


def _held_in(provider_id: str, span: Span) -> tuple[ColumnElement[bool], ...]:
    return (
        col(BookingCell.provider_id) == provider_id,
        col(BookingCell.cell_start) >= span[0],
        col(BookingCell.cell_start) < span[1],
        col(BookingCell.appointment_id).is_(None),
    )
