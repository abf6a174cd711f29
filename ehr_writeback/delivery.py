"""One claimed call on its way: what is settled, what may go next, and how references resolve. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ehr_writeback.changes import standing_alone
from ehr_writeback.ledger import Job
from ehr_writeback.linking import patient_in
from ehr_writeback.planned import CANCELLATION, CHANGE, MOVE, NOTE, ORDER, UNNAMED, Json, placeholder, point
from models.tables import OutboxState

ALONE = (
    CHANGE,
    MOVE,
    CANCELLATION,
    *UNNAMED,
)  # never in a transaction: neither can be repeated there without harm


def _is_version(job: Job) -> bool:
    """Whether it is a note that was amended: it follows the one before, never together with it."""
    return job.kind == NOTE and job.n > 0


class Delivery:
    """The jobs of one call during one round. Every job is tried at most once per round."""

    def __init__(self, jobs: Sequence[Job], now: datetime) -> None:
        self._jobs = {job.key: job for job in sorted(jobs, key=lambda job: (ORDER.index(job.kind), job.n))}
        self._now = now
        self._tried: set[str] = set()
        self._places: dict[str, str] = {}
        self._news: list[tuple[Job, str, str]] = []
        self.call_id = jobs[0].call_id

    @property
    def unfinished(self) -> bool:
        return any(job.open for job in self._jobs.values())

    @property
    def repeated(self) -> bool:
        """Something of it was tried before: it may have been given up in between."""
        return any(job.attempts > 1 for job in self._jobs.values())

    def next_job(self) -> Job | None:
        """The next job in order that is due and whose dependencies are settled."""
        return next((job for job in self._in_order() if self._ready(job)), None)

    def bundle(self) -> list[Job]:
        """The jobs that may go together: first attempts whose dependencies are settled or in the bundle."""
        chosen: dict[str, Job] = {}
        for job in self._in_order():
            first = self._due(job) and job.attempts == 0 and not job.accepted and job.kind not in ALONE
            if first and all(
                self._settled(key) or (key in chosen and not _is_version(job)) for key in job.depends_on
            ):
                chosen[job.key] = job
            elif job.holds_back:
                break
        return list(chosen.values())

    def resolved(self, job: Job) -> Json:
        """The resource with the server's own references in place of placeholders that are settled."""
        references = {
            placeholder(self.call_id, other.key): other.server_ref
            for other in self._jobs.values()
            if self._settled(other.key)
        } | self._places
        resource: Json = point(job.resource, references)
        return self._in_the_line_of_notes(job, resource)

    def _in_the_line_of_notes(self, job: Job, resource: Json) -> Json:
        """A version that never came to the chart is passed over: the next replaces what does stand there."""
        if _is_version(job):
            stands = self._note_before(job.n)
            relation = {"relatesTo": [{"code": "replaces", "target": {"reference": stands}}]}
            return {**resource, **relation} if stands else standing_alone(resource)
        if "by" in job.resource and (stands := self._note_before(self._version_of(job))):
            return {**resource, "target": {"reference": stands}}
        return resource

    def _note_before(self, n: int) -> str:
        """The newest version before ``n`` that is in the chart, "" for none."""
        notes = [job for job in self._jobs.values() if job.kind == NOTE and job.n < n and job.server_ref]
        return max(notes, key=lambda job: job.n).server_ref if notes else ""

    def _version_of(self, change: Job) -> int:
        """The version that a change says takes the place of the one before."""
        return next((job.n for job in self._jobs.values() if job.key in change.depends_on[1:]), 0)

    def patient(self) -> str:
        """ "Patient/id" that the call is about, as we know it; "" when its resources name none."""
        return next((found for job in self._jobs.values() if (found := patient_in(job.resource))), "")

    def belongs_to(self, reference: str) -> None:
        """The patient's chart there."""
        self._places[self.patient()] = reference

    def age_s(self, now: datetime) -> float:
        """Since the call's end."""
        return (now - min(job.created_at for job in self._jobs.values())).total_seconds()

    def others(self, job: Job) -> list[Job]:
        """The call's other jobs, in order."""
        return [other for other in self._jobs.values() if other.key != job.key]

    def attempted(self, job: Job) -> Job:
        """Note that an attempt is being made; returns the job with its new count."""
        return self._put(replace(job, attempts=job.attempts + 1, state=OutboxState.SENT))

    def confirmed(self, job: Job, server_ref: str, etag: str) -> None:
        self._news.append((job, server_ref, etag))
        self._put(replace(job, state=OutboxState.CONFIRMED, server_ref=server_ref))

    def take_news(self) -> list[tuple[Job, str, str]]:
        """What was confirmed since this was asked last: reference and ETag of each."""
        news, self._news = self._news, []
        return news

    def dead(self, job: Job) -> None:
        self._put(replace(job, state=OutboxState.DEAD))

    def postponed(self, job: Job, next_at: datetime, error: str) -> None:
        self._put(replace(job, next_at=next_at, last_error=error))

    def resume_at(self) -> datetime:
        """When the call is worth another round: what waits for a postponed job need not be tried before."""
        later = [job.next_at for job in self._jobs.values() if job.open and job.next_at > self._now]
        return min(later, default=self._now)

    def _put(self, job: Job) -> Job:
        self._jobs[job.key] = job
        self._tried.add(job.key)
        return job

    def _in_order(self) -> Iterator[Job]:
        """Up to and with the first that must be waited for: the chart gets a call in its own order."""
        for job in self._jobs.values():
            yield job
            if self._jobs[job.key].holds_back and not self._due(self._jobs[job.key]):
                return

    def _ready(self, job: Job) -> bool:
        return self._due(job) and all(self._settled(key) for key in job.depends_on)

    def _due(self, job: Job) -> bool:
        return job.open and job.key not in self._tried and job.next_at <= self._now

    def _settled(self, key: str) -> bool:
        return key not in self._jobs or not self._jobs[key].open
