"""Keeps the index by which calls are found (`CallKey`) in step with what is stored, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from models import search_keys
from models.rows import insert_all_new
from models.search_tables import CallKey
from models.tables import Call, Turn

WHOLE_CALL = -1
KEYED = 1  # how calls are keyed now; those of before are keyed again (models/rekeying.py)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def in_us(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def at_us(us: int) -> datetime:
    """What `in_us` was given."""
    return EPOCH + us * MICROSECOND


def said(turn: Turn) -> tuple[Any, ...]:
    """All of a turn that it is found by: equal values, equal keys."""
    return turn.caller_text, intents_of(turn), is_unsure(turn)


def is_unsure(turn: Turn) -> bool:
    return bool(turn.caller_text) and turn.confidence < search_keys.UNSURE_BELOW


def intents_of(turn: Turn) -> frozenset[str]:
    """All that was wished for in it."""
    return frozenset({turn.intent, *(turn.understood or {}).get("intents", ())} - {""})


def key_number(session: Session, call: Call) -> None:
    """A new call: its caller's number."""
    if call.caller_number:
        end = call.caller_number[-search_keys.LAST_FOUR :]
        keys = {search_keys.blind_key(call.caller_blind), search_keys.number_end_key(end)}
        _add(session, call, WHOLE_CALL, keys)


def key_turn(
    session: Session,
    call: Call,
    turn: Turn,
    *,
    words: str | None = None,
    intents: Collection[str] | None = None,
    is_new: bool = False,
) -> None:
    """A turn as it was stored, or as a person has corrected its ``words`` or ``intents``. ``is_new``: it has
    no keys yet."""
    if not is_new:
        forget_turn(session, call.id, turn.number)
    keys = {*search_keys.word_keys(turn.caller_text if words is None else words)}
    keys |= search_keys.intent_keys(intents_of(turn) if intents is None else intents)
    if is_unsure(turn):
        keys.add(search_keys.unsure_key())
    _add(session, call, turn.number, keys)


def key_ending(session: Session, call: Call) -> None:
    """A call that has ended, and waits to be reviewed."""
    keys = {search_keys.disposition_key(call.disposition), search_keys.unreviewed_key()}
    if call.patient_blind:
        keys.add(search_keys.blind_key(call.patient_blind))
    flags = call.red_flag_ids.split()
    if flags:
        keys |= {search_keys.flag_key(), *map(search_keys.flag_key, flags)}
    _add(session, call, WHOLE_CALL, keys)


def add_key(session: Session, call: Call, key: int) -> None:
    """Of the whole call."""
    _add(session, call, WHOLE_CALL, {key})


def remove_key(session: Session, call: Call, key: int) -> None:
    """Of the whole call."""
    place = (col(CallKey.key) == key, col(CallKey.started_us) == in_us(call.started))
    session.connection().execute(delete(CallKey).where(*place, col(CallKey.call_id) == call.id))


def forget_turn(session: Session, call_id: str, number: int) -> None:
    """Nothing that was said in this turn finds the call any longer."""
    place = (col(CallKey.call_id) == call_id, col(CallKey.turn) == number)
    session.connection().execute(delete(CallKey).where(*place))


def forget_words(session: Session, call_id: str) -> None:
    """Nothing that was said finds the call any longer: for calls whose words are deleted."""
    place = (col(CallKey.call_id) == call_id, col(CallKey.turn) != WHOLE_CALL)
    session.connection().execute(delete(CallKey).where(*place))


def forget_call(session: Session, call_id: str) -> None:
    """Before a call itself is deleted, which the database refuses otherwise."""
    session.connection().execute(delete(CallKey).where(col(CallKey.call_id) == call_id))


def _add(session: Session, call: Call, turn: int, keys: Collection[int]) -> None:
    place = {"started_us": in_us(call.started), "call_id": call.id, "turn": turn}
    insert_all_new(session, CallKey, [{"key": key, **place} for key in sorted(keys)])
