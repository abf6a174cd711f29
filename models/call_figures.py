"""Keeps `CallFigure`: what is counted of a call once it has ended, and when its note was in the chart."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.domain import Intent
from models.figure_tables import CallFigure
from models.tables import Call, Turn

NO_WISHES = frozenset(
    {
        Intent.AFFIRM,
        Intent.DENY,
        Intent.REPEAT,
        Intent.WAIT,
        Intent.DONT_KNOW,
        Intent.GREETING,
        Intent.GOODBYE,
        Intent.OUT_OF_SCOPE,
    }
)
MILLISECOND = timedelta(milliseconds=1)


def keep_figures(session: Session, call: Call) -> None:
    """Count the call anew; what is known of its note stays."""
    turns = session.exec(select(Turn).where(Turn.call_id == call.id).order_by(col(Turn.number))).all()
    row = session.get(CallFigure, call.id) or CallFigure(call_id=call.id)
    row.wish = first_wish(turn.intent for turn in turns)
    row.answered_ms = _answered_ms(call, turns[0]) if turns and turns[0].number == 0 else None
    row.replies_ms = " ".join(str(round(ms)) for ms in _replies_ms(turns))
    session.add(row)


def first_wish(intents: Iterable[str]) -> str:
    """The first that asks for something; what only answers or greets is passed over."""
    return next((intent for intent in intents if intent and intent not in NO_WISHES), "")


def note_written(session: Session, call_ids: Iterable[str], at: datetime) -> None:
    """The chart server holds the notes of these calls; the first time counts."""
    calls = list(call_ids)
    if calls:
        unwritten = (col(CallFigure.call_id).in_(calls), col(CallFigure.note_at).is_(None))
        session.connection().execute(update(CallFigure).where(*unwritten).values(note_at=at))


def _answered_ms(call: Call, greeting: Turn) -> int:
    return max(0, (greeting.at - call.started) // MILLISECOND)


def _replies_ms(turns: Iterable[Turn]) -> list[float]:
    timings = (turn.timings or {} for turn in turns if turn.number > 0)
    return [found["reply_ms"] for found in timings if "reply_ms" in found]
