"""What people have corrected in stored turns, for learning; the turns themselves are never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import call_keys
from models.domain import Intent
from models.errors import FirstringError, NotFound
from models.tables import Call, Correction, Turn

INTENTS = "intents"  # a correction's field: labels joined by commas, "" for nothing that is asked
WORDS = "caller_text"  # what the caller really said


class NothingSaid(FirstringError):
    """A turn without words of the caller: silence, keys, or a wish that nothing be written down."""

    code = "nothing-said"
    fix = "There is nothing to correct in it."


@dataclass(frozen=True, slots=True)
class CorrectedTurn:
    """What a turn means, as a person has decided last. ``kind``: of the question that it answered."""

    call_id: str
    turn_number: int
    text: str
    kind: str
    intents: str
    who: str
    at: datetime


def correct_words(session: Session, call_id: str, number: int, words: str, who: str, at: datetime) -> bool:
    """Note what the caller really said in a turn; False where that stands there already.

    Raises `NotFound` when there is no such turn, `NothingSaid` when none of its words were kept.
    """
    turn = _spoken(session, call_id, number)
    flat = " ".join(words.split())
    return _note(session, turn, WORDS, turn.caller_text, flat, who, at)


def correct_intents(
    session: Session, call_id: str, number: int, intents: Sequence[Intent], who: str, at: datetime
) -> bool:
    """Note what the caller wanted in a turn, () for nothing that we do; False where that stands already.

    Raises as `correct_words`.
    """
    turn = _spoken(session, call_id, number)
    return _note(session, turn, INTENTS, ",".join(intents_understood(turn)), ",".join(intents), who, at)


def key_as_corrected(session: Session, call: Call, turn: Turn) -> None:
    """The call is found by this turn's words and intents as people have written them last. To be called
    after every correction of either."""
    query = select(Correction).where(Correction.call_id == call.id, Correction.turn_number == turn.number)
    rows = session.exec(query.order_by(col(Correction.at), col(Correction.id))).all()
    last = {row.field: row.after for row in rows}
    intents = last[INTENTS].replace(",", " ").split() if INTENTS in last else None
    call_keys.key_turn(session, call, turn, words=last.get(WORDS), intents=intents)


def words_corrected(session: Session, call_id: str) -> dict[int, str]:
    """What the caller said, by turn, as a person has written it last."""
    return _last(session, call_id, WORDS)


def intents_corrected(session: Session, call_id: str) -> dict[int, str]:
    """What the caller wanted, by turn, as a person has decided last: labels joined by commas."""
    return _last(session, call_id, INTENTS)


def intents_understood(turn: Turn) -> tuple[str, ...]:
    """The labels that a turn's words were understood as, most likely first."""
    found = (turn.understood or {}).get("intents") or ([turn.intent] if turn.intent else [])
    return tuple(str(label) for label in found)


def _last(session: Session, call_id: str, field: str, number: int | None = None) -> dict[int, str]:
    query = select(Correction).where(Correction.call_id == call_id, Correction.field == field)
    if number is not None:
        query = query.where(Correction.turn_number == number)
    rows = session.exec(query.order_by(col(Correction.at), col(Correction.id))).all()
    return {row.turn_number: row.after for row in rows}


def corrected_words(session: Session, call_ids: Sequence[str]) -> dict[tuple[str, int], str]:
    """As `words_corrected`, of several calls at once, by call and turn."""
    query = select(Correction).where(col(Correction.call_id).in_(call_ids), Correction.field == WORDS)
    rows = session.exec(query.order_by(col(Correction.at), col(Correction.id))).all()
    return {(row.call_id, row.turn_number): row.after for row in rows}


def _spoken(session: Session, call_id: str, number: int) -> Turn:
    turn = _turn(session, call_id, number)
    if turn is None:
        raise NotFound(f"call {call_id} has no turn {number}")
    if not turn.caller_text:
        raise NothingSaid(f"no words of the caller were kept in turn {number}")
    return turn


def _note(session: Session, turn: Turn, field: str, before: str, after: str, who: str, at: datetime) -> bool:
    """A form that is sent twice is one correction."""
    if _last(session, turn.call_id, field, turn.number).get(turn.number, before) == after:
        return False
    row = Correction(call_id=turn.call_id, turn_number=turn.number, field=field, who=who, at=at)
    row.before, row.after = before, after
    session.add(row)
    session.flush()
    key_as_corrected(session, session.get_one(Call, turn.call_id), turn)
    return True


def corrected_turns(session: Session) -> list[CorrectedTurn]:
    """Every turn whose intents a person has corrected, oldest correction first; its words as corrected."""
    query = select(Correction).where(col(Correction.field).in_((INTENTS, WORDS)))
    rows = session.exec(query.order_by(col(Correction.at), col(Correction.id))).all()
    found = {(row.call_id, row.turn_number): _corrected(session, row) for row in rows if row.field == INTENTS}
    return list(_with_words(found, rows).values())


def _with_words(
    found: dict[tuple[str, int], CorrectedTurn], rows: Iterable[Correction]
) -> dict[tuple[str, int], CorrectedTurn]:
    for row in rows:
        key = (row.call_id, row.turn_number)
        if row.field == WORDS and key in found:
            found[key] = replace(found[key], text=row.after)
    return found


def _corrected(session: Session, row: Correction) -> CorrectedTurn:
    turn = _turn(session, row.call_id, row.turn_number)
    before = _turn(session, row.call_id, row.turn_number - 1)  # it holds the question that was answered
    asked: dict[str, Any] = (before.expectation if before else None) or {}
    text = turn.caller_text if turn else ""
    return CorrectedTurn(
        row.call_id, row.turn_number, text, str(asked.get("kind", "open")), row.after, row.who, row.at
    )


def _turn(session: Session, call_id: str, number: int) -> Turn | None:
    return session.exec(select(Turn).where(Turn.call_id == call_id, Turn.number == number)).one_or_none()
