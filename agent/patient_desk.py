"""Patients for the console: looked up, shown and changed in the practice's own charts."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import date, datetime

from sqlmodel import Session

from agent.services import Services
from backends.patient_file import PatientFile
from backends.patient_finder import Found, find_patients
from backends.refill_case import PastRefill
from backends.refusals import ChartRefusal
from models.errors import Conflict, NotFound


class PatientDesk:
    """`console.patients.Patients`. Another system's charts are not searched: nobody's whole list is read."""

    def __init__(self, services: Services) -> None:
        self._services, self._own = services, services.backends

    @property
    def elsewhere(self) -> bool:
        return self._services.reading is not None

    def find(self, session: Session, name: str, born: date | None, phone: str, limit: int) -> Sequence[Found]:
        if self.elsewhere:
            return ()
        return find_patients(self._own.chart.store, session, name, born, phone, limit)

    def file(self, session: Session, patient_id: str, now: datetime) -> PatientFile:
        """Raises `NotFound`."""
        if self.elsewhere:
            raise NotFound("the charts are another system's")
        return self._own.patient_files.file(session, patient_id, now)

    def task_references(self, session: Session, patient_id: str, limit: int) -> Sequence[str]:
        mine = ("patient", f"Patient/{patient_id}")
        found = self._own.chart.store.newest(session, "Task", "authored-on", limit, mine)
        return [f"Task/{task['id']}" for task in found]

    def refills(self, session: Session, patient_id: str, limit: int) -> Sequence[PastRefill]:
        return self._own.refill_queue.history(session, patient_id, limit)

    async def agree_to_texts(self, patient_id: str, version: int, who: str, *, agreed: bool) -> None:
        """Raises `NotFound` and `Conflict`."""
        self._check_ours()
        await _unchanged(self._own.patient_files.agree_to_texts(patient_id, version, who, agreed=agreed))

    async def choose_for_number(
        self, patient_id: str, version: int, index: int, who: str, *, stopped: bool
    ) -> None:
        """Raises `NotFound` and `Conflict`."""
        self._check_ours()
        files = self._own.patient_files
        await _unchanged(files.choose_for_number(patient_id, version, index, who, stopped=stopped))

    async def choose_recording(
        self, patient_id: str, version: int, index: int, who: str, *, declined: bool
    ) -> None:
        """Raises `NotFound` and `Conflict`."""
        self._check_ours()
        files = self._own.patient_files
        await _unchanged(files.choose_recording(patient_id, version, index, who, declined=declined))

    def _check_ours(self) -> None:
        if self.elsewhere:
            raise NotFound("the charts are another system's")


async def _unchanged(work: Awaitable[None]) -> None:
    """Raises `Conflict` where the chart is not as the form showed it."""
    try:
        await work
    except ChartRefusal as refusal:
        raise Conflict("the chart was changed meanwhile") from refusal
