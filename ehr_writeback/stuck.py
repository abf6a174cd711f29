"""What of the write-back does not move, why, and what to do next: for whoever is called at 3 a.m."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy
from sqlmodel import Session, col, select

from ehr_writeback.advice import what_to_do
from ehr_writeback.outbox import ACCEPTED, HELD, left_with_staff
from models.domain import TaskKind
from models.tables import LedgerRow, OutboxRow, OutboxState, StaffTask, TaskState

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


class Waiting(NamedTuple):
    """Of one row what tells why it waits; its body stays closed."""

    call_id: str
    state: str
    last_error: str
    created_at: datetime
    next_at: datetime


def stuck(session: Session) -> list[Stuck]:
    """What waits for a person first, then what waits for the server; each with the longest wait first."""
    groups: dict[tuple[bool, str], list[Waiting]] = defaultdict(list)
    for row in _rows(session):
        groups[row.state == OutboxState.DEAD, _PLACE.sub("", row.last_error)].append(row)
    found = [_stuck(is_dead, cause, rows) for (is_dead, cause), rows in groups.items()]
    return sorted(found, key=lambda one: (one.next_at is not None, one.since))


def _rows(session: Session) -> list[Waiting]:
    row = OutboxRow
    states = (OutboxState.PENDING, OutboxState.SENT, OutboxState.DEAD)
    query = (
        sqlalchemy.select(
            col(row.call_id), col(row.state), col(row.last_error), col(row.created_at), col(row.next_at)
        )
        .where(col(row.kind).startswith("writeback:"), col(row.state).in_(states), ~left_with_staff())
        .order_by(col(row.created_at))
    )
    return [Waiting(*found) for found in session.execute(query).all()]


def _stuck(is_dead: bool, cause: str, rows: Sequence[Waiting]) -> Stuck:
    call_ids = tuple(dict.fromkeys(row.call_id for row in rows))
    return Stuck(
        state=str(OutboxState.DEAD if is_dead else OutboxState.PENDING),
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
