"""The sound of a call: whether there is any, in words, and the sound itself from any place (HTTP Range)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import HTTPException, Request, Response
from sqlmodel import Session
from starlette.responses import StreamingResponse

from console import wording
from console.desk import Desk, RowId
from models.errors import FirstringError
from models.recordings import Recording, RecordingState
from models.sounds import Sound
from models.tables import Call

SLACK = timedelta(seconds=20)  # of a recording against its call, not worth a word
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")

NEVER = "This call was not recorded."
DECLINED = "The caller did not want to be recorded: nothing of the sound was kept."
DELETED = "The recording was deleted: the time that recordings are kept for was over."
RUNNING = "The call can be listened to once it is over."
CLOSING = "The recording is being closed. Come back in a few minutes."
MISSING = (
    "The recording should be here, and its file is missing. Please tell whoever looks after this machine."
)
SHORTENED = "Part of its file is missing. Please tell whoever looks after this machine."
UNREADABLE = "The recording cannot be read. Please tell whoever looks after this machine."


@dataclass(frozen=True)
class SoundView:
    """``remark``: why there is nothing to hear, or what is missing of it; "" where all is there."""

    can_be_heard: bool
    length: str = ""
    remark: str = ""


def sound_view(call: Call, row: Recording | None, folder: Path | None) -> SoundView:
    """What can be heard of a call. ``folder``: where recordings rest."""
    if why := _why_not(call, row, folder):
        return SoundView(can_be_heard=False, remark=why)
    assert row is not None  # there is a recording where nothing speaks against it
    assert folder is not None
    lacks = _lacks(call, row)
    if _bytes_there(folder / row.file) < row.size_bytes:
        lacks = f"{SHORTENED} {lacks}".strip()
    return SoundView(True, wording.duration(row.duration_ms / 1_000), lacks)


def _why_not(call: Call, row: Recording | None, folder: Path | None) -> str:
    if row is None or folder is None:
        return NEVER
    if row.state == RecordingState.RUNNING:
        return CLOSING if call.ended else RUNNING
    if row.state in (RecordingState.DECLINED, RecordingState.DELETED):
        return DECLINED if row.state == RecordingState.DECLINED else DELETED
    if not row.file or not (folder / row.file).is_file():
        return MISSING
    return "" if row.duration_ms else UNREADABLE


def _bytes_there(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # removed this moment
        return 0


def _lacks(call: Call, row: Recording) -> str:
    late, parts = row.started - call.started, []
    if late > SLACK:
        parts.append(f"It begins {wording.duration(late.total_seconds())} after the call did.")
    end = row.started + timedelta(milliseconds=row.duration_ms)
    if call.ended and call.ended - end > SLACK:
        rest = wording.duration((call.ended - end).total_seconds())
        parts.append(f"The last {rest} of the call are not on it.")
    return " ".join(parts)


class SoundPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /calls/{call_id}/audio": self.audio}

    async def audio(self, request: Request, call_id: RowId) -> Response:
        """The recording as a WAV file, whole or the part that the browser asks for."""
        path, keyring = await self._path(call_id), self._desk.storage.keyring
        try:
            sound = await asyncio.to_thread(Sound, path, call_id, keyring)
        except FirstringError as problem:
            raise HTTPException(404, UNREADABLE) from problem
        try:
            return await _answer(sound, request.headers.get("range", ""))
        except FirstringError as problem:
            sound.close()
            raise HTTPException(404, UNREADABLE) from problem
        except HTTPException:
            sound.close()
            raise

    async def _path(self, call_id: str) -> Path:
        """Of the file. Raises HTTPException 404 with the reason where nothing can be heard."""
        folder = self._desk.ports.recordings

        def read(session: Session) -> tuple[str, str]:
            call, row = session.get(Call, call_id), session.get(Recording, call_id)
            if call is None:
                return "There is no such record.", ""
            return _why_not(call, row, folder), row.file if row else ""

        why, file = await self._desk.storage.read(read)
        if why or folder is None:
            raise HTTPException(404, why)
        return folder / file


async def _answer(sound: Sound, wanted: str) -> Response:
    """The first piece is unsealed before the answer begins: what cannot be read is said in words."""
    size = sound.size_bytes
    asked = asked_range(wanted, size)
    first, after = asked or (0, size)
    pieces = sound.read(first, after)
    begin = await asyncio.to_thread(next, pieces, b"")
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(after - first)}
    if asked:
        headers["Content-Range"] = f"bytes {first}-{after - 1}/{size}"
    body = _sent(sound, begin, pieces)
    return StreamingResponse(body, 206 if asked else 200, headers, media_type="audio/wav")


def asked_range(header: str, size: int) -> tuple[int, int] | None:
    """The bytes [first, after) that a Range header asks for; None for all of them (RFC 9110 section 14.2:
    what is not understood is ignored). Raises HTTPException 416 where nothing lies there.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        first, last = max(size - int(match[2]), 0), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
    if match[1] and match[2] and int(match[2]) < int(match[1]):
        return None
    if first > last:
        raise HTTPException(416, "The recording is shorter.", {"Content-Range": f"bytes */{size}"})
    return first, last + 1


async def _sent(sound: Sound, begin: bytes, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    try:
        piece = begin
        while piece:
            yield piece
            piece = await asyncio.to_thread(next, pieces, b"")
    finally:
        sound.close()
