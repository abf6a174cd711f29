"""The audit trail: who did what to whose data, as hash chains, one for each writing process.

Each entry's hash is an HMAC over the one before it and its own content, so an edit, a deletion or a
reordering shows; a signed head per chain shows a cut-off end; a new chain starts from the newest
entry of all, so that a whole chain cannot vanish unseen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import LargeBinary, desc, type_coerce
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from models.keyfile import KeyRingError
from models.keyring import current_keyring
from models.tables import AuditEntry, AuditHead

GENESIS = "0" * 64
PAGE = 500
SUBJECT = "audit.subject"  # purpose of the blind index


@dataclass(frozen=True)
class AuditFault:
    """The first row found wrong. ``entry_id`` is None when rows are missing from a chain's end."""

    chain: str
    number: int
    entry_id: int | None
    problem: str


def append(session: Session, *, at: datetime, actor: str, action: str, subject: str, why: str = "") -> None:
    """Add one entry to this process's chain, in the caller's transaction."""
    ring = current_keyring()
    chain = str(session.info.get("chain", "tools"))
    head = session.get(AuditHead, chain) or _new_head(session, chain)
    number, prev_hash = head.number + 1, head.hash
    head.number = number
    head.hash = hash_of(chain, number, at, actor, action, subject, why, prev_hash)
    head.signature = signature_of(head)
    session.add(head)
    session.add(
        AuditEntry(
            chain=chain,
            number=number,
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            subject_blind=ring.blind(SUBJECT, subject),
            why=why,
            prev_hash=prev_hash,
            hash=head.hash,
        )
    )
    session.flush()


def entries_about(session: Session, subject: str) -> list[AuditEntry]:
    """All entries about one subject ("call/CA..."), oldest first."""
    blind = current_keyring().blind(SUBJECT, subject)
    found = session.exec(
        select(AuditEntry).where(AuditEntry.subject_blind == blind).order_by(col(AuditEntry.id))
    )
    return list(found.all())


def verify(session: Session) -> AuditFault | None:
    """The first row that is not as it was written, or None when every chain is whole."""
    heads = {head.chain: head for head in session.exec(select(AuditHead)).all()}
    found = set(session.exec(select(AuditEntry.chain).distinct()).all())
    for chain in sorted(found | heads.keys()):
        fault = _verify_chain(session, chain, heads.get(chain))
        if fault:
            return fault
    return None


@dataclass(frozen=True)
class _Stored:
    """An entry as it lies in the table: subject and why still sealed, so that damage cannot stop us."""

    entry_id: int
    number: int
    at: datetime
    actor: str
    action: str
    subject: bytes
    why: bytes
    prev_hash: str
    hash: str


def _verify_chain(session: Session, chain: str, head: AuditHead | None) -> AuditFault | None:
    number, last_hash = 0, ""
    for row in _stored(session, chain):
        problem = _problem(session, chain, row, number, last_hash)
        if problem:
            return AuditFault(chain, row.number, row.entry_id, problem)
        number, last_hash = row.number, row.hash
    if head is None or head.signature != signature_of(head):
        return AuditFault(chain, number, None, "the chain's signed head is missing or altered")
    if (head.number, head.hash) != (number, last_hash):
        return AuditFault(chain, number + 1, None, "entries are missing from the end of the chain")
    return None


# As `_Stored` has them; the sealed ones as bytes.
_COLUMNS: tuple[Any, ...] = (
    col(AuditEntry.id),
    col(AuditEntry.number),
    col(AuditEntry.at),
    col(AuditEntry.actor),
    col(AuditEntry.action),
    type_coerce(col(AuditEntry.subject), LargeBinary),
    type_coerce(col(AuditEntry.why), LargeBinary),
    col(AuditEntry.prev_hash),
    col(AuditEntry.hash),
)


def _stored(session: Session, chain: str) -> Iterator[_Stored]:
    last = 0
    while page := _page(session, chain, last):
        yield from page
        last = page[-1].number


def _page(session: Session, chain: str, after: int) -> list[_Stored]:
    place = (col(AuditEntry.chain) == chain, col(AuditEntry.number) > after)
    query = sa_select(*_COLUMNS).where(*place).order_by(col(AuditEntry.number)).limit(PAGE)
    return [_Stored(*row) for row in session.connection().execute(query).all()]


def _problem(session: Session, chain: str, row: _Stored, number: int, last_hash: str) -> str:
    """What is wrong with ``row``, which should follow entry ``number``; "" when nothing is."""
    if row.number != number + 1:
        return f"entry {number + 1} is missing or out of order"
    if row.number > 1 and row.prev_hash != last_hash:
        return "the entry does not follow the one before it"
    if row.number == 1 and not _is_root(session, row.prev_hash):
        return "the entry that this chain started from is gone"
    try:
        subject = _open(row.subject, "audit_entry.subject")
        why = _open(row.why, "audit_entry.why")
    except KeyRingError:
        return "the entry's text was altered"
    right = hash_of(chain, row.number, row.at, row.actor, row.action, subject, why, row.prev_hash)
    return "" if row.hash == right else "the entry was altered"


def _is_root(session: Session, prev_hash: str) -> bool:
    if prev_hash == GENESIS:
        return True
    return session.exec(select(AuditEntry.id).where(AuditEntry.hash == prev_hash)).first() is not None


def _open(sealed: bytes, place: str) -> str:
    return current_keyring().decrypt(bytes(sealed), place.encode()).decode()


def _new_head(session: Session, chain: str) -> AuditHead:
    newest = session.exec(select(AuditEntry.hash).order_by(desc(col(AuditEntry.id))).limit(1)).first()
    return AuditHead(chain=chain, number=0, hash=newest or GENESIS, signature="")


def signature_of(head: AuditHead) -> str:
    """What vouches for the end of a chain."""
    return current_keyring().sign(orjson.dumps(["head", head.chain, head.number, head.hash]))


def hash_of(
    chain: str, number: int, at: datetime, actor: str, action: str, subject: str, why: str, prev_hash: str
) -> str:
    """What an entry is chained by: the one before it and all that it tells."""
    content = [prev_hash, chain, number, at.astimezone(UTC).isoformat(), actor, action, subject, why]
    return current_keyring().sign(orjson.dumps(content))
