"""Whether a caller was cut off a moment ago: what their lost call left unfinished may be offered again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

import dialog
from models import records

WITHIN = timedelta(minutes=10)


def kept_for(session: Session, call: records.StoredCall, now: datetime) -> dialog.Kept | None:
    """What the newest lost call from this number keeps, None where nothing may be offered.

    A withheld number has no calls before. A lost call is offered to the first that comes after it; a
    call that ran beside it, from the same household perhaps, neither takes nor hides the offer.
    """
    since = now - WITHIN
    earlier = records.calls_from(session, call.caller_number, since=since)
    others = [other for other in earlier if other.call_id != call.call_id]
    ended = [(other.ended, other) for other in others if other.ended and other.ended >= since]
    for at, lost in sorted(ended, key=lambda each: each[0], reverse=True):
        if any(other.started >= at for other in others if other is not lost):
            continue
        state = records.state_of(session, lost.call_id)
        if state and (kept := dialog.from_json(state).kept):
            return kept
    return None


def lost_calls(session: Session, number: str, *, now: datetime, quiet_since: datetime) -> list[str]:
    """Calls from this number that nobody has ended and of which nothing was heard since."""
    found = records.calls_from(session, number, since=now - WITHIN)
    unended = [call.call_id for call in found if not call.ended]
    if not unended:
        return []
    quiet = set(records.unfinished_calls(session, quiet_since=quiet_since))
    return [call_id for call_id in unended if call_id in quiet]
