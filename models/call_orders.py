"""What staff order of a call that goes on: kept, so that the process that leads the call finds it.

An order is named by its call and its number, which the form carries: sent twice it is one order, and of two
people with the same page one is first.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, func, update
from sqlmodel import Session, col, select

from models.calls import note_change
from models.domain import StaffDeed
from models.rows import insert_if_new
from models.tables import CallOrder, OrderState

ANSWER_WITHIN = timedelta(seconds=10)  # a process that leads the call takes less than a second


def orders_of(session: Session, call_id: str) -> list[CallOrder]:
    """All orders of a call, the first first."""
    query = select(CallOrder).where(CallOrder.call_id == call_id)
    return list(session.exec(query.order_by(col(CallOrder.asked_at), col(CallOrder.id))).all())


def order_id(call_id: str, number: int) -> str:
    return f"{call_id[:50]}-{number}"


def next_number(session: Session, call_id: str) -> int:
    """Of the next order of this call, from 1."""
    query = select(func.count()).select_from(CallOrder).where(CallOrder.call_id == call_id)
    return session.exec(query).one() + 1


def give_order(
    session: Session, call_id: str, number: int, deed: StaffDeed, *, who: str, contact: str, at: datetime
) -> bool:
    """Ask for it; False where this number was given before, or another order is open."""
    give_up_old(session, call_id, at)
    row = CallOrder(
        id=order_id(call_id, number),
        call_id=call_id,
        kind=deed.value,
        who=who,
        contact=contact,
        asked_at=at,
        open_of=call_id,
    )
    given = insert_if_new(session, row)
    if given:
        note_change(session, call_id)
    return given


def give_up_old(session: Session, call_id: str, now: datetime) -> None:
    """Nobody leads the call, or they would have answered by now."""
    late = (col(CallOrder.call_id) == call_id, col(CallOrder.asked_at) <= now - ANSWER_WITHIN)
    _close(session, OrderState.LOST, now, *late)


def lose_orders(session: Session, call_id: str, at: datetime) -> None:
    """The call has ended before they were answered."""
    _close(session, OrderState.LOST, at, col(CallOrder.call_id) == call_id)


def answer_order(session: Session, name: str, state: OrderState, *, at: datetime) -> bool:
    """The dialog has begun it, or will not; once."""
    answered = _close(session, state, at, col(CallOrder.id) == name)
    if answered and (order := session.get(CallOrder, name)) is not None:
        note_change(session, order.call_id)
    return answered


def is_open(order: CallOrder, now: datetime) -> bool:
    """Whether it may still be carried out: who gave it has been told of a late one that nobody answers."""
    return order.state == OrderState.ASKED and order.asked_at > now - ANSWER_WITHIN


def waiting_orders(session: Session, call_ids: Collection[str], now: datetime) -> list[CallOrder]:
    """That wait for the dialogs of these calls, and are not too late."""
    fresh = col(CallOrder.asked_at) > now - ANSWER_WITHIN
    query = select(CallOrder).where(col(CallOrder.open_of).in_(call_ids), fresh)
    return list(session.exec(query.order_by(col(CallOrder.asked_at))).all())


def _close(session: Session, state: OrderState, at: datetime, *where: Any) -> bool:
    values = {"state": state.value, "answered_at": at, "open_of": None}
    is_open = col(CallOrder.state) == OrderState.ASKED.value
    done: CursorResult[Any] = session.connection().execute(
        update(CallOrder).where(is_open, *where).values(**values)
    )
    return done.rowcount > 0
