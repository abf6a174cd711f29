"""Refill requests on orders of another system: `pharmacy` judges, on a copy.

Nothing is written to the server during the call: proposal and task rest here until the write-back.
"""

from __future__ import annotations

from backends.reading.directory import On
from backends.reading.patients import MEDICINES, Patients
from backends.reading.problems import NotOffered
from models.domain import AddToRefill, RefillAdded, RefillAnswered, RequestRefill


class FhirPharmacy:
    """`models.domain.Pharmacy` on a FHIR server. Raises the errors of `problems`."""

    def __init__(self, patients: Patients, on: On) -> None:
        self._patients = patients
        self._on = on

    async def request_refill(self, wish: RequestRefill, *, call_id: str) -> RefillAnswered:
        """As `EmbeddedPharmacy.request_refill`, by the order as the server has it at this moment."""
        if not self._patients.may_read(MEDICINES):
            raise NotOffered("FHIR_READ does not name medicines")
        part = await self._patients.for_refill(wish.patient_id, wish.order_id)
        return await self._on(part).pharmacy.request_refill(wish, call_id=call_id)

    async def add_to_refill(self, wish: AddToRefill, *, call_id: str) -> RefillAdded:
        return await self._on(()).pharmacy.add_to_refill(wish, call_id=call_id)
