"""What staff do with the note of a call: sign it, amend it, retract it, and correct what the caller said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from fastapi import HTTPException
from sqlmodel import Session

from console.users import Staff
from models.corrections import correct_words
from models.domain import Clock
from models.errors import FirstringError, NotFound
from models.storage import Storage

# Does it in this transaction: call id, who, when, their words. Raises `FirstringError` when it cannot be.
NoteDeed = Callable[[Session, str, str, datetime, str], object]
NotePage = Callable[[Session, str], bytes]  # of a call id; raises `FirstringError` where no note stands
NEEDS_WORDS = ("amend", "retract")
CORRECT = "correct"  # besides: an amendment with the corrected turn, where a note stands
MAX_WORDS = 2_000


class NoteDesk:
    """``deeds``: "sign", "amend" and "retract", as the write-back does them; {} where there is none."""

    def __init__(
        self, storage: Storage, clock: Clock, deeds: Mapping[str, NoteDeed], page: NotePage | None = None
    ) -> None:
        self._page = page
        self._storage = storage
        self._clock = clock
        self._deeds = deeds

    @property
    def open(self) -> bool:
        return bool(self._deeds)

    async def page(self, call_id: str) -> bytes:
        """The note on one page of PDF. Raises HTTPException 404 where none stands."""
        make = self._page
        if make is None:
            raise HTTPException(404, "There is nothing here.")
        try:
            return await self._storage.read(lambda session: make(session, call_id))
        except FirstringError as problem:
            raise HTTPException(404, f"{problem}.") from problem

    async def do(self, staff: Staff, call_id: str, deed: str, words: str) -> None:
        """Raises HTTPException: 404 no such deed, 422 without the words it needs, 409 when it cannot be."""
        if deed not in self._deeds:
            raise HTTPException(404, "There is nothing here.")
        if deed in NEEDS_WORDS and not words.strip():
            raise HTTPException(422, "Please say in words what and why.")
        now, work = self._clock(), self._deeds[deed]
        try:
            await self._storage.write(lambda s: work(s, call_id, staff.name, now, words[:MAX_WORDS]))
        except FirstringError as problem:
            raise HTTPException(409, f"{problem}. {problem.fix}") from problem

    async def correct(self, staff: Staff, call_id: str, number: int, words: str) -> None:
        """What the caller really said in a turn; the chart's note follows. Raises HTTPException as `do`."""
        if not words.strip():
            raise HTTPException(422, "Please write what the caller said.")
        now, amend = self._clock(), self._deeds.get("amend")

        def work(session: Session) -> None:
            correct_words(session, call_id, number, words[:MAX_WORDS], staff.name, now)
            if amend is not None:
                amend(session, call_id, staff.name, now, "")

        try:
            await self._storage.write(work)
        except NotFound as problem:
            raise HTTPException(404, "There is no such turn.") from problem
        except FirstringError:  # no note stands: the correction is kept all the same
            await self._storage.write(
                lambda s: correct_words(s, call_id, number, words[:MAX_WORDS], staff.name, now)
            )
