"""Text messages: promised in the transaction of their cause, each once, and none to who asked for none."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from models.calls import phone_blind
from models.contact_tables import TextChoice, TextMessage, TextState
from models.rows import insert_if_new


def queue_text(
    session: Session, *, key: str, to_number: str, body: str, purpose: str, at: datetime, call_id: str = ""
) -> TextMessage:
    """The message of this key, queued now unless it exists; withheld from a number that said STOP."""
    stopped = is_stopped(session, to_number)
    row = TextMessage(
        key=key,
        call_id=call_id,
        purpose=purpose,
        to_number=to_number,
        to_blind=phone_blind(to_number),
        body=body,
        state=(TextState.WITHHELD if stopped else TextState.QUEUED).value,
        created_at=at,
        next_at=at,
    )
    insert_if_new(session, row)
    return session.exec(select(TextMessage).where(TextMessage.key == key)).one()


def texts_of(session: Session, call_id: str) -> list[TextMessage]:
    """What a call has promised by text, oldest first."""
    query = select(TextMessage).where(TextMessage.call_id == call_id).order_by(col(TextMessage.id))
    return list(session.exec(query).all())


def is_stopped(session: Session, number: str) -> bool:
    """Whether this number has asked for no texts (47 CFR 64.1200(a)(10): by any reasonable means)."""
    choice = session.get(TextChoice, phone_blind(number))
    return choice is not None and choice.stopped


def choose_texts(session: Session, number: str, *, stopped: bool, at: datetime) -> None:
    """Keep what a number has asked for; it holds from now on."""
    session.merge(TextChoice(number_blind=phone_blind(number), stopped=stopped, at=at))
    session.flush()
