"""Booking by ``Appointment/$find``, ``$hold`` and ``$book``: the server itself keeps a time for one booking.

IHE ITI Scheduling 1.0, https://profiles.ihe.net/ITI/Scheduling/. A held Appointment is remembered in this
process; where it ends, the server lets the time go after its own minutes, and the caller is offered another.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from backends import cells
from backends.appointments import Booking, service_type, slots_of
from backends.embedded import EmbeddedBackends
from backends.fhir_time import fhir_instant, instant
from backends.looking_ahead import LookingAhead
from backends.reading.call_memory import CallMemory
from backends.reading.diary import Diary, cancellation, found_as
from backends.reading.directory import On
from backends.reading.documents import fit_for_use
from backends.reading.patients import Patients
from backends.reading.problems import ChartNotUnderstood, NotOffered, problem_of
from backends.reading.slot_diary import SlotDiary
from backends.refusals import Json
from backends.schedule_rules import Candidate, opening_id, read_opening_id
from backends.visit_types import VisitRule
from fhir.errors import Conflicting, FhirError, Gone
from models.domain import (
    BookOpening,
    CancelVisit,
    FindOpenings,
    HoldOpening,
    MoveVisit,
    OpeningGone,
    OpeningHeld,
    OpeningsFound,
    RegisterPatient,
    RegistrationPending,
    VisitBooked,
)
from models.errors import BackendError

MOST_PROPOSED = 100


class OperationDiary(Diary):
    """`Diary` by the three operations."""

    def __init__(self, patients: Patients, on: On, system_url: str, memory: CallMemory) -> None:
        super().__init__(patients, on, system_url)
        self._slots = SlotDiary(patients, on, system_url)
        self._memory = memory

    async def find(self, wish: FindOpenings) -> OpeningsFound:
        own = self.on(())
        rule, now = own.scheduling.rule(wish.visit_type), own.clock()
        ahead = LookingAhead(wish, rule, now, own.practice.zone, await self.busy(wish, now))
        while days := ahead.next_days():
            ahead.take(*await self._proposed(own, wish, rule, *days))
        return found_as(own, ahead.chosen)

    async def hold(self, wish: HoldOpening, *, call_id: str) -> OpeningHeld | OpeningGone:
        await self._let_go(call_id)
        parts = read_opening_id(wish.opening_id)
        try:
            if parts is None:
                raise cells.Gone
            wanted = {"name": "appointment-reference", "valueReference": _reference(parts[0])}
            held = await self._operate("hold", wanted)
        except cells.Gone:
            return OpeningGone(wish.opening_id)
        self._memory.of(call_id).held[wish.opening_id] = held
        return OpeningHeld(wish.opening_id)

    async def book(self, wish: BookOpening, *, call_id: str) -> VisitBooked | OpeningGone:
        if before := self._memory.made(call_id, wish.action_id):
            return before
        own = await self.part_now(wish.patient_id)
        rule, held = own.scheduling.rule(wish.visit_type), await self._holding(wish, call_id)
        if held is None:
            return OpeningGone(wish.opening_id)
        told = (wish.reason, "", "", wish.needs)
        booking = Booking(wish.patient_id, _candidate(held), rule, call_id, wish.action_id, *told)
        await own.chart.storage.read(lambda s: self.check(own, s, booking, own.clock()))
        return await self._booked(own, _for_patient(held, booking), wish, call_id)

    async def move(self, wish: MoveVisit, *, call_id: str) -> VisitBooked | OpeningGone:
        """One swap, done by the server: it books the new time and gives up the old one."""
        if before := self._memory.made(call_id, wish.action_id):
            return before
        old = await self.open_visit(wish.appointment_id, wish.patient_id)
        own, held = await self.part_now(wish.patient_id), await self._holding(wish, call_id)
        if held is None:
            return OpeningGone(wish.opening_id)
        scheduling, opening = own.scheduling, _candidate(held)

        def check(session: Session) -> None:
            kept = scheduling.appointments.open_visit(session, wish.appointment_id, wish.patient_id)
            rule, instead = scheduling.rule_of(kept, opening), wish.appointment_id
            booking = Booking(wish.patient_id, opening, rule, call_id, wish.action_id, instead_of=instead)
            self.check(own, session, booking, own.clock())

        await own.chart.storage.read(check)
        await self._let_go(call_id)  # the swap itself takes the time, or finds it gone
        times: Json = {name: held[name] for name in ("slot", "start", "end") if name in held}
        swapped = {**old, **times}
        return await self._booked(own, swapped, wish, call_id)

    async def register(self, wish: RegisterPatient, *, call_id: str) -> RegistrationPending | OpeningGone:
        """A day is longer than these operations hold: the slots themselves are taken, where that may be."""
        if before := await self.registered_before(wish, call_id):
            return before
        able = await self.looks.capabilities()
        held = await self._holding(wish, call_id)
        if held is None:
            return OpeningGone(wish.opening_id)
        slots = slots_of(held)
        if not slots or not able.can("update", "Slot"):
            raise NotOffered("the server holds no time for a day")
        by_slot = replace(wish, opening_id=opening_id(slots[0], _candidate(held).minutes))
        given = await self._slots.register(by_slot, call_id=call_id)
        await self._let_go(call_id)
        return OpeningGone(wish.opening_id) if isinstance(given, OpeningGone) else given

    async def end_visit(self, wish: CancelVisit, call_id: str) -> None:
        visit = await self.open_visit(wish.appointment_id, wish.patient_id)
        await self._operate("book", _resource(cancellation(visit, wish.reason)))

    async def release(self, *, call_id: str) -> None:
        try:
            await self._let_go(call_id)
            await super().release(call_id=call_id)
        finally:
            self._memory.forget(call_id)

    # ------------------------------------------------------------------ the operations

    async def _proposed(
        self, own: EmbeddedBackends, wish: FindOpenings, rule: VisitRule, first: date, last: date
    ) -> tuple[list[Candidate], date]:
        """What the server proposes, and up to which day that is all of it."""
        asked = _find_parameters(own, wish, rule, self.system_url, first, last)
        bundle = await self.looks.ask(lambda: self.client.operation("find", "Appointment", asked))
        found = fit_for_use(_appointments(bundle), self.client.base_url, "US")
        free = [_proposal(one) for one in found if "start" in one and "end" in one]
        mine = [one for one in free if own.practice.provider_name(one.provider_id)]
        if len(found) < MOST_PROPOSED:
            return mine, last
        latest = max(one.start for one in free).astimezone(own.practice.zone).date()
        until = max(first, latest - timedelta(days=1))
        return [one for one in mine if one.start.astimezone(own.practice.zone).date() <= until], until

    async def _operate(self, name: str, *parameters: Json) -> Json:
        """The Appointment that comes of it. Raises `cells.Gone` when the time is somebody else's."""
        body = {"resourceType": "Parameters", "parameter": list(parameters)}
        try:
            answer = await self.client.operation(name, "Appointment", body)
        except (Gone, Conflicting) as gone:
            raise cells.Gone from gone
        except FhirError as problem:
            if any(issue.code == "not-found" for issue in problem.issues):
                raise cells.Gone from problem  # said with a status of success
            raise problem_of(problem) from problem
        found = fit_for_use(_appointments(answer), self.client.base_url, "US")
        if found:
            return found[0]
        if "OperationOutcome" in str(answer):  # IHE wants a refusal inside a Bundle of success
            raise cells.Gone
        raise ChartNotUnderstood(f"${name} answered without an Appointment")

    async def _booked(
        self, own: EmbeddedBackends, asked: Json, wish: BookOpening | MoveVisit, call_id: str
    ) -> VisitBooked | OpeningGone:
        try:
            visit = await self._operate("book", _resource(asked))
        except cells.Gone:
            return OpeningGone(wish.opening_id)
        self._memory.of(call_id).held.pop(wish.opening_id, None)
        made = await self.booked(own, visit, wish.patient_id, call_id)
        self._memory.of(call_id).made[wish.action_id] = made
        return made

    async def _holding(self, wish: BookOpening | MoveVisit | RegisterPatient, call_id: str) -> Json | None:
        """The held Appointment of an opening, held now where it was not; None when it is gone."""
        if self._memory.held(call_id, wish.opening_id) is None:
            await self.hold(HoldOpening(wish.action_id, wish.opening_id), call_id=call_id)
        return self._memory.held(call_id, wish.opening_id)

    async def _let_go(self, call_id: str) -> None:
        """Of what a call holds; a server that cannot be told lets it go by itself."""
        for held in self._memory.take_held(call_id):
            with contextlib.suppress(BackendError, cells.Gone):
                await self._operate("book", _resource(cancellation(held, "pat")))


def _find_parameters(
    own: EmbeddedBackends, wish: FindOpenings, rule: VisitRule, system_url: str, first: date, last: date
) -> Json:
    begin, end = own.practice.instant(first), own.practice.instant(last + timedelta(days=1))
    begin = max(begin, own.clock())
    parameters: list[Json] = [
        {"name": "start", "valueDateTime": fhir_instant(begin)},
        {"name": "end", "valueDateTime": fhir_instant(end)},
        {"name": "service-type", "valueCodeableConcept": service_type(rule.visit_type, system_url)},
        {"name": "_count", "valueInteger": MOST_PROPOSED},
    ]
    if wish.provider_id:
        practitioner = {"reference": f"Practitioner/{wish.provider_id}"}
        parameters.append({"name": "practitioner", "valueReference": practitioner})
    return {"resourceType": "Parameters", "parameter": parameters}


def _appointments(answer: Json) -> list[Any]:
    """The Appointments of an answer, which is one or a Bundle of some."""
    entries: Sequence[Any] = answer.get("entry", []) if answer.get("resourceType") == "Bundle" else []
    inside = [entry.get("resource") for entry in entries if isinstance(entry, dict)]
    found = [answer, *inside]
    return [one for one in found if isinstance(one, dict) and one.get("resourceType") == "Appointment"]


def _candidate(visit: Json) -> Candidate:
    """The time of a proposed or held Appointment, with its slots."""
    start, end = instant(visit["start"]), instant(visit["end"])
    people = (part.get("actor", {}).get("reference", "") for part in visit["participant"])
    provider = next((one for one in people if one.startswith("Practitioner/")), "")
    minutes = int((end - start).total_seconds()) // 60
    return Candidate(provider.removeprefix("Practitioner/"), start, minutes, tuple(slots_of(visit)))


def _proposal(visit: Json) -> Candidate:
    """The same, known by the proposal's id, which is what ``$hold`` wants to hear."""
    return replace(_candidate(visit), slot_ids=(str(visit["id"]),))


def _for_patient(held: Json, booking: Booking) -> Json:
    """The held Appointment as it is to be booked."""
    others = [one for one in held["participant"] if not _is_patient(one)]
    patient = {
        "actor": _reference(booking.patient_id, "Patient"),
        "required": "required",
        "status": "accepted",
    }
    reason = {"description": booking.reason} if booking.reason else {}
    needs = f". Needs: {booking.needs}" if booking.needs else ""
    comment = f"Booked by the AI phone assistant, call {booking.call_id}{needs}"
    return {**held, "status": "booked", "participant": [patient, *others], **reason, "comment": comment}


def _is_patient(participant: Json) -> bool:
    return str(participant.get("actor", {}).get("reference", "")).startswith("Patient/")


def _resource(appointment: Json) -> Json:
    return {"name": "appointment-resource", "resource": appointment}


def _reference(resource_id: str, kind: str = "Appointment") -> Json:
    return {"reference": f"{kind}/{resource_id}"}
