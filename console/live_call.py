"""A call that goes on: what is said, how far it is, who it is, and whether it is in danger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from console import wording
from console.happenings import tag
from console.intent_words import meaning
from models import transfers
from models.codec import from_json
from models.contact_tables import Transfer, TransferState
from models.domain import CallGlance, IdentityLevel, Phase
from models.errors import NotFound, StorageError
from models.tables import Call, Turn

MOST_TURNS = 20  # on one page; a long call has earlier ones on others
UNSURE_BELOW = 0.6  # a recogniser's confidence under which staff should hear for themselves
# A call that goes on is stored more often than this: silence of the caller is a turn as well.
QUIET_AFTER = timedelta(seconds=45)
Glance = Callable[[Mapping[str, Any]], CallGlance]


@dataclass(frozen=True, slots=True)
class LiveTurn:
    number: int
    at: str
    caller: str
    keys: str
    unsure: bool
    understood: str
    agent: str
    heard: str  # the part that was played, when it was not all
    being_said: bool


@dataclass(frozen=True, slots=True)
class LiveView:
    """``before`` is 0 on the page that follows the call; else it shows the turns before that number.
    ``older``: the number before which there are more, 0 where there are none."""

    call_id: str
    tag: str
    number: str
    practice_line: str
    since: str
    seconds: int
    duration: str
    ended: str  # how, "" while it goes on
    phase: str
    identity: str
    patient_id: str
    reason: str
    serving: str
    asked: str
    in_danger: bool
    red_flags: tuple[str, ...]
    quotes: tuple[str, ...]
    with_staff: str
    gone_since: str
    turns: tuple[LiveTurn, ...]
    older: int
    before: int


def read_live(
    session: Session, call_id: str, now: datetime, zone: ZoneInfo, glance: Glance | None, before: int = 0
) -> LiveView:
    """In one snapshot. Raises `NotFound`."""
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound(f"there is no call {call_id}")
    seen, turns = glanced(call, glance), _turns(session, call_id, before)
    found = transfers.transfers_of(session, call_id) if call.ended is None else []
    with_staff = _with_staff(found[-1]) if found else ""
    seconds = max(timedelta(), (call.ended or now) - call.started).total_seconds()
    last = turns[-1].number if turns and not before and call.ended is None and not with_staff else None
    return LiveView(
        call_id=call_id,
        tag=tag(call_id),
        number=wording.last_four(call.caller_number),
        practice_line=call.line,
        since=wording.when(call.started, zone),
        seconds=round(seconds),
        duration=wording.duration(seconds),
        ended=wording.how_it_ended(call.disposition) if call.ended else "",
        phase=PHASES[seen.phase],
        identity=wording.IDENTITY[seen.identity.value],
        patient_id=seen.patient_id,
        reason=seen.reason,
        serving=seen.serving.replace("_", " "),
        asked=seen.asked,
        in_danger=seen.in_danger,
        red_flags=tuple(dict.fromkeys(flag.red_flag_id for flag in seen.red_flags)),
        quotes=tuple(f"{flag.red_flag_id} ({flag.disposition}): “{flag.quote}”" for flag in seen.red_flags),
        with_staff=with_staff,
        gone_since="" if with_staff else _gone_since(call, now, zone),
        turns=tuple(_turn(turn, call.started, being_said=turn.number == last) for turn in turns),
        older=_older(session, call_id, turns),
        before=before,
    )


PHASES: Mapping[Phase, str] = {
    Phase.GREETING: "Being greeted",
    Phase.OPEN: "Saying what it is about",
    Phase.IDENTIFYING: "Saying who they are",
    Phase.SERVING: "Being served",
    Phase.CLOSING: "Saying goodbye",
    Phase.HANDOFF: "On the way to a person",
    Phase.ENDED: "Over",
}


def glanced(call: Call, glance: Glance | None) -> CallGlance:
    """Where the dialog has not begun, or its state is of another version: nothing is known yet."""
    nothing = CallGlance(Phase.ENDED if call.ended else Phase.GREETING, IdentityLevel.L0)
    if glance is None or not call.state:
        return nothing
    try:
        return glance(call.state)
    except (LookupError, TypeError, ValueError, StorageError):
        return nothing


def _with_staff(transfer: Transfer) -> str:
    """Who is being rung, or has the call; "" where the agent has it."""
    match transfer.state:
        case TransferState.RINGING:
            rung = transfer.people[max(transfer.position, 1) - 1][0] if transfer.people else "staff"
            return f"Ringing {rung}; the caller hears music"
        case TransferState.TAKEN | TransferState.JOINED:
            return f"{transfer.taken_by} has the call"
        case TransferState.DIALLED:
            return "Put through to the practice’s telephone"
    return ""


def _gone_since(call: Call, now: datetime, zone: ZoneInfo) -> str:
    """When this call was last heard of, where that is too long ago: its line or its process is gone."""
    silent = call.ended is None and now - call.updated > QUIET_AFTER
    return f"{call.updated.astimezone(zone):%H:%M:%S}" if silent else ""


# --------------------------------------------------------------------------- turns


def _turns(session: Session, call_id: str, before: int) -> list[Turn]:
    """The last ones, or the last before that number; in order."""
    query = select(Turn).where(Turn.call_id == call_id)
    if before:
        query = query.where(col(Turn.number) < before)
    rows = session.exec(query.order_by(col(Turn.number).desc()).limit(MOST_TURNS)).all()
    return list(reversed(rows))


def _older(session: Session, call_id: str, turns: list[Turn]) -> int:
    if not turns:
        return 0
    first = session.exec(select(func.min(col(Turn.number))).where(Turn.call_id == call_id)).one()
    return turns[0].number if first < turns[0].number else 0


def _turn(row: Turn, started: datetime, *, being_said: bool) -> LiveTurn:
    cut_off = bool(row.heard_to) and row.heard_to.strip() != row.agent_text.strip()
    return LiveTurn(
        number=row.number,
        at=wording.duration((row.at - started).total_seconds()),
        caller=row.caller_text,
        keys=row.keys,
        unsure=bool(row.caller_text) and row.confidence < UNSURE_BELOW,
        understood=_understood(row),
        agent=row.agent_text,
        heard=row.heard_to if cut_off else "",
        being_said=being_said and bool(row.agent_text) and not row.heard_to,
    )


def _understood(row: Turn) -> str:
    """Wishes and values that were read from the caller's words."""
    if not row.understood:
        return meaning((row.intent,)) if row.intent else ""
    read = from_json(row.understood)
    wishes = [intent.value for intent in read.intents or filter(None, (read.intent,))]
    values = [f"{name}: {entity.value}".replace("_", " ") for name, entity in read.entities.items()]
    return ", ".join((*([meaning(wishes)] if wishes else ()), *values))
