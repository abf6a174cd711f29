"""Who may sign in: staff with argon2 password hashes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlmodel import Session, col, func, select

from console import second_factor, sessions
from console.roles import Role, written_roles
from models import audit
from models.errors import NotFound
from models.records import insert_if_new
from models.tables import StaffUser

MIN_PASSWORD_LENGTH = 12  # NIST SP 800-63B asks for length, not for kinds of characters
MAX_PASSWORD_LENGTH = 200
_HASHER = PasswordHasher()  # argon2id with the library's current costs (RFC 9106, low memory)


@dataclass(frozen=True)
class Staff:
    """A person who is signed in. ``due``: the step of signing in that is still open, "" when none is."""

    name: str
    roles: frozenset[Role]
    due: str = ""
    session: str = ""  # the hash of its id
    form_token: str = ""

    def in_session(self, session: str, form_token: str) -> Staff:
        """The same person in the session that follows, with every step of signing in done."""
        return replace(self, due="", session=session, form_token=form_token)


def create_admin(
    session: Session, *, at: datetime, name: str = "admin", also: frozenset[Role] = frozenset()
) -> str | None:
    """Make the first administrator and return the one-time password; None when ``name`` exists."""
    return create_user(session, name, frozenset({Role.ADMIN}) | also, at=at)


def create_user(session: Session, name: str, roles: frozenset[Role], *, at: datetime) -> str | None:
    """Add a user with a one-time password, returned once and never stored; None when the name is taken."""
    if session.get(StaffUser, name) is not None:
        return None  # before the hash: every start asks, and callers wait for a server that starts
    password = one_time_password()
    hashed, words = hash_password(password), written_roles(roles)
    row = StaffUser(name=name, password_hash=hashed, roles=words, must_change=True, created_at=at)
    return password if insert_if_new(session, row) else None


def one_time_password() -> str:
    return secrets.token_urlsafe(15)


def start_anew(session: Session, name: str, *, at: datetime) -> str | None:
    """A one-time password, no second factor, signed out everywhere; None when nobody has the name."""
    user = session.get(StaffUser, name)
    if user is None:
        return None
    password = one_time_password()
    user.password_hash, user.must_change, user.disabled = hash_password(password), True, False
    second_factor.take_away(session, name)
    sessions.end_all(session, name)
    audit.append(session, at=at, actor="operator", action="user reset", subject=f"user/{name}")
    return password


def all_users(session: Session) -> list[StaffUser]:
    return list(session.exec(select(StaffUser).order_by(col(StaffUser.name))).all())


def has_users(session: Session) -> bool:
    """Whether anybody can sign in at all."""
    return session.exec(select(func.count()).select_from(StaffUser)).one() > 0


def hash_password(password: str) -> str:
    """The argon2id hash. Takes about 0.1 s of processor: keep it off the event loop and the writer."""
    return _HASHER.hash(password)


def store_password(session: Session, name: str, password_hash: str) -> None:
    """Set a hash made by `hash_password`; the password counts as the user's own from now on."""
    user = session.get(StaffUser, name)
    if user is None:
        raise NotFound("there is no such user")
    user.password_hash, user.must_change = password_hash, False
    session.add(user)
    session.flush()


def password_problem(password: str, name: str) -> str:
    """What is wrong with a new password, "" when nothing is."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return f"Please use at least {MIN_PASSWORD_LENGTH} characters."
    if len(password) > MAX_PASSWORD_LENGTH:
        return f"Please use at most {MAX_PASSWORD_LENGTH} characters."
    if password.casefold() == name.casefold() or len(set(password)) < 5:
        return "Please choose something harder to guess."
    return ""


def check_password(user: StaffUser | None, password: str) -> bool:
    """Whether ``password`` is the user's. Costs the same time for a user who does not exist."""
    try:
        right = _HASHER.verify(user.password_hash if user else _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and user is not None and not user.disabled


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe(15))
