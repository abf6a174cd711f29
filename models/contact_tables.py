"""How people are reached: text messages, codes, the waitlist, check-ins, and the steps of a page."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from models.columns import (
    BLIND_LENGTH,
    Row,
    blind_index,
    call_name,
    instant,
    maybe_instant,
    row_number,
    secret_json,
    secret_text,
)


class TextState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # handed to the carrier, whose answer has not come
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"  # or not known to have been taken: it is not sent a second time
    WITHHELD = "withheld"  # its number asked for no texts


class TextMessage(Row, table=True):
    """A text message promised in the transaction of its cause, sent afterwards. ``key`` names it once."""

    __tablename__ = "text_message"
    __table_args__ = (Index("ix_text_message_due", "state", "next_at"),)

    id: int | None = row_number()
    key: str = Field(unique=True, max_length=200)
    call_id: str = call_name(index=True)
    purpose: str = Field(max_length=32)  # "code", "visit", "waitlist", "page"
    to_number: str = secret_text("text_message.to_number")
    to_blind: str = blind_index()
    body: str = secret_text("text_message.body")
    state: str = Field(default=TextState.QUEUED, max_length=16)
    attempts: int = 0
    created_at: datetime = instant()
    next_at: datetime = instant()
    sent_at: datetime | None = maybe_instant()
    carrier_sid: str = Field(default="", max_length=64)
    last_error: str = Field(default="", max_length=200)  # a code, no personal data


class TextChoice(Row, table=True):
    """What a number has asked for by text: STOP, or START again."""

    __tablename__ = "text_choice"

    number_blind: str = Field(primary_key=True, max_length=BLIND_LENGTH)
    stopped: bool = False
    at: datetime = instant()


class RecordingChoice(Row, table=True):
    """Whether calls from a number are to be recorded."""

    __tablename__ = "recording_choice"

    number_blind: str = Field(primary_key=True, max_length=BLIND_LENGTH)
    declined: bool = False
    at: datetime = instant()


class OneTimeCode(Row, table=True):
    """The code that one call has sent to a number on file. Only its keyed hash is kept.

    ``used_by`` is the action that it was right for: the same action again finds it right again.
    """

    __tablename__ = "one_time_code"

    call_id: str = Field(primary_key=True, max_length=64)
    patient_id: str = secret_text("one_time_code.patient_id")
    code_hash: str = Field(max_length=64)
    sent_at: datetime = instant()
    expires_at: datetime = instant()
    sends: int = 1
    tries: int = 0  # wrong ones
    used_by: str = Field(default="", max_length=100)


class WaitState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    LEFT = "left"


class WaitlistEntry(Row, table=True):
    """A patient who would come sooner. ``wish`` is the search that an opening must answer.

    ``id`` is also that of its Appointment in the chart. ``offered_to`` is the fingerprint of the number
    with a live offer: its unique key keeps two from being open to one number, where a "Y" would be of both.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        UniqueConstraint("call_id", "action_id", name="uq_waitlist_entry_call_action"),
        Index("ix_waitlist_entry_queue", "state", "visit_type", "created_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    call_id: str = call_name()
    action_id: str = Field(max_length=100)
    patient_id: str = secret_text("waitlist_entry.patient_id")
    patient_blind: str = blind_index()
    visit_type: str = Field(max_length=64)
    wish: dict[str, Any] | None = secret_json("waitlist_entry.wish")
    state: str = Field(default=WaitState.WAITING, max_length=16)
    created_at: datetime = instant()
    offered_opening: str = Field(default="", max_length=200)
    offered_at: datetime | None = maybe_instant()
    offer_until: datetime | None = maybe_instant()
    refused: list[str] | None = secret_json("waitlist_entry.refused")  # openings not to be offered again
    appointment_id: str = Field(default="", max_length=64)  # the visit that an earlier time replaces
    text_number: str = secret_text("waitlist_entry.text_number")
    number_blind: str = blind_index()
    offered_to: str | None = Field(default=None, unique=True, max_length=BLIND_LENGTH)
    offers: int = 0  # how many were made; numbers each offer's text and task


class TransferState(StrEnum):
    RINGING = "ringing"  # somebody is looked for
    TAKEN = "taken"  # by a key: the caller is on the way to them
    JOINED = "joined"
    NOBODY = "nobody"  # the caller goes back to the agent
    DIALLED = "dialled"  # the carrier took no orders: the practice's own telephone rings
    OVER = "over"  # the caller hung up before


class LegState(StrEnum):
    """What became of ringing one person."""

    RINGING = "ringing"
    TAKEN = "taken"
    LEFT = "left"  # hung up after taking it
    PASSED = "passed"  # by key
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    MACHINE = "machine"
    FAILED = "failed"
    CALLED_OFF = "called-off"  # the caller hung up, or somebody else was faster


class Transfer(Row, table=True):
    """One search for a person to take a call. ``people``: [name, number] in the order they are rung."""

    __tablename__ = "transfer"
    __table_args__ = (
        UniqueConstraint("call_id", "action_id", name="uq_transfer_call_action"),
        Index("ix_transfer_due", "state", "next_at"),
    )

    id: str = Field(primary_key=True, max_length=64)
    call_id: str = call_name(index=True)
    action_id: str = Field(max_length=100)
    urgent: bool = False
    reason: str = Field(default="", max_length=100)  # a phrase of ours
    words: str = secret_text("transfer.words")
    name: str = secret_text("transfer.name")
    people: list[list[str]] = secret_json("transfer.people", required=True)
    position: int = 0  # how many have been rung
    state: str = Field(default=TransferState.RINGING, max_length=16)
    taken_by: str = Field(default="", max_length=100)
    taken_leg: str = Field(default="", max_length=64)
    created_at: datetime = instant()
    until: datetime = instant()
    next_at: datetime = instant()
    joined_at: datetime | None = maybe_instant()
    ended_at: datetime | None = maybe_instant()


class TransferLeg(Row, table=True):
    """One person rung for a transfer."""

    __tablename__ = "transfer_leg"
    __table_args__ = (UniqueConstraint("transfer_id", "number", name="uq_transfer_leg_number"),)

    id: str = Field(primary_key=True, max_length=64)
    transfer_id: str = Field(foreign_key="transfer.id", max_length=64)
    number: int  # from 1 for each transfer
    contact: str = Field(max_length=100)
    call_sid: str = Field(default="", max_length=64)
    state: str = Field(default=LegState.RINGING, max_length=16)
    at: datetime = instant()
    ended_at: datetime | None = maybe_instant()


class CheckinRow(Row, table=True):
    """The answers of one check-in, as far as it came. ``filed`` is the order as the dialog gave it."""

    __tablename__ = "checkin"
    __table_args__ = (UniqueConstraint("call_id", "action_id", name="uq_checkin_call_action"),)

    id: str = Field(primary_key=True, max_length=64)
    call_id: str = call_name()
    action_id: str = Field(max_length=100)
    patient_id: str = secret_text("checkin.patient_id")
    patient_blind: str = blind_index()
    questionnaire: str = Field(max_length=300)  # "url|version"
    status: str = Field(max_length=16)
    filed: dict[str, Any] | None = secret_json("checkin.filed")
    at: datetime = instant()


class PageStep(Row, table=True):
    """One attempt to reach one person about a page."""

    __tablename__ = "page_step"
    __table_args__ = (UniqueConstraint("page_id", "number", name="uq_page_step_number"),)

    id: int | None = row_number()
    page_id: str = Field(foreign_key="page.id", max_length=64)
    number: int  # from 1 for each page
    contact: str = Field(max_length=100)
    channel: str = Field(max_length=16)  # "text", "email", "call"
    state: str = Field(default="sent", max_length=16)
    at: datetime = instant()
    error: str = Field(default="", max_length=200)
