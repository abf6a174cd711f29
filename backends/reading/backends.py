"""What calls act on where the practice's own system is a FHIR server that may be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backends.embedded import EmbeddedBackends
from backends.foreign_load import region_of
from backends.reading.copy import ChartCopy
from backends.reading.directory import FhirDirectory
from backends.reading.looks import Looks
from backends.reading.patients import Patients
from backends.reading.pharmacy import FhirPharmacy
from backends.reading.problems import NotOffered
from backends.reading.scheduling import FhirScheduling
from backends.refusals import Json
from backends.waitlist import EmbeddedWaitlist
from fhir.client import FhirClient
from models.domain import JoinWaitlist, PracticeFacts, WaitlistJoined
from words.formulary import drug_names


class ClosedWaitlist(EmbeddedWaitlist):
    """No offers can be made of times that another system frees: staff keep such a list."""

    async def join(self, wish: JoinWaitlist, *, call_id: str) -> WaitlistJoined:
        raise NotOffered("the schedule is another system's")


@dataclass(frozen=True, slots=True)
class _Copies:
    """Our own rules on copies of documents."""

    own: EmbeddedBackends
    system_url: str

    def __call__(self, documents: Iterable[Json]) -> EmbeddedBackends:
        own = self.own
        storage, keyring = own.chart.storage, own.chart.storage.keyring
        copy = ChartCopy(keyring, own.clock, documents)
        return EmbeddedBackends(
            storage, keyring, own.practice, own.clock, self.system_url, own.questionnaires, copy
        )


class ReadingBackends:
    """Directory, scheduling and pharmacy on the server, the rest here. ``parts``: see `Patients`."""

    def __init__(
        self, own: EmbeddedBackends, client: FhirClient, system_url: str, parts: frozenset[str]
    ) -> None:
        self._own = own
        self.looks = Looks(client, own.clock, region_of(own.practice.phone))
        patients, on = Patients(self.looks, own.clock, parts), _Copies(own, system_url)
        self.directory = FhirDirectory(patients, on)
        self.scheduling = FhirScheduling(patients, on, system_url)
        self.pharmacy = FhirPharmacy(patients, on)
        self.waitlist = ClosedWaitlist(own.chart, own.practice, own.scheduling, system_url)
        self.checkins, self.desk = own.checkins, own.desk

    async def facts(self) -> PracticeFacts:
        """No roster: a whole hospital's names are neither read nor kept, only the name of who calls."""
        return self._own.practice.facts(self._own.clock(), medicine_names=drug_names())
