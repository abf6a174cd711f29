"""Days of the schedule as the desk reads them, by provider: what is open, held, booked and blocked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from backends.appointments import CONFIRMED, patient_of, type_code
from backends.blocks import NEW_PATIENT, UNAVAILABLE, Blocks, without_blocked
from backends.by_time import beginning
from backends.fhir_time import instant
from backends.identity import spoken_name
from backends.openings import actor, visit_types_of
from backends.practice import Practice
from backends.refusals import Json
from backends.seed_practice import schedule_id
from backends.store import ChartStore, Stored
from models.chart import BookingCell
from models.schedule import HeldFor, Line, LineKind, MadeBy, Sheet, Visit
from models.tables import Call

STANDS = ("booked", "pending", "arrived", "checked-in", "fulfilled", "noshow")
CLOSED = "published, and offered to nobody: the practice is closed"
WAITLIST, DESK = "waitlist-", "desk-"
JOINS = (LineKind.OPEN, LineKind.HELD, LineKind.TAKEN)  # neighbours of the same kind read as one line


@dataclass(frozen=True, slots=True)
class _Hold:
    name: str
    start: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Sheets:
    """Reads them within the caller's transaction."""

    store: ChartStore
    practice: Practice
    system_url: str

    def read(
        self, session: Session, first: date, days: int, now: datetime, provider_id: str = ""
    ) -> list[Sheet]:
        """The sheets of some days, day by day, of every provider of the practice or of one."""
        begin, end = self.practice.instant(first), self.practice.instant(first + timedelta(days=days))
        whose = f"Schedule/{schedule_id(provider_id)}" if provider_id else ""
        slots = [stored.body for stored in beginning(session, "Slot", begin, end, whose)]
        visits = self.visits(session, beginning(session, "Appointment", begin, end))
        holds = self._holds(session, begin, end, now)
        found = []
        for number in range(days):
            day = first + timedelta(days=number)
            for owner in self._owners(visits, provider_id):
                lines = self._lines(owner, slots, visits, holds, day, now)
                if owner or lines:
                    found.append(Sheet(owner, self.practice.provider_name(owner), day, lines))
        return found

    def _owners(self, visits: Sequence[Visit], provider_id: str) -> list[str]:
        if provider_id:
            return [provider_id]
        mine = [clinician.provider.provider_id for clinician in self.practice.clinicians]
        return [*mine, *([""] if any(visit.provider_id not in mine for visit in visits) else [])]

    def visits(self, session: Session, stored: Iterable[Stored]) -> list[Visit]:
        """Appointments that stand, with their patients' names and the calls that they come from."""
        standing = [one for one in stored if one.body["status"] in STANDS and "end" in one.body]
        names = self._names(session, {patient_of(one.body) for one in standing})
        calls = self._calls(session, [self._made_in(one.body) for one in standing])
        return [self._visit(one, names, calls) for one in standing]

    def _visit(self, stored: Stored, names: Mapping[str, str], calls: set[str]) -> Visit:
        body, code = stored.body, type_code(stored.body)
        rule, made_in = self.practice.visit_rule(code), self._made_in(body)
        provider_id = actor(
            {"actor": [part.get("actor", {}) for part in body["participant"]]}, "Practitioner"
        )
        kinds = (str(kind.get("text", "")) for kind in body.get("serviceType", []))
        return Visit(
            visit_id=body["id"],
            version=stored.version,
            status=body["status"],
            provider_id=provider_id,
            provider_name=self.practice.provider_name(provider_id),
            start=instant(body["start"]),
            end=instant(body["end"]),
            visit_type=code,
            visit_name=rule.visit_type.name if rule else next((kind for kind in kinds if kind), "visit"),
            patient_id=patient_of(body),
            patient_name=names.get(patient_of(body), ""),
            made_by=_made_by(made_in, calls),
            call_id=made_in if made_in in calls else "",
            confirmed=any(one.get("url", "").endswith(CONFIRMED) for one in body.get("extension", [])),
            reason="; ".join(str(why["text"]) for why in body.get("reasonCode", []) if why.get("text")),
            comment=str(body.get("comment", "")),
        )

    def _made_in(self, visit: Json) -> str:
        """The call, or what stood in its place, that wrote an Appointment."""
        system = f"{self.system_url}/call"
        mine = (one["value"] for one in visit.get("identifier", []) if one.get("system") == system)
        return str(next(mine, "")).partition("/")[0]

    def _names(self, session: Session, patient_ids: set[str]) -> dict[str, str]:
        wanted = sorted(patient_ids - {""})
        found = self.store.all(session, "Patient", ("_id", ",".join(wanted))) if wanted else []
        return {patient["id"]: spoken_name(patient) for patient in found}

    def _calls(self, session: Session, names: Sequence[str]) -> set[str]:
        """Those that are calls on record."""
        return set(session.exec(select(Call.id).where(col(Call.id).in_(set(names) - {""}))).all())

    def _holds(
        self, session: Session, begin: datetime, end: datetime, now: datetime
    ) -> dict[str, list[_Hold]]:
        """What is held at ``now``, cell by cell, of each provider."""
        rows = session.exec(
            select(BookingCell).where(
                col(BookingCell.cell_start) >= begin,
                col(BookingCell.cell_start) < end,
                col(BookingCell.appointment_id).is_(None),
                col(BookingCell.expires_at) > now,
            )
        )
        found: dict[str, list[_Hold]] = defaultdict(list)
        for row in rows:
            found[row.provider_id].append(
                _Hold(row.held_by_call or "", row.cell_start, row.expires_at or now)
            )
        return found

    def _lines(
        self,
        owner: str,
        slots: Sequence[Json],
        visits: Sequence[Visit],
        holds: Mapping[str, Sequence[_Hold]],
        day: date,
        now: datetime,
    ) -> tuple[Line, ...]:
        begin, end = self.practice.instant(day), self.practice.instant(day + timedelta(days=1))
        known = {clinician.provider.provider_id for clinician in self.practice.clinicians}
        of_day = [visit for visit in visits if begin <= visit.start < end]
        booked = [v for v in of_day if v.provider_id == owner or (not owner and v.provider_id not in known)]
        mine = [slot for slot in slots if slot["schedule"]["reference"] == f"Schedule/{schedule_id(owner)}"]
        today = [slot for slot in mine if begin <= instant(slot["start"]) < end]
        lines = [Line(LineKind.BOOKED, visit.start, visit.end, visit=visit) for visit in booked]
        lines += self._blocked(today)
        filled = {slot for visit in booked for slot in _covered(visit, today)}
        rest = [slot for slot in today if slot["id"] not in filled]
        lines += self._open(
            rest, [slot for slot in today if slot["status"] == UNAVAILABLE], holds.get(owner, ())
        )
        lines += [
            _line(slot, LineKind.TAKEN) for slot in rest if slot["status"] in ("busy", "busy-tentative")
        ]
        lines = [_aged(line, now) for line in lines]
        return tuple(_joined(sorted(lines, key=lambda line: (line.start, line.end))))

    def _blocked(self, slots: Sequence[Json]) -> list[Line]:
        blocks = Blocks(self.store, self.practice, self.system_url)
        return [
            replace(
                _line(slot, LineKind.BLOCKED),
                block_id=blocks.block_of(slot),
                words=str(slot.get("comment", "")),
            )
            for slot in slots
            if slot["status"] == UNAVAILABLE
        ]

    def _open(self, slots: Sequence[Json], shut: Sequence[Json], holds: Sequence[_Hold]) -> list[Line]:
        free = without_blocked([slot for slot in slots if slot["status"] == "free"], shut)
        return [self._open_line(slot, holds) for slot in free]

    def _open_line(self, slot: Json, holds: Sequence[_Hold]) -> Line:
        line = replace(_line(slot, LineKind.OPEN), openings=1, only=self._only(slot))
        if self.practice.is_closed_on(line.start):
            return replace(line, kind=LineKind.BLOCKED, openings=0, only=(), words=CLOSED)
        held = next((hold for hold in holds if line.start <= hold.start < line.end), None)
        if held is None:
            return line
        return replace(line, kind=LineKind.HELD, held_for=held_for(held.name), held_until=held.until)

    def _only(self, slot: Json) -> tuple[str, ...]:
        rules = (self.practice.visit_rule(code) for code in visit_types_of(slot))
        return tuple(rule.visit_type.name for rule in rules if rule)


def held_for(name: str) -> HeldFor:
    if name.startswith(NEW_PATIENT):
        return HeldFor.NEW_PATIENT
    return HeldFor.WAITLIST if name.startswith(WAITLIST) else HeldFor.CALLER


def _made_by(made_in: str, calls: set[str]) -> MadeBy:
    if made_in in calls:
        return MadeBy.PHONE
    if made_in.startswith(WAITLIST):
        return MadeBy.WAITLIST
    return MadeBy.DESK if made_in.startswith(DESK) else MadeBy.OTHER


def _covered(visit: Visit, slots: Sequence[Json]) -> set[str]:
    """The Slots, other than blocks, that a visit fills."""
    return {
        slot["id"]
        for slot in slots
        if slot["status"] != UNAVAILABLE
        and instant(slot["start"]) < visit.end
        and visit.start < instant(slot["end"])
    }


def _line(slot: Json, kind: LineKind) -> Line:
    return Line(kind, instant(slot["start"]), instant(slot["end"]))


def _joined(lines: Sequence[Line]) -> list[Line]:
    found: list[Line] = []
    for line in lines:
        last = found[-1] if found else None
        if last and _joins(line) and _same(last, line) and last.end == line.start:
            found[-1] = replace(last, end=line.end, openings=last.openings + line.openings)
        else:
            found.append(line)
    return found


def _aged(line: Line, now: datetime) -> Line:
    """An opening that has begun can be booked by nobody."""
    return replace(line, past=line.kind is LineKind.OPEN and line.start <= now)


def _joins(line: Line) -> bool:
    return line.kind in JOINS or (line.kind is LineKind.BLOCKED and not line.block_id)


def _same(one: Line, other: Line) -> bool:
    return _likeness(one) == _likeness(other)


def _likeness(line: Line) -> tuple[object, ...]:
    return line.kind, line.only, line.held_for, line.held_until, line.block_id, line.words, line.past
