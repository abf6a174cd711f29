"""The tables of calls and of the audit trail; the others are at hand here too.

Texts that may hold personal data rest encrypted; what must be looked up has a blind index beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.chart import BookingCell, ChartIdentifier, ChartIndex, ChartResource, ChartVersion
from models.columns import (
    CALL_ID_LENGTH,
    Row,
    blind_index,
    call_name,
    instant,
    maybe_instant,
    maybe_secret_text,
    row_number,
    secret_json,
    secret_text,
)
from models.contact_tables import (
    CheckinRow,
    LegState,
    OneTimeCode,
    PageStep,
    RecordingChoice,
    TextChoice,
    TextMessage,
    TextState,
    Transfer,
    TransferLeg,
    TransferState,
    WaitlistEntry,
    WaitState,
)
from models.desk_tables import (
    NOT_DONE,
    CallOrder,
    IdentityAttempt,
    LedgerRow,
    OrderState,
    OutboxRow,
    OutboxState,
    Page,
    PageState,
    SeenWebhook,
    Setting,
    StaffTask,
    TaskState,
    TaskStep,
    UsedToken,
)
from models.figure_tables import CallFigure
from models.floor_table import SchemaFloor
from models.hold_tables import LegalHold
from models.recordings import Recording, RecordingState
from models.search_tables import CallKey, CallSearch
from models.staff_tables import RecordOpening, RecoveryCode, StaffSession, StaffUser


def _call_ref() -> Any:
    return Field(foreign_key="call.id", index=True, max_length=CALL_ID_LENGTH)


class Call(Row, table=True):
    """One phone call. ``id`` is the carrier's CallSid; ``state`` is the dialog's own JSON."""

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "ix_call_counted",  # all that figures ask of a call, whose own row is long
            "started", "id", "ended", "disposition", "red_flag_ids", "reviewed_at", "satisfaction",
        ),
    )  # fmt: skip

    id: str = Field(primary_key=True, max_length=CALL_ID_LENGTH)
    caller_number: str = secret_text("call.caller_number")
    caller_blind: str = blind_index()
    called_number: str = secret_text("call.called_number")
    forwarded_from: str | None = maybe_secret_text("call.forwarded_from")
    line: str = Field(default="", max_length=64)  # name of the practice's line that was called
    started: datetime = instant(index=True)
    ended: datetime | None = maybe_instant(index=True)
    updated: datetime = instant(index=True)  # last write-ahead turn or resumption
    disposition: str = Field(default="", index=True, max_length=32)
    identity: str = Field(default="L0", max_length=8)
    patient_id: str = secret_text("call.patient_id")
    patient_blind: str = blind_index()
    state: dict[str, Any] | None = secret_json("call.state")
    ending: dict[str, Any] | None = secret_json("call.ending")  # a CallEnding, once ended
    red_flag_ids: str = Field(default="", max_length=200)  # "RF01 RF14"
    owner: str = Field(default="", max_length=100)  # the process that leads the call
    epoch: int = 0  # counts owners: a former one may no longer write
    resumed: int = 0
    ordered: list[dict[str, Any]] | None = secret_json("call.ordered")  # actions whose outcome has not come
    stalled: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}
    )  # resumed since the caller got a word in
    satisfaction: int | None = None  # 1 to 5, where the caller gave one
    reviewed_at: datetime | None = maybe_instant()  # by a staff member, who has read it
    reviewed_by: str = Field(default="", max_length=100, sa_column_kwargs={"server_default": ""})
    teaching_at: datetime | None = maybe_instant()  # marked as worth showing to others
    teaching_by: str = Field(default="", max_length=100, sa_column_kwargs={"server_default": ""})
    keyed: int = Field(default=0, index=True, sa_column_kwargs={"server_default": "0"})  # models/call_keys.py
    changes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # counts what is stored of it


class Turn(Row, table=True):
    """One caller utterance and the reply, from 1; turn 0 is the greeting."""

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("call_id", "number", name="uq_turn_call_number"),)

    id: int | None = row_number()
    call_id: str = Field(foreign_key="call.id", max_length=CALL_ID_LENGTH)
    number: int
    at: datetime = instant()
    caller_text: str = secret_text("turn.caller_text")
    alternatives: list[str] | None = secret_json("turn.alternatives")
    confidence: float = 0.0
    agent_text: str = secret_text("turn.agent_text")
    heard_to: str = secret_text("turn.heard_to")
    intent: str = Field(default="", max_length=32)
    phase: str = Field(default="", max_length=32)
    keys: str = secret_text("turn.keys")
    understood: dict[str, Any] | None = secret_json("turn.understood")
    expectation: dict[str, Any] | None = secret_json("turn.expectation")
    timings: dict[str, float] | None = secret_json("turn.timings")  # milliseconds, see agent/turn_times.py


class DoneActionRow(Row, table=True):
    """An action of the dialog with its outcome."""

    __tablename__ = "done_action"
    __table_args__ = (UniqueConstraint("call_id", "action_id", name="uq_done_action_call_action"),)

    id: int | None = row_number()
    call_id: str = Field(foreign_key="call.id", max_length=CALL_ID_LENGTH)
    action_id: str = Field(max_length=100)
    turn_number: int
    action: dict[str, Any] = secret_json("done_action.action", required=True)
    result: dict[str, Any] = secret_json("done_action.result", required=True)


class EventRow(Row, table=True):
    """What happened, in order, for every process that wants to know."""

    __tablename__ = "event"
    __table_args__: ClassVar[Any] = {"sqlite_autoincrement": True}

    sequence: int | None = row_number()
    kind: str = Field(index=True, max_length=64)
    call_id: str = call_name(index=True)
    at: datetime = instant(index=True)
    payload: dict[str, Any] | None = secret_json("event.payload")


class Correction(Row, table=True):
    """A person's better reading of one field of a turn; the turn itself is never changed."""

    __tablename__ = "correction"

    id: int | None = row_number()
    call_id: str = _call_ref()
    turn_number: int
    field: str = Field(max_length=64)
    before: str = secret_text("correction.before")
    after: str = secret_text("correction.after")
    who: str = Field(max_length=100)
    at: datetime = instant()


class AuditEntry(Row, table=True):
    """Who did what to whose data. Rows are never changed or deleted (triggers), and chained by hashes."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("chain", "number", name="uq_audit_entry_chain_number"),
        Index("ix_audit_entry_action", "action", "id"),
    )

    id: int | None = row_number()
    chain: str = Field(max_length=64)
    number: int  # from 1 in each chain
    at: datetime = instant(index=True)
    actor: str = Field(index=True, max_length=100)
    action: str = Field(max_length=64)
    subject: str = secret_text("audit_entry.subject")
    subject_blind: str = blind_index()
    why: str = secret_text("audit_entry.why")
    prev_hash: str = Field(max_length=64)
    hash: str = Field(index=True, max_length=64)


class AuditHead(Row, table=True):
    """The signed end of each audit chain: shows when its last rows were cut off."""

    __tablename__ = "audit_head"

    chain: str = Field(primary_key=True, max_length=64)
    number: int
    hash: str = Field(max_length=64)
    signature: str = Field(max_length=64)


__all__ = [
    "NOT_DONE",
    "AuditEntry",
    "AuditHead",
    "BookingCell",
    "Call",
    "CallFigure",
    "CallKey",
    "CallOrder",
    "CallSearch",
    "ChartIdentifier",
    "ChartIndex",
    "ChartResource",
    "ChartVersion",
    "CheckinRow",
    "Correction",
    "DoneActionRow",
    "EventRow",
    "IdentityAttempt",
    "LedgerRow",
    "LegState",
    "LegalHold",
    "OneTimeCode",
    "OrderState",
    "OutboxRow",
    "OutboxState",
    "Page",
    "PageState",
    "PageStep",
    "RecordOpening",
    "Recording",
    "RecordingChoice",
    "RecordingState",
    "RecoveryCode",
    "SchemaFloor",
    "SeenWebhook",
    "Setting",
    "StaffSession",
    "StaffTask",
    "StaffUser",
    "TaskState",
    "TaskStep",
    "TextChoice",
    "TextMessage",
    "TextState",
    "Transfer",
    "TransferLeg",
    "TransferState",
    "Turn",
    "UsedToken",
    "WaitState",
    "WaitlistEntry",
]
