"""Finds the chart that a call is written into, before anything of the call is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ehr_writeback import ledger, linking
from ehr_writeback.delivery import Delivery
from ehr_writeback.linking import Patients
from ehr_writeback.retry import judge
from ehr_writeback.sender import Sender
from fhir.errors import FhirError
from fhir.matching import Match, person_of
from models.domain import Clock
from models.storage import Storage

AS_AFTER_ATTEMPTS = 5  # a search that failed is repeated after half a minute


@dataclass(frozen=True, slots=True)
class ChartFinder:
    """``patients`` are our own records; the server's charts have other ids. ``random`` gives [0, 1)."""

    storage: Storage
    sender: Sender
    clock: Clock
    target: str
    random: Callable[[], float]
    patients: Patients

    async def find(self, delivery: Delivery) -> datetime | None:
        """See to it that the delivery knows its chart: None. When to come back, where it does not (yet)."""
        here, call_id, target = delivery.patient(), delivery.call_id, self.target
        if not here:
            return None
        there = await self.storage.read(lambda session: linking.linked_to(session, target, call_id))
        if not there:
            found = await self._match(delivery, here)
            if isinstance(found, datetime):
                return found
            found = await self._unless_gone(call_id, found)
            await self._settle(call_id, found)
            there = found.reference
        if there:
            delivery.belongs_to(there)
        return None if there else self.clock()

    async def lose(self, call_id: str) -> None:
        """The chart is gone there, merged perhaps: the next round looks for the patient again."""
        await self.storage.write(lambda session: linking.lose(session, self.target, call_id))

    async def _unless_gone(self, call_id: str, found: Match) -> Match:
        gone = await self.storage.read(lambda session: linking.lost(session, self.target, call_id))
        if gone and found.reference == gone:
            return Match(reason=f"{gone} is found there, and refused as gone when it is written to")
        return found

    async def _settle(self, call_id: str, found: Match) -> None:
        now, target = self.clock(), self.target
        if found.reference:
            await self.storage.write(lambda s: linking.link(s, target, call_id, found.reference))
        else:
            await self.storage.write(lambda s: linking.hold(s, target, call_id, now, found.reason))

    async def _match(self, delivery: Delivery, here: str) -> Match | datetime:
        """Whose chart it is, or when to ask again."""
        patient = await self.patients(here)
        if patient is None:
            return Match(reason="our own record of this patient is gone")
        try:
            return await self.sender.match(person_of(patient))
        except FhirError as error:
            verdict = judge(error, AS_AFTER_ATTEMPTS, delivery.age_s(self.clock()), self.random)
            if verdict.again_in_s is None:
                return Match(reason=f"the search for it failed, {error.code}: {error}")
            call_id, said = delivery.call_id, f"{error.code}: {error}"
            await self.storage.write(lambda session: ledger.waits(session, self.target, call_id, said))
            return self.clock() + timedelta(seconds=verdict.again_in_s)
