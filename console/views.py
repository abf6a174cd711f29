"""What the pages show, read from the database in one snapshot. Plain values, ready to print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from console import wording
from console.cards import Card, card
from console.inbox import read_paging
from models.corrections import words_corrected
from models.domain import DoneAction
from models.records import open_tasks, recent_calls, require_call, tasks_of
from models.stored import CallEnding, StoredCall, ending_from_json
from models.tables import Call, LedgerRow, OutboxRow, Turn

UNSURE_BELOW = 0.6  # a recogniser's confidence under which staff should hear for themselves
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


@dataclass(frozen=True)
class TurnView:
    number: int
    at: str
    caller: str
    keys: str
    unsure: bool
    confidence: str
    alternatives: tuple[str, ...]
    agent: str
    heard: str  # the part that was played, when it was not all
    corrected: str = ""  # what the caller said, as a person has written it


@dataclass(frozen=True)
class DoneView:
    turn: int
    what: str
    outcome: str
    failed: bool


@dataclass(frozen=True)
class WriteBackView:
    what: str
    state: str
    reference: str
    problem: str


@dataclass(frozen=True)
class CallView:
    line: CallLine
    identity: str
    practice_line: str  # which of the practice's numbers was called
    forwarded_from: str
    patient_id: str
    quotes: tuple[str, ...]  # the words behind each red flag
    present: tuple[str, ...]
    denied: tuple[str, ...]
    resumed: int
    turns: tuple[TurnView, ...]
    done: tuple[DoneView, ...]
    tasks: tuple[Card, ...]
    written: tuple[WriteBackView, ...]


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


def call(session: Session, call_id: str, now: datetime, zone: ZoneInfo, me: str = "") -> CallView:
    """One call's page, as ``me`` sees it. Raises `NotFound`."""
    stored = require_call(session, call_id)
    row = session.get_one(Call, call_id)
    ending = ending_from_json(row.ending) if row.ending else None
    turns = session.exec(select(Turn).where(Turn.call_id == call_id).order_by(col(Turn.number))).all()
    left = tasks_of(session, call_id)
    paging = read_paging(session, left)
    tasks = tuple(card(task, me, now, zone, paging) for task in left)
    corrected = words_corrected(session, call_id)
    first_words = next((turn.caller_text for turn in turns if turn.caller_text), "")
    return CallView(
        line=_line(row, now, zone, first_words, len([task for task in tasks if task.open])),
        identity=wording.IDENTITY.get(row.identity, row.identity),
        practice_line=row.line,
        forwarded_from=row.forwarded_from or "",
        patient_id=row.patient_id,
        quotes=_quotes(ending),
        present=ending.symptoms_present if ending else (),
        denied=ending.symptoms_denied if ending else (),
        resumed=row.resumed,
        turns=tuple(_turn(turn, stored, corrected.get(turn.number, "")) for turn in turns),
        done=tuple(_done(done, zone) for done in stored.done),
        tasks=tasks,
        written=_written(session, call_id),
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


def _quotes(ending: CallEnding | None) -> tuple[str, ...]:
    flags = ending.red_flags if ending else ()
    return tuple(f"{flag.red_flag_id} ({flag.disposition}): “{flag.quote}”" for flag in flags)


def _turn(row: Turn, stored: StoredCall, corrected: str) -> TurnView:
    cut_off = bool(row.heard_to) and row.heard_to.strip() != row.agent_text.strip()
    return TurnView(
        number=row.number,
        at=wording.duration((row.at - stored.started).total_seconds()),
        caller=row.caller_text,
        keys=row.keys,
        unsure=bool(row.caller_text) and row.confidence < UNSURE_BELOW,
        confidence=f"{row.confidence:.0%}" if row.caller_text else "",
        alternatives=tuple(row.alternatives or ()),
        agent=row.agent_text,
        heard=row.heard_to if cut_off else "",
        corrected=corrected,
    )


def _done(done: DoneAction, zone: ZoneInfo) -> DoneView:
    return DoneView(
        turn=done.turn_number,
        what=wording.doing(done.action),
        outcome=wording.outcome(done.result, zone),
        failed=wording.is_failure(done.result),
    )


def _written(session: Session, call_id: str) -> tuple[WriteBackView, ...]:
    ledger = session.exec(select(LedgerRow).where(LedgerRow.call_id == call_id).order_by(col(LedgerRow.id)))
    outbox = session.exec(select(OutboxRow).where(OutboxRow.call_id == call_id).order_by(col(OutboxRow.id)))
    return (
        *(WriteBackView(row.kind, row.state, row.server_ref, row.error) for row in ledger.all()),
        *(WriteBackView(f"{row.kind} (outbox)", row.state, "", row.last_error) for row in outbox.all()),
    )
