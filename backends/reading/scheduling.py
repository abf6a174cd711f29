"""Booking on a FHIR server: by the operations of IHE Scheduling, or by Slot and Appointment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Collection, Coroutine
from enum import Enum
from typing import Any, TypeVar

import structlog

from backends.reading.call_memory import CallMemory
from backends.reading.diary import Diary
from backends.reading.directory import On
from backends.reading.operation_diary import OperationDiary
from backends.reading.patients import APPOINTMENTS, Patients
from backends.reading.problems import NotOffered
from backends.reading.slot_diary import SlotDiary
from fhir.capability import Capabilities
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
    RegisterPatient,
    RegistrationPending,
    VisitBooked,
    VisitCancelled,
    VisitConfirmed,
)
from models.errors import BackendError, StorageError

log = structlog.get_logger("firstring")
T = TypeVar("T")


class Way(Enum):
    """How a server lets us book so that one time has one booking."""

    OPERATIONS = "operations"
    SLOTS = "slots"
    NONE = "none"


def way_of(able: Capabilities) -> Way:
    if all(able.offers(name, "Appointment") for name in ("find", "hold", "book")):
        return Way.OPERATIONS
    if able.can("update", "Slot") and able.can("create", "Appointment"):
        return Way.SLOTS
    return Way.NONE


class FhirScheduling:
    """`models.domain.Scheduling` on a FHIR server. Raises those of `problems` and `EmbeddedScheduling`."""

    def __init__(self, patients: Patients, on: On, system_url: str) -> None:
        self._patients = patients
        self.memory = CallMemory(patients.looks.clock)
        self._running: dict[str, set[asyncio.Future[Any]]] = {}  # by call: changes that are under way
        self._ways: dict[Way, Diary] = {
            Way.OPERATIONS: OperationDiary(patients, on, system_url, self.memory),
            Way.SLOTS: SlotDiary(patients, on, system_url),
        }

    async def find(self, wish: FindOpenings) -> OpeningsFound:
        return await (await self._diary()).find(wish)

    async def hold(self, wish: HoldOpening, *, call_id: str) -> OpeningHeld | OpeningGone:
        return await (await self._diary()).hold(wish, call_id=call_id)

    async def book(self, wish: BookOpening, *, call_id: str) -> VisitBooked | OpeningGone:
        diary = await self._diary()
        return await self._whole(diary.book(wish, call_id=call_id), diary, wish, call_id)

    async def move(self, wish: MoveVisit, *, call_id: str) -> VisitBooked | OpeningGone:
        diary = await self._diary()
        return await self._whole(diary.move(wish, call_id=call_id), diary, wish, call_id)

    async def cancel(self, wish: CancelVisit, *, call_id: str) -> VisitCancelled:
        diary = await self._diary()
        return await self._whole(diary.cancel(wish, call_id=call_id), diary, wish, call_id)

    async def confirm(self, wish: ConfirmVisit, *, call_id: str) -> VisitConfirmed:
        return await (await self._diary()).confirm(wish)

    async def register(self, wish: RegisterPatient, *, call_id: str) -> RegistrationPending | OpeningGone:
        return await (await self._diary()).register(wish, call_id=call_id)

    async def release(self, *, call_id: str) -> None:
        """The call is over: let go of what it holds, later too of what a change still under way leaves."""
        if running := self._running.get(call_id):
            _go_on(self._release_after(running, call_id))
        await self._release(call_id)

    async def _release(self, call_id: str) -> None:
        tries = (diary.release(call_id=call_id) for diary in self._ways.values())
        for problem in await asyncio.gather(
            *tries, return_exceptions=True
        ):  # each, also where another cannot
            if isinstance(problem, BaseException):
                raise problem

    async def _release_after(self, running: Collection[asyncio.Future[Any]], call_id: str) -> None:
        await asyncio.wait(set(running))
        with contextlib.suppress(BackendError, StorageError):  # holds end by themselves after some minutes
            await self._release(call_id)

    async def _diary(self) -> Diary:
        """The way that this server offers; nothing is tried that could book one time twice."""
        if not self._patients.may_read(APPOINTMENTS):
            raise NotOffered("FHIR_READ does not name appointments")
        way = way_of(await self._patients.looks.capabilities())
        if way in self._ways:
            return self._ways[way]
        raise NotOffered("the server offers neither $find, $hold and $book nor the writing of slots")

    async def _whole(
        self, work: Awaitable[T], diary: Diary, wish: BookOpening | MoveVisit | CancelVisit, call_id: str
    ) -> T:
        """A change that has begun is carried to its end, whoever stops waiting; staff then hear of it."""
        under_way = self._begun(work, call_id)
        try:
            return await asyncio.shield(under_way)
        except asyncio.CancelledError:
            if not under_way.cancelled():
                _go_on(self._late(under_way, diary, wish, call_id))
            raise

    def _begun(self, work: Awaitable[T], call_id: str) -> asyncio.Future[T]:
        under_way = asyncio.ensure_future(work)
        running = self._running.setdefault(call_id, set())
        running.add(under_way)

        def over(_: asyncio.Future[T]) -> None:
            running.discard(under_way)
            if not running and self._running.get(call_id) is running:
                del self._running[call_id]

        under_way.add_done_callback(over)
        return under_way

    async def _late(
        self,
        under_way: asyncio.Future[T],
        diary: Diary,
        wish: BookOpening | MoveVisit | CancelVisit,
        call: str,
    ) -> None:
        try:
            done = await under_way
        except Exception as problem:  # it failed, and so the caller was told
            log.warning("visit.failed_late", call_id=call, kind=type(problem).__name__)
            return
        if not isinstance(done, OpeningGone):
            summary = (
                "Done in the schedule after the caller was told that it could not be done: please check."
            )
            await diary.tell_staff(summary, wish.patient_id, call, wish.action_id)


_LATE: set[asyncio.Task[None]] = set()  # the event loop itself keeps no tasks alive


def _go_on(work: Coroutine[Any, Any, None]) -> None:
    """Whoever stops waiting."""
    late = asyncio.ensure_future(work)
    _LATE.add(late)
    late.add_done_callback(_LATE.discard)
