"""Openings as the chart has them: free Slots of our providers' Schedules, less what is held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlmodel import Session

from backends import cells
from backends.blocks import UNAVAILABLE, without_blocked
from backends.fhir_time import fhir_instant, instant
from backends.looking_ahead import LookingAhead
from backends.practice import Practice
from backends.refusals import ChartRefusal, Json
from backends.schedule_rules import Candidate, FreeSlot, candidates, earliest_start, read_opening_id, run_from
from backends.store import ChartStore
from backends.visit_types import VisitRule
from models.domain import FindOpenings

VISIT_TYPES = "/cs/visit-type"  # how the system of our visit types' codes ends


class Openings:
    """Finds and reads openings within the caller's transaction."""

    def __init__(self, store: ChartStore, practice: Practice) -> None:
        self._store = store
        self._practice = practice

    def find(
        self,
        session: Session,
        wish: FindOpenings,
        rule: VisitRule,
        now: datetime,
        busy: Sequence[tuple[datetime, datetime]] = (),
    ) -> list[Candidate]:
        """The best openings for a wish, looking ahead only as far as needed; none overlaps ``busy``."""
        ahead = LookingAhead(wish, rule, now, self._practice.zone, busy)
        schedules = self.schedules(session, wish.provider_id)
        while schedules and (days := ahead.next_days()):
            slots = self.free_slots(session, schedules, *days)
            free = candidates(kept_for(slots, rule.visit_type.code), rule.visit_type.minutes)
            ahead.take(cells.not_taken(session, free, now), days[1])
        return ahead.chosen

    def between(
        self,
        session: Session,
        rule: VisitRule,
        begin: datetime,
        end: datetime,
        now: datetime,
        provider_ids: Sequence[str] = (),
        location_ids: Sequence[str] = (),
    ) -> list[Candidate]:
        """Every opening within [begin, end] that may be booked, earliest first; no ids given: anybody's."""
        horizon = now + timedelta(days=rule.horizon_days)
        begin, end = max(begin, earliest_start(now, rule.lead_min)), min(end, horizon)
        schedules = self._of(session, provider_ids, location_ids)
        if not schedules or end <= begin:
            return []
        first, last = (moment.astimezone(self._practice.zone).date() for moment in (begin, end))
        slots = kept_for(self.free_slots(session, schedules, first, last), rule.visit_type.code)
        free = cells.not_taken(session, candidates(slots, rule.visit_type.minutes), now)
        within = (one for one in free if begin <= one.start and one.end <= end)
        return sorted(within, key=lambda one: (one.start, one.provider_id))

    def _of(
        self, session: Session, provider_ids: Sequence[str], location_ids: Sequence[str]
    ) -> dict[str, str]:
        """The active schedules of these providers at these places."""
        found = self.schedules(session, "")
        places = {
            f"Schedule/{schedule['id']}": actor(schedule, "Location")
            for schedule in (self._store.all(session, "Schedule", ("active", "true")) if location_ids else ())
        }
        return {
            name: owner
            for name, owner in found.items()
            if (not provider_ids or owner in provider_ids)
            and (not location_ids or places.get(name) in location_ids)
        }

    def read(self, session: Session, opening_id: str, now: datetime, visit_type: str = "") -> Candidate:
        """An opening by its id. Raises `cells.Gone` when its slots are not free, are kept for other visits
        than ``visit_type`` ("": any), or lie in the past.
        """
        parts = read_opening_id(opening_id)
        if parts is None:
            raise cells.Gone
        slot_id, minutes = parts
        first = self._slot(session, slot_id)
        if first.start <= now or not 0 < minutes <= 24 * 60:
            raise cells.Gone
        day = first.start.astimezone(self._practice.zone).date()
        slots = self.free_slots(session, {first.schedule: first.provider_id}, day, day)
        by_start = {(slot.provider_id, slot.start): slot for slot in kept_for(slots, visit_type)}
        run = run_from(first, by_start, minutes) if first in by_start.values() else None
        if run is None:
            raise cells.Gone
        return Candidate(first.provider_id, first.start, minutes, tuple(slot.slot_id for slot in run))

    def set_status(self, session: Session, slot_ids: Iterable[str], status: str) -> None:
        """Mark slots ``busy`` or ``free``; those that the chart lacks are passed over."""
        for slot_id in slot_ids:
            slot = self._store.find(session, "Slot", slot_id)
            if slot is not None:
                self._store.update(session, {**slot.body, "status": status}, slot_id)

    def _slot(self, session: Session, slot_id: str) -> FreeSlot:
        try:
            slot = self._store.read(session, "Slot", slot_id).body
            schedule = self._store.read(session, "Schedule", _id(slot["schedule"]["reference"])).body
        except ChartRefusal:
            raise cells.Gone from None
        if slot["status"] != "free":
            raise cells.Gone
        return _free_slot(slot, {slot["schedule"]["reference"]: actor(schedule, "Practitioner")})

    def schedules(self, session: Session, provider_id: str) -> dict[str, str]:
        """``Schedule/id`` -> provider id, of our providers' active schedules (or of one provider's)."""
        found: dict[str, str] = {}
        for schedule in self._store.all(session, "Schedule", ("active", "true")):
            owner = actor(schedule, "Practitioner")
            if owner and self._practice.provider_name(owner) and provider_id in ("", owner):
                found[f"Schedule/{schedule['id']}"] = owner
        return found

    def free_slots(
        self, session: Session, schedules: Mapping[str, str], first: date, last: date
    ) -> list[FreeSlot]:
        begin = self._practice.instant(first)
        end = self._practice.instant(last + timedelta(days=1))
        slots = self._store.all(
            session,
            "Slot",
            ("status", f"free,{UNAVAILABLE}"),
            ("start", f"ge{fhir_instant(begin)}"),
            ("start", f"lt{fhir_instant(end)}"),
            ("schedule", ",".join(schedules)),
        )
        free = [slot for slot in slots if slot["status"] == "free"]
        shut = [slot for slot in slots if slot["status"] == UNAVAILABLE]
        offered = [_free_slot(slot, schedules) for slot in without_blocked(free, shut)]
        return [slot for slot in offered if not self._practice.is_closed_on(slot.start)]


def _free_slot(slot: Json, schedules: Mapping[str, str]) -> FreeSlot:
    schedule = slot["schedule"]["reference"]
    start, end = instant(slot["start"]), instant(slot["end"])
    return FreeSlot(slot["id"], schedules[schedule], start, end, schedule, visit_types_of(slot))


def visit_types_of(slot: Json) -> tuple[str, ...]:
    """The practice's visit types that a Slot is kept for, () where it takes any."""
    kinds = (coding for kind in slot.get("serviceType", []) for coding in kind.get("coding", []))
    mine = (kind for kind in kinds if str(kind.get("system", "")).endswith(VISIT_TYPES))
    return tuple(str(kind["code"]) for kind in mine if kind.get("code"))


def kept_for(slots: Iterable[FreeSlot], visit_type: str) -> list[FreeSlot]:
    """The Slots that take such a visit; "": any."""
    return [slot for slot in slots if not (visit_type and slot.only) or visit_type in slot.only]


def _id(reference: str) -> str:
    return reference.rpartition("/")[2]


def actor(schedule: Json, resource_type: str) -> str:
    """The id of a schedule's actor of one type, "" when there is none."""
    found = (item.get("reference", "") for item in schedule.get("actor", []))
    return next((_id(reference) for reference in found if reference.startswith(f"{resource_type}/")), "")
