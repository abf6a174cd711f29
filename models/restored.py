"""What must not go on as if nothing had been, once a database is back from a backup."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import Session, col

from models.contact_tables import OneTimeCode, TextMessage, TextState
from models.staff_tables import RecordOpening, StaffSession

RESTORED = "restored"


def settle(session: Session) -> int:
    """Everybody signs in anew, codes are void, texts that waited are not sent: they may have been. How many.

    What the chart is to get is sent all the same: the chart knows what it has. Pages and tasks go on too: a
    person told twice is better than nobody told.
    """
    connection = session.connection()
    for table in (StaffSession, RecordOpening, OneTimeCode):
        connection.execute(delete(table))
    waiting = col(TextMessage.state).in_((TextState.QUEUED, TextState.SENDING))
    unsent = connection.execute(
        update(TextMessage).where(waiting).values(state=TextState.FAILED, last_error=RESTORED)
    )
    return unsent.rowcount
