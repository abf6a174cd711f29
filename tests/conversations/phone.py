"""A telephone that plays what it is sent, and a recorder at work: what the tests of recordings share."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any

from agent import recording
from agent.call import Call
from agent.conversation import Conversation
from agent.instants import monotonic_ms
from agent.recording import Recorder
from agent.tracks import SILENCE
from models import records
from models.domain import Pace
from models.sealed_file import read_frames
from telephony.codec import MediaCodec
from telephony.events import MarkReached, StreamEvent, StreamStopped
from telephony.playback import Playback
from tests.conversations.conftest import MARIA, Line
from tests.conversations.test_line import PlayedLine

CALLER, AGENT = b"\x23", b"\x56"  # no silence, and told apart
QUIET = bytes([SILENCE])
CALL = "CArecorded"


@dataclass
class SteadyMouth:
    """Every sentence is so many milliseconds of the agent's byte."""

    sentence_ms: int = 400

    async def render(self, text: str, pace: Pace = Pace.NORMAL, **_: object) -> bytes:
        return AGENT * (8 * self.sentence_ms)


class TruePhone(PlayedLine):
    """Plays what it is sent as a carrier does: in order, at its rate, marks echoed, `clear` obeyed."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = bytearray()  # by the caller, from the first sound on
        self.heard_from_ms = 0.0
        self.given_ms = 0  # of the caller's side so far
        self._queue: list[bytes | str] = []

    def happens(self, event: StreamEvent) -> None:
        if isinstance(event, StreamStopped):
            self._queue.clear()  # a line that is gone plays no more
        super().happens(event)

    async def send(self, message: str) -> None:
        await super().send(message)
        sent = self.sent[-1]
        match sent["event"]:
            case "media":
                self._queue.append(self.audio_of(sent))
            case "mark":
                self._queue.append(sent["mark"]["name"])
            case "clear":
                for name in [item for item in self._queue if isinstance(item, str)]:
                    self.happens(MarkReached(name))
                self._queue.clear()

    async def play(self) -> None:
        """20 ms at a time, for ever."""
        due = monotonic_ms()
        while True:
            frame = self._frame()
            if self.heard or frame:
                self.heard_from_ms = self.heard_from_ms or due
                self.heard += frame.ljust(160, QUIET)
            due += 20
            await asyncio.sleep(max(due - monotonic_ms(), 0) / 1_000)

    def _frame(self) -> bytes:
        frame = b""
        while self._queue and len(frame) < 160:
            item = self._queue.pop(0)
            if isinstance(item, str):
                self.happens(MarkReached(item))
                continue
            frame, rest = frame + item[: 160 - len(frame)], item[160 - len(frame) :]
            if rest:
                self._queue.insert(0, rest)
        return frame


async def played(line: Line, phone: TruePhone, caller: Any) -> None:
    conversation = await Conversation.open(line.services, CALL, MARIA)
    media: Any = phone
    async with asyncio.TaskGroup() as tasks:
        playing = tasks.create_task(phone.play())
        tasks.create_task(caller)
        await asyncio.wait_for(Call(media, conversation, line.services).run(resumed=False), 30)
        playing.cancel()


@contextlib.asynccontextmanager
async def recorder_of(line: Line) -> Any:
    """A recorder at work. Left without `close` it is as if the process had died."""
    recorder = Recorder(line.services, CALL, Playback(MediaCodec(), keep_played=True))
    work = asyncio.create_task(recorder.run())
    try:
        yield recorder
    finally:
        work.cancel()
        async with recorder._writing:
            recorder._stop()  # what the system does for a process that dies: its file is closed, no more


def tracks(line: Line) -> tuple[bytes, bytes]:
    """Left and right of the call's recording."""
    row = line.services.storage.read_now(lambda session: records.require_recording(session, CALL))
    path = recording.folder_of(line.services) / row.file
    mixed = b"".join(read_frames(path, CALL, line.services.storage.keyring))
    return mixed[0::2], mixed[1::2]
