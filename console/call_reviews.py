"""What staff say of a call that is over: that they have reviewed it, and that it is worth teaching with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import wording
from console.desk import Desk, FormText, RowId, SignedIn
from models.errors import Conflict
from models.records import mark_for_teaching, mark_reviewed, mark_unreviewed, unmark_for_teaching
from models.tables import Call

REVIEWED, TEACHING = "reviewed", "teaching"
NO_CALL = "There is no such record."
NOT_OVER = "The call is still on the line. Come back once it is over."
CHANGED = "Somebody has reviewed this call meanwhile. Go back and look at it again."


@dataclass(frozen=True)
class ReviewView:
    """``by`` and ``at``: "" where nobody has; ``stands``: what the form to take it back sends."""

    by: str
    at: str
    stands: str


@dataclass(frozen=True)
class Reviews:
    reviewed: ReviewView
    teaching: ReviewView


def reviews_of(call: Call, zone: ZoneInfo) -> Reviews:
    return Reviews(
        _review(call.reviewed_by, call.reviewed_at, zone), _review(call.teaching_by, call.teaching_at, zone)
    )


def _review(by: str, at: datetime | None, zone: ZoneInfo) -> ReviewView:
    return ReviewView(by, wording.when(at, zone) if at else "", _stands(by, at))


def _stands(by: str, at: datetime | None) -> str:
    return f"{at.isoformat()} {by}" if at else ""


class _Set(Protocol):
    def __call__(self, session: Session, call_id: str, who: str, at: datetime) -> bool: ...


SET: dict[str, _Set] = {REVIEWED: mark_reviewed, TEACHING: mark_for_teaching}
TAKE_BACK: dict[str, Callable[[Session, str], bool]] = {
    REVIEWED: mark_unreviewed,
    TEACHING: unmark_for_teaching,
}


class ReviewPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"POST /calls/{call_id}/reviews/{review}": self.review}

    async def review(
        self, staff: SignedIn, call_id: RowId, review: str, back: FormText = "", stands: FormText = ""
    ) -> Response:
        """``back``: take it back, as it ``stands`` on the page."""
        if review not in SET:
            raise HTTPException(404, "There is nothing here.")
        now = self._desk.clock()

        def work(session: Session) -> bool:
            if back:
                return _take_back(session, call_id, review, stands)
            return _set(session, call_id, review, staff.name, now)

        try:
            new = await self._desk.storage.write(work)
        except Conflict as problem:
            raise HTTPException(409, NOT_OVER) from problem
        if new:
            await self._desk.trail.did(staff, f"{'not ' if back else ''}{review}", f"call/{call_id}")
        return RedirectResponse(f"/calls/{call_id}#reviews", 303)


def _set(session: Session, call_id: str, review: str, who: str, at: datetime) -> bool:
    """False: this person had said so already. Raises HTTPException 409 where a colleague had."""
    call = _call(session, call_id)
    if call.ended is None:
        raise HTTPException(409, NOT_OVER)
    if SET[review](session, call_id, who, at):
        return True
    if _by(call, review)[0] != who:
        raise HTTPException(409, CHANGED)
    return False


def _take_back(session: Session, call_id: str, review: str, stands: str) -> bool:
    """False: it is taken back already. Raises HTTPException 409 where somebody has said so anew."""
    now = _stands(*_by(_call(session, call_id), review))
    if now and now != stands:
        raise HTTPException(409, CHANGED)
    return TAKE_BACK[review](session, call_id)


def _by(call: Call, review: str) -> tuple[str, datetime | None]:
    if review == REVIEWED:
        return call.reviewed_by, call.reviewed_at
    return call.teaching_by, call.teaching_at


def _call(session: Session, call_id: str) -> Call:
    call = session.get(Call, call_id)
    if call is None:
        raise HTTPException(404, NO_CALL)
    return call
