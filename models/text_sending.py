"""The way of a text message to the carrier: each handed over once, by one process, and what became of it.

A row is claimed before the carrier is asked. If the process dies then, or the carrier's answer is lost, the
message may be out: it is not sent again, because a text that comes twice is worse than one that staff hear
has perhaps not come.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, or_, update
from sqlmodel import Session, col, select

from models.calls import phone_blind
from models.contact_tables import TextMessage, TextState
from models.texts import is_stopped

NOT_KNOWN = "not-known"  # whether it is out
WITHHELD = "stopped"
TOO_LATE = "too-late"
TOO_MANY = "too-many"
PAGE = "page"  # to staff about a danger: has no limit
SLACK = timedelta(minutes=1)  # clocks of several machines
MOST_A_DAY = 20  # texts to one number, whatever they are about: no patient needs more, a fraud would


def due_texts(session: Session, now: datetime, longest: timedelta, limit: int = 20) -> list[int]:
    """Messages whose time has come, oldest first: no failure puts one off for more than ``longest``."""
    due = or_(_has_come(now, longest), col(TextMessage.attempts) == 0)
    query = select(TextMessage.id).where(TextMessage.state == TextState.QUEUED.value, due)
    found = session.exec(query.order_by(col(TextMessage.next_at), col(TextMessage.id)).limit(limit))
    return [row_id for row_id in found.all() if row_id is not None]


def claim_text(
    session: Session, row_id: int, *, at: datetime, lease: timedelta, latest: timedelta
) -> TextMessage | None:
    """The message, now this process' to send; None where another has it, nobody wants it any more, or it
    is older than ``latest``."""
    row = session.get(TextMessage, row_id, populate_existing=True)
    if row is None or row.state != TextState.QUEUED:
        return None
    if is_stopped(session, row.to_number):
        _move(session, row_id, TextState.QUEUED, state=TextState.WITHHELD.value, last_error=WITHHELD)
        return None
    if at - row.created_at > latest:
        _move(session, row_id, TextState.QUEUED, state=TextState.FAILED.value, last_error=TOO_LATE)
        return None
    if row.purpose != PAGE and _sent_since(session, row.to_number, at - timedelta(days=1)) >= MOST_A_DAY:
        _move(session, row_id, TextState.QUEUED, state=TextState.FAILED.value, last_error=TOO_MANY)
        return None
    claimed = {"state": TextState.SENDING.value, "attempts": row.attempts + 1, "next_at": at + lease}
    if not _move(session, row_id, TextState.QUEUED, **claimed):
        return None
    return session.get(TextMessage, row_id, populate_existing=True)


def _sent_since(session: Session, number: str, since: datetime) -> int:
    query = select(func.count()).select_from(TextMessage)
    return session.exec(
        query.where(TextMessage.to_blind == phone_blind(number), col(TextMessage.sent_at) > since)
    ).one()


def text_sent(session: Session, row_id: int, carrier_sid: str, *, at: datetime) -> None:
    """The carrier has it. News of its delivery that came before this stands."""
    values = {"state": TextState.SENT.value, "sent_at": at, "last_error": ""}
    if not _move(session, row_id, TextState.SENDING, **values, carrier_sid=carrier_sid):
        _update(session, col(TextMessage.id) == row_id, values={"carrier_sid": carrier_sid, "sent_at": at})


def text_later(session: Session, row_id: int, error: str, *, next_at: datetime) -> None:
    """The carrier has certainly not taken it: another try."""
    values = {"state": TextState.QUEUED.value, "next_at": next_at, "last_error": error}
    _move(session, row_id, TextState.SENDING, **values)


def text_failed(session: Session, row_id: int, error: str) -> bool:
    """It was not sent, or may not have been; nobody tries again. True when that is news."""
    return _move(session, row_id, TextState.SENDING, state=TextState.FAILED.value, last_error=error)


def text_withheld(session: Session, row_id: int) -> None:
    """The carrier knows of a STOP that we did not."""
    _move(session, row_id, TextState.SENDING, state=TextState.WITHHELD.value, last_error=WITHHELD)


def lost_texts(session: Session, now: datetime, lease: timedelta) -> list[int]:
    """Messages whose sender has died: whether they are out is not known."""
    query = select(TextMessage.id).where(TextMessage.state == TextState.SENDING.value, _has_come(now, lease))
    return [row_id for row_id in session.exec(query).all() if row_id is not None]


def text_delivered(session: Session, row_id: int) -> None:
    """The carrier's last word, also of one that was given up for lost."""
    states = (TextState.SENDING.value, TextState.SENT.value, TextState.FAILED.value)
    values = {"state": TextState.DELIVERED.value, "last_error": ""}
    _update(session, col(TextMessage.id) == row_id, col(TextMessage.state).in_(states), values=values)


def text_undelivered(session: Session, row_id: int, error: str) -> bool:
    """The carrier could not deliver it. True when that is news."""
    states = (TextState.SENDING.value, TextState.SENT.value)
    values = {"state": TextState.FAILED.value, "last_error": error}
    return _update(session, col(TextMessage.id) == row_id, col(TextMessage.state).in_(states), values=values)


def withhold_queued(session: Session, number: str) -> None:
    """STOP holds for what is promised already."""
    mine = (
        col(TextMessage.to_blind) == phone_blind(number),
        col(TextMessage.state) == TextState.QUEUED.value,
    )
    _update(session, *mine, values={"state": TextState.WITHHELD.value, "last_error": WITHHELD})


def _has_come(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Also where the clock was set back since: nothing was put off for so long."""
    return or_(col(TextMessage.next_at) <= now, col(TextMessage.next_at) > now + longest + SLACK)


def _move(session: Session, row_id: int, before: TextState, **values: Any) -> bool:
    return _update(
        session, col(TextMessage.id) == row_id, col(TextMessage.state) == before.value, values=values
    )


def _update(session: Session, *where: Any, values: dict[str, Any]) -> bool:
    statement = update(TextMessage).where(*where).values(**values)
    result: CursorResult[Any] = session.connection().execute(statement)
    return result.rowcount > 0
