"""What of the write-back does not move, why, and what to do next: for whoever is called at 3 a.m."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ehr_writeback.advice import what_to_do
from ehr_writeback.outbox import ACCEPTED, HELD, left_with_staff
from models.domain import TaskKind
from models.tables import LedgerRow, OutboxRow, OutboxState, StaffTask, TaskState

MAX_ROWS = 5_000  # looked at; a longer outage looks no different
CALLS_NAMED = 5
_PLACE = re.compile(r" \(.*")


@dataclass(frozen=True, slots=True)
class Stuck:
    """Resources that wait for one and the same thing. ``cause`` and ``do`` hold no personal data.

    ``since`` is the end of the oldest of the calls; ``next_at`` the soonest attempt, None: never by itself.
    """

    state: str
    cause: str
    do: str
    resources: int
    calls: int
    call_ids: tuple[str, ...]
    since: datetime
    next_at: datetime | None


def stuck(session: Session) -> list[Stuck]:
    """What waits for a person first, then what waits for the server; each with the longest wait first."""
    groups: dict[tuple[str, str], list[OutboxRow]] = defaultdict(list)
    for state, cause, row in _rows(session):
        groups[state, cause].append(row)
    found = [_stuck(state, cause, rows) for (state, cause), rows in groups.items()]
    return sorted(found, key=lambda one: (one.next_at is not None, one.since))


def _rows(session: Session) -> Iterable[tuple[str, str, OutboxRow]]:
    states = (OutboxState.PENDING, OutboxState.SENT, OutboxState.DEAD)
    query = (
        select(OutboxRow)
        .where(col(OutboxRow.kind).startswith("writeback:"), col(OutboxRow.state).in_(states))
        .order_by(col(OutboxRow.created_at))
        .limit(MAX_ROWS)
    )
    for row in session.exec(query).all():
        is_dead = row.state == OutboxState.DEAD
        if is_dead and left_with_staff(row):
            continue
        yield (str(OutboxState.DEAD if is_dead else OutboxState.PENDING)), _PLACE.sub("", row.last_error), row


def _stuck(state: str, cause: str, rows: Sequence[OutboxRow]) -> Stuck:
    call_ids = tuple(dict.fromkeys(row.call_id for row in rows))
    is_dead = state == OutboxState.DEAD
    return Stuck(
        state=state,
        cause=cause or "not tried yet, or waits for another resource of its call",
        do=what_to_do(cause, is_dead=is_dead),
        resources=len(rows),
        calls=len(call_ids),
        call_ids=call_ids[:CALLS_NAMED],
        since=min(row.created_at for row in rows),
        next_at=None if is_dead else min(row.next_at for row in rows),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """For the metrics: resources by state, less what is confirmed; tasks of dead letters without an owner."""

    states: dict[str, int]
    unowned: int
    oldest_open: datetime | None


STATES = (OutboxState.PENDING.value, OutboxState.SENT.value, ACCEPTED, OutboxState.DEAD.value, HELD)


def figures(session: Session) -> Figures:
    """By indexes only: asked every few seconds."""
    states = dict.fromkeys(STATES, 0)
    for state in session.exec(select(LedgerRow.state).where(col(LedgerRow.state).in_(STATES))):
        states[state] += 1
    open_states = (OutboxState.PENDING, OutboxState.SENT)
    oldest = select(OutboxRow.created_at).where(
        col(OutboxRow.state).in_(open_states), col(OutboxRow.kind).startswith("writeback:")
    )
    unowned = select(StaffTask.id).where(
        StaffTask.state == TaskState.OPEN.value, StaffTask.kind == TaskKind.WRITEBACK_DEAD_LETTER.value
    )
    return Figures(
        states=states,
        unowned=len(session.exec(unowned).all()),
        oldest_open=session.exec(oldest.order_by(col(OutboxRow.created_at)).limit(1)).first(),
    )
