"""Which resources of a foreign chart an action about one patient needs, and nothing beyond them.

Searches are those that US Core 6.1 asks of every server where it asks any:
https://hl7.org/fhir/us/core/STU6.1/CapabilityStatement-us-core-server.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import structlog

from backends.fhir_time import fhir_instant
from backends.foreign_medicines import named
from backends.identity import letters
from backends.medicines import label_of
from backends.reading.looks import NOBODY, Looks
from backends.reading.problems import ChartNotOpen, ChartNotReached, ChartNotUnderstood
from backends.refill_policy import drug_facts
from backends.refusals import Json
from backends.visit_history import ESTABLISHED
from models.domain import Clock
from models.errors import NotFound

log = structlog.get_logger("firstring")
PART_S = 8.0  # all looks of one action together; agent.perform gives an action 12
MOST_BORN = 60  # charts of one birth date that are looked at: more tell nobody apart
PATIENTS, MEDICINES, APPOINTMENTS = "patients", "medicines", "appointments"
PARTS = (PATIENTS, MEDICINES, APPOINTMENTS)  # what FHIR_READ may name
_COUNT = "100"


class Patients:
    """Reads parts of charts. ``parts``: which of `PARTS` may be read. Raises the errors of `problems`."""

    def __init__(self, looks: Looks, clock: Clock, parts: frozenset[str]) -> None:
        self.looks = looks
        self._clock = clock
        self._parts = parts

    def may_read(self, part: str) -> bool:
        return part in self._parts

    async def candidates(self, born: date, names: Sequence[str]) -> list[Json]:
        """The Patients of this birth date: of the names as heard, else all, so that sounds may be compared.

        Nobody is ever looked for by a name alone. What was found is not kept.
        """
        day, families = born.isoformat(), sorted(set(_families(names)))
        try:
            found = await self._born(day, family=",".join(families)) if families else []
            return found or await self._born(day)
        except ChartNotUnderstood:  # a server that wants more than a birth date
            return []

    async def with_number(self, number: str) -> list[Json]:
        return list(await self.looks.search(number, "Patient", phone=number, _count="10"))

    async def speakers(self, patient_id: str) -> list[Json]:
        """Who may speak for a patient, and how far."""
        mine = {"patient": f"Patient/{patient_id}", "_count": _COUNT}
        people, consents = await self._together(
            self._if_open(patient_id, "RelatedPerson", **mine), self._if_open(patient_id, "Consent", **mine)
        )
        return [*people, *consents]

    async def part(self, patient_id: str) -> list[Json]:
        """The Patient with medicines, visits and the names that go with them. Raises `NotFound`."""
        patient, orders, visits, seen = await self._together(
            self.looks.read(patient_id, f"Patient/{patient_id}"),
            self._orders(patient_id),
            self._visits(patient_id),
            self._encounters(patient_id),
        )
        return [patient, *orders, *visits, *seen, *await self._names_for(orders)]

    async def for_refill(self, patient_id: str, order_id: str) -> list[Json]:
        """The part that a refill is judged by: the order as it is now, fills, laboratories, prescriber."""
        self.looks.forget(patient_id)
        reference = f"MedicationRequest/{order_id}"
        part, order, fills = await self._together(
            self.part(patient_id),
            self.looks.read(patient_id, reference),
            self._if_open(patient_id, "MedicationDispense", patient=f"Patient/{patient_id}", _count=_COUNT),
        )
        (order,) = await self._with_medicine_names([order])
        results, names = await self._together(self._results(patient_id, order), self._names_for([order]))
        return [*part, order, *fills, *results, *names]

    async def _born(self, day: str, **more: str) -> list[Json]:
        search = self.looks.client.search
        found = await self.looks.fresh(
            lambda: search("Patient", {"birthdate": day, "_count": _COUNT, **more})
        )
        return found if len(found) <= MOST_BORN else []

    async def _orders(self, patient_id: str) -> list[Json]:
        if not self.may_read(MEDICINES):
            return []
        found = await self.looks.search(
            patient_id, "MedicationRequest", patient=f"Patient/{patient_id}", status="active", _count=_COUNT
        )
        return await self._with_medicine_names(found)

    async def _with_medicine_names(self, orders: Iterable[Json]) -> list[Json]:
        """An order that names its medicine by reference only gets the name beside it."""
        orders = list(orders)
        wanted = {str(one.get("medicationReference", {}).get("reference", "")) for one in orders}
        known = {f"{m['resourceType']}/{m['id']}": m for m in await self._all_there(wanted, "Medication")}
        return [named(one, known.get) for one in orders]

    async def _visits(self, patient_id: str) -> list[Json]:
        if not self.may_read(APPOINTMENTS):
            return []
        mine = {"patient": f"Patient/{patient_id}", "date": self._since(), "_count": _COUNT}
        return list(await self.looks.search(patient_id, "Appointment", **mine))

    async def _encounters(self, patient_id: str) -> Sequence[Json]:
        mine = {"patient": f"Patient/{patient_id}", "date": self._since(), "_count": _COUNT}
        return await self._if_open(patient_id, "Encounter", **mine)

    def _since(self) -> str:
        return f"ge{fhir_instant(self._clock() - ESTABLISHED)[:10]}"

    async def _results(self, patient_id: str, order: Json) -> Sequence[Json]:
        codes = [code for need in drug_facts(label_of(order)).labs for code in need.loinc]
        if not codes:
            return ()
        mine = {"patient": f"Patient/{patient_id}", "code": ",".join(codes), "_count": _COUNT}
        return await self._if_open(patient_id, "Observation", **mine)

    async def _names_for(self, orders: Iterable[Json]) -> list[Json]:
        """The pharmacies and prescribers that orders refer to."""
        references = {reference for order in orders for reference in _named_in(order)}
        return [
            *await self._all_there(references, "Organization"),
            *await self._all_there(references, "Practitioner"),
        ]

    async def _all_there(self, references: Iterable[str], resource_type: str) -> list[Json]:
        wanted = sorted(one for one in references if one.startswith(f"{resource_type}/"))
        found = await self._together(*(self._shared(reference) for reference in wanted))
        return [document for document in found if document is not None]

    async def _shared(self, reference: str) -> Json | None:
        """What is nobody's, None where the server does not show it."""
        try:
            return await self.looks.read(NOBODY, reference)
        except (NotFound, ChartNotOpen, ChartNotUnderstood):
            return None

    async def _if_open(self, patient_id: str, resource_type: str, **wanted: str) -> Sequence[Json]:
        """What the server does not show counts as not known: a rule that needs it asks a person."""
        try:
            if (await self.looks.capabilities()).can("search-type", resource_type):
                return await self.looks.search(patient_id, resource_type, **wanted)
        except (NotFound, ChartNotOpen, ChartNotUnderstood) as problem:
            log.warning("chart.part_not_read", kind=resource_type, code=problem.code)
        return ()

    async def _together(self, *looks: Awaitable[Any]) -> Any:
        try:
            async with asyncio.timeout(PART_S):
                return await asyncio.gather(*looks)
        except TimeoutError as late:
            raise ChartNotReached("the chart took too long") from late


def _families(names: Sequence[str]) -> Iterator[str]:
    """The last word of each name as heard, and the last two where a family name may have both."""
    for name in names:
        words = letters(name).split()
        if len(words) > 1:
            yield words[-1]
        if len(words) > 2:
            yield " ".join(words[-2:])


def _named_in(order: Json) -> Iterator[str]:
    yield str(order.get("requester", {}).get("reference", ""))
    yield str(order.get("dispenseRequest", {}).get("performer", {}).get("reference", ""))
