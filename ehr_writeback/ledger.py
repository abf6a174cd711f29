"""The rows behind the dispatcher: claim, attempt, confirm, postpone, bury. Plain functions of a Session.

The outbox row is the work, the ledger row what the chart server holds; both change in one transaction. A row
is leased while its call is worked on, and ``attempts`` fences: who finds another count there has lost it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from ehr_writeback import by_hand, statements
from ehr_writeback.lessee import NOBODY
from ehr_writeback.outbox import (
    ACCEPTED,
    NO_NOTES,
    PAUSED,
    REPLACED,
    UNSUPPORTED,
    outbox_kind,
    set_aside,
)
from ehr_writeback.planned import NOTE, key_of
from ehr_writeback.retry import LONGEST_WAIT_S
from ehr_writeback.statements import OPEN_STATES, change_each, changed
from fhir.errors import FhirError, Forbidden
from models.domain import Priority
from models.tables import LedgerRow, OutboxRow, OutboxState

DEAD_LETTER = "Not written to the chart, needs a person."
MAX_ERROR_CHARS = 1_000
ROWS_A_CALL = 8  # about as many as a call has
ATTEMPTS_IN_ORDER = 8  # about four minutes
SLACK = timedelta(minutes=1)  # clocks of several machines


class LeaseLost(Exception):
    """Another worker has this call now: leave it alone."""


@dataclass(frozen=True, slots=True)
class Job:
    """One resource of one call, as its rows stood when claimed."""

    row_id: str
    call_id: str
    kind: str
    n: int
    resource: dict[str, Any]
    depends_on: tuple[str, ...]
    state: str
    accepted: bool  # HTTP 202 came back: look for it, never send it again
    attempts: int
    next_at: datetime
    created_at: datetime
    server_ref: str
    last_error: str = ""  # of the attempt before
    ledger_id: int = 0

    @property
    def key(self) -> str:
        return key_of(self.kind, self.n)

    @property
    def open(self) -> bool:
        return self.state in OPEN_STATES

    def met(self, error: FhirError) -> bool:
        """Whether the attempt before met an error of the same kind."""
        return self.last_error.startswith(f"{error.code}:")

    @property
    def holds_back(self) -> bool:
        """While it is open, what follows it in its call waits: unless it waits for a person of theirs (202,
        403), or was tried so often that the rest of the call should not go on waiting for it.
        """
        awaits_them = self.accepted or self.last_error.startswith((PAUSED, Forbidden.code))
        return self.open and not awaits_them and self.attempts < ATTEMPTS_IN_ORDER


def any_due(session: Session, target: str, now: datetime) -> bool:
    """Whether `claim` would find something. A read, so that idle polls never wait for the writer."""
    return any(session.exec(_due(state, target, now).limit(1)).first() for state in OPEN_STATES)


def _due(state: str, target: str, now: datetime, *, from_end: bool = False) -> Any:
    """In the order of the index of due work, so that ten thousand calls that wait cost no more than ten."""
    return (
        select(col(OutboxRow.next_at), col(OutboxRow.call_id))
        .where(
            col(OutboxRow.state) == state,
            col(OutboxRow.next_at) <= now,
            col(OutboxRow.kind) == outbox_kind(target),
            or_(col(OutboxRow.lease_until).is_(None), col(OutboxRow.lease_until) <= now),
        )
        .order_by(col(OutboxRow.next_at).desc() if from_end else col(OutboxRow.next_at))
    )


def claim(
    session: Session,
    target: str,
    now: datetime,
    *,
    calls: int,
    lease_s: float,
    lessee: str = NOBODY,
    latest: int = 0,
) -> list[list[Job]]:
    """Lease calls with due work: ``latest`` of them from the end of the queue, the others longest due first.

    So neither waits for the other: who calls now for ten thousand that an outage left, nor those for who
    calls now. A call that somebody works on is left alone.
    """
    newest = _next_calls(session, target, now, min(latest, calls), from_end=True) if latest else []
    due = list(dict.fromkeys([*newest, *_next_calls(session, target, now, calls)]))[:calls]
    return _lease(session, target, due, now, lease_s, lessee)


def _next_calls(
    session: Session, target: str, now: datetime, calls: int, *, from_end: bool = False
) -> list[str]:
    rows = [
        tuple(row)
        for state in OPEN_STATES
        for row in session.exec(_due(state, target, now, from_end=from_end).limit(calls * ROWS_A_CALL))
    ]
    return list(dict.fromkeys(call_id for _, call_id in sorted(rows, reverse=from_end)))[:calls]


def lease(
    session: Session, target: str, call_id: str, now: datetime, lease_s: float, lessee: str = NOBODY
) -> list[Job]:
    """All of one call; nothing while somebody else works on it. ``lessee``: the process, see `lessee`."""
    leased = _lease(session, target, [call_id], now, lease_s, lessee)
    return leased[0] if leased else []


def _lease(
    session: Session, target: str, call_ids: Sequence[str], now: datetime, lease_s: float, lessee: str
) -> list[list[Job]]:
    """In the order of ``call_ids``, those that are free."""
    rows, ledger = _rows(session, target, call_ids), _ledger(session, target, call_ids)
    free = [call_id for call_id in call_ids if rows[call_id] and not _is_leased(rows[call_id], now)]
    if free:
        _set_lease(session, target, free, now + timedelta(seconds=lease_s), lessee)
    return [[_job(row, ledger.get(_name(row))) for row in rows[call_id]] for call_id in free]


def _is_leased(rows: Sequence[OutboxRow], now: datetime) -> bool:
    return any(row.lease_until and row.lease_until > now and row.state in OPEN_STATES for row in rows)


def _rows(session: Session, target: str, call_ids: Sequence[str]) -> dict[str, list[OutboxRow]]:
    query = select(OutboxRow).where(
        col(OutboxRow.call_id).in_(call_ids), col(OutboxRow.kind) == outbox_kind(target)
    )
    found: dict[str, list[OutboxRow]] = {call_id: [] for call_id in call_ids}
    # Several processes may share a PostgreSQL: the rows stay ours until this transaction ends.
    for row in session.exec(query.order_by(col(OutboxRow.id)).with_for_update()):
        found[row.call_id].append(row)
    return found


def _ledger(session: Session, target: str, call_ids: Sequence[str]) -> dict[tuple[str, str, int], LedgerRow]:
    query = select(LedgerRow).where(col(LedgerRow.call_id).in_(call_ids), col(LedgerRow.target) == target)
    return {(row.call_id, row.kind, row.n): row for row in session.exec(query)}


def _name(row: OutboxRow) -> tuple[str, str, int]:
    return row.call_id, str(row.payload["kind"]), int(row.payload["n"])


def _job(row: OutboxRow, ledger: LedgerRow | None) -> Job:
    return Job(
        row_id=row.id,
        call_id=row.call_id,
        kind=str(row.payload["kind"]),
        n=int(row.payload["n"]),
        resource=row.payload["resource"],
        depends_on=tuple(row.payload["depends_on"]),
        state=row.state,
        accepted=ledger is not None and ledger.state == ACCEPTED,
        attempts=row.attempts,
        next_at=row.next_at,
        created_at=row.created_at,
        server_ref=ledger.server_ref if ledger else "",
        last_error=row.last_error,
        ledger_id=(ledger.id or 0) if ledger else 0,
    )


def begin(
    session: Session, target: str, jobs: Sequence[Job], now: datetime, lease_s: float, lessee: str = NOBODY
) -> None:
    """Note an attempt before it is made, so that a crash after it is known of. Raises `LeaseLost`."""
    for made, accepted in {(job.attempts, job.accepted) for job in jobs}:
        alike = [job for job in jobs if (job.attempts, job.accepted) == (made, accepted)]
        rows, more = [job.row_id for job in alike], made + 1
        if changed(session, statements.BEGIN, rows=rows, attempts_made=made, more=more) != len(rows):
            raise LeaseLost
        state, ledger_ids = ACCEPTED if accepted else OutboxState.SENT, [job.ledger_id for job in alike]
        changed(session, statements.BEGIN_LEDGER, rows=ledger_ids, more=more, to=state)
    held = {"call": jobs[0].call_id, "server": outbox_kind(target), "rows": [job.row_id for job in jobs]}
    until = now + timedelta(seconds=lease_s)
    changed(session, statements.RENEW, **held, until=until, lessee=lessee)


def _set_lease(
    session: Session, target: str, call_ids: Sequence[str], until: datetime | None, lessee: str
) -> None:
    server = outbox_kind(target)
    changed(session, statements.LEASE, calls=call_ids, server=server, until=until, lessee=lessee)


def confirm(session: Session, there: Sequence[tuple[Job, str, str]]) -> None:
    """The chart server holds these: each with its reference there, and its ETag."""
    changed(session, statements.CONFIRM, rows=[job.row_id for job, _, _ in there])
    held = [{"row": job.ledger_id, "held": ref[:200], "version": tag[:100]} for job, ref, tag in there]
    change_each(session, statements.CONFIRM_LEDGER, held)
    for job, _, _ in there:
        if job.kind == NOTE and job.n:
            _replace_dead(session, job)


def _replace_dead(session: Session, job: Job) -> None:
    """Versions before this one that never reached the chart need not any more: this one says it all."""
    mine = session.exec(select(LedgerRow).where(col(LedgerRow.id) == job.ledger_id)).one()
    query = select(OutboxRow).where(
        col(OutboxRow.call_id) == job.call_id,
        col(OutboxRow.kind) == outbox_kind(mine.target),
        col(OutboxRow.state) == OutboxState.DEAD,
    )
    for row in session.exec(query).all():
        if row.payload["kind"] == NOTE and int(row.payload["n"]) < job.n:
            set_aside(session, row, mine.target, REPLACED, "a newer version of this note is in the chart")


def postpone(
    session: Session, target: str, job: Job, next_at: datetime, error: str, *, accepted: bool = False
) -> None:
    """Not now. ``error`` holds codes and HTTP facts only."""
    row = _row(session, job)
    row.state = OutboxState.SENT if accepted else OutboxState.PENDING
    row.next_at, row.lease_until, row.last_error = next_at, None, error[:MAX_ERROR_CHARS]
    _note(session, target, job, row, state=ACCEPTED if accepted else OutboxState.PENDING)


def bury(session: Session, target: str, job: Job, now: datetime, error: str, details: str = "") -> None:
    """Never again by itself: a dead letter, and a task for a person. ``details`` may hold personal data."""
    row = _row(session, job)
    row.state, row.lease_until, row.last_error = OutboxState.DEAD, None, error[:MAX_ERROR_CHARS]
    _note(session, target, job, row, state=OutboxState.DEAD)
    line = f"{job.key}: {error}" + (f" {details}" if details else "")
    by_hand.open_item(session, target, job.call_id, now, DEAD_LETTER, line, Priority.URGENT)


def skip(session: Session, target: str, job: Job, now: datetime, reason: str = "") -> None:
    """The server takes no such resource: staff have it in their queue. Without the note, that is urgent."""
    if job.kind == NOTE:
        bury(session, target, job, now, f"{NO_NOTES}: {reason}")
        return
    row = _row(session, job)
    row.state, row.lease_until, row.last_error = OutboxState.DEAD, None, f"{UNSUPPORTED}: {reason}"
    _note(session, target, job, row, state=UNSUPPORTED)
    by_hand.hand_over(session, target, job.call_id, job.kind, job.resource, now)


def release(session: Session, target: str, call_id: str, not_before: datetime) -> None:
    """End the work on a call: what waits for another row of it is not due before ``not_before``."""
    server = outbox_kind(target)
    _set_lease(session, target, [call_id], None, NOBODY)
    changed(session, statements.NOT_BEFORE, call=call_id, server=server, at=not_before)


def waits(session: Session, target: str, call_id: str, error: str) -> None:
    """Nothing of the call is sent yet, and this is why. ``error`` holds codes and HTTP facts only."""
    why = error[:MAX_ERROR_CHARS]
    changed(session, statements.WAITS, call=call_id, server=outbox_kind(target), why=why)


def free_expired(session: Session, target: str, now: datetime, lease_s: float) -> int:
    """Take back the leases of workers that died; returns how many rows they held."""
    far = now + timedelta(seconds=lease_s) + SLACK
    return changed(session, statements.FREE, server=outbox_kind(target), at=now, far=far)


def bring_forward(session: Session, target: str, now: datetime) -> int:
    """What no answer can have put off for so long is due: the clock was set back since. Returns how much."""
    far = now + timedelta(seconds=LONGEST_WAIT_S) + SLACK
    return changed(session, statements.WAITS_TOO_LONG, server=outbox_kind(target), at=now, far=far)


def lessees(session: Session, target: str, now: datetime) -> set[str]:
    """The processes that have leases now."""
    names = session.exec(select(OutboxRow.leased_by).where(*_leased(target, now)).distinct())
    return set(names) - {NOBODY}


def free_of_dead(
    session: Session, target: str, now: datetime, dead: Collection[str], *, lease_s: float, in_flight_s: float
) -> int:
    """Take back what processes that are known dead still hold; returns how many calls.

    A call with a request under way keeps its lease until ``in_flight_s`` after that began: so long it may
    still be carried out over there, and who looked before would send a second one.
    """
    if not dead:
        return 0
    wanted = select(OutboxRow.call_id, OutboxRow.state, OutboxRow.lease_until)
    wanted = wanted.where(*_leased(target, now), col(OutboxRow.leased_by).in_(dead)).with_for_update()
    calls: dict[str, datetime | None] = {}
    for call_id, state, until in session.exec(wanted).all():
        calls.setdefault(call_id, None)
        if state == OutboxState.SENT and until is not None:
            calls[call_id] = until - timedelta(seconds=lease_s - in_flight_s)
    for call_id, until in calls.items():
        _set_lease(session, target, [call_id], until, NOBODY)
    return len(calls)


def _leased(target: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    is_open = col(OutboxRow.state).in_(OPEN_STATES)
    return is_open, col(OutboxRow.kind) == outbox_kind(target), col(OutboxRow.lease_until) > now


def hasten(session: Session, target: str, now: datetime) -> int:
    """The server is there again: what waits only because it did not answer is due now. Returns how many."""
    return changed(session, statements.HASTEN, server=outbox_kind(target), at=now)


def _row(session: Session, job: Job) -> OutboxRow:
    return session.exec(select(OutboxRow).where(col(OutboxRow.id) == job.row_id)).one()


def _note(session: Session, target: str, job: Job, row: OutboxRow, *, state: str) -> LedgerRow:
    """Bring the ledger row to what the outbox row now says."""
    query = select(LedgerRow).where(
        col(LedgerRow.call_id) == job.call_id,
        col(LedgerRow.kind) == job.kind,
        col(LedgerRow.n) == job.n,
        col(LedgerRow.target) == target,
    )
    ledger = session.exec(query).one()
    ledger.state, ledger.attempts, ledger.next_at, ledger.error = (
        state,
        row.attempts,
        row.next_at,
        row.last_error,
    )
    session.add_all([row, ledger])
    return ledger
