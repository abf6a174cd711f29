"""The loop that empties the outbox: leases the calls that are due and hands each to a courier."""

from __future__ import annotations

import asyncio
import random as stdlib_random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlmodel import Session

from ehr_writeback import ledger, lessee, outage
from ehr_writeback.courier import Courier
from ehr_writeback.delivery import Delivery
from ehr_writeback.finding import ChartFinder
from ehr_writeback.ledger import Job
from ehr_writeback.linking import Patients
from ehr_writeback.memory import Memory
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
ROOM = 2  # calls that are taken up together: to look at the queue for each is dear


@dataclass(frozen=True, slots=True)
class DispatcherConfig:
    """Paces of the loop. ``lease_s`` must outlast the client's limit for one request.

    ``in_flight_s``: so long a server may still carry out the request of a process that died; 0 for a chart
    that dies with its sender.
    ``practitioner_ref`` ("Practitioner/id" there) signs where a server takes no device as author or sender.
    """

    target: str = "embedded"
    poll_s: float = 2.0
    reconcile_s: float = 30.0
    probe_s: float = 30.0  # a server that does not answer is asked again at least this often
    lease_s: float = 45.0
    in_flight_s: float = 15.0
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
        self._lessee = lessee.own_name()
        self._nudged = asyncio.Event()
        self._memory = Memory()
        self._courier: Courier | None = None
        self._asked_at: datetime | None = None
        self._reconciled_at: datetime | None = None
        self._odd = False
        self._doubtful = False  # a request went unanswered
        self._away = False  # it could not even be asked what it offers

    def nudge(self) -> None:
        """A call has ended: look at once."""
        self._nudged.set()

    async def run(self) -> None:
        """Work until cancelled. A failing database or server is logged and tried again, never fatal."""
        failures, is_warm = 0, False
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
            if not is_warm:  # only now: a process that starts has callers to answer first
                await asyncio.to_thread(codes.warm)
                is_warm = True

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
        """Free what dead workers hold, at once if known dead, else as leases end; returns how much."""
        target, now, config = self._config.target, self._clock(), self._config
        holding = await self._storage.read(lambda session: ledger.lessees(session, target, now))
        dead = await asyncio.to_thread(lambda: [name for name in holding if lessee.is_dead(name)])

        def work(session: Session) -> int:
            ledger.bring_forward(session, target, now)
            return ledger.free_expired(session, target, now, config.lease_s) + ledger.free_of_dead(
                session, target, now, dead, lease_s=config.lease_s, in_flight_s=config.in_flight_s
            )

        freed = await self._storage.write(work)
        if freed:
            log.warning("writeback-leases-freed", count=freed, processes=len(dead))
        return freed

    async def drain_once(self) -> int:
        """Work on the calls that are due, until there are none; returns how many there were.

        A server that left a request unanswered is asked what it offers before calls are tried again. Raises
        `FhirError` when it cannot even be asked.
        """
        if self._memory.is_quiet(self._clock()) or not (self._doubtful or await self._any_due()):
            return 0
        courier = await self._ready_courier()
        async with asyncio.TaskGroup() as group:
            count = await self._keep_busy(courier, group)
        self._doubtful = self._memory.unanswered
        return count

    def _calls_at_once(self) -> int:
        return self._memory.calls_at_once(self._config.calls_at_once)

    async def _any_due(self) -> bool:
        target, now = self._config.target, self._clock()
        return await self._storage.read(lambda session: ledger.any_due(session, target, now))

    async def _keep_busy(self, courier: Courier, group: asyncio.TaskGroup) -> int:
        """Hand calls out while there are due ones: a slow one holds up nobody but itself."""
        running: set[asyncio.Task[None]] = set()
        count, began, had_all = 0, self._clock(), False
        while not self._is_to_pause(began):
            room = max(0, self._calls_at_once() - len(running))
            look = room and not (had_all and not await self._any_due())
            claimed = await self._claim(room) if look else []
            running |= {group.create_task(courier.deliver(Delivery(jobs, now))) for jobs, now in claimed}
            count, had_all = count + len(claimed), len(claimed) < room
            if not running:
                break
            running = await self._some_room(running, is_idle=had_all)
        return count

    def _is_to_pause(self, began: datetime) -> bool:
        """Now and then leases are looked after; and a server that is away or busy is not sent more."""
        busy = self._memory.unanswered or self._memory.is_quiet(self._clock())
        return busy or self._age_s(began) >= self._config.reconcile_s

    async def _claim(self, calls: int) -> list[tuple[list[Job], datetime]]:
        """Half of them those that ended last, the others those that have waited longest."""
        config, now = self._config, self._clock()
        self._odd = not self._odd
        latest = (calls + self._odd) // 2

        def work(session: Session) -> list[list[Job]]:
            return ledger.claim(
                session,
                config.target,
                now,
                calls=calls,
                lease_s=config.lease_s,
                lessee=self._lessee,
                latest=latest,
            )

        return [(jobs, now) for jobs in await self._storage.write(work)]

    async def _some_room(self, running: set[asyncio.Task[None]], *, is_idle: bool) -> set[asyncio.Task[None]]:
        """Those that still run: once there is room for more, or, if nothing is due, once a call ended."""
        while running and (is_idle or len(running) > max(0, self._calls_at_once() - ROOM)):
            nudged = asyncio.ensure_future(self._nudged.wait())
            try:
                await asyncio.wait({*running, nudged}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                nudged.cancel()
            is_idle = is_idle and not self._nudged.is_set() and not any(one.done() for one in running)
            self._nudged.clear()
            running = {one for one in running if not one.done()}
        return running

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
            lessee=self._lessee,
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
        """Of what is ahead of a clock that was set back nobody knows: it counts as old."""
        return abs((self._clock() - since).total_seconds())
