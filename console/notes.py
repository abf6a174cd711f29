"""What staff do with the note of a call: read it, sign it, amend it, retract it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from fastapi import HTTPException
from sqlmodel import Session

from console import wording
from console.users import Staff
from models.domain import Clock
from models.errors import FirstringError
from models.storage import Storage

# Does it in this transaction: call id, who, when, their words. Raises `FirstringError` when it cannot be.
NoteDeed = Callable[[Session, str, str, datetime, str], object]
NotePage = Callable[[Session, str], bytes]  # of a call id; raises `FirstringError` where no note stands
ReadNote = Callable[[Session, str], "Standing | None"]  # of a call id; None where no note is promised
NEEDS_WORDS = ("amend", "retract")
MAX_WORDS = 2_000


CHANGED = "The note has changed since you opened the page. Go back and read it again."
TURN = re.compile(r"\[t(\d+)\]")


class Standing(Protocol):
    """How a call's note stands."""

    @property
    def text(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def written(self) -> datetime: ...
    @property
    def signed_by(self) -> str: ...
    @property
    def signed_at(self) -> datetime | None: ...
    @property
    def retracted_by(self) -> str: ...
    @property
    def retracted_at(self) -> datetime | None: ...
    @property
    def why_retracted(self) -> str: ...


@dataclass(frozen=True)
class NoteLine:
    """``parts``: each a text and the turn that is named after it, "" none."""

    parts: tuple[tuple[str, str], ...]
    is_title: bool


@dataclass(frozen=True)
class NoteView:
    version: int
    written: str
    lines: tuple[NoteLine, ...]
    signed: str  # "kim, Mon Mar 9, 10:18"
    retracted: str
    why_retracted: str


def note_view(note: Standing, zone: ZoneInfo) -> NoteView:
    return NoteView(
        version=note.version,
        written=wording.when(note.written, zone),
        lines=tuple(map(_line, note.text.splitlines())),
        signed=_deed(note.signed_by, note.signed_at, zone),
        retracted=_deed(note.retracted_by, note.retracted_at, zone),
        why_retracted=note.why_retracted,
    )


def _line(line: str) -> NoteLine:
    """ "He said [t3] so": ("He said ", "3"), (" so", "")."""
    pieces = TURN.split(line)
    title = line.partition("(")[0]  # what follows in brackets explains it
    return NoteLine(
        tuple(zip(pieces[::2], [*pieces[1::2], ""], strict=True)), title.isupper() and line[0] != "-"
    )


def _deed(who: str, at: datetime | None, zone: ZoneInfo) -> str:
    return f"{who}, {wording.when(at, zone)}" if who and at else who


class NoteDesk:
    """``deeds``: "sign", "amend" and "retract", as the write-back does them; {} where there is none."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        deeds: Mapping[str, NoteDeed],
        page: NotePage | None = None,
        read: ReadNote | None = None,
    ) -> None:
        self._read = read
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

    async def do(self, staff: Staff, call_id: str, deed: str, words: str, version: int | None = None) -> bool:
        """Whether anything is new: the same form sent twice is one deed. ``version``: that they have read.

        Raises HTTPException: 404 no such deed, 422 without the words it needs, 409 when it cannot be.
        """
        if deed not in self._deeds:
            raise HTTPException(404, "There is nothing here.")
        if deed in NEEDS_WORDS and not words.strip():
            raise HTTPException(422, "Please say in words what and why.")
        now, work, said = self._clock(), self._deeds[deed], words[:MAX_WORDS]

        def done(session: Session) -> bool:
            note = self._read(session, call_id) if self._read else None
            if note is not None and version is not None:
                if _is_done(note, deed, staff.name, said):
                    return False
                if note.version != version:
                    raise HTTPException(409, CHANGED)
            work(session, call_id, staff.name, now, said)
            return True

        try:
            return await self._storage.write(done)
        except FirstringError as problem:
            raise HTTPException(409, f"{problem}. {problem.fix}") from problem


def _is_done(note: Standing, deed: str, who: str, words: str) -> bool:
    """By this very person, in these words: a form that was sent twice."""
    if deed == "sign":
        return note.signed_by == who
    if deed == "retract":
        return note.retracted_by == who
    return " ".join(words.split()) in (line.removeprefix("- ") for line in note.text.splitlines())
