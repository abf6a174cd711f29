"""Listening in: a call that goes on, heard in the browser. A WAV that ends when the call does.

https://www.rfc-editor.org/rfc/rfc2361 (WAVE); a length of all ones stands for one that is not known yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncGenerator
from typing import Final

from fastapi import HTTPException, Response
from sqlmodel import Session
from starlette.responses import StreamingResponse

from console import sessions
from console.desk import Desk, RowId, SignedIn
from console.live_call import Glance, glanced
from console.live_ports import Listening
from console.users import Staff
from models.domain import SAMPLE_RATE_HZ
from models.tables import Call

ASK_AGAIN_S = 2.0  # whether it may still be heard
UNKNOWN_LENGTH: Final = 0xFFFF_FFFF
ENDED: Final = "This call has ended."
NOT_TOLD: Final = "The caller has not been told of a recording, or has declined it: nobody listens in."
NOT_HERE: Final = (
    "This call has no line to us just now, or another process of the server leads it: "
    "it cannot be heard here."
)
TOO_MANY: Final = "As many people as can be are listening to this call already."


def why_unheard(call: Call | None, glance: Glance | None, listening: Listening | None) -> str:
    """Why nobody can listen in, in one sentence; "" where one can."""
    if call is None or call.ended is not None:
        return ENDED
    if not glanced(call, glance).may_be_heard:
        return NOT_TOLD
    if listening is None:
        return NOT_HERE
    return TOO_MANY if listening.is_full else ""


def header() -> bytes:
    """Of a WAV of 16-bit PCM, one channel, that goes on."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, SAMPLE_RATE_HZ, 2 * SAMPLE_RATE_HZ, 2, 16)
    riff = struct.pack("<4sI4s", b"RIFF", UNKNOWN_LENGTH, b"WAVE")
    return riff + form + struct.pack("<4sI", b"data", UNKNOWN_LENGTH)


class LiveSound:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def sound(self, staff: SignedIn, call_id: RowId) -> Response:
        """From now until the call ends, the caller declines, or the person is signed out."""
        listening, glance = self._desk.ports.live.listen(call_id), self._desk.ports.live.glance
        unheard = await self._desk.storage.read(
            lambda s: why_unheard(s.get(Call, call_id), glance, listening)
        )
        if unheard or listening is None:
            raise HTTPException(409, unheard or NOT_HERE)
        return StreamingResponse(self._stream(listening, staff, call_id), media_type="audio/wav")

    async def _stream(self, listening: Listening, staff: Staff, call_id: str) -> AsyncGenerator[bytes, None]:
        now = asyncio.get_running_loop().time
        yield header()
        asked = now()
        async with contextlib.aclosing(listening.sound()) as sound:
            async for pcm in sound:
                if now() - asked >= ASK_AGAIN_S:
                    asked = now()
                    if not await self._may_go_on(staff, call_id):
                        return
                yield pcm

    async def _may_go_on(self, staff: Staff, call_id: str) -> bool:
        ports, at = self._desk.ports, self._desk.clock()

        def read(session: Session) -> bool:
            call = session.get(Call, call_id)
            signed_in = sessions.find_by_hash(session, staff.session, at) is not None
            return (
                signed_in
                and call is not None
                and call.ended is None
                and glanced(call, ports.live.glance).may_be_heard
            )

        return not ports.stopping() and await self._desk.storage.read(read)
