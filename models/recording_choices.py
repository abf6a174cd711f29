"""Numbers from which calls are not to be recorded. It is the number, for recording begins before anybody is
identified.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from models.calls import phone_blind
from models.contact_tables import RecordingChoice
from models.tables import Call


def is_declined(session: Session, number: str) -> bool:
    """Whether calls from this number are not recorded; a withheld one ("") has chosen nothing."""
    choice = session.get(RecordingChoice, phone_blind(number)) if number else None
    return choice is not None and choice.declined


def call_declined(session: Session, call_id: str) -> bool:
    """The same, of a call's own number."""
    call = session.get(Call, call_id)
    return call is not None and is_declined(session, call.caller_number)


def choose_recording(session: Session, number: str, *, declined: bool, at: datetime) -> None:
    """Keep what holds for a number from its next call on."""
    session.merge(RecordingChoice(number_blind=phone_blind(number), declined=declined, at=at))
    session.flush()
