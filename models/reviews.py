"""A call that staff have read: reviewed, and marked for teaching. Who and when, each once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col

from models import search_keys
from models.call_keys import add_key, remove_key
from models.errors import Conflict, NotFound
from models.tables import Call


def mark_reviewed(session: Session, call_id: str, who: str, at: datetime) -> bool:
    """This person has reviewed the call; False when somebody had before, whose name then stays.

    Raises `NotFound`, and `Conflict` while the call goes on.
    """
    call = _call(session, call_id)
    if call.ended is None:
        raise Conflict(f"call {call_id} has not ended")
    if not _set(session, call, col(Call.reviewed_at).is_(None), reviewed_at=at, reviewed_by=who):
        return False
    remove_key(session, call, search_keys.unreviewed_key())
    return True


def mark_unreviewed(session: Session, call_id: str) -> bool:
    """Somebody is to review the call again; False when nobody had. Raises `NotFound`."""
    call = _call(session, call_id)
    if not _set(session, call, col(Call.reviewed_at).is_not(None), reviewed_at=None, reviewed_by=""):
        return False
    add_key(session, call, search_keys.unreviewed_key())
    return True


def mark_for_teaching(session: Session, call_id: str, who: str, at: datetime) -> bool:
    """The call is worth showing to others; False when it was marked before. Raises `NotFound`."""
    call = _call(session, call_id)
    if not _set(session, call, col(Call.teaching_at).is_(None), teaching_at=at, teaching_by=who):
        return False
    add_key(session, call, search_keys.teaching_key())
    return True


def unmark_for_teaching(session: Session, call_id: str) -> bool:
    """The call is not for teaching after all; False when it was not marked. Raises `NotFound`."""
    call = _call(session, call_id)
    if not _set(session, call, col(Call.teaching_at).is_not(None), teaching_at=None, teaching_by=""):
        return False
    remove_key(session, call, search_keys.teaching_key())
    return True


def _call(session: Session, call_id: str) -> Call:
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound(f"there is no call {call_id}")
    return call


def _set(session: Session, call: Call, where: Any, **values: object) -> bool:
    """One statement: of two people at once, one is told True."""
    statement = update(Call).where(col(Call.id) == call.id, where).values(**values)
    result: CursorResult[Any] = session.connection().execute(statement)
    session.expire(call)
    return result.rowcount > 0
