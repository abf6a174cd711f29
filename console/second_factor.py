"""The second factor: time-based codes (RFC 6238), each good once, and recovery codes for a lost telephone."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup
from sqlalchemy import delete, update
from sqlmodel import Session, col

from models.keyring import current_keyring
from models.tables import RecoveryCode, StaffUser

STEP_S = 30
RECOVERY_CODES = 10
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 5 bits each; none that looks like another
PART = 5  # letters in each half of a recovery code: 50 bits in all
SIDE = 6  # pixels of a QR code's square


def new_secret() -> str:
    """160 random bits, base32: what RFC 4226 section 4 recommends."""
    return pyotp.random_base32()


def address(secret: str, name: str, practice: str) -> str:
    """What the telephone's app reads (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"Firstring {practice}")


def picture(text: str) -> Markup:
    """``text`` as a QR code, SVG to stand in the page; black on white in the dark scheme too."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(scale=SIDE, dark="#000000", light="#ffffff", border=4, title="QR code"))


def in_groups(secret: str) -> str:
    """As one types it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def step_of(secret: str, code: str, at: datetime, last_step: int) -> int | None:
    """The step that ``code`` is of: this one or a neighbour (clocks differ), later than ``last_step``."""
    digits, now = code.replace(" ", ""), int(at.timestamp()) // STEP_S
    for step in (now, now - 1, now + 1):
        right = pyotp.HOTP(secret).at(step)
        if step > last_step and hmac.compare_digest(right.encode(), digits.encode()):
            return step
    return None


def use_code(session: Session, name: str, code: str, at: datetime) -> bool:
    """Whether the code is right. It is used up with that, in whatever process this happens."""
    user = session.get(StaffUser, name)
    if user is None or not user.totp_secret:
        return False
    step = step_of(user.totp_secret, code, at, user.totp_step)
    if step is None:
        return False
    fresh = (col(StaffUser.name) == name, col(StaffUser.totp_step) < step)
    return _changed(session, update(StaffUser).where(*fresh).values(totp_step=step))


def use_recovery_code(session: Session, name: str, code: str, at: datetime) -> bool:
    """Whether it is one of theirs and not used yet. It is used up with that."""
    unused = (col(RecoveryCode.code_hash) == _hash(name, code), col(RecoveryCode.used_at).is_(None))
    return _changed(session, update(RecoveryCode).where(*unused).values(used_at=at))


def set_up(session: Session, name: str, secret: str, step: int) -> tuple[str, ...]:
    """Keep a person's factor; returns new recovery codes, which rest only as hashes. Old ones are void."""
    user = session.get_one(StaffUser, name)
    user.totp_secret, user.totp_step = secret, step
    forget_codes(session, name)
    codes = tuple(_new_code() for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(code_hash=_hash(name, code), user_name=name) for code in codes)
    session.flush()
    return codes


def take_away(session: Session, name: str) -> None:
    """The person sets up a new factor at the next sign-in."""
    user = session.get_one(StaffUser, name)
    user.totp_secret, user.totp_step = None, 0
    forget_codes(session, name)


def forget_codes(session: Session, name: str) -> None:
    session.connection().execute(delete(RecoveryCode).where(col(RecoveryCode.user_name) == name))


def _new_code() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(2 * PART))
    return f"{letters[:PART]}-{letters[PART:]}"


def _hash(name: str, code: str) -> str:
    letters = "".join(letter for letter in code.upper() if letter in LETTERS)
    return current_keyring().blind("recovery_code", f"{name} {letters}")


def _changed(session: Session, statement: object) -> bool:
    rows: int = session.connection().execute(statement).rowcount  # type: ignore[call-overload]
    session.expire_all()
    return rows == 1
