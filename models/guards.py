"""What happens once only, and what is counted: stream tokens, webhook deliveries, identity attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from models.calls import phone_blind
from models.rows import insert_if_new
from models.tables import IdentityAttempt, SeenWebhook, UsedToken


def burn_token(session: Session, nonce: str, at: datetime) -> bool:
    """Use a stream token's nonce; False when it was used before."""
    return insert_if_new(session, UsedToken(nonce=nonce, used_at=at))


def seen_webhook(session: Session, key: str, at: datetime) -> bool:
    """Whether this delivery was handled before; from now on it was."""
    return not insert_if_new(session, SeenWebhook(key=key, seen_at=at))


def forget_guards(session: Session, *, before: datetime, webhooks_before: datetime) -> int:
    """Drop nonces older than ``before`` (tokens expire within a minute) and deliveries older than
    ``webhooks_before`` (a signature never expires); how many went."""
    tokens = session.connection().execute(delete(UsedToken).where(col(UsedToken.used_at) < before))
    webhooks = session.connection().execute(
        delete(SeenWebhook).where(col(SeenWebhook.seen_at) < webhooks_before)
    )
    return tokens.rowcount + webhooks.rowcount


def note_identity_attempt(
    session: Session, caller_number: str, *, at: datetime, ok: bool, call_id: str = ""
) -> None:
    """Remember one attempt at identity from a number ("" for withheld ones, which share a count)."""
    blind = phone_blind(caller_number)
    session.add(IdentityAttempt(caller_blind=blind, call_id=call_id, at=at, ok=ok))
    session.flush()


def failed_attempts(session: Session, caller_number: str, *, since: datetime) -> int:
    """Failures from a number after ``since``."""
    query = (
        select(func.count())
        .select_from(IdentityAttempt)
        .where(
            IdentityAttempt.caller_blind == phone_blind(caller_number),
            col(IdentityAttempt.at) > since,
            col(IdentityAttempt.ok).is_(False),
        )
    )
    return session.exec(query).one()


def failed_attempts_in_call(session: Session, call_id: str) -> int:
    """Failures within one call."""
    query = (
        select(func.count())
        .select_from(IdentityAttempt)
        .where(IdentityAttempt.call_id == call_id, col(IdentityAttempt.ok).is_(False))
    )
    return session.exec(query).one()
