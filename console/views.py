"""The list of calls, read from the database in one snapshot. Plain values, ready to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from console import wording
from models.records import open_tasks, recent_calls
from models.stored import ending_from_json
from models.tables import Call, Turn

CALLS_PER_PAGE = 50


@dataclass(frozen=True)
class CallLine:
    call_id: str
    at: str
    ended: str
    tone: str
    duration: str
    number: str
    red_flags: tuple[str, ...]
    reason: str
    tasks: int


@dataclass(frozen=True)
class Front:
    """The calls, newest first."""

    calls: tuple[CallLine, ...]
    older: str  # "before" of the next page, "" on the last


def front(session: Session, now: datetime, zone: ZoneInfo, before: datetime | None = None) -> Front:
    """The list of calls; ``before`` pages back through them."""
    rows = recent_calls(session, CALLS_PER_PAGE + 1, before=before)
    shown = rows[:CALLS_PER_PAGE]
    reasons = _first_words(session, [row.id for row in shown])
    waiting = [task.call_id for task in open_tasks(session)]
    return Front(
        calls=tuple(_line(row, now, zone, reasons.get(row.id, ""), waiting.count(row.id)) for row in shown),
        older=shown[-1].started.isoformat() if len(rows) > CALLS_PER_PAGE else "",
    )


def _line(row: Call, now: datetime, zone: ZoneInfo, first_words: str, tasks: int) -> CallLine:
    ending = ending_from_json(row.ending) if row.ending else None
    disposition = row.disposition if row.ended else ""
    return CallLine(
        call_id=row.id,
        at=wording.when(row.started, zone),
        ended=wording.how_it_ended(disposition),
        tone=wording.tone(disposition),
        duration=wording.duration(((row.ended or now) - row.started).total_seconds()),
        number=wording.last_four(row.caller_number),
        red_flags=tuple(row.red_flag_ids.split()),
        reason=(ending.reason if ending else "") or first_words,
        tasks=tasks,
    )


def _first_words(session: Session, call_ids: list[str]) -> dict[str, str]:
    query = select(Turn.call_id, Turn.caller_text).where(col(Turn.call_id).in_(call_ids), Turn.number == 1)
    return dict(session.exec(query).all())
