"""The loop that empties the outbox: leases the calls that are due and hands each to a courier."""

from __future__ import annotations

import asyncio
import random as stdlib_random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from ehr_writeback import ledger, outage
from ehr_writeback.courier import Courier, Memory
from ehr_writeback.delivery import Delivery
from ehr_writeback.finding import ChartFinder
from ehr_writeback.linking import Patients
from ehr_writeback.retry import backoff_s
from ehr_writeback.sender import Sender
from fhir import codes
from fhir.capability import Capabilities, read_capabilities
from fhir.client import FhirClient
from fhir.errors import FhirError, Gone, Permanent
from models.domain import Clock
from models.errors import FirstringError
from models.storage import Storage

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DispatcherConfig:
    """Paces of the loop. ``lease_s`` must outlast the client's limit for one request.

    ``practitioner_ref`` ("Practitioner/id" there) signs where a server takes no device as author or sender.
    """

    target: str = "embedded"
    poll_s: float = 2.0
    reconcile_s: float = 30.0
    probe_s: float = 30.0  # a server that does not answer is asked again at least this often
    lease_s: float = 45.0
    calls_at_once: int = 8
    capabilities_for_s: float = 3_600.0
    practitioner_ref: str = ""


class Dispatcher:
    """Background work of one process for one chart server. ``clock`` must move, or retries never come due.

    ``confirmed`` is told of every resource that the server holds: its kind, and the seconds since the call
    ended. ``random`` gives [0, 1), for jitter. ``patients`` gives our own records where the server's charts
    have other ids: a call is then written only into the one chart that is certainly its patient's.
    """

    def __init__(
        self,
        storage: Storage,
        client: FhirClient,
        clock: Clock,
        *,
        config: DispatcherConfig | None = None,
        random: Callable[[], float] = stdlib_random.random,
        confirmed: Callable[[str, float], None] | None = None,
        patients: Patients | None = None,
    ) -> None:
        self._storage = storage
        self._client = client
        self._clock = clock
        self._config = config or DispatcherConfig()
        self._random = random
        self._confirmed = confirmed
        self._patients = patients
        self._nudged = asyncio.Event()
        self._memory = Memory()
        self._courier: Courier | None = None
        self._asked_at: datetime | None = None
        self._reconciled_at: datetime | None = None
        self._doubtful = False  # a request went unanswered
        self._away = False  # it could not even be asked what it offers

    def nudge(self) -> None:
        """A call has ended: look at once."""
        self._nudged.set()

    async def run(self) -> None:
        """Work until cancelled. A failing database or server is logged and tried again, never fatal."""
        await asyncio.to_thread(codes.warm)
        failures = 0
        while True:
            self._nudged.clear()
            try:
                await self._round()
                failures = 0
            except FirstringError as error:
                failures += 1
                log.warning("writeback-round-failed", code=error.code, problem=str(error), count=failures)
            except Exception as error:
                # Nothing here may end the process that answers calls; the type alone is safe to log.
                failures += 1
                log.error("writeback-round-broken", problem=type(error).__name__, count=failures)
            await self._rest(failures)

    async def _round(self) -> None:
        while True:
            if self._reconciled_at is None or self._age_s(self._reconciled_at) >= self._config.reconcile_s:
                self._reconciled_at = self._clock()
                await self.reconcile()
            if not await self.drain_once():
                return

    async def _rest(self, failures: int) -> None:
        """Until nudged, or the next poll; after failures longer, nudged or not."""
        if failures:
            await asyncio.sleep(min(backoff_s(failures, self._random), self._config.probe_s))
            return
        try:
            async with asyncio.timeout(self._config.poll_s):
                await self._nudged.wait()
        except TimeoutError:
            return

    async def reconcile(self) -> int:
        """Free what dead workers still hold; returns how many rows that were."""
        target, now = self._config.target, self._clock()
        freed = await self._storage.write(lambda session: ledger.free_expired(session, target, now))
        if freed:
            log.warning("writeback-leases-expired", count=freed)
        return freed

    async def drain_once(self) -> int:
        """Work on the calls that are due now; returns how many there were.

        A server that left a request unanswered is asked what it offers before calls are tried again. Raises
        `FhirError` when it cannot even be asked.
        """
        config, now = self._config, self._clock()
        due = await self._storage.read(lambda session: ledger.any_due(session, config.target, now))
        if not due and not self._doubtful:
            return 0
        courier = await self._ready_courier()
        claimed = await self._storage.write(
            lambda session: ledger.claim(
                session, config.target, now, calls=config.calls_at_once, lease_s=config.lease_s
            )
        )
        async with asyncio.TaskGroup() as group:
            for jobs in claimed:
                group.create_task(courier.deliver(Delivery(jobs, now)))
        self._doubtful = self._memory.unanswered
        return len(claimed)

    async def _ready_courier(self) -> Courier:
        """A courier for what the server offers; it is asked again every hour, and when it was away."""
        fresh = self._asked_at is not None and self._age_s(self._asked_at) < self._config.capabilities_for_s
        if self._courier is not None and fresh and not self._doubtful:
            return self._courier
        capabilities = await self._capabilities()
        await self._is_there()
        sender = Sender(self._client, capabilities, self._config.practitioner_ref)
        self._courier = Courier(
            storage=self._storage,
            sender=sender,
            clock=self._clock,
            memory=self._memory,
            target=self._config.target,
            lease_s=self._config.lease_s,
            random=self._random,
            confirmed=self._confirmed,
            finder=self._finder(sender),
        )
        return self._courier

    def _finder(self, sender: Sender) -> ChartFinder | None:
        if self._patients is None:
            return None
        return ChartFinder(
            self._storage, sender, self._clock, self._config.target, self._random, self._patients
        )

    async def _capabilities(self) -> Capabilities:
        try:
            return read_capabilities(await self._client.metadata())
        except (Permanent, Gone):
            return Capabilities()  # it does not say: nothing special is asked of it
        except FhirError as error:
            self._away = self._doubtful = self._away or not error.status
            problem, target, now = error, self._config.target, self._clock()
            await self._storage.write(lambda session: outage.met(session, target, now, problem))
            raise

    async def _is_there(self) -> None:
        """It answers: after an outage nothing waits out a pause that was meant for the outage."""
        target, now = self._config.target, self._clock()
        self._asked_at, self._memory.unanswered, self._doubtful = now, False, False
        if self._away:
            await self._storage.write(lambda session: ledger.hasten(session, target, now))
            self._away = False
        await self._storage.write(lambda session: outage.over(session, now))

    def _age_s(self, since: datetime) -> float:
        return (self._clock() - since).total_seconds()
