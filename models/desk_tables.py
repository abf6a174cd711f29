"""The tables of what follows from calls: staff, their queue, the write-back, and what guards the door."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.columns import (
    BLIND_LENGTH,
    Row,
    call_name,
    instant,
    maybe_instant,
    maybe_secret_text,
    row_number,
    secret_json,
    secret_text,
)


class OutboxState(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    CONFIRMED = "confirmed"
    DEAD = "dead"


class OutboxRow(Row, table=True):
    """Work promised in the same transaction as its cause, done afterwards, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "next_at"),)

    id: str = Field(primary_key=True, max_length=64)
    call_id: str = call_name(index=True)
    kind: str = Field(max_length=64)
    payload: dict[str, Any] = secret_json("outbox.payload", required=True)
    idempotency_key: str = Field(unique=True, max_length=200)
    state: str = Field(default=OutboxState.PENDING, max_length=16)
    attempts: int = 0
    created_at: datetime = instant()
    next_at: datetime = instant()
    lease_until: datetime | None = maybe_instant()
    leased_by: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})  # a process
    last_error: str = Field(default="", max_length=1000)  # a code and HTTP facts, no personal data


class LedgerRow(Row, table=True):
    """One resource on one chart server: what was sent and what became of it."""

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("call_id", "kind", "n", "target", name="uq_ledger_resource"),)

    id: int | None = row_number()
    call_id: str = call_name()
    kind: str = Field(max_length=64)
    n: int = 0
    target: str = Field(max_length=200)  # the server's base URL
    body_sha256: str = Field(default="", max_length=64)
    state: str = Field(default=OutboxState.PENDING, index=True, max_length=16)
    server_ref: str = Field(default="", max_length=200)  # "Encounter/123"
    etag: str = Field(default="", max_length=100)
    attempts: int = 0
    next_at: datetime | None = maybe_instant()
    error: str = Field(default="", max_length=1000)


class UsedToken(Row, table=True):
    """A stream token's nonce that was burned."""

    __tablename__ = "used_token"

    nonce: str = Field(primary_key=True, max_length=128)
    used_at: datetime = instant(index=True)


class SeenWebhook(Row, table=True):
    """A webhook delivery that was already handled."""

    __tablename__ = "seen_webhook"

    key: str = Field(primary_key=True, max_length=200)
    seen_at: datetime = instant(index=True)


class Setting(Row, table=True):
    """One version of one of the practice's own settings (hours, wording, providers); the highest counts."""

    __tablename__ = "setting"

    key: str = Field(primary_key=True, max_length=100)
    version: int = Field(primary_key=True)
    body: dict[str, Any] = secret_json("setting.body", required=True)
    at: datetime = instant()
    who: str = Field(max_length=100)


class TaskState(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    HELD = "held"
    SNOOZED = "snoozed"
    DONE = "done"


NOT_DONE = tuple(state.value for state in TaskState if state is not TaskState.DONE)  # asked by an index


class StaffTask(Row, table=True):
    """Work for a person. ``action_id`` makes a repeated order the same task."""

    __tablename__ = "staff_task"
    __table_args__ = (
        UniqueConstraint("call_id", "action_id", name="uq_staff_task_call_action"),
        Index("ix_staff_task_queue", "state", "due_at"),
        Index("ix_staff_task_resource_ref", "resource_ref"),
        Index("ix_staff_task_done_at", "done_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    call_id: str = call_name()
    action_id: str = Field(max_length=100)
    kind: str = Field(max_length=32)
    priority: str = Field(max_length=16)
    state: str = Field(default=TaskState.OPEN, max_length=16)
    summary: str = secret_text("staff_task.summary")
    patient_id: str = secret_text("staff_task.patient_id")
    callback_number: str = secret_text("staff_task.callback_number")
    created_at: datetime = instant(index=True)
    due_at: datetime | None = maybe_instant()
    owner: str = Field(default="", max_length=100)
    claimed_at: datetime | None = maybe_instant()
    done_at: datetime | None = maybe_instant()
    resource_ref: str = Field(default="", max_length=200)  # "Task/..." in the chart
    warned_at: datetime | None = maybe_instant()  # half of its time was over
    escalated_at: datetime | None = maybe_instant()  # all of it
    version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # counts what was done with it
    started_at: datetime | None = maybe_instant()  # its owner has begun
    handed_by: str = Field(default="", max_length=100, sa_column_kwargs={"server_default": ""})
    wake_at: datetime | None = maybe_instant()
    waits_for: str | None = maybe_secret_text("staff_task.waits_for")  # while it is on hold
    outcome: str = Field(default="", max_length=32, sa_column_kwargs={"server_default": ""})


class TaskStep(Row, table=True):
    """One thing that was done with a task. Rows are never changed (triggers)."""

    __tablename__ = "task_step"

    id: int | None = row_number()
    task_id: str = Field(foreign_key="staff_task.id", index=True, max_length=64)
    deed: str = Field(max_length=16)
    who: str = Field(max_length=100)
    at: datetime = instant(index=True)
    state: str = Field(max_length=16)  # afterwards
    owner: str = Field(default="", max_length=100)  # afterwards
    outcome: str = Field(default="", max_length=32)
    words: str = secret_text("task_step.words")


class PageState(StrEnum):
    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"


class Page(Row, table=True):
    """A call for a person's immediate attention."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("call_id", "action_id", name="uq_page_call_action"),)

    id: str = Field(primary_key=True, max_length=64)
    call_id: str = call_name()
    action_id: str = Field(max_length=100)
    task_id: str | None = Field(default=None, foreign_key="staff_task.id", index=True, max_length=64)
    red_flag_id: str = Field(default="", max_length=16)
    summary: str = secret_text("page.summary")
    state: str = Field(default=PageState.WAITING, index=True, max_length=16)
    at: datetime = instant()
    acknowledged_at: datetime | None = maybe_instant()
    acknowledged_by: str = Field(default="", max_length=100)
    level: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # how far it was escalated
    next_at: datetime | None = maybe_instant()  # when the next person is tried


class OrderState(StrEnum):
    ASKED = "asked"
    DONE = "done"  # the call's dialog has begun it
    REFUSED = "refused"  # the dialog has not
    LOST = "lost"  # no process that leads the call answered


class CallOrder(Row, table=True):
    """What a member of staff orders of a call that goes on. At most one of a call is open."""

    __tablename__ = "call_order"

    id: str = Field(primary_key=True, max_length=64)  # as the form had it: sent twice it is one order
    call_id: str = call_name(index=True)
    kind: str = Field(max_length=16)  # a `StaffDeed`
    who: str = Field(max_length=100)
    contact: str = Field(default="", max_length=100)  # whose telephone rings, of the practice's contacts
    state: str = Field(default=OrderState.ASKED, max_length=16)
    asked_at: datetime = instant()
    answered_at: datetime | None = maybe_instant()
    open_of: str | None = Field(default=None, unique=True, max_length=64)  # the call, while it is open


class IdentityAttempt(Row, table=True):
    """One attempt to say who one is, kept per caller number for lock-outs."""

    __tablename__ = "identity_attempt"
    __table_args__ = (Index("ix_identity_attempt_lock", "caller_blind", "at"),)

    id: int | None = row_number()
    caller_blind: str = Field(max_length=BLIND_LENGTH)
    call_id: str = call_name(index=True)
    at: datetime = instant()
    ok: bool
