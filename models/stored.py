"""Stored calls as values, and the way from rows to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.codec import from_json, to_json
from models.domain import (
    Action,
    Disposition,
    DoneAction,
    Expectation,
    IdentityLevel,
    RedFlagRaised,
    TurnRecord,
    Understanding,
)
from models.tables import DoneActionRow, Turn


@dataclass(frozen=True)
class StoredCall:
    """A call as stored, enough to go on with it."""

    call_id: str
    caller_number: str
    called_number: str
    forwarded_from: str
    line: str
    started: datetime
    ended: datetime | None
    disposition: str
    owner: str
    epoch: int
    resumed: int  # in all
    stalled: int  # since the caller last got a word in
    state: dict[str, Any] | None
    turns: tuple[TurnRecord, ...]
    done: tuple[DoneAction, ...]
    ordered: tuple[Action, ...] = ()  # whose outcome the dialog has not heard of


@dataclass(frozen=True)
class CallEnding:
    """What the dialog knows once the call is over; becomes part of the `CallRecord`."""

    disposition: Disposition
    reason: str = ""
    identity: IdentityLevel = IdentityLevel.L0
    patient_id: str = ""
    red_flags: tuple[RedFlagRaised, ...] = ()
    disclosures: tuple[str, ...] = ()
    identity_attempts: int = 0
    symptoms_present: tuple[str, ...] = ()
    symptoms_denied: tuple[str, ...] = ()


@dataclass(frozen=True)
class TurnDetail:
    """What a turn's record does not carry, kept for staff, for learning and for measuring."""

    alternatives: Sequence[str] = ()
    understood: Understanding | None = None
    expectation: Expectation | None = None
    timings: Mapping[str, float] = field(default_factory=dict)  # milliseconds, see agent/turn_times.py


def ending_to_json(ending: CallEnding) -> dict[str, Any]:
    """The ending as `models.tables.Call.ending` keeps it."""
    return {
        "disposition": ending.disposition.value,
        "reason": ending.reason,
        "identity": ending.identity.value,
        "patient_id": ending.patient_id,
        "red_flags": [to_json(flag) for flag in ending.red_flags],
        "disclosures": list(ending.disclosures),
        "identity_attempts": ending.identity_attempts,
        "symptoms_present": list(ending.symptoms_present),
        "symptoms_denied": list(ending.symptoms_denied),
    }


def ending_from_json(data: Mapping[str, Any]) -> CallEnding:
    """What `ending_to_json` was given."""
    return CallEnding(
        disposition=Disposition(data["disposition"]),
        reason=data["reason"],
        identity=IdentityLevel(data["identity"]),
        patient_id=data["patient_id"],
        red_flags=tuple(from_json(flag) for flag in data["red_flags"]),
        disclosures=tuple(data["disclosures"]),
        identity_attempts=data["identity_attempts"],
        symptoms_present=tuple(data["symptoms_present"]),
        symptoms_denied=tuple(data["symptoms_denied"]),
    )


def fill_turn(row: Turn, turn: TurnRecord, detail: TurnDetail | None) -> None:
    """Write a turn into its row; what was heard of the reply stays as it was noted, so does no detail."""
    row.caller_text, row.agent_text, row.keys = turn.caller_text, turn.agent_text, turn.keys
    row.intent, row.phase, row.confidence = turn.intent, turn.phase, turn.confidence
    row.heard_to = turn.heard_to or row.heard_to
    if detail is None:
        return
    row.alternatives = list(detail.alternatives) or None
    row.understood = to_json(detail.understood) if detail.understood else None
    row.expectation = to_json(detail.expectation) if detail.expectation else None
    row.timings = {**(row.timings or {}), **detail.timings} or None


def turn_record(row: Turn) -> TurnRecord:
    """The turn as the domain knows it."""
    return TurnRecord(
        number=row.number,
        at=row.at,
        caller_text=row.caller_text,
        agent_text=row.agent_text,
        intent=row.intent,
        phase=row.phase,
        confidence=row.confidence,
        heard_to=row.heard_to,
        keys=row.keys,
    )


def done_action(row: DoneActionRow) -> DoneAction:
    """The action and its outcome as the domain knows them."""
    return DoneAction(row.turn_number, action=from_json(row.action), result=from_json(row.result))
