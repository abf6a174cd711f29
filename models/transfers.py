"""Transfers to a person, kept so that any process may go on with one: who is rung, who took the call.

Every step is decided by one UPDATE, so that two processes, two webhooks or two members of staff never both
win. A transfer moves ringing -> taken -> joined; or to nobody, dialled or over.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, or_, update
from sqlmodel import Session, SQLModel, col, select

from models.calls import note_change
from models.contact_tables import LegState, Transfer, TransferLeg, TransferState
from models.domain import TransferCall
from models.events import append_event
from models.rows import insert_if_new

JOINED_EVENT = "staff.joined"
LIVE = (TransferState.RINGING, TransferState.TAKEN, TransferState.JOINED)


def begin_transfer(
    session: Session,
    order: TransferCall,
    *,
    call_id: str,
    people: Sequence[tuple[str, str]],
    at: datetime,
    until: datetime,
) -> Transfer:
    """The transfer for this order of this call, made now unless it exists.

    ``people`` are the names and numbers to ring, in this order; nobody further is rung after ``until``.
    """
    row = Transfer(
        id=uuid.uuid4().hex,
        call_id=call_id,
        action_id=order.action_id,
        urgent=order.urgent,
        reason=order.reason,
        words=order.words,
        name=order.name,
        people=[list(each) for each in people],
        created_at=at,
        until=until,
        next_at=at,
    )
    insert_if_new(session, row)
    mine = (col(Transfer.call_id) == call_id, col(Transfer.action_id) == order.action_id)
    return session.exec(select(Transfer).where(*mine)).one()


def transfer_of(session: Session, call_id: str, action_id: str) -> Transfer | None:
    mine = (col(Transfer.call_id) == call_id, col(Transfer.action_id) == action_id)
    return session.exec(select(Transfer).where(*mine)).first()


def transfers_of(session: Session, call_id: str) -> list[Transfer]:
    """All transfers of a call, oldest first."""
    query = select(Transfer).where(Transfer.call_id == call_id).order_by(col(Transfer.created_at))
    return list(session.exec(query).all())


def ringing_until(session: Session) -> dict[str, datetime]:
    """Transfers that look for somebody, and when the next person of each is to be rung."""
    query = select(Transfer.id, Transfer.next_at).where(Transfer.state == TransferState.RINGING)
    return dict(session.exec(query).all())


def due_transfers(session: Session, now: datetime, waited: Collection[str] = ()) -> list[str]:
    """Transfers of which nobody is ringing any more, as far as is known.

    ``waited``: those that have waited for somebody long enough, whatever the clock shows.
    """
    due = or_(col(Transfer.next_at) <= now, col(Transfer.id).in_(waited))
    query = select(Transfer.id).where(Transfer.state == TransferState.RINGING, due)
    return list(session.exec(query.order_by(col(Transfer.next_at))).all())


def ring_next(
    session: Session, transfer: Transfer, *, at: datetime, ring_until: datetime
) -> TransferLeg | None:
    """Claim the next person; None where somebody else did, or nobody is left: then it has ended so."""
    mine = (col(Transfer.id) == transfer.id, col(Transfer.position) == transfer.position)
    if transfer.position >= len(transfer.people) or at >= transfer.until:
        _move(
            session, transfer.id, TransferState.RINGING, *mine, state=TransferState.NOBODY.value, ended_at=at
        )
        return None
    number = transfer.position + 1
    if not _move(session, transfer.id, TransferState.RINGING, *mine, position=number, next_at=ring_until):
        return None
    leg = TransferLeg(
        id=uuid.uuid4().hex,
        transfer_id=transfer.id,
        number=number,
        contact=transfer.people[number - 1][0],
        at=at,
    )
    insert_if_new(session, leg)
    return leg_of(session, leg.id)


def leg_of(session: Session, leg_id: str) -> TransferLeg | None:
    return session.get(TransferLeg, leg_id, populate_existing=True)


def legs_of(session: Session, transfer_id: str) -> list[TransferLeg]:
    """Whom a transfer has rung, in order."""
    query = select(TransferLeg).where(TransferLeg.transfer_id == transfer_id)
    return list(session.exec(query.order_by(col(TransferLeg.number))).all())


def leg_placed(session: Session, leg_id: str, call_sid: str) -> None:
    _update(session, TransferLeg, col(TransferLeg.id) == leg_id, values={"call_sid": call_sid})


def leg_answered(session: Session, leg: TransferLeg, *, until: datetime) -> None:
    """Somebody picked up: they have until then to press a key."""
    mine = (col(Transfer.id) == leg.transfer_id, col(Transfer.position) == leg.number)
    _move(session, leg.transfer_id, TransferState.RINGING, *mine, next_at=until)


def leg_over(session: Session, leg: TransferLeg, state: LegState, *, at: datetime) -> bool:
    """This person did not take the call. True when that was news: then the next one is due at once."""
    ringing = (col(TransferLeg.id) == leg.id, col(TransferLeg.state) == LegState.RINGING.value)
    values = {"state": state.value, "ended_at": at}
    if not _update(session, TransferLeg, *ringing, values=values):
        return False
    current = (col(Transfer.id) == leg.transfer_id, col(Transfer.position) == leg.number)
    _move(session, leg.transfer_id, TransferState.RINGING, *current, next_at=at)
    return True


def take(session: Session, leg: TransferLeg, *, at: datetime) -> bool:
    """This person takes the call; False when it is no longer to be had. The same person's repeat is True."""
    taken = {"state": TransferState.TAKEN.value, "taken_by": leg.contact, "taken_leg": leg.id}
    if _move(session, leg.transfer_id, TransferState.RINGING, **taken):
        _update(session, TransferLeg, col(TransferLeg.id) == leg.id, values={"state": LegState.TAKEN.value})
        return True
    transfer = session.get(Transfer, leg.transfer_id, populate_existing=True)
    in_time = transfer is not None and transfer.state in (TransferState.TAKEN, TransferState.JOINED)
    return in_time and transfer is not None and transfer.taken_leg == leg.id


def join(session: Session, transfer: Transfer, *, at: datetime) -> bool:
    """The caller is on the way into the conference where that person waits; once."""
    joined = {"state": TransferState.JOINED.value, "joined_at": at}
    if not _move(session, transfer.id, TransferState.TAKEN, **joined):
        return False
    payload = {"contact": transfer.taken_by, "transfer": transfer.id}
    append_event(session, JOINED_EVENT, at=at, call_id=transfer.call_id, payload=payload)
    return True


def leg_left(session: Session, leg: TransferLeg, *, at: datetime, together_s: float) -> bool:
    """Who had taken the call has hung up. True when caller and they never met: the next one is rung."""
    mine = (col(TransferLeg.id) == leg.id, col(TransferLeg.state) == LegState.TAKEN.value)
    if not _update(session, TransferLeg, *mine, values={"state": LegState.LEFT.value, "ended_at": at}):
        return False
    transfer = session.get(Transfer, leg.transfer_id, populate_existing=True)
    if transfer is None or (transfer.joined_at and (at - transfer.joined_at).total_seconds() >= together_s):
        return False
    again = {"state": TransferState.RINGING.value, "next_at": at, "taken_by": "", "joined_at": None}
    return any(
        _move(session, transfer.id, state, **again) for state in (TransferState.TAKEN, TransferState.JOINED)
    )


def end_transfer(session: Session, transfer_id: str, state: TransferState, *, at: datetime) -> bool:
    """Ends what is still ringing or taken: the caller left, or the practice's telephone is dialled."""
    values = {"state": state.value, "ended_at": at}
    return any(
        _move(session, transfer_id, before, **values)
        for before in (TransferState.RINGING, TransferState.TAKEN)
    )


def _move(session: Session, transfer_id: str, before: TransferState, *where: Any, **values: Any) -> bool:
    in_state = (col(Transfer.id) == transfer_id, col(Transfer.state) == before.value)
    moved = _update(session, Transfer, *in_state, *where, values=values)
    if moved and (transfer := session.get(Transfer, transfer_id)) is not None:
        note_change(session, transfer.call_id)
    return moved


def _update(session: Session, table: type[SQLModel], *where: Any, values: dict[str, Any]) -> bool:
    result: CursorResult[Any] = session.connection().execute(update(table).where(*where).values(**values))
    return result.rowcount == 1
