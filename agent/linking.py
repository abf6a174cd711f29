"""Unlinked calls for the console: the EHR is asked, and the write-back told what a person decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

import ehr_writeback
from agent.own_patients import own_patients
from agent.services import Services
from ehr_writeback import Unlinked
from fhir.candidates import Candidate, candidate, candidates
from fhir.capability import read_capabilities
from fhir.errors import Gone
from fhir.matching import Person, person_of
from models.calls import call_record
from models.errors import NotFound

NO_PERSON = Person((), (), "")


class NoSuchChart(NotFound):
    """The EHR has no chart with this id."""

    fix = "Write the id as the EHR's FHIR interface does: Patient/ and the id."


class EhrCharts:
    """`console.linking.Charts` on the server that notes go to."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._patients = own_patients(services.backends.chart)

    def waiting(self, session: Session) -> Sequence[Unlinked]:
        return ehr_writeback.unlinked(session)

    async def alike(self, patient_id: str) -> Sequence[Candidate]:
        """Raises `FhirError` where the server cannot be asked."""
        client = self._services.chart
        able = read_capabilities(await client.metadata())
        return await candidates(client, able, await self._person(patient_id))

    async def named(self, patient_id: str, reference: str) -> Candidate:
        """Raises `BadReference`, `NoSuchChart`, and `FhirError` where the server cannot be asked."""
        ehr_writeback.check_reference(reference)
        try:
            return await candidate(self._services.chart, reference, await self._person(patient_id))
        except Gone:
            raise NoSuchChart(f"there is no {reference} in the EHR") from None

    def link(self, session: Session, call_id: str, reference: str, who: str, at: datetime) -> int:
        """Raises `DecidedMeanwhile`."""
        services = self._services
        record = call_record(
            session, call_id, practice_timezone=services.practice.timezone, models=services.versions()
        )
        return ehr_writeback.choose(session, record, reference, who, at, config=services.writeback)

    def leave(self, session: Session, call_id: str, who: str, at: datetime) -> None:
        """Raises `DecidedMeanwhile`."""
        ehr_writeback.none_of_them(session, call_id, who, at)

    async def _person(self, patient_id: str) -> Person:
        """As our own record has them; nobody where there is none any more."""
        reference = patient_id if "/" in patient_id else f"Patient/{patient_id}"
        patient: dict[str, Any] | None = await self._patients(reference) if patient_id else None
        return person_of(patient) if patient else NO_PERSON
