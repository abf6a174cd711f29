"""What every way of booking on a FHIR server has in common: the patient's visits, our own rules."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlmodel import Session

from backends import cells
from backends.appointments import CANCELLATION_REASONS, Booking, booked_visit, patient_of
from backends.embedded import EmbeddedBackends
from backends.reading.directory import On
from backends.reading.documents import relative
from backends.reading.patients import Patients
from backends.reading.problems import problem_of
from backends.refusals import Json, TooManyNoShows
from backends.registration import HELD_FOR
from backends.schedule_rules import Candidate
from backends.staff_tasks import StaffTasks, TaskOrder
from backends.store import Stored
from backends.visit_history import MAX_NO_SHOWS, no_shows
from fhir.errors import Conflicting, FhirError
from models.domain import (
    BookOpening,
    CancelVisit,
    ConfirmVisit,
    FindOpenings,
    HoldOpening,
    MoveVisit,
    OpeningGone,
    OpeningHeld,
    OpeningsFound,
    OpenTask,
    Priority,
    RegisterPatient,
    RegistrationPending,
    TaskKind,
    VisitBooked,
    VisitCancelled,
    VisitConfirmed,
)
from models.errors import BackendError, NotFound

Change = Callable[[Json], Json]


class Diary(ABC):
    """Visits on the server. ``system_url`` begins our identifier systems. Raises the errors of `problems`."""

    def __init__(self, patients: Patients, on: On, system_url: str) -> None:
        self.patients = patients
        self.looks = patients.looks
        self.client = patients.looks.client
        self.on = on
        self.system_url = system_url

    @abstractmethod
    async def find(self, wish: FindOpenings) -> OpeningsFound: ...

    @abstractmethod
    async def hold(self, wish: HoldOpening, *, call_id: str) -> OpeningHeld | OpeningGone: ...

    @abstractmethod
    async def book(self, wish: BookOpening, *, call_id: str) -> VisitBooked | OpeningGone: ...

    @abstractmethod
    async def move(self, wish: MoveVisit, *, call_id: str) -> VisitBooked | OpeningGone: ...

    @abstractmethod
    async def register(self, wish: RegisterPatient, *, call_id: str) -> RegistrationPending | OpeningGone: ...

    @abstractmethod
    async def end_visit(self, wish: CancelVisit, call_id: str) -> None:
        """Cancel an open visit on the server, and free its time."""

    async def cancel(self, wish: CancelVisit, *, call_id: str) -> VisitCancelled:
        """Cancel an open visit of this patient, or find it cancelled. Raises `NotFound`."""
        visit = await self.open_visit(wish.appointment_id, wish.patient_id, ("booked", "cancelled"))
        if visit["status"] == "booked":
            await self.end_visit(wish, call_id)
        await self.look_again(wish.patient_id)
        return VisitCancelled(wish.appointment_id, f"Appointment/{wish.appointment_id}")

    async def confirm(self, wish: ConfirmVisit) -> VisitConfirmed:
        """The patient says that they will come. Raises `NotFound`."""
        own = self.on(())
        now, confirmed = own.clock(), own.scheduling.appointments.confirmed
        await self.change(wish.appointment_id, wish.patient_id, lambda visit: confirmed(visit, now))
        await self.look_again(wish.patient_id)
        return VisitConfirmed(wish.appointment_id, f"Appointment/{wish.appointment_id}")

    async def release(self, *, call_id: str) -> None:
        """Let go of what a call holds and did not book."""
        await self.on(()).chart.storage.write(lambda session: cells.free_call(session, call_id))

    # ------------------------------------------------------------------ what the ways of booking share

    async def part_now(self, patient_id: str, more: Iterable[Json] = ()) -> EmbeddedBackends:
        """Our rules on the patient's part as it is now. Raises `NotFound`."""
        self.looks.forget(patient_id)
        return self.on([*await self.patients.part(patient_id), *more])

    async def busy(self, wish: FindOpenings, now: datetime) -> list[tuple[datetime, datetime]]:
        """When the patient is expected already, the visit that would be moved left aside."""
        if not wish.patient_id:
            return []
        own = self.on(await self.patients.part(wish.patient_id))
        times = own.scheduling.appointments.times
        return await own.chart.storage.read(lambda s: times(s, wish.patient_id, now, wish.instead_of))

    def check(self, own: EmbeddedBackends, session: Session, booking: Booking, now: datetime) -> None:
        """Raises `PatientBusy`, `TooManyVisits`, and, but for a move, `TooManyNoShows`."""
        missed = no_shows(own.chart.store, session, booking.patient_id, now)
        if missed >= MAX_NO_SHOWS and not booking.instead_of:
            raise TooManyNoShows("staff book this patient's visits")
        own.scheduling.appointments.check_room(session, booking, now)

    async def made_before(self, own: EmbeddedBackends, call_id: str, action_id: str) -> Json | None:
        """The visit that this very action made, where its answer was lost."""
        made_by = own.scheduling.appointments.made_by
        stored = await own.chart.storage.read(lambda s: made_by(s, call_id, action_id))
        return stored.body if stored else None

    async def registered_before(self, wish: RegisterPatient, call_id: str) -> RegistrationPending | None:
        """What this very action asked staff to confirm."""
        own = self.on(())
        tasks = StaffTasks(own.chart.store, own.practice, self.system_url)
        row = await own.chart.storage.read(lambda s: tasks.opened(s, call_id, wish.action_id))
        return RegistrationPending(row.id, row.created_at + HELD_FOR) if row else None

    async def booked(self, own: EmbeddedBackends, visit: Json, patient_id: str, call_id: str) -> VisitBooked:
        """The answer, once the visit stands; it is confirmed by text to who agreed to that."""
        now, stored = own.clock(), Stored(visit, 0, own.clock())
        told, texts = booked_visit(visit, own.practice), own.scheduling.texts

        def work(session: Session) -> bool:
            cells.free_call(session, call_id)  # from now on the server's own slot says that it is taken
            if not texts.is_queued(session, stored.body["id"]):
                texts.confirm(session, stored, patient_id, told.start, now)
            return texts.is_queued(session, stored.body["id"])

        texted = await own.chart.storage.write(work)
        await self.look_again(patient_id)
        return VisitBooked(told, stored.ref, texted)

    async def open_visit(
        self, appointment_id: str, patient_id: str, statuses: tuple[str, ...] = ("booked",)
    ) -> Json:
        """The patient's own appointment as the server has it now. Raises `NotFound`."""
        found = await self.looks.ask(lambda: self.client.read(f"Appointment/{appointment_id}"))
        visit: Json = relative(found.resource or {}, f"{self.client.base_url}/")
        if visit.get("status") not in statuses or patient_of(visit) != patient_id:
            raise NotFound("no such open appointment of this patient")
        return visit

    async def change(self, appointment_id: str, patient_id: str, change: Change) -> Json:
        """PUT a change to an open visit, read anew once where it was changed meanwhile; as it was before."""
        for is_last in (False, True):
            visit = await self.open_visit(appointment_id, patient_id)
            version = str(visit.get("meta", {}).get("versionId", ""))
            try:
                await self.client.update(change(visit), if_match=f'W/"{version}"' if version else "")
                return visit
            except FhirError as problem:
                if is_last or not isinstance(problem, Conflicting):
                    raise problem_of(problem) from problem
        raise AssertionError("the last try returns or raises")

    async def look_again(self, patient_id: str) -> None:
        """After a write: read what the next decision looks at. What was done stands in any case."""
        self.looks.forget(patient_id)
        with contextlib.suppress(BackendError):
            await self.patients.part(patient_id)

    async def tell_staff(self, summary: str, patient_id: str, call_id: str, action_id: str) -> None:
        """What was left half done on the server becomes somebody's task, once."""
        own = self.on(())
        wish = OpenTask(f"{action_id}-rest", TaskKind.SCHEDULE_ASSIST, Priority.URGENT, summary, patient_id)
        tasks, now = StaffTasks(own.chart.store, own.practice, self.system_url), own.clock()
        await own.chart.storage.write(lambda s: tasks.open(s, TaskOrder(wish, call_id), now))


def cancellation(visit: Json, reason: str) -> Json:
    """The Appointment, cancelled."""
    coding = {"system": CANCELLATION_REASONS, "code": reason}
    return {**visit, "status": "cancelled", "cancelationReason": {"coding": [coding]}}


def found_as(own: EmbeddedBackends, chosen: Iterable[Candidate]) -> OpeningsFound:
    return OpeningsFound(tuple(own.scheduling.opening(candidate) for candidate in chosen))
