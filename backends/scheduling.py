"""The practice's diary on the embedded chart: openings are free FHIR Slots, bookings five-minute cells.

https://hl7.org/fhir/R4/slot.html, https://hl7.org/fhir/R4/appointment.html. Every wish is one transaction;
the cells' unique key decides between callers who race.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from backends import cells
from backends.appointments import Appointments, Booking, booked_visit, slots_of, type_code
from backends.chart import Chart, write_retrying
from backends.openings import Openings
from backends.practice import Practice
from backends.refusals import TooManyNoShows
from backends.registration import Registrations
from backends.schedule_rules import Candidate
from backends.staff_tasks import StaffTasks
from backends.store import Stored
from backends.visit_history import MAX_NO_SHOWS, no_shows
from backends.visit_texts import VisitTexts
from backends.visit_types import VisitRule
from models.domain import (
    BookOpening,
    CancelVisit,
    ConfirmVisit,
    FindOpenings,
    HoldOpening,
    MoveVisit,
    Opening,
    OpeningGone,
    OpeningHeld,
    OpeningsFound,
    RegisterPatient,
    RegistrationPending,
    VisitBooked,
    VisitCancelled,
    VisitConfirmed,
    VisitType,
)
from models.errors import NotFound


class EmbeddedScheduling:
    """`models.domain.Scheduling` on the embedded chart."""

    def __init__(self, chart: Chart, practice: Practice, system_url: str) -> None:
        self._chart = chart
        self._practice = practice
        self.openings = Openings(chart.store, practice)
        self.appointments = Appointments(chart.store, practice, system_url)
        tasks = StaffTasks(chart.store, practice, system_url)
        self._registrations = Registrations(self.openings, tasks, practice)
        self.texts = VisitTexts(chart.store, practice, system_url)

    async def find(self, wish: FindOpenings) -> OpeningsFound:
        """Openings for a wish, best first, never in the past. Raises `NotFound` for an unknown visit type."""
        rule, now = self.rule(wish.visit_type), self._chart.clock()

        def work(session: Session) -> list[Candidate]:
            busy = self.appointments.times(session, wish.patient_id, now, wish.instead_of)
            return self.openings.find(session, wish, rule, now, busy)

        found = await self._chart.storage.read(work)
        return OpeningsFound(tuple(self.opening(candidate) for candidate in found))

    async def hold(self, wish: HoldOpening, *, call_id: str) -> OpeningHeld | OpeningGone:
        """Keep an opening for this call for five minutes; what the call held before is let go."""
        now = self._chart.clock()

        def work(session: Session) -> OpeningHeld:
            cells.hold(session, self.openings.read(session, wish.opening_id, now), call_id, now)
            return OpeningHeld(wish.opening_id)

        try:
            return await write_retrying(self._chart.storage, work)
        except cells.Gone:
            return OpeningGone(wish.opening_id)

    async def book(self, wish: BookOpening, *, call_id: str) -> VisitBooked | OpeningGone:
        """Book once per (call, action). Raises `NotFound`, `PatientBusy`, `TooManyVisits` or
        `TooManyNoShows`.
        """
        rule, now = self.rule(wish.visit_type), self._chart.clock()

        def work(session: Session) -> Stored:
            opening = self.openings.read(session, wish.opening_id, now, wish.visit_type)
            self.lock_patient(session, wish.patient_id)
            if no_shows(self._chart.store, session, wish.patient_id, now) >= MAX_NO_SHOWS:
                raise TooManyNoShows("staff book this patient's visits")
            booking = Booking(
                wish.patient_id, opening, rule, call_id, wish.action_id, wish.reason, needs=wish.needs
            )
            made = self.write_visit(session, booking, now)
            self.texts.confirm(session, made, wish.patient_id, opening.start, now)
            return made

        return await self.once(work, wish.opening_id, call_id, wish.action_id)

    async def move(self, wish: MoveVisit, *, call_id: str) -> VisitBooked | OpeningGone:
        """Swap a visit's time in one transaction: when the new opening is gone the old visit stands.

        Raises `NotFound` when the visit is not this patient's or not open, and `PatientBusy`.
        """
        now = self._chart.clock()

        def work(session: Session) -> Stored:
            self.lock_patient(session, wish.patient_id)
            old = self.appointments.open_visit(session, wish.appointment_id, wish.patient_id)
            if old.body["status"] != "booked":
                raise NotFound("the appointment is not open")
            opening = self.openings.read(session, wish.opening_id, now, type_code(old.body))
            rule = self.rule_of(old, opening)
            booking = Booking(
                wish.patient_id, opening, rule, call_id, wish.action_id, instead_of=wish.appointment_id
            )
            moved = self.write_visit(session, booking, now)
            self.free_visit(session, old, "pat")
            self.texts.confirm(session, moved, wish.patient_id, opening.start, now)
            return moved

        return await self.once(work, wish.opening_id, call_id, wish.action_id)

    async def cancel(self, wish: CancelVisit, *, call_id: str) -> VisitCancelled:
        """Cancel an open visit of this patient, or find it cancelled. Raises `NotFound`."""

        def work(session: Session) -> VisitCancelled:
            stored = self.appointments.open_visit(session, wish.appointment_id, wish.patient_id)
            if stored.body["status"] == "booked":
                self.free_visit(session, stored, wish.reason)
            elif stored.body["status"] != "cancelled":
                raise NotFound("the appointment is not open")
            return VisitCancelled(wish.appointment_id, stored.ref)

        return await write_retrying(self._chart.storage, work)

    async def confirm(self, wish: ConfirmVisit, *, call_id: str) -> VisitConfirmed:
        """Mark an open visit of this patient as confirmed by them. Raises `NotFound`."""
        now = self._chart.clock()

        def work(session: Session) -> VisitConfirmed:
            stored = self.appointments.open_visit(session, wish.appointment_id, wish.patient_id)
            if stored.body["status"] != "booked":
                raise NotFound("the appointment is not open")
            self.appointments.confirm(session, stored, now)
            return VisitConfirmed(wish.appointment_id, stored.ref)

        return await write_retrying(self._chart.storage, work)

    async def register(self, wish: RegisterPatient, *, call_id: str) -> RegistrationPending | OpeningGone:
        """Hold a first visit for a day and ask staff to confirm it. Raises `NotFound` for an unknown type."""
        self.rule(wish.visit_type)
        now = self._chart.clock()

        def work(session: Session) -> RegistrationPending:
            return self._registrations.take(session, wish, call_id, now)

        try:
            return await write_retrying(self._chart.storage, work)
        except cells.Gone:
            return OpeningGone(wish.opening_id)

    async def release(self, *, call_id: str) -> None:
        """Let go of what a call holds and did not book."""
        await self._chart.storage.write(lambda session: cells.free_call(session, call_id))

    async def once(
        self, work: Callable[[Session], Stored], opening_id: str, call_id: str, action_id: str
    ) -> VisitBooked | OpeningGone:
        """Carry out an action unless it was carried out before: then its appointment is the answer."""

        def guarded(session: Session) -> tuple[Stored, bool]:
            stored = self.appointments.made_by(session, call_id, action_id) or work(session)
            return stored, self.texts.is_queued(session, stored.body["id"])

        try:
            stored, texted = await write_retrying(self._chart.storage, guarded)
        except cells.Gone:
            return OpeningGone(opening_id)
        return VisitBooked(booked_visit(stored.body, self._practice), stored.ref, texted)

    def write_visit(
        self, session: Session, booking: Booking, now: datetime, appointment_id: str = ""
    ) -> Stored:
        """Book within the caller's transaction, under this id or a new one.

        Raises `cells.Gone`, `PatientBusy` or `TooManyVisits`.
        """
        self.appointments.check_room(session, booking, now)
        appointment_id = appointment_id or uuid.uuid4().hex
        cells.book(session, booking.opening, booking.call_id, now, appointment_id)
        self.openings.set_status(session, booking.opening.slot_ids, "busy")
        return self.appointments.write(session, booking, appointment_id, now)

    def free_visit(self, session: Session, stored: Stored, reason: str, words: str = "") -> None:
        """Cancel a booked visit within the caller's transaction; its time is free again."""
        self.appointments.cancel(session, stored, reason, words)
        cells.free_visit(session, stored.body["id"])
        self.openings.set_status(session, slots_of(stored.body), "free")

    def lock_patient(self, session: Session, patient_id: str) -> None:
        """Two bookings for one patient wait for each other. Raises `NotFound`."""
        if self._chart.store.find(session, "Patient", patient_id, lock=True) is None:
            raise NotFound("no such patient")

    def rule(self, code: str) -> VisitRule:
        """The practice's rule for a visit type. Raises `NotFound`."""
        rule = self._practice.visit_rule(code)
        if rule is None:
            raise NotFound("the practice has no such visit type")
        return rule

    def rule_of(self, old: Stored, opening: Candidate) -> VisitRule:
        """The old visit's own type; one that the practice does not list keeps its name."""
        code = type_code(old.body)
        return self._practice.visit_rule(code) or VisitRule(VisitType(code, code, opening.minutes))

    def opening(self, candidate: Candidate) -> Opening:
        """A candidate as a call may know it."""
        name = self._practice.provider_name(candidate.provider_id)
        return Opening(candidate.opening_id, candidate.provider_id, name, candidate.start, candidate.minutes)
