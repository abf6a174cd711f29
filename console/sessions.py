"""Sessions of the console: a random id in a cookie, its hash in the database.

NIST SP 800-63B-4, section 2.2.3 (AAL2), lets a session idle for an hour and last a day; 15 minutes is
what practices under 45 CFR 164.312(a)(2)(iii), automatic logoff, usually set.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, or_

from models.tables import StaffSession, StaffUser

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(seconds=30)  # a session's last use is written down no more often than this
ID_BYTES = 32


def hash_of(session_id: str) -> str:
    """What of an id rests. 256 random bits need no slow hash."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def form_token(session_id: str) -> str:
    """What every form of the session carries. Without the cookie it cannot be known."""
    return hmac.new(session_id.encode(), b"form", hashlib.sha256).hexdigest()


def start(
    session: Session, name: str, at: datetime, *, second_factor: bool = False, outside: bool = False
) -> str:
    """A new session of ``name``; returns its id. Ended ones of everybody are cleared away."""
    _clear_ended(session, at)
    session_id = secrets.token_urlsafe(ID_BYTES)
    row = StaffSession(
        id_hash=hash_of(session_id),
        user_name=name,
        started_at=at,
        seen_at=at,
        second_factor=second_factor,
        outside=outside,
    )
    session.add(row)
    session.flush()
    return session_id


def find(session: Session, session_id: str, at: datetime) -> tuple[StaffSession, StaffUser] | None:
    """The session with its person, as long as both are good."""
    return find_by_hash(session, hash_of(session_id), at)


def find_by_hash(session: Session, id_hash: str, at: datetime) -> tuple[StaffSession, StaffUser] | None:
    """As `find`, for who knows the session by its hash alone."""
    row = session.get(StaffSession, id_hash)
    if row is None or at - row.seen_at >= IDLE or at - row.started_at >= LONGEST:
        return None
    user = session.get(StaffUser, row.user_name)
    return None if user is None or user.disabled else (row, user)


def touch(session: Session, id_hash: str, at: datetime) -> None:
    """Somebody is there."""
    row = session.get(StaffSession, id_hash)
    if row is not None:
        row.seen_at = at


def end(session: Session, id_hash: str) -> None:
    session.connection().execute(delete(StaffSession).where(col(StaffSession.id_hash) == id_hash))


def end_all(session: Session, name: str) -> None:
    """Sign ``name`` out everywhere."""
    session.connection().execute(delete(StaffSession).where(col(StaffSession.user_name) == name))


def _clear_ended(session: Session, at: datetime) -> None:
    ended = or_(col(StaffSession.seen_at) < at - IDLE, col(StaffSession.started_at) < at - LONGEST)
    session.connection().execute(delete(StaffSession).where(ended))
