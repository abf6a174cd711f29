"""What is known of who calls: names at the number, its lock, the patient as far as identity allows."""

from __future__ import annotations

from dataclasses import replace

import dialog
from agent.logs import log
from agent.patience import Deadline
from agent.services import Services
from models.domain import (
    Context,
    Event,
    IdentityVerified,
    Outcome,
    PatientView,
    PermissionRecorded,
    PracticeFacts,
)
from models.errors import BackendError, StorageError
from models.recording_choices import is_declined


class KnownCaller:
    """Asks the directory once for each thing, and the chart again after whatever may have changed it."""

    def __init__(self, services: Services, call_id: str, number: str, summary: dialog.CallSummary) -> None:
        self._services = services
        self._call_id = call_id
        self._practice = services.practice  # a call keeps the wording that it began with
        self._questionnaires = services.questionnaires()
        self.number = number
        self._known = (summary.patient_id, summary.identity)
        self._by_proxy = summary.by_proxy
        self._patient: PatientView | None = None
        self._names_here: tuple[str, ...] | None = None
        self._is_locked: bool | None = None
        self._unrecorded: bool | None = None

    def learn(self, event: Event) -> None:
        """A caller just verified: the decision on that outcome may already know the patient.

        Who speaks for the patient sees less, from that same outcome on.
        """
        match event:
            case Outcome(result=IdentityVerified(patient_id=patient_id, level=level, authority=authority)):
                self._known, self._by_proxy = (patient_id, level), self._by_proxy or authority is not None
            case Outcome(result=PermissionRecorded()):
                self._by_proxy, self._patient = True, None

    def look_again(self) -> None:
        """Something was done that may have changed the chart."""
        self._patient = None

    async def context(self, line: str) -> Context:
        """All that a decision may know besides its state, on the line of this name."""
        now, practice = self._services.clock(), await self._practice_facts()
        until = Deadline(self._services.chart_patience_s)
        if practice.records_calls and await self._is_not_recorded(until):
            practice = replace(practice, records_calls=False)
        return Context(
            now=now,
            practice=practice,
            line=next((one for one in practice.lines if one.name == line), None),
            caller_number=self.number,
            caller_names=await self._names(until),
            patient=await self._patient_view(until),
            number_locked=await self._locked(until),
        )

    async def _is_not_recorded(self, until: Deadline) -> bool:
        """By the number's own choice. Where that cannot be read, nothing is recorded: `agent.recording`."""
        if self._unrecorded is None:
            try:
                read = self._services.storage.read
                declined = read(lambda session: is_declined(session, self.number))
                self._unrecorded = await until.in_time(declined)
            except StorageError as problem:
                log.warning("recording.choice_unknown", call_id=self._call_id, code=problem.code)
                return False
        return self._unrecorded

    async def _practice_facts(self) -> PracticeFacts:
        return await self._services.practice_facts(self._practice, self._questionnaires)

    async def _locked(self, until: Deadline) -> bool:
        """Known from the call's start on: what fails on this call ends its own attempts, in the dialog."""
        if self._is_locked is None:
            try:
                locked = self._services.acting.directory.locked(self.number)
                self._is_locked = await until.in_time(locked)
            except (BackendError, StorageError) as problem:
                log.warning("lock.unknown", call_id=self._call_id, code=problem.code)
                self._is_locked = False  # every check looks again before it tries
        return self._is_locked

    async def _names(self, until: Deadline) -> tuple[str, ...]:
        """Whose number this is: only a hint, so a chart that cannot be asked costs no more than the hint."""
        if not self._names_here:  # a chart elsewhere may know a moment later
            try:
                names = self._services.acting.directory.names_at(self.number)
                self._names_here = await until.in_time(names)
            except (BackendError, StorageError) as problem:
                log.warning("names.unavailable", call_id=self._call_id, code=problem.code)
                self._names_here = ()
        return self._names_here

    async def _patient_view(self, until: Deadline) -> PatientView | None:
        patient_id, level = self._known
        if not patient_id:
            return None
        if self._patient is None or self._patient.level is not level:
            try:
                view = self._services.acting.directory.view(patient_id, level, by_proxy=self._by_proxy)
                self._patient = await until.in_time(view)
            except (BackendError, StorageError) as problem:
                log.error("chart.unavailable", call_id=self._call_id, code=problem.code)
                return None
        return self._patient
