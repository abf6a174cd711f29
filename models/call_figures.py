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
QUARTER_S = 900


def keep_figures(session: Session, call: Call) -> None:
    """Count the call anew; what is known of its note stays."""
    turns = session.exec(select(Turn).where(Turn.call_id == call.id).order_by(col(Turn.number))).all()
    row = session.get(CallFigure, call.id) or CallFigure(call_id=call.id)
    row.wish = first_wish(turn.intent for turn in turns)
    row.quarter = quarter_of(call.started)
    row.answered_ms = _answered_ms(call, turns[0]) if turns and turns[0].number == 0 else None
    row.replies_ms = " ".join(str(round(ms)) for ms in _replies_ms(turns))
    session.add(row)


def quarter_of(at: datetime) -> int:
    """Quarters of an hour since 1970."""
    return int(at.timestamp()) // QUARTER_S


def first_wish(intents: Iterable[str]) -> str:
    """The first that asks for something; what only answers or greets is passed over."""
    return next((intent for intent in intents if intent and intent not in NO_WISHES), "")


def note_written(session: Session, call_ids: Iterable[str], at: datetime) -> None:
    """The chart server holds the notes of these calls; the first time counts."""
    ids = list(call_ids)
    calls = session.exec(select(Call.id, Call.ended).where(col(Call.id).in_(ids))).all() if ids else []
    for call_id, ended in calls:
        if ended is not None:
            unwritten = (col(CallFigure.call_id) == call_id, col(CallFigure.note_ms).is_(None))
            later_ms = max(0, (at - ended) // MILLISECOND)
            session.connection().execute(update(CallFigure).where(*unwritten).values(note_ms=later_ms))


def _answered_ms(call: Call, greeting: Turn) -> int:
    return max(0, (greeting.at - call.started) // MILLISECOND)


def _replies_ms(turns: Iterable[Turn]) -> list[float]:
    timings = (turn.timings or {} for turn in turns if turn.number > 0)
    return [found["reply_ms"] for found in timings if "reply_ms" in found]
