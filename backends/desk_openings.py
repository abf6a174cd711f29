"""Openings that staff publish: their own hours of a provider, looked at first; the same twice adds nothing.

Unlike `backends.publishing` it may go beyond the practice's hours, and opens again what was withdrawn; days
on which the practice is closed are left out, and nothing is opened over a visit or a block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlmodel import Session

from backends import cells
from backends.appointments import service_type
from backends.blocks import LONGEST, WITHDRAWN
from backends.by_time import beginning
from backends.chart import Chart, write_retrying
from backends.desk_trail import note
from backends.fhir_time import instant
from backends.practice import Practice
from backends.publishing import DAYS_AT_ONCE, Cell, cells_of_slot, cells_of_visits
from backends.refusals import Json
from backends.seed_practice import practice_resources, slot_of
from models.schedule import DeskOrder, Plan, PlanEffect

A_DAY = timedelta(days=1)


class DeskOpenings:
    """Each fortnight is a transaction of its own, so that calls get their turn."""

    def __init__(self, chart: Chart, practice: Practice, system_url: str) -> None:
        self._chart, self._practice, self._system_url = chart, practice, system_url

    async def preview_plans(self, plans: Sequence[Plan]) -> PlanEffect:
        """What publishing them would do now."""
        read = self._chart.storage.read
        found = [await read(partial(self._sort, part=part)) for part in self._parts(plans)]
        return self._effect(plans, found)

    async def publish_plans(self, plans: Sequence[Plan], order: DeskOrder) -> PlanEffect:
        """Publish what is not there yet."""
        storage, publish = self._chart.storage, partial(self._publish, order=order)
        found = [await write_retrying(storage, partial(publish, part=part)) for part in self._parts(plans)]
        return self._effect(plans, found)

    def _publish(self, session: Session, part: Sequence[Json], order: DeskOrder) -> _Sorted:
        store = self._chart.store
        store.add_missing(session, list(practice_resources(self._practice)))
        done = self._sort(session, part)
        store.add_missing(session, done.new)
        for slot in done.again:
            store.update(session, slot, slot["id"])
        if done.new or done.again:
            first = min(slot["start"] for slot in (*done.new, *done.again))
            subject = f"openings/{first[:10]}"
            why = f"{len(done.new) + len(done.again)} openings"
            note(session, self._chart.clock(), order.who, "openings publish", subject, why)
        return done

    def _sort(self, session: Session, part: Sequence[Json]) -> _Sorted:
        """What of it is new, what is there, what is not free."""
        begin, end = min(instant(s["start"]) for s in part), max(instant(s["end"]) for s in part)
        present = [stored.body for stored in beginning(session, "Slot", begin - LONGEST, end)]
        gone = {slot["id"] for slot in present if slot["status"] == WITHDRAWN}
        there = {slot["id"] for slot in present} - gone
        busy = self._busy(session, [slot for slot in present if slot["id"] in there], begin, end)
        wanted = [slot for slot in part if slot["id"] not in there]
        free = [slot for slot in wanted if not busy.intersection(cells_of_slot(slot, self._practice))]
        return _Sorted(
            new=[slot for slot in free if slot["id"] not in gone],
            again=[slot for slot in free if slot["id"] in gone],
            known=len(part) - len(wanted),
            taken=len(wanted) - len(free),
        )

    def _busy(self, session: Session, present: Sequence[Json], begin: datetime, end: datetime) -> set[Cell]:
        busy = {cell for slot in present for cell in cells_of_slot(slot, self._practice)}
        busy |= set(cells_of_visits(self._chart.store, session, begin, end))
        return busy | cells.taken(session, begin, end, self._chart.clock()).cells

    def _parts(self, plans: Sequence[Plan]) -> Iterator[list[Json]]:
        """The wished openings, each once, a fortnight at a time."""
        wanted = sorted(self._wanted(plans), key=lambda slot: str(slot["start"]))
        while wanted:
            until = instant(wanted[0]["start"]) + DAYS_AT_ONCE * A_DAY
            part = [slot for slot in wanted if instant(slot["start"]) < until]
            yield part
            wanted = wanted[len(part) :]

    def _wanted(self, plans: Iterable[Plan]) -> Iterator[Json]:
        """Of two plans that overlap the first one's openings are meant."""
        taken: set[Cell] = set()
        for plan in plans:
            for slot in self._slots(plan):
                mine = set(cells_of_slot(slot, self._practice))
                if not taken & mine:
                    taken |= mine
                    yield slot

    def _slots(self, plan: Plan) -> Iterator[Json]:
        step = timedelta(minutes=self._practice.slot_minutes)
        rules = (self._practice.visit_rule(code) for code in plan.visit_types)
        kinds = [service_type(rule.visit_type, self._system_url) for rule in rules if rule]
        for day in days_of(plan):
            if self._closed(day) is not None:
                continue
            start, closes = self._practice.instant(day, plan.opens), self._practice.instant(day, plan.closes)
            while start + step <= closes:
                slot = slot_of(plan.provider_id, start, start + step)
                yield {**slot, "serviceType": kinds} if kinds else slot
                start += step

    def _closed(self, day: date) -> str | None:
        """Why the practice is closed on that day of the calendar; None where it is not."""
        return next((one.reason for one in self._practice.closures if one.day == day), None)

    def _effect(self, plans: Sequence[Plan], found: Sequence[_Sorted]) -> PlanEffect:
        new = [slot for each in found for slot in (*each.new, *each.again)]
        zone = self._practice.zone
        by_day = Counter(instant(slot["start"]).astimezone(zone).date() for slot in new)
        shut = {day: why for plan in plans for day in days_of(plan) if (why := self._closed(day)) is not None}
        return PlanEffect(
            new=len(new),
            known=sum(each.known for each in found),
            taken=sum(each.taken for each in found),
            outside=sum(not self._is_open(slot) for slot in new),
            by_day=tuple(sorted(by_day.items())),
            closed=tuple(sorted(shut.items())),
        )

    def _is_open(self, slot: Json) -> bool:
        start, end = instant(slot["start"]), instant(slot["end"])
        day = start.astimezone(self._practice.zone).date()
        return any(opens <= start and end <= closes for opens, closes in self._practice.open_times(day))


class _Sorted:
    """What of some openings is new, was withdrawn and comes again, is there, and is not free."""

    def __init__(self, new: list[Json], again: list[Json], known: int, taken: int) -> None:
        self.new, self.again, self.known, self.taken = new, again, known, taken


def days_of(plan: Plan) -> Iterator[date]:
    for number in range((plan.last - plan.first).days + 1):
        day = plan.first + timedelta(days=number)
        if not plan.weekdays or day.weekday() in plan.weekdays:
            yield day
