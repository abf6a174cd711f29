"""Scheduling over FHIR: what ``Appointment/$find``, ``$hold`` and ``$book`` do, on the dialog's own cells.

IHE ITI Scheduling 1.0, https://profiles.ihe.net/ITI/Scheduling/. A proposed Appointment is computed, never
stored: its id names the opening and the kind of visit. A held one is stored as ``pending`` for five minutes.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from backends import cells
from backends.appointments import Booking, patient_of, slots_of, type_code
from backends.chart import Chart, write_retrying
from backends.fhir_time import fhir_instant
from backends.operation_parameters import BookAsked, FindAsked
from backends.practice import Practice
from backends.refusals import ChartRefusal, Json, PatientBusy, TooManyVisits, issue, refuse
from backends.schedule_rules import Candidate, opening_id, read_opening_id
from backends.scheduling import EmbeddedScheduling
from backends.store import Stored
from backends.visit_types import VisitRule
from models.errors import NotFound

GONE = issue("not-found", "this time is no longer free: ask $find again", severity="fatal")
COMMENT = "Booked over FHIR"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # https://hl7.org/fhir/R4/datatypes.html#id


class SchedulingOperations:
    """The three operations; each is one transaction. Raises `ChartRefusal`."""

    def __init__(self, chart: Chart, practice: Practice, scheduling: EmbeddedScheduling) -> None:
        self._chart = chart
        self._practice = practice
        self._scheduling = scheduling

    @property
    def zone(self) -> ZoneInfo:
        """The practice's, in which a date without time is a day."""
        return self._practice.zone

    async def find(self, asked: FindAsked) -> tuple[list[Json], int]:
        """The proposed Appointments, earliest first, and how many in all. What is held is not among them."""
        rule, now = self._rule(asked.kind), self._chart.clock()

        def work(session: Session) -> tuple[list[Json], int]:
            found = self._scheduling.openings.between(
                session, rule, asked.start, asked.end, now, asked.provider_ids, asked.location_ids
            )
            return [self._proposed(session, one, rule) for one in found[: asked.count]], len(found)

        return await self._chart.storage.read(work)

    async def hold(self, asked: BookAsked) -> Stored:
        """A ``pending`` Appointment, whose time nobody else can be given for five minutes."""
        now = self._chart.clock()

        def work(session: Session) -> Stored:
            opening, rule = self._wanted(session, asked, now)
            appointment_id = uuid.uuid4().hex
            cells.hold(session, opening, held_as(appointment_id), now)
            document = self._pending(session, opening, rule, asked.patient_id, now)
            return self._chart.store.update(session, document, appointment_id)[0]

        return await self._carry_out(work)

    async def book(self, asked: BookAsked) -> Stored:
        """The Appointment as it then stands: booked, moved or cancelled. Repeating it changes nothing."""
        now = self._chart.clock()

        def work(session: Session) -> Stored:
            stored = self._chart.store.find(session, "Appointment", asked.appointment_id, lock=True)
            if asked.status == "cancelled":
                return self._cancel(session, stored, asked)
            if stored is None:
                return self._book_new(session, asked, now)
            if stored.body["status"] == "pending":
                return self._book_held(session, stored, asked, now)
            return self._change(session, stored, asked, now)

        return await self._carry_out(work)

    async def tidy(self, now: datetime) -> None:
        """Cancel the pending Appointments that nobody booked while they were held."""

        def work(session: Session) -> None:
            for document in self._chart.store.all(session, "Appointment", ("status", "pending")):
                name = held_as(document["id"])
                if not cells.holds(session, name, now):
                    cells.free_call(session, name)
                    self._chart.store.update(session, {**document, "status": "cancelled"}, document["id"])

        await write_retrying(self._chart.storage, work)

    def _book_new(self, session: Session, asked: BookAsked, now: datetime) -> Stored:
        patient_id = _patient(asked.patient_id)
        try:
            opening, rule = self._wanted(session, asked, now)
        except cells.Gone:
            mine = self._own(session, asked, patient_id, now)
            if mine is None:
                raise
            return mine
        return self._write(session, opening, rule, patient_id, asked, now, uuid.uuid4().hex)

    def _book_held(self, session: Session, stored: Stored, asked: BookAsked, now: datetime) -> Stored:
        patient_id = _patient(asked.patient_id or patient_of(stored.body))
        opening, rule = self._stored_opening(session, stored, now)
        cells.free_call(session, held_as(asked.appointment_id))
        return self._write(session, opening, rule, patient_id, asked, now, asked.appointment_id)

    def _change(self, session: Session, stored: Stored, asked: BookAsked, now: datetime) -> Stored:
        """A booked one: moved where it names another slot; as it stands where it names none."""
        owner = patient_of(stored.body)
        if stored.body["status"] != "booked":
            raise refuse(409, "conflict", "this appointment is not open", "Appointment.status")
        if asked.patient_id not in ("", owner):
            raise refuse(409, "conflict", "this appointment is another patient's", "Appointment.participant")
        if asked.slot_id in ("", *slots_of(stored.body)[:1]):
            return stored
        self._scheduling.lock_patient(session, owner)
        opening, rule = self._wanted(session, replace(asked, kind=type_code(stored.body)), now)
        moved = self._write(
            session, opening, rule, owner, asked, now, uuid.uuid4().hex, instead_of=asked.appointment_id
        )
        self._scheduling.free_visit(session, stored, "pat")
        return moved

    def _cancel(self, session: Session, stored: Stored | None, asked: BookAsked) -> Stored:
        if stored is None:
            raise refuse(404, "not-found", "no such appointment", "Appointment.id")
        match stored.body["status"]:
            case "cancelled":
                return stored
            case "booked":
                self._scheduling.free_visit(session, stored, asked.cancel_reason)
            case "pending":
                cells.free_call(session, held_as(asked.appointment_id))
                self._scheduling.appointments.cancel(session, stored, asked.cancel_reason)
            case _:
                raise refuse(409, "conflict", "this appointment is not open", "Appointment.status")
        return self._chart.store.read(session, "Appointment", asked.appointment_id)

    def _write(
        self,
        session: Session,
        opening: Candidate,
        rule: VisitRule,
        patient_id: str,
        asked: BookAsked,
        now: datetime,
        appointment_id: str,
        instead_of: str = "",
    ) -> Stored:
        self._scheduling.lock_patient(session, patient_id)
        booking = Booking(
            patient_id,
            opening,
            rule,
            held_as(appointment_id),
            "book",
            asked.reason,
            instead_of,
            comment=COMMENT,
        )
        return self._scheduling.write_visit(session, booking, now, appointment_id)

    def _wanted(self, session: Session, asked: BookAsked, now: datetime) -> tuple[Candidate, VisitRule]:
        """The opening that is meant, by a slot or by a proposed id, while it is free. Raises `cells.Gone`."""
        opening_id, kind = self._named(asked)
        rule = self._rule(kind)
        return self._scheduling.openings.read(session, opening_id, now, rule.visit_type.code), rule

    def _named(self, asked: BookAsked) -> tuple[str, str]:
        if asked.slot_id:
            minutes = self._rule(asked.kind).visit_type.minutes
            return opening_id(asked.slot_id, minutes), asked.kind
        head, _, kind = asked.appointment_id.rpartition(".")
        known = self._practice.visit_rule(kind) is not None
        return (head, kind) if known else (asked.appointment_id, asked.kind)

    def _own(self, session: Session, asked: BookAsked, patient_id: str, now: datetime) -> Stored | None:
        """The booking that this very request made before, where its answer was lost."""
        parts = read_opening_id(self._named(asked)[0])
        for visit in self._scheduling.appointments.upcoming(session, patient_id, now):
            if parts and slots_of(visit)[:1] == [parts[0]]:
                return self._chart.store.read(session, "Appointment", visit["id"])
        return None

    def _stored_opening(self, session: Session, stored: Stored, now: datetime) -> tuple[Candidate, VisitRule]:
        name = opening_id(slots_of(stored.body)[0], stored.body["minutesDuration"])
        return self._scheduling.openings.read(session, name, now), self._rule(type_code(stored.body))

    def _rule(self, kind: str) -> VisitRule:
        """The practice's first kind of visit where none is named, as for a caller who does not know."""
        rule = self._practice.visit_rule(kind) if kind else self._practice.visit_rules[0]
        if rule is None:
            raise refuse(400, "code-invalid", "the practice has no such kind of visit", "service-type")
        return rule

    def _proposed(self, session: Session, opening: Candidate, rule: VisitRule) -> Json:
        name = f"{opening.opening_id}.{rule.visit_type.code}"
        appointment_id = name if _ID.fullmatch(name) else opening.opening_id
        frame = self._scheduling.appointments.frame(session, opening, rule.visit_type)
        return {"resourceType": "Appointment", "id": appointment_id, "status": "proposed", **frame}

    def _pending(
        self, session: Session, opening: Candidate, rule: VisitRule, patient_id: str, now: datetime
    ) -> Json:
        frame = self._scheduling.appointments.frame(session, opening, rule.visit_type, patient_id)
        created = {"created": fhir_instant(now), "comment": "Held over FHIR"}
        return {"resourceType": "Appointment", "status": "pending", **created, **frame}

    async def _carry_out(self, work: Callable[[Session], Stored]) -> Stored:
        try:
            return await write_retrying(self._chart.storage, work)
        except cells.Gone:
            raise ChartRefusal(404, GONE) from None
        except NotFound:
            raise refuse(422, "not-found", "no such patient in this chart", "patient-reference") from None
        except (PatientBusy, TooManyVisits) as conflict:
            raise refuse(409, "business-rule", str(conflict)) from None


def held_as(appointment_id: str) -> str:
    """The name that a held Appointment's hold goes by, in place of a call's."""
    return f"fhir-{appointment_id}"


def _patient(patient_id: str) -> str:
    if not patient_id:
        raise refuse(400, "required", "whose appointment? name a patient", "patient-reference")
    return patient_id
