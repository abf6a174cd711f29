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

from ehr_writeback.advice import advice_on
from ehr_writeback.outbox import ACCEPTED, HELD, left_with_staff
from models.domain import TaskKind
from models.tables import Call, LedgerRow, OutboxRow, OutboxState, StaffTask, TaskState

CALLS_NAMED = 5
_PLACE = re.compile(r" \(.*")


@dataclass(frozen=True, slots=True)
class Stuck:
    """Resources that wait for one and the same thing. ``cause``, ``means`` and ``do`` hold no personal data.

    ``since`` is the end of the oldest of the calls; ``next_at`` the soonest attempt, None: never by itself.
    ``is_server``: the server takes nothing at all, so this comes first.
    """

    state: str
    cause: str
    do: str
    resources: int
    calls: int
    call_ids: tuple[str, ...]
    since: datetime
    next_at: datetime | None
    means: str = ""
    is_server: bool = False


class Waiting(NamedTuple):
    """Of one row what tells why it waits; its body stays closed."""

    call_id: str
    state: str
    last_error: str
    created_at: datetime
    next_at: datetime

    @property
    def is_dead(self) -> bool:
        return self.state == OutboxState.DEAD


def stuck(session: Session) -> list[Stuck]:
    """In the order in which to act: the server itself, what waits for a person, what goes on by itself; each
    with the longest wait first.
    """
    rows, groups = _rows(session), defaultdict[tuple[bool, str], list[Waiting]](list)
    ahead = {row.call_id: row.last_error for row in reversed(rows) if row.last_error and not row.is_dead}
    for row in rows:
        cause = row.last_error or ahead.get(row.call_id, "")  # what waits for another resource of its call
        groups[row.is_dead, _PLACE.sub("", cause)].append(row)
    found = [_stuck(is_dead, cause, waiting) for (is_dead, cause), waiting in groups.items()]
    return sorted(found, key=lambda one: (not one.is_server, one.next_at is not None, one.since))


def _rows(session: Session) -> list[Waiting]:
    """``created_at`` is the end of the call: a retry gives a row another life, and no other age."""
    row = OutboxRow
    states = (OutboxState.PENDING, OutboxState.SENT, OutboxState.DEAD)
    ended = sqlalchemy.func.coalesce(col(Call.ended), col(row.created_at))
    query = (
        sqlalchemy.select(col(row.call_id), col(row.state), col(row.last_error), ended, col(row.next_at))
        .outerjoin(Call, col(Call.id) == col(row.call_id))
        .where(col(row.kind).startswith("writeback:"), col(row.state).in_(states), ~left_with_staff())
        .order_by(ended, col(row.next_at))
    )
    return [Waiting(*found) for found in session.execute(query).all()]


def _stuck(is_dead: bool, cause: str, rows: Sequence[Waiting]) -> Stuck:
    call_ids = tuple(dict.fromkeys(row.call_id for row in rows))
    advice = advice_on(cause, is_dead=is_dead)
    return Stuck(
        state=str(OutboxState.DEAD if is_dead else OutboxState.PENDING),
        cause=cause,
        do=advice.do,
        resources=len(rows),
        calls=len(call_ids),
        call_ids=call_ids[:CALLS_NAMED],
        since=min(row.created_at for row in rows),
        next_at=None if is_dead else min(row.next_at for row in rows),
        means=advice.means,
        is_server=advice.is_server and not is_dead,
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
