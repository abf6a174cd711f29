"""The tables of who may use the console: people, sessions, second factors, records opened in need."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy
from sqlmodel import Field

from models.columns import Row, blind_index, instant, maybe_instant, maybe_secret_text, row_number


class StaffUser(Row, table=True):
    """A person who may sign in to the console."""

    __tablename__ = "staff_user"

    name: str = Field(primary_key=True, max_length=100)
    password_hash: str = Field(max_length=300)  # argon2id, PHC string
    roles: str = Field(max_length=200)  # words of console.roles, with spaces between
    must_change: bool = False
    disabled: bool = False
    created_at: datetime = instant()
    totp_secret: str | None = maybe_secret_text("staff_user.totp_secret")  # None: no second factor yet
    totp_step: int = 0  # the last time step whose code was used: a code works once


class StaffSession(Row, table=True):
    """A browser that is signed in. Its cookie holds the id; here rests only the id's hash."""

    __tablename__ = "staff_session"

    id_hash: str = Field(primary_key=True, max_length=64)
    user_name: str = Field(index=True, max_length=100)
    started_at: datetime = instant()
    seen_at: datetime = instant(index=True)
    second_factor: bool = False  # whether it was given in this session
    failures: int = 0  # wrong codes
    pending_secret: str | None = maybe_secret_text("staff_session.pending_secret")  # while it is set up
    outside: bool = Field(  # the practice's identity provider vouched for them: no password of ours is asked
        default=False, sa_column_kwargs={"server_default": sqlalchemy.false()}
    )


class RecoveryCode(Row, table=True):
    """Stands in for a lost second factor, once."""

    __tablename__ = "recovery_code"

    code_hash: str = Field(primary_key=True, max_length=64)
    user_name: str = Field(index=True, max_length=100)
    used_at: datetime | None = maybe_instant()


class RecordOpening(Row, table=True):
    """A record that somebody without access opened in need, for a while; why stands in the audit trail."""

    __tablename__ = "record_opening"

    id: int | None = row_number()
    user_name: str = Field(index=True, max_length=100)
    record_blind: str = blind_index()
    opened_at: datetime = instant()
    until: datetime = instant()
