"""Calls that were stored before the index of `CallKey` was, or under an earlier way of it, are keyed anew."""

from __future__ import annotations

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import call_figures, call_keys, search_keys
from models.call_keys import KEYED
from models.corrections import key_as_corrected
from models.tables import Call, Turn


def key_older_calls(session: Session, limit: int) -> int:
    """Key some of them, and say how many that were: 0 once all are."""
    calls = session.exec(select(Call).where(col(Call.keyed) < KEYED).limit(limit)).all()
    for call in calls:
        key_call(session, call)
    return len(calls)


def unkeyed(session: Session, most: int) -> int:
    """How many calls cannot be found yet, counted up to ``most``."""
    return len(session.exec(select(Call.id).where(col(Call.keyed) < KEYED).limit(most)).all())


def key_call(session: Session, call: Call) -> None:
    """Everything that a call is found by, made anew."""
    call_keys.forget_call(session, call.id)
    call_keys.key_number(session, call)
    for turn in session.exec(select(Turn).where(Turn.call_id == call.id)).all():
        key_as_corrected(session, call, turn)
    if call.ended is not None:
        call_keys.key_ending(session, call)
        call_figures.keep_figures(session, call)
    if call.reviewed_at is not None:
        call_keys.remove_key(session, call, search_keys.unreviewed_key())
    if call.teaching_at is not None:
        call_keys.add_key(session, call, search_keys.teaching_key())
    session.connection().execute(update(Call).where(col(Call.id) == call.id).values(keyed=KEYED))
