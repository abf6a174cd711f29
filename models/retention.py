"""What is kept no longer: found, counted and deleted, less what a hold, an open task or a promise needs.

The audit trail is never deleted from. The chart neither: it is the medical record, and its time is the law's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Delete, Table, and_, delete, func, not_, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from models import audit
from models.desk import REFUSED_CALL
from models.holds import is_held
from models.minors import Minors, find
from models.recordings import Recording, RecordingState
from models.tables import (
    NOT_DONE,
    AuditEntry,
    Call,
    EventRow,
    OutboxRow,
    OutboxState,
    Page,
    PageState,
    PageStep,
    StaffTask,
    TaskState,
    TaskStep,
    TextMessage,
    TextState,
    Transfer,
    TransferLeg,
    WaitlistEntry,
    WaitState,
)

DELETED = "call deleted"  # in the audit trail
PUT_OFF = "retention put off"
WHO = "retention"
# What stands from so long before: a clock that is far ahead has nothing there but what it has itself stored.
DAY, DAYS_BEFORE = timedelta(days=1), timedelta(days=3)
TEXTS_OVER = (TextState.SENT, TextState.DELIVERED, TextState.FAILED, TextState.WITHHELD)
# What hangs on a row of a call, by that row's key.
CHILDREN: tuple[tuple[Any, Any, Any], ...] = (
    (PageStep, col(PageStep.page_id), Page),
    (TaskStep, col(TaskStep.task_id), StaffTask),
    (TransferLeg, col(TransferLeg.transfer_id), Transfer),
)
# Something of the call is still to be done.
OPEN: tuple[tuple[Any, Any], ...] = (
    (StaffTask, col(StaffTask.state).in_(NOT_DONE)),
    (OutboxRow, col(OutboxRow.state).in_((OutboxState.PENDING, OutboxState.SENT))),
    (Page, col(Page.state) == PageState.WAITING),
    (TextMessage, col(TextMessage.state).in_((TextState.QUEUED, TextState.SENDING))),
    (WaitlistEntry, col(WaitlistEntry.state).in_((WaitState.WAITING, WaitState.OFFERED))),
)


@dataclass(frozen=True)
class Due:
    """How much is over its time. ``held``, ``open``, ``minors``: calls that are too, and stay nevertheless.

    ``turned_away``: calls that were, of which there is a task alone.
    """

    calls: int = 0
    turned_away: int = 0
    held: int = 0
    open: int = 0
    minors: int = 0
    recordings: int = 0
    texts: int = 0
    events: int = 0

    @property
    def anything(self) -> bool:
        """Whether a run would delete something."""
        return any((self.calls, self.recordings, self.texts, self.events))


@dataclass(frozen=True)
class Limits:
    """Older than these instants is over; None: kept without end. ``minors``: whose calls are kept longer."""

    calls: datetime | None = None
    texts: datetime | None = None
    events: datetime | None = None
    minors: Minors = field(default_factory=Minors)


def minors_of(session: Session, limits: Limits, until_age: int) -> Minors:
    """Those of calls that are over but for their patient's age; 0: age does not count."""
    if limits.calls is None or not until_age:
        return Minors()
    return find(session, _over_usually(limits), limits.calls, until_age)


def count_due(session: Session, limits: Limits, now: datetime) -> Due:
    """Changes nothing."""
    over = _over(limits)
    return Due(
        calls=_count(session, Call, and_(over, not_(_held()), not_(_open()))),
        turned_away=len(_turned_away(session, limits)),
        held=_count(session, Call, and_(over, _held())),
        open=_count(session, Call, and_(over, not_(_held()), _open())),
        minors=_count(session, Call, and_(_over_usually(limits), not_(over))),
        recordings=_count(session, Recording, expired(now)),
        texts=_count(session, TextMessage, _texts_over(limits)),
        events=_count(session, EventRow, _events_over(limits)),
    )


def expired(now: datetime) -> Any:
    """SQL: recordings that were kept for long enough, or are `_unwanted`."""
    mine = select(col(Call.id)).where(col(Call.id) == col(Recording.call_id), _held()).exists()
    too_old = and_(
        col(Recording.keep_until) <= now,
        col(Recording.on_hold).is_(False),
        not_(is_held(col(Recording.call_id), "")),
        not_(mine),
    )
    return or_(and_(col(Recording.file) != "", too_old), _unwanted())


def _unwanted() -> Any:
    """SQL: recordings that were to be removed, for whatever reason, and are still there."""
    gone = col(Recording.state).in_((RecordingState.DECLINED, RecordingState.DELETED))
    return and_(col(Recording.file) != "", gone)


def expired_recordings(session: Session, now: datetime) -> list[str]:
    """Calls whose recording is `expired`."""
    return list(session.connection().execute(select(col(Recording.call_id)).where(expired(now))).scalars())


def unwanted_recordings(session: Session) -> list[str]:
    """Calls whose recording is to be removed whatever its age."""
    return list(session.connection().execute(select(col(Recording.call_id)).where(_unwanted())).scalars())


def was_in_use_before(session: Session, now: datetime) -> bool:
    """Whether something was stored one to three days before ``now``."""
    for at in (col(Call.started), col(AuditEntry.at)):
        stored = select(at).where(at > now - DAYS_BEFORE, at <= now - DAY).limit(1)
        if session.connection().execute(stored).first():
            return True
    return False


def note_put_off(session: Session, now: datetime) -> bool:
    """Deletion waits until it is known what day it is; False where the trail says so of this day already."""
    told = select(col(AuditEntry.id)).where(
        col(AuditEntry.action) == PUT_OFF, col(AuditEntry.at) > now - DAY, col(AuditEntry.at) <= now
    )
    if session.connection().execute(told.limit(1)).first():
        return False
    why = "the clock is far ahead of all that was stored"
    audit.append(session, at=now, actor=WHO, action=PUT_OFF, subject="retention", why=why)
    return True


def begin_deleting(session: Session, limits: Limits, most: int) -> tuple[list[str], list[str]]:
    """Some calls whose time is over, and the files of their sound, which nobody hears from now on."""
    wanted = and_(_over(limits), not_(_held()), not_(_open()))
    query = select(col(Call.id)).where(wanted).order_by(col(Call.started)).limit(most)
    calls = list(session.connection().execute(query).scalars())
    mine = and_(col(Recording.call_id).in_(calls), col(Recording.file) != "")
    files = list(session.connection().execute(select(col(Recording.file)).where(mine)).scalars())
    session.connection().execute(update(Recording).where(mine).values(state=RecordingState.DELETED))
    return calls, files


def deletable(session: Session, calls: Sequence[str]) -> list[str]:
    """Those of ``calls`` that no hold and no open task keeps: either may have come since they were found."""
    wanted = and_(col(Call.id).in_(calls), not_(_held()), not_(_open()))
    return list(session.connection().execute(select(col(Call.id)).where(wanted)).scalars())


def delete_calls(
    session: Session, found: Sequence[str], *, who: str, why: str, at: datetime
) -> tuple[list[str], int]:
    """Those that may still go, with all that hangs on them, which the audit trail tells; which, and how many
    rows."""
    calls = deletable(session, found)
    return calls, _delete_all_of(session, calls, who=who, why=why, at=at)


def delete_turned_away(
    session: Session, limits: Limits, most: int, *, who: str, why: str, at: datetime
) -> list[str]:
    """Some calls that were turned away, whose task was done so long ago; there is a caller's number in it."""
    calls = _turned_away(session, limits, most)
    _delete_all_of(session, calls, who=who, why=why, at=at)
    return calls


def _delete_all_of(session: Session, calls: Sequence[str], *, who: str, why: str, at: datetime) -> int:
    """How many rows."""
    rows = 0
    for child, key, parent in CHILDREN:
        parents = select(parent.id).where(col(parent.call_id).in_(calls))
        rows += _delete(session, delete(child).where(key.in_(parents)))
    for table in reversed(tables_of_calls()):
        rows += _delete(session, delete(table).where(table.c.call_id.in_(calls)))
    rows += _delete(session, delete(Call).where(col(Call.id).in_(calls)))
    for call_id in calls:
        audit.append(session, at=at, actor=who, action=DELETED, subject=f"call/{call_id}", why=why)
    return rows


def left_of(session: Session, calls: Collection[str]) -> list[str]:
    """Tables in which something of these calls still stands: none, once they were deleted."""
    tables = [*tables_of_calls(), SQLModel.metadata.tables["call"]]
    found = []
    for table in tables:
        key = table.c.id if table.name == "call" else table.c.call_id
        if session.connection().execute(select(key).where(key.in_(calls)).limit(1)).first():
            found.append(table.name)
    return found


def delete_texts(session: Session, limits: Limits, most: int) -> int:
    """Some of those that are over; how many."""
    return _delete_some(session, TextMessage, col(TextMessage.id), _texts_over(limits), most)


def delete_events(session: Session, limits: Limits, most: int) -> int:
    """Some of those that are over; how many."""
    return _delete_some(session, EventRow, col(EventRow.sequence), _events_over(limits), most)


def tables_of_calls() -> list[Table]:
    """All whose rows are of one call; those that others hang on come first. Holds are no part of a call."""
    every = SQLModel.metadata.sorted_tables
    return [table for table in every if "call_id" in table.columns and table.name != "legal_hold"]


def _turned_away(session: Session, limits: Limits, most: int | None = None) -> list[str]:
    """Calls of which a finished task is all there is."""
    task: Any = aliased(StaffTask)
    is_call = select(col(Call.id)).where(col(Call.id) == task.call_id).exists()
    where = and_(
        task.action_id == REFUSED_CALL,
        task.state == TaskState.DONE,
        _before(task.done_at, limits.calls),
        not_(or_(is_call, is_held(task.call_id, ""), _is_open(task.call_id))),
    )
    query = select(task.call_id).where(where).order_by(task.done_at).limit(most)
    return list(session.connection().execute(query).scalars())


def _over(limits: Limits) -> Any:
    patient, minors = col(Call.patient_blind), limits.minors
    old_enough = or_(patient.not_in(minors.unknown), _before(col(Call.ended), minors.unknown_since))
    return and_(_over_usually(limits), patient.not_in(minors.young), old_enough)


def _over_usually(limits: Limits) -> Any:
    return and_(col(Call.ended).is_not(None), _before(col(Call.ended), limits.calls))


def _texts_over(limits: Limits) -> Any:
    kept = select(col(Call.id)).where(col(Call.id) == col(TextMessage.call_id), _held()).exists()
    over = and_(_before(col(TextMessage.created_at), limits.texts), not_(kept))
    return and_(over, col(TextMessage.state).in_(TEXTS_OVER))


def _events_over(limits: Limits) -> Any:
    kept = select(col(Call.id)).where(col(Call.id) == col(EventRow.call_id), _held()).exists()
    return and_(_before(col(EventRow.at), limits.events), not_(kept))


def _before(column: Any, limit: datetime | None) -> Any:
    return column.is_(None) & column.is_not(None) if limit is None else column < limit


def _held() -> Any:
    return is_held(col(Call.id), col(Call.patient_blind))


def _open() -> Any:
    return _is_open(Call.id)


def _is_open(call_id: Any) -> Any:
    """SQL: whether something of a call is still to be done. ``call_id``: a column."""
    return or_(
        *(select(table.id).where(table.call_id == call_id, is_open).exists() for table, is_open in OPEN)
    )


def _count(session: Session, table: Any, where: Any) -> int:
    found = session.connection().execute(select(func.count()).select_from(table).where(where))
    return int(found.scalar_one())


def _delete(session: Session, statement: Delete) -> int:
    done: CursorResult[Any] = session.connection().execute(statement)
    return done.rowcount


def _delete_some(session: Session, table: Any, key: Any, where: Any, most: int) -> int:
    some = session.connection().execute(select(key).where(where).order_by(key).limit(most)).scalars()
    return _delete(session, delete(table).where(key.in_(list(some))))
