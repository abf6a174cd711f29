"""The practice's figures over some days: read from what is counted of each call, never from what was said.

Counting is the database's work: of thousands of calls only their times come here, for the spreads.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, and_, case, func
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col

from models.tables import Call, CallFigure, StaffTask, Transfer

IN_TIME, LATE, OVERDUE, OPEN = "in time", "late", "overdue", "open"


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first``, up to and without ``before``."""

    first: datetime
    before: datetime


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, in order."""

    answered: Sequence[float] = ()
    replies: Sequence[float] = ()
    notes: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """``ends``: ended calls by first wish (None: not counted yet) and disposition. ``quarters``: ended calls
    by the quarter of an hour since 1970 in which they came. ``dangers``: by sign, how many calls and how many
    of them reviewed. ``scores``: how many callers gave one, and their mean. ``tasks``: by kind, how they
    stand. ``transfers``: reasons with their number and how many of them a person took.
    """

    came: int = 0
    ends: Mapping[tuple[str | None, str], int] = field(default_factory=dict)
    quarters: Mapping[int, int] = field(default_factory=dict)
    times: Times = field(default_factory=Times)
    dangers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    scores: tuple[int, float] = (0, 0.0)
    tasks: Mapping[str, Counter[str]] = field(default_factory=dict)
    transfers: tuple[tuple[str, int, int], ...] = ()

    @property
    def ended(self) -> int:
        return sum(self.ends.values())

    def that_ended(self, disposition: str) -> int:
        return sum(count for (_, ends), count in self.ends.items() if ends == disposition)


def read_figures(session: Session, period: Period, now: datetime) -> Figures:
    return Figures(
        came=session.execute(sqlalchemy.select(func.count()).where(*_came(period))).scalar_one(),
        ends=_ends(session, period),
        quarters=_quarters(session, period),
        times=_times(session, period),
        dangers=_dangers(session, period),
        scores=_scores(session, period),
        tasks=_tasks(session, period, now),
        transfers=_transfers(session, period),
    )


def _came(period: Period) -> tuple[ColumnElement[bool], ...]:
    return _within(col(Call.started), period)


def _of_call() -> ColumnElement[bool]:
    return col(CallFigure.call_id) == col(Call.id)


def _ends(session: Session, period: Period) -> dict[tuple[str | None, str], int]:
    wish, ends = col(CallFigure.wish), col(Call.disposition)
    query = (
        sqlalchemy.select(wish, ends, func.count())
        .select_from(sqlalchemy.outerjoin(Call, CallFigure, _of_call()))
        .where(*_came(period), col(Call.ended).is_not(None))
        .group_by(wish, ends)
    )
    return {(wish, ends): count for wish, ends, count in session.execute(query)}


def _quarters(session: Session, period: Period) -> dict[int, int]:
    quarter = col(CallFigure.quarter)
    query = sqlalchemy.select(quarter, func.count()).where(*_came(period), _of_call()).group_by(quarter)
    return {row[0]: row[1] for row in session.execute(query)}


def _times(session: Session, period: Period) -> Times:
    of_call = (col(CallFigure.answered_ms), col(CallFigure.note_ms), col(CallFigure.replies_ms))
    rows = session.execute(sqlalchemy.select(*of_call).where(*_came(period), _of_call())).all()
    replies = " ".join(row[2] for row in rows).split()
    return Times(
        answered=sorted(row[0] for row in rows if row[0] is not None),
        replies=sorted(map(float, replies)),
        notes=sorted(row[1] for row in rows if row[1] is not None),
    )


def _dangers(session: Session, period: Period) -> dict[str, tuple[int, int]]:
    query = sqlalchemy.select(col(Call.red_flag_ids), col(Call.reviewed_at)).where(
        *_came(period), col(Call.red_flag_ids) != "", col(Call.ended).is_not(None)
    )
    found: Counter[str] = Counter()
    reviewed: Counter[str] = Counter()
    for signs, reviewed_at in session.execute(query):
        found.update(signs.split())
        reviewed.update(signs.split() if reviewed_at else ())
    return {sign: (count, reviewed[sign]) for sign, count in found.items()}


def _scores(session: Session, period: Period) -> tuple[int, float]:
    score = col(Call.satisfaction)
    query = sqlalchemy.select(func.count(score), func.avg(score)).where(*_came(period))
    count, mean = session.execute(query).one()
    return count, float(mean or 0.0)


def _tasks(session: Session, period: Period, now: datetime) -> dict[str, Counter[str]]:
    due, done = col(StaffTask.due_at), col(StaffTask.done_at)
    how: ColumnElement[Any] = case(
        (and_(done.is_(None), due < now), OVERDUE),
        (done.is_(None), OPEN),
        (done > due, LATE),
        else_=IN_TIME,
    ).label("how")
    query = (
        sqlalchemy.select(col(StaffTask.kind), how, func.count())
        .where(*_within(col(StaffTask.created_at), period))
        .group_by(col(StaffTask.kind), how)
    )
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, stands, count in session.execute(query):
        kinds[kind][stands] += count
    return dict(kinds)


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
