"""The demo practice's chart on Medplum in memory: put there once, and put right again after every test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import httpx

from backends.embedded import EmbeddedBackends

Json = dict[str, Any]
KINDS = (
    *("Organization", "Location", "Practitioner", "Schedule", "Slot", "Patient", "RelatedPerson", "Consent"),
    *("MedicationRequest", "MedicationDispense", "Encounter", "Observation", "Appointment"),
)
CHANGED = ("Slot", "Appointment")  # by what a call does on the server
A_BATCH = 400


@dataclass
class OtherChart:
    """What stands at ``url`` between two tests."""

    url: str
    documents: dict[str, Json] = field(default_factory=dict)

    async def fill(self, theirs: EmbeddedBackends) -> None:
        """Put a chart's resources there, under their own ids, where that was not done yet."""
        if self.documents:
            return
        for kind in KINDS:
            for document in await theirs.chart.storage.read(lambda s, k=kind: theirs.chart.store.all(s, k)):  # type: ignore[misc]
                plain = {name: value for name, value in document.items() if name != "meta"}
                self.documents[f"{kind}/{document['id']}"] = plain
        async with httpx.AsyncClient(timeout=120) as http:
            for some in _batches(list(self.documents.values())):
                await http.post(self.url, json=_puts(some))

    async def put_right(self) -> None:
        """As it was: what a test made is deleted, what it changed is put back."""
        async with httpx.AsyncClient(timeout=120) as http:
            for kind in CHANGED:
                found = await held(
                    http, self.url, kind, **({} if kind == "Appointment" else {"status:not": "free"})
                )
                known = [self.documents.get(f"{kind}/{one['id']}") for one in found]
                gone = [one for one, document in zip(found, known, strict=True) if document is None]
                await asyncio.gather(*(http.delete(f"{self.url}/{kind}/{one['id']}") for one in gone))
                await http.post(self.url, json=_puts([one for one in known if one]))


async def held(http: httpx.AsyncClient, url: str, kind: str, **query: str) -> list[Json]:
    answer = await http.get(f"{url}/{kind}", params={**query, "_count": "1000"})
    assert answer.status_code == 200, answer.text
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def _puts(documents: Iterable[Json]) -> Json:
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in documents
    ]
    return {"resourceType": "Bundle", "type": "batch", "entry": entries}


def _batches(documents: Sequence[Json]) -> Iterator[list[Json]]:
    rest = iter(documents)
    while some := list(islice(rest, A_BATCH)):
        yield some
