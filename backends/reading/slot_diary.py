"""Booking by Slot and Appointment alone, for servers without the operations of IHE Scheduling.

A hold is kept here, between our own callers. The booking takes the slots, each PUT naming the version that
was seen, then creates the Appointment under an identifier of its own: who comes second is offered another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from urllib.parse import quote

from sqlmodel import Session

from backends import cells
from backends.appointments import Booking, slots_of
from backends.embedded import EmbeddedBackends
from backends.fhir_time import fhir_instant, instant
from backends.looking_ahead import LookingAhead
from backends.reading.claims import FREE, TAKEN, Claims, is_free
from backends.reading.diary import Diary, cancellation, found_as
from backends.reading.looks import NOBODY
from backends.reading.problems import ChartNotReached, problem_of
from backends.refusals import Json
from backends.registration import HELD_FOR, Registrations
from backends.schedule_rules import Candidate, candidates, read_opening_id
from backends.staff_tasks import StaffTasks
from fhir.client import Stored
from fhir.errors import Conflicting, FhirError, NetworkAmbiguous, Retryable
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

Draft = Callable[[Session, Candidate], Booking]


class SlotDiary(Diary):
    """`Diary` on plain resources."""

    async def find(self, wish: FindOpenings) -> OpeningsFound:
        own = self.on(await self._schedules())
        rule, now = own.scheduling.rule(wish.visit_type), own.clock()
        ahead = LookingAhead(wish, rule, now, own.practice.zone, await self.busy(wish, now))
        openings, storage = own.scheduling.openings, own.chart.storage
        schedules = await storage.read(lambda s: openings.schedules(s, wish.provider_id))
        while schedules and (days := ahead.next_days()):
            seen = self.on([*await self._schedules(), *await self._slots(own, list(schedules), *days)])
            free = partial(_free, seen, schedules=schedules, days=days, minutes=rule.visit_type.minutes)
            ahead.take(await storage.read(free), days[1])
        return found_as(own, ahead.chosen)

    async def hold(self, wish: HoldOpening, *, call_id: str) -> OpeningHeld | OpeningGone:
        try:
            own = self.on(await self._around(wish.opening_id))
            await self._hold(own, wish.opening_id, call_id)
        except cells.Gone:
            return OpeningGone(wish.opening_id)
        return OpeningHeld(wish.opening_id)

    async def book(self, wish: BookOpening, *, call_id: str) -> VisitBooked | OpeningGone:
        own = await self.part_now(wish.patient_id)
        rule = own.scheduling.rule(wish.visit_type)

        def draft(_: Session, opening: Candidate) -> Booking:
            told = (wish.reason, "", "", wish.needs)
            return Booking(wish.patient_id, opening, rule, call_id, wish.action_id, *told)

        return await self._book(own, draft, wish, call_id)

    async def move(self, wish: MoveVisit, *, call_id: str) -> VisitBooked | OpeningGone:
        """Book the new time, then cancel the old visit: when the new one is gone the old one stands."""
        own = await self.part_now(wish.patient_id)
        scheduling, mine = own.scheduling, (wish.appointment_id, wish.patient_id)
        if await self.made_before(own, call_id, wish.action_id) is None:
            await self.open_visit(*mine)

        def draft(session: Session, opening: Candidate) -> Booking:
            rule = scheduling.rule_of(scheduling.appointments.open_visit(session, *mine), opening)
            return Booking(
                wish.patient_id, opening, rule, call_id, wish.action_id, instead_of=wish.appointment_id
            )

        moved = await self._book(own, draft, wish, call_id)
        if isinstance(moved, VisitBooked):
            await self._give_up(wish, call_id)
        return moved

    async def register(self, wish: RegisterPatient, *, call_id: str) -> RegistrationPending | OpeningGone:
        """Take the slots for a day, on the server too, and ask staff to confirm the visit."""
        if before := await self.registered_before(wish, call_id):
            return before
        try:
            own = self.on(await self._around(wish.opening_id))
            own.scheduling.rule(wish.visit_type)
            tasks, now = StaffTasks(own.chart.store, own.practice, self.system_url), own.clock()
            opening = await self._hold(own, wish.opening_id, call_id)
            await Claims(self.looks).take(opening.slot_ids, now, HELD_FOR)
            registrations = Registrations(own.scheduling.openings, tasks, own.practice)
            return await own.chart.storage.write(lambda s: registrations.take(s, wish, call_id, now))
        except cells.Gone:
            return OpeningGone(wish.opening_id)

    async def end_visit(self, wish: CancelVisit, call_id: str) -> None:
        visit = await self.change(
            wish.appointment_id, wish.patient_id, lambda visit: cancellation(visit, wish.reason)
        )
        if not await Claims(self.looks).free(slots_of(visit)):
            summary = (
                f"Appointment/{visit['id']} is cancelled; its time could not be set free. Please free it."
            )
            await self.tell_staff(summary, wish.patient_id, call_id, wish.action_id)

    # ------------------------------------------------------------------ one booking

    async def _book(
        self, own: EmbeddedBackends, draft: Draft, wish: BookOpening | MoveVisit, call_id: str
    ) -> VisitBooked | OpeningGone:
        before = await self.made_before(own, call_id, wish.action_id)
        if before is not None:
            return await self.booked(own, before, wish.patient_id, call_id)
        try:
            part = await self.patients.part(wish.patient_id)
            own = self.on([*part, *await self._around(wish.opening_id)])
            opening = await self._hold(own, wish.opening_id, call_id)
            document = await own.chart.storage.read(lambda s: self._document(own, s, draft(s, opening)))
            visit = await self._create(document, opening.slot_ids, own)
        except cells.Gone:
            return OpeningGone(wish.opening_id)
        return await self.booked(own, visit, wish.patient_id, call_id)

    def _document(self, own: EmbeddedBackends, session: Session, booking: Booking) -> Json:
        now = own.clock()
        self.check(own, session, booking, now)
        return own.scheduling.appointments.document(session, booking, now)

    async def _hold(self, own: EmbeddedBackends, opening_id: str, call_id: str) -> Candidate:
        """The opening, held between our own callers. Raises `cells.Gone`."""
        now = own.clock()

        def work(session: Session) -> Candidate:
            opening = own.scheduling.openings.read(session, opening_id, now)
            cells.hold(session, opening, call_id, now)
            return opening

        return await own.chart.storage.write(work)

    async def _create(self, document: Json, slot_ids: Sequence[str], own: EmbeddedBackends) -> Json:
        """The Appointment as the server made it. Raises `cells.Gone`; a slot is never left to two."""
        claims = Claims(self.looks)
        taken = await claims.take(slot_ids, own.clock())
        try:
            stored = await self.client.create(document, if_none_exist=_condition(document))
        except (NetworkAmbiguous, Retryable) as lost:
            stored = await self._found_again(document, lost, claims, taken)
        except FhirError as refused:
            await claims.give_back(taken)
            raise cells.Gone from refused if isinstance(refused, Conflicting) else problem_of(refused)
        await claims.settle(taken)
        visit: Json = {**document, **(stored.resource or {}), "id": stored.reference.rpartition("/")[2]}
        return visit

    async def _found_again(
        self, document: Json, lost: FhirError, claims: Claims, taken: Sequence[Stored]
    ) -> Stored:
        """No answer to a creation: until it is known that nothing was made the slots stay taken."""
        try:
            made = await self.client.search("Appointment", {"identifier": _token(document)})
        except FhirError:
            raise ChartNotReached("the server did not say whether it booked") from lost
        if not made:
            await claims.give_back(taken)
            raise problem_of(lost) from lost
        return Stored(f"Appointment/{made[0]['id']}", "", 200, made[0])

    async def _give_up(self, wish: MoveVisit, call_id: str) -> None:
        """Cancel what was moved from; staff do it where the server does not let us."""
        old = CancelVisit(wish.action_id, wish.patient_id, wish.appointment_id)
        try:
            await self.end_visit(old, call_id)
        except BackendError:
            summary = f"A visit was moved; the old one, Appointment/{wish.appointment_id}, must be cancelled."
            await self.tell_staff(summary, wish.patient_id, call_id, wish.action_id)
        await self.look_again(wish.patient_id)

    # ------------------------------------------------------------------ what is read

    async def _schedules(self) -> list[Json]:
        return list(await self.looks.search(NOBODY, "Schedule", active="true", _count="200"))

    async def _slots(
        self, own: EmbeddedBackends, schedules: Sequence[str], first: date, last: date
    ) -> list[Json]:
        """The free slots of some days, as of now."""
        begin, end = own.practice.instant(first), own.practice.instant(last + timedelta(days=1))
        params = [
            ("schedule", ",".join(schedules)),
            ("status", f"{FREE},{TAKEN}"),
            ("start", f"ge{fhir_instant(begin)}"),
            ("start", f"lt{fhir_instant(end)}"),
            ("_count", "500"),
        ]
        found = await self.looks.fresh(lambda: self.client.search("Slot", params))
        now = own.clock()
        return [{**slot, "status": FREE} for slot in found if is_free(slot, now)]

    async def _around(self, opening_id: str) -> list[Json]:
        """The slots of an opening's day, with their schedule. Raises `cells.Gone` for what is no opening."""
        parts = read_opening_id(opening_id)
        if parts is None:
            raise cells.Gone
        (slot,) = await self.looks.fresh(lambda: self._slot(parts[0])) or [{}]
        own = self.on(())
        if not slot or not is_free(slot, own.clock()):
            raise cells.Gone
        day = instant(slot["start"]).astimezone(own.practice.zone).date()
        schedule = await self.looks.read(NOBODY, slot["schedule"]["reference"])
        return [schedule, *await self._slots(own, [slot["schedule"]["reference"]], day, day)]

    async def _slot(self, slot_id: str) -> list[Json]:
        found = await self.client.read(f"Slot/{slot_id}")
        return [found.resource] if found.resource else []


def _free(
    seen: EmbeddedBackends,
    session: Session,
    *,
    schedules: dict[str, str],
    days: tuple[date, date],
    minutes: int,
) -> list[Candidate]:
    slots = seen.scheduling.openings.free_slots(session, schedules, *days)
    return cells.not_taken(session, candidates(slots, minutes), seen.clock())


def _token(document: Json) -> str:
    """The identifier that names the action which books."""
    name = document["identifier"][-1]
    return f"{name['system']}|{name['value']}"


def _condition(document: Json) -> str:
    return f"identifier={quote(_token(document), safe=':/|')}"
