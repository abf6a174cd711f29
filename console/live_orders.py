"""What staff order of a call that goes on, and when it is refused: one sentence, before anything is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fastapi import HTTPException
from sqlmodel import Session, col, select

from console.live_call import QUIET_AFTER, Glance, glanced
from console.users import Staff
from models import call_orders, transfers
from models.contact_tables import Transfer, TransferState
from models.domain import Phase, Priority, StaffDeed
from models.errors import NotFound
from models.tables import Call, CallOrder, OrderState, Page, PageState, StaffTask
from models.task_rules import BEGINNABLE

ENDED: Final = "This call has ended."
GONE: Final = "Nothing comes from this call any more: nobody can be reached on it."
STALE: Final = "The call has gone on since you opened this page. Please look at it again."
ENDING: Final = "The agent is saying goodbye already."
DANGER: Final = (
    "A danger sign is open on this call: it is not ended from here. "
    "Take the call over, or let the agent keep the line."
)
NOT_HANDED_OVER: Final = (
    "A danger sign was heard on this call, and nobody has begun its task: "
    "begin it first, or take the call over."
)
ON_THE_WAY: Final = "This call is on its way to a person already."


class Refused(HTTPException):
    def __init__(self, sentence: str) -> None:
        super().__init__(409, sentence)


def give(
    session: Session, staff: Staff, call_id: str, deed: StaffDeed, number: int, contact: str, now: datetime,
    glance: Glance | None,
) -> bool:  # fmt: skip
    """Keep the order for the process that leads the call. False where this very order was given before, as
    by a second click. Raises `Refused`, and `NotFound`."""
    call = session.get(Call, call_id)
    if call is None:
        raise NotFound(f"there is no call {call_id}")
    call_orders.give_up_old(session, call_id, now)
    before = session.get(CallOrder, call_orders.order_id(call_id, number), populate_existing=True)
    if before is not None and (before.who, before.kind, before.contact) == (staff.name, deed.value, contact):
        return False
    refuse(session, call, deed, now, glance)
    if before is not None or number != call_orders.next_number(session, call_id):
        raise Refused(STALE)
    if not call_orders.give_order(session, call_id, number, deed, who=staff.name, contact=contact, at=now):
        raise Refused(STALE)
    return True


def refuse(session: Session, call: Call, deed: StaffDeed, now: datetime, glance: Glance | None) -> None:
    """Raises `Refused` where this cannot be done with the call now."""
    if sentence := why_not(session, call, deed, now, glance):
        raise Refused(sentence)


def why_not(session: Session, call: Call, deed: StaffDeed, now: datetime, glance: Glance | None) -> str:
    """One sentence, "" where the deed can be ordered."""
    if call.ended is not None:
        return ENDED
    if taken := _taken(session, call, now, glance):
        return taken
    if now - call.updated > QUIET_AFTER:
        return GONE
    if deed is StaffDeed.END:
        return _why_not_end(session, call, glance)
    return ""


def _taken(session: Session, call: Call, now: datetime, glance: Glance | None) -> str:
    """Who is faster: another order is open, a person is being rung, or has the call."""
    orders = call_orders.orders_of(session, call.id)
    if orders and call_orders.is_open(orders[-1], now):
        what = "for this call" if orders[-1].kind == StaffDeed.TAKE_OVER else "the agent to end this call"
        return f"{orders[-1].who} has just asked {what}."
    if not glanced(call, glance).leaves_us:
        return ""
    taken = [order for order in orders if (order.kind, order.state) == (StaffDeed.TAKE_OVER, OrderState.DONE)]
    found = transfers.transfers_of(session, call.id)
    if found and found[-1].state in (TransferState.TAKEN, TransferState.JOINED):
        return f"{found[-1].taken_by} has this call."
    return f"{taken[-1].who} is taking this call over." if taken and _newest(taken[-1], found) else ON_THE_WAY


def _newest(order: CallOrder, found: list[Transfer]) -> bool:
    """Whether the call is under way because of this order, and not of an earlier transfer that ended."""
    return not found or found[-1].created_at >= order.asked_at or found[-1].ended_at is not None


def _why_not_end(session: Session, call: Call, glance: Glance | None) -> str:
    seen = glanced(call, glance)
    if seen.in_danger:
        return DANGER
    if _not_handed_over(session, call.id):
        return NOT_HANDED_OVER
    return ENDING if seen.phase in (Phase.CLOSING, Phase.ENDED) else ""


def _not_handed_over(session: Session, call_id: str) -> bool:
    """A danger sign of this call waits for somebody: its page, or its task."""
    paged = select(Page.id).where(Page.call_id == call_id, Page.state == PageState.WAITING.value)
    if session.exec(paged.limit(1)).first() is not None:
        return True
    unbegun = (
        StaffTask.call_id == call_id,
        StaffTask.priority == Priority.STAT.value,
        col(StaffTask.state).in_(BEGINNABLE),
        col(StaffTask.started_at).is_(None),
    )
    return session.exec(select(StaffTask.id).where(*unbegun).limit(1)).first() is not None


# --------------------------------------------------------------------------- how it stands


def last_order(session: Session, call: Call, now: datetime, glance: Glance | None) -> str:
    """What became of the newest order, in a sentence; "" where none was given, or it shows elsewhere."""
    orders = call_orders.orders_of(session, call.id)
    if not orders:
        return ""
    order = orders[-1]
    what = "the call" if order.kind == StaffDeed.TAKE_OVER else "a kind end"
    if order.state == OrderState.ASKED and not call_orders.is_open(order, now):
        return f"{order.who} asked for {what}, and the call does not answer."
    return {
        OrderState.ASKED: f"{order.who} asks for {what}…",
        OrderState.REFUSED: f"{order.who} asked for {what}; just then it could not be done.",
        OrderState.LOST: f"{order.who} asked for {what}, and the call did not answer.",
    }.get(OrderState(order.state)) or _done(session, order, call, glance)


def _done(session: Session, order: CallOrder, call: Call, glance: Glance | None) -> str:
    if order.kind == StaffDeed.END:
        return f"{order.who} has the agent say goodbye."
    found = transfers.transfers_of(session, order.call_id)
    rung = bool(found) and found[-1].created_at >= order.asked_at
    is_back = call.ended is None and not glanced(call, glance).leaves_us  # also where nothing could be rung
    if found[-1].state == TransferState.NOBODY if rung else is_back:
        return (
            f"{order.who} asked for the call; nobody answered at {order.contact}, and the agent has it again."
        )
    return f"{order.who} takes the call over at {order.contact}."
