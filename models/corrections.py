"""What people have corrected in stored turns, for learning; the turns themselves are never changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import call_keys
from models.errors import NotFound
from models.tables import Call, Correction, Turn

INTENTS = "intents"  # a correction's field: labels joined by commas, "" for nothing that is asked
WORDS = "caller_text"  # what the caller really said


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


def correct_words(session: Session, call_id: str, number: int, words: str, who: str, at: datetime) -> None:
    """Note what the caller really said in a turn. Raises `NotFound` when there is no such turn."""
    turn = _turn(session, call_id, number)
    if turn is None:
        raise NotFound(f"call {call_id} has no turn {number}")
    row = Correction(call_id=call_id, turn_number=number, field=WORDS, who=who, at=at)
    row.before, row.after = turn.caller_text, " ".join(words.split())
    session.add(row)
    session.flush()
    key_as_corrected(session, session.get_one(Call, call_id), turn)


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
    query = select(Correction).where(Correction.call_id == call_id, Correction.field == WORDS)
    rows = session.exec(query.order_by(col(Correction.at), col(Correction.id))).all()
    return {row.turn_number: row.after for row in rows}


def corrected_words(session: Session, call_ids: Sequence[str]) -> dict[tuple[str, int], str]:
    """As `words_corrected`, of several calls at once, by call and turn."""
    query = select(Correction).where(col(Correction.call_id).in_(call_ids), Correction.field == WORDS)
    rows = session.exec(query.order_by(col(Correction.at), col(Correction.id))).all()
    return {(row.call_id, row.turn_number): row.after for row in rows}


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
