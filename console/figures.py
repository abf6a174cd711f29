"""The practice's figures over some days: read from what is counted of each call, never from what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from models.tables import Call, CallFigure, StaffTask, Transfer


class Counted(NamedTuple):
    """One call, as far as it is counted."""

    started: datetime
    ended: datetime | None
    disposition: str
    red_flag_ids: str
    reviewed_at: datetime | None
    satisfaction: int | None
    wish: str | None  # this and what follows: None where the call is not counted yet
    answered_ms: int | None
    replies_ms: str | None
    note_at: datetime | None


class Worked(NamedTuple):
    """One task of the staff."""

    kind: str
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first``, up to and without ``before``."""

    first: datetime
    before: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """``transfers``: reasons with their number and how many of them a person took."""

    calls: tuple[Counted, ...]
    tasks: tuple[Worked, ...]
    transfers: tuple[tuple[str, int, int], ...]

    @property
    def ended(self) -> tuple[Counted, ...]:
        return tuple(call for call in self.calls if call.ended is not None)


def read_figures(session: Session, period: Period) -> Figures:
    return Figures(_calls(session, period), _tasks(session, period), _transfers(session, period))


def _calls(session: Session, period: Period) -> tuple[Counted, ...]:
    of_call = (Call.started, Call.ended, Call.disposition, Call.red_flag_ids, Call.reviewed_at)
    counted = (CallFigure.wish, CallFigure.answered_ms, CallFigure.replies_ms, CallFigure.note_at)
    query = (
        sqlalchemy.select(*map(col, of_call), col(Call.satisfaction), *map(col, counted))
        .join(CallFigure, col(CallFigure.call_id) == col(Call.id), isouter=True)
        .where(*_within(col(Call.started), period))
        .order_by(col(Call.started))
    )
    return tuple(Counted(*row) for row in session.execute(query))


def _tasks(session: Session, period: Period) -> tuple[Worked, ...]:
    columns = (StaffTask.kind, StaffTask.created_at, StaffTask.due_at, StaffTask.done_at)
    query = sqlalchemy.select(*map(col, columns)).where(*_within(col(StaffTask.created_at), period))
    return tuple(Worked(*row) for row in session.execute(query))


def _transfers(session: Session, period: Period) -> tuple[tuple[str, int, int], ...]:
    query = (
        sqlalchemy.select(col(Transfer.reason), func.count(), func.count(col(Transfer.joined_at)))
        .where(*_within(col(Transfer.created_at), period))
        .group_by(col(Transfer.reason))
    )
    found = ((reason, asked, taken) for reason, asked, taken in session.execute(query))
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def _within(column: Mapped[datetime], period: Period) -> tuple[ColumnElement[bool], ...]:
    return column >= period.first, column < period.before
