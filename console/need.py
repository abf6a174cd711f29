"""Break-glass: who may not see a record opens it in need, with a reason, for an hour, and it is written down.

45 CFR 164.312(a)(2)(ii) wants a way to what is needed in an emergency; the audit page shows each use.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import HTTPException, Response
from sqlmodel import Session, col, select
from starlette.responses import RedirectResponse

from console.desk import Desk, FormText, SignedIn
from models import audit
from models.keyring import current_keyring
from models.tables import RecordOpening

OPEN_FOR = timedelta(minutes=60)
LEAST_REASON = 10  # letters: "because" is none
OPENED = "opened in need"  # the action in the audit trail
RECORD = re.compile(r"(call|patient)/[A-Za-z0-9_.-]{1,64}")


class NeedsReason(HTTPException):
    """A record that this person may open in need only."""

    def __init__(self, record: str) -> None:
        super().__init__(403, "Your role does not open this page.")
        self.record = record


def record_of(subject: str) -> str:
    """The record that a view is part of: "call/CA1" of "call/CA1/note"."""
    return "/".join(subject.split("/")[:2])


def is_open(session: Session, name: str, record: str, at: datetime) -> bool:
    """Whether ``name`` has opened the record, and the hour is not over."""
    mine = (RecordOpening.user_name == name, RecordOpening.record_blind == _blind(record))
    found = session.exec(select(RecordOpening.id).where(*mine, col(RecordOpening.until) > at)).first()
    return found is not None


def open_record(session: Session, name: str, record: str, why: str, at: datetime) -> None:
    row = RecordOpening(user_name=name, record_blind=_blind(record), opened_at=at, until=at + OPEN_FOR)
    session.add(row)
    audit.append(session, at=at, actor=name, action=OPENED, subject=record, why=why)


def _blind(record: str) -> str:
    return current_keyring().blind("record_opening", record)


class NeedPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"POST /need": self.open}

    async def open(self, staff: SignedIn, record: FormText, why: FormText = "") -> Response:
        if not RECORD.fullmatch(record):
            raise HTTPException(404, "There is no such record.")
        reason, now = " ".join(why.split()), self._desk.clock()
        if len(reason) < LEAST_REASON:
            raise HTTPException(422, "Please say why in a few words. Go back and try again.")
        await self._desk.storage.write(lambda s: open_record(s, staff.name, record, reason, now))
        kind, _, record_id = record.partition("/")
        return RedirectResponse(f"/{kind}s/{record_id}", 303)
