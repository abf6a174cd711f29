"""What staff did with the schedule: a line of the audit trail, and colleagues' open pages are told."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from models import audit
from models.events import append_event

SCHEDULE_EVENT = "schedule"  # something in it is not as it was


def note(session: Session, at: datetime, who: str, action: str, subject: str, why: str = "") -> None:
    """In the transaction of the deed."""
    audit.append(session, at=at, actor=who, action=action, subject=subject, why=why)
    append_event(session, SCHEDULE_EVENT, at=at, payload={"deed": action})
