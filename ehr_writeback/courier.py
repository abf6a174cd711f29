"""Carries one claimed call to the chart server and settles every row of it.

Every attempt is written down before it is made, and a repeated attempt looks before it sends: so one call
becomes one note, whatever times out, fails or dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlmodel import Session

from ehr_writeback import ledger
from ehr_writeback.delivery import Delivery
from ehr_writeback.finding import ChartFinder
from ehr_writeback.fitting import Unfit
from ehr_writeback.ledger import Job, LeaseLost
from ehr_writeback.left_out import note_with
from ehr_writeback.lessee import NOBODY
from ehr_writeback.memory import Memory
from ehr_writeback.outbox import ORPHANED, PAUSED
from ehr_writeback.planned import CHANGE, DEVICE, MOVE, NOTE, Json, identifier_query, is_change, placeholder
from ehr_writeback.retry import FIRST_DELAY_S, GIVE_UP_AFTER_S, LONGEST_DELAY_S, judge
from ehr_writeback.sender import HELD_FOR_REVIEW, Sender
from ehr_writeback.settled import settle
from fhir import codes
from fhir.client import Stored
from fhir.errors import Conflicting, FhirError, Forbidden, Gone, Permanent
from models import call_figures
from models.domain import Clock
from models.errors import FirstringError
from models.storage import Storage

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Courier:
    """``confirmed`` is told kind and seconds since the call's end; ``random`` gives [0, 1), for jitter.

    ``finder`` says whose chart it is where the server's charts have other ids than ours.
    """

    storage: Storage
    sender: Sender
    clock: Clock
    memory: Memory
    target: str
    lease_s: float
    random: Callable[[], float]
    lessee: str = NOBODY
    confirmed: Callable[[str, float], None] | None = None
    finder: ChartFinder | None = None

    async def deliver(self, delivery: Delivery) -> None:
        """One round for one call; afterwards nobody holds it."""
        try:
            resume_at = await self.finder.find(delivery) if self.finder else None
            if resume_at is None:
                await self._send_device(delivery)
                await self._send_bundle(delivery)
                while job := delivery.next_job():
                    await self._send_one(delivery, job)
                await self._write_down(delivery)
                resume_at = delivery.resume_at()
        except LeaseLost:
            return
        except FirstringError as error:
            # The database, most likely: the lease runs out, then the attempt is repeated with a look first.
            log.warning(
                "writeback-call-failed", call_id=delivery.call_id, code=error.code, problem=str(error)
            )
            return
        except Exception as error:
            # A row that nobody can read must not stop the other calls; it waits for a person or an update.
            log.error("writeback-call-broken", call_id=delivery.call_id, problem=type(error).__name__)
            resume_at = self.clock() + timedelta(seconds=LONGEST_DELAY_S)
        if delivery.unfinished:
            await self._write(
                lambda session, target: ledger.release(session, target, delivery.call_id, resume_at)
            )
        elif delivery.repeated:
            await self._write(lambda session, _target: settle(session, delivery.call_id, self.clock()))

    async def _send_device(self, delivery: Delivery) -> None:
        """The agent's own Device goes alone and once: two calls must not make two."""
        job = delivery.next_job()
        if job is None or job.kind != DEVICE:
            return
        async with self.memory.device_lock:
            if known := self.memory.devices.get(identifier_query(job.resource)):
                await self._confirm(delivery, [(job, Stored(reference=known, etag="", status=200))])
            else:
                await self._send_one(delivery, job)

    async def _send_bundle(self, delivery: Delivery) -> None:
        """First attempts go in one transaction where the server offers it; repeats go one by one."""
        jobs = delivery.bundle()
        if len(jobs) < 2 or not self.sender.bundles([job.resource for job in jobs]):
            return
        for job in jobs:
            await self._sendable(delivery, job)
        if len(jobs := delivery.bundle()) < 2:
            return
        entries = [(placeholder(delivery.call_id, job.key), self._body(delivery, job)) for job in jobs]
        begun = await self._begin(delivery, jobs)
        outcomes: list[Stored | FhirError]
        try:
            outcomes = await self.sender.send_bundle(entries)
        except FhirError as error:
            outcomes = [_for_each(error) for _ in begun]
        there = [
            (job, outcome)
            for job, outcome in zip(begun, outcomes, strict=True)
            if isinstance(outcome, Stored) and outcome.reference
        ]
        await self._confirm(delivery, there)
        for job, outcome in zip(begun, outcomes, strict=True):
            if (job, outcome) not in there:
                await self._settle(delivery, job, outcome)

    async def _send_one(self, delivery: Delivery, job: Job) -> None:
        if not await self._sendable(delivery, job):
            return
        resource = self._body(delivery, job)
        (begun,) = await self._begin(delivery, [job])
        outcome: Stored | FhirError
        try:
            outcome = await self._exchange(begun, resource)
        except FhirError as error:
            outcome = error
        await self._settle(delivery, begun, outcome)

    async def _exchange(self, job: Job, resource: Json) -> Stored:
        if is_change(resource):
            return await self.sender.change(resource)
        if job.accepted:
            # Held for review over there: it may appear, but must never be sent a second time.
            return await self.sender.find(resource) or Stored(reference="", etag="", status=HELD_FOR_REVIEW)
        stored = await self.sender.send(resource, repeated=job.attempts > 1)
        if job.kind == DEVICE and stored.reference:
            self.memory.devices[identifier_query(job.resource)] = stored.reference
        return stored

    async def _sendable(self, delivery: Delivery, job: Job) -> bool:
        """Settle what need not or must not be sent: what the server does not take, invalid bodies."""
        resource, now = delivery.resolved(job), self.clock()
        kind = str(resource["resourceType"])
        fit = Unfit(ORPHANED) if _orphan(job.resource, resource) else self.sender.fit(resource)
        if isinstance(fit, Unfit):
            await self._leave_out(delivery, job, fit.reason)
        elif self.memory.is_paused(kind, now):
            await self._postpone(delivery, job, self.memory.paused[kind], PAUSED)
        elif not is_change(fit) and (problems := await asyncio.to_thread(codes.check, fit)):
            await self._bury(delivery, job, "invalid: " + "; ".join(problems))
        else:
            return True
        return False

    def _body(self, delivery: Delivery, job: Job) -> Json:
        """What goes out: in the server's own form, and the note with what the server takes in no other."""
        resource = delivery.resolved(job)
        if job.kind == NOTE:
            others = (
                delivery.resolved(other) for other in delivery.others(job) if other.kind not in (CHANGE, MOVE)
            )
            resource = note_with(resource, [one for one in others if isinstance(self.sender.fit(one), Unfit)])
        fit = self.sender.fit(resource)
        return resource if isinstance(fit, Unfit) else fit

    async def _leave_out(self, delivery: Delivery, job: Job, reason: str) -> None:
        now = self.clock()
        await self._write(lambda session, target: ledger.skip(session, target, job, now, reason))
        delivery.dead(job)

    async def _begin(self, delivery: Delivery, jobs: list[Job]) -> list[Job]:
        now = self.clock()

        def begin(session: Session, target: str) -> None:
            ledger.begin(session, target, jobs, now, self.lease_s, self.lessee)

        await self._write_down(delivery, begin)
        return [delivery.attempted(job) for job in jobs]

    async def _settle(self, delivery: Delivery, job: Job, outcome: Stored | FhirError) -> None:
        if isinstance(outcome, FhirError):
            await self._failed(delivery, job, outcome)
        elif outcome.reference:
            await self._confirm(delivery, [(job, outcome)])
        else:
            await self._held_for_review(delivery, job)

    async def _confirm(self, delivery: Delivery, there: Sequence[tuple[Job, Stored]]) -> None:
        """The server holds these: written down with what is written next of this call, before all it sends.

        Should that fail, the attempt is on record, and the next one finds them there.
        """
        for job, stored in there:
            delivery.confirmed(job, stored.reference, stored.etag)
            self.memory.server_took_one()

    async def _write_down(
        self, delivery: Delivery, more: Callable[[Session, str], None] | None = None
    ) -> None:
        """What is known to be there by now, and ``more``, in one transaction."""
        there = delivery.take_news()

        def work(session: Session, target: str) -> None:
            if there:
                ledger.confirm(session, there)
                notes = {job.call_id for job, _, _ in there if job.kind == NOTE}
                call_figures.note_written(session, notes, self.clock())
            if more:
                more(session, target)

        if there or more:
            await self._write(work)
        for job, _, _ in there:
            if self.confirmed is not None:
                self.confirmed(job.kind, self._age_s(job))

    async def _held_for_review(self, delivery: Delivery, job: Job) -> None:
        """HTTP 202: theirs to accept. Looked for every 15 minutes, for 48 hours at most."""
        if self._age_s(job) > GIVE_UP_AFTER_S:
            await self._bury(delivery, job, "not accepted by the EHR within 48 hours")
            return
        next_at = self.clock() + timedelta(seconds=LONGEST_DELAY_S)
        await self._postpone(delivery, job, next_at, "awaiting EHR acceptance", accepted=True)

    async def _failed(self, delivery: Delivery, job: Job, error: FhirError) -> None:
        self.memory.unanswered = not error.status
        self.memory.server_failed(error, self.clock(), self.random)
        if isinstance(error, Gone) and self.finder is not None:
            await self.finder.lose(job.call_id)
            next_at = self.clock() + timedelta(seconds=FIRST_DELAY_S)
            await self._postpone(delivery, job, next_at, f"{error.code}: {error}")
            return
        verdict = judge(error, job.attempts, self._age_s(job), self.random, repeated=job.met(error))
        said = f"{error.code}: {error}"
        if verdict.again_in_s is None:
            details = "; ".join(issue.diagnostics for issue in error.issues if issue.diagnostics)
            await self._bury(delivery, job, said, details)
            return
        next_at = self.clock() + timedelta(seconds=verdict.again_in_s)
        if verdict.pause:
            self.memory.paused[str(job.resource["resourceType"])] = next_at
            log.error("writeback-forbidden", kind=job.kind, problem=str(error), fix=error.fix)
        await self._postpone(delivery, job, next_at, said, accepted=job.accepted)

    async def _postpone(
        self, delivery: Delivery, job: Job, next_at: datetime, error: str, *, accepted: bool = False
    ) -> None:
        await self._write(
            lambda session, target: ledger.postpone(session, target, job, next_at, error, accepted=accepted)
        )
        delivery.postponed(job, next_at, error)

    async def _bury(self, delivery: Delivery, job: Job, error: str, details: str = "") -> None:
        now = self.clock()
        await self._write(lambda session, target: ledger.bury(session, target, job, now, error, details))
        delivery.dead(job)
        log.error("writeback-dead-letter", call_id=job.call_id, kind=job.kind, problem=error)

    async def _write(self, work: Callable[[Session, str], T]) -> T:
        return await self.storage.write(lambda session: work(session, self.target))

    def _age_s(self, job: Job) -> float:
        return (self.clock() - job.created_at).total_seconds()


def _for_each(error: FhirError) -> FhirError:
    """A refused transaction says nothing of a single entry: each is tried alone, and soon."""
    refused = isinstance(error, Permanent | Gone | Forbidden | Conflicting)
    return FhirError(error.interaction, status=error.status) if refused else error


def _orphan(planned: Json, resource: Json) -> bool:
    """A record of who made or saw something, or a change of it, when the chart has not got that something."""
    if resource["resourceType"] == "AuditEvent":
        return any("what" not in entity for entity in resource["entity"])
    if "by" in planned and "by" not in resource:
        return True
    aims = (is_change(resource) and "identifier" not in resource) or resource["resourceType"] == "Provenance"
    return aims and not resource.get("target")
