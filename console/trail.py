"""The console's part of the audit: a page is shown only after its view is written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fastapi import Request
from sqlmodel import Session

from console.users import Staff
from models import audit
from models.domain import Clock
from models.storage import Storage

REFRESH_HEADER = "x-refresh"
REFRESH_COUNTS_AFTER = timedelta(minutes=5)


class Trail:
    """Writes audit entries for views and deeds. A page left open counts again every five minutes."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._noted: dict[tuple[str, str], float] = {}

    async def viewed(self, request: Request, staff: Staff, subject: str) -> None:
        """Note that ``staff`` saw ``subject`` ("call/CA...", "calls", "tasks").

        A page that asks for itself, and a sound that is read on in parts, count once in five minutes.
        """
        now = self._clock()
        recent = (now - REFRESH_COUNTS_AFTER).timestamp()
        self._noted = {key: at for key, at in self._noted.items() if at > recent}
        goes_on = REFRESH_HEADER in request.headers or "range" in request.headers
        if goes_on and (staff.name, subject) in self._noted:
            return
        await self.did(staff, "view", subject)
        self._noted[(staff.name, subject)] = now.timestamp()

    async def viewed_all(self, request: Request, staff: Staff, subjects: Sequence[str]) -> None:
        """Note that ``staff`` saw each of ``subjects`` on one page: all of it in one transaction."""
        now, fresh = self._clock(), REFRESH_HEADER not in request.headers
        new = [one for one in dict.fromkeys(subjects) if fresh or (staff.name, one) not in self._noted]

        def work(session: Session) -> None:
            for subject in new:
                audit.append(session, at=now, actor=staff.name, action="view", subject=subject)

        if new:
            await self._storage.write(work)
        self._noted |= {(staff.name, one): now.timestamp() for one in new}

    async def did(self, staff: Staff, action: str, subject: str, why: str = "") -> None:
        """Note a deed."""
        at = self._clock()
        await self._storage.write(
            lambda session: audit.append(
                session, at=at, actor=staff.name, action=action, subject=subject, why=why
            )
        )
