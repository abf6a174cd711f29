"""One caller on a media stream: plays clips as turns in real time, and notes when the agent answered.

The same caller for every server that speaks Twilio's media stream protocol: 20 ms frames of mu-law,
silence between the clips, marks echoed when what came before them was played, `clear` obeyed. Nothing of a
server is looked at but its messages. A turn is counted from the frame with the clip's last energetic sample
to the first audible media message received (``reply_ms``); ``heard_ms`` adds what silence that message
begins with. An answer that begins while the clip still has something to say is an early cut-off.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from telephony.double.sound import (
    AUDIBLE_RMS,
    FRAME_BYTES,
    FRAME_MS,
    SILENT_FRAME,
    read_wav,
    speech,
    to_samples,
)
from telephony.double.wire import Clear, Mark, Media, Wire

QUIET_MS = 700.0  # the agent has finished when nothing was heard for so long
HESITATION_MS = 400.0  # callers take up to so much longer, each in their own time
PATIENCE_MS = 8_000.0  # of waiting for an answer; then it counts as missing
LATE_MS = 20.0  # a frame sent later than this was this program's fault


@dataclass(frozen=True, slots=True)
class Stream:
    """Where one call's audio goes, and what its `start` message tells."""

    url: str  # ws://127.0.0.1:...
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    call_sid: str = ""
    account_sid: str = "AC" + "0" * 32


@dataclass(frozen=True, slots=True)
class Turn:
    """One clip; ``kind`` names what was asked for. ``over_ms``: spoken that long into the agent's reply."""

    clip: Path
    kind: str
    over_ms: float | None = None


@dataclass(slots=True)
class Answered:
    """What came of one turn; times in ms, None where it did not happen."""

    clip: str
    kind: str
    speech_ms: float
    reply_ms: float | None = None
    heard_ms: float | None = None
    early: bool = False
    clear_ms: float | None = None
    over_us: bool = False  # it really was spoken while the agent could be heard


@dataclass(slots=True)
class Called:
    """One whole call."""

    greeting_ms: float | None = None
    turns: list[Answered] = field(default_factory=list)
    length_s: float = 0.0
    frames: int = 0
    frames_late: int = 0
    ended: str = "hung up"


class _Clip:
    """A clip as frames, with the first and last that hold energy."""

    def __init__(self, path: Path) -> None:
        spoken = speech(path.stem, read_wav(path))
        self.name, self.frames, self.last = path.stem, spoken.frames, spoken.last_spoken
        levels = [
            float(np.sqrt(np.mean(np.square(to_samples(frame).astype(float))))) for frame in self.frames
        ]
        threshold = max(max(levels) * 0.05, AUDIBLE_RMS)
        self.first = next((at for at, level in enumerate(levels) if level >= threshold), 0)


class TurnCaller:
    """Holds one call. ``run`` returns what was measured, also where the server broke off."""

    def __init__(
        self,
        stream: Stream,
        turns: Sequence[Turn],
        seed: int = 0,
        hesitation_ms: float = HESITATION_MS,
        idle: Sequence[bytes] = (SILENT_FRAME,),
    ) -> None:
        """``hesitation_ms``: up to so much longer than others they take to answer.

        ``idle``: what their line carries while they listen, frames that follow one another over and over.
        """
        self._stream, self._turns, self._hesitation_ms = stream, turns, hesitation_ms
        self._clips = {turn.clip: _Clip(turn.clip) for turn in turns}
        self._rng = random.Random(seed)
        sid = "MZ" + secrets.token_hex(16)
        call_sid = stream.call_sid or "CA" + secrets.token_hex(16)
        self._wire = Wire(sid, stream.account_sid, call_sid)
        self._called = Called()
        self._to_play: deque[bool | str] = deque()  # a frame (is it audible?), or a mark
        self._quiet_ms = 0.0  # of the agent, as played
        self._audible_ms = 0.0  # of the agent, since the caller's last turn
        self._spoke = False  # the agent, since the caller's last turn
        self._clip: _Clip | None = None
        self._frame = 0
        self._answer: Answered | None = None
        self._onset_s = self._ended_s = 0.0
        self._ticked = asyncio.Event()
        self._idle = itertools.cycle(idle)

    @property
    def called(self) -> Called:
        """As far as the call has come."""
        return self._called

    async def run(self) -> Called:
        started_s = time.monotonic()
        try:
            async with connect(
                self._stream.url, additional_headers=dict(self._stream.headers), compression=None, proxy=None
            ) as socket:
                await self._talk(socket)
        except ConnectionClosed:
            self._called.ended = "the server hung up"
        except (OSError, TimeoutError, InvalidHandshake) as failure:
            self._called.ended = f"not opened: {type(failure).__name__}"
        self._called.length_s = time.monotonic() - started_s
        return self._called

    async def _talk(self, socket: ClientConnection) -> None:
        await socket.send(self._wire.connected())
        await socket.send(self._wire.start(dict(self._stream.parameters)))
        self._ended_s = time.monotonic()
        acting = asyncio.create_task(self._act())
        work = [acting, *map(asyncio.create_task, (self._receive(socket), self._tick_on(socket)))]
        try:
            await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        finally:
            hung_up = acting.done()
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        if hung_up:
            acting.result()
            await socket.send(self._wire.stop())
        else:
            self._called.ended = "the server hung up"

    # what the caller does

    async def _act(self) -> None:
        for turn in self._turns:
            if turn.over_ms is None:
                await self._agent_finished()
            else:
                await self._agent_under_way(turn.over_ms)
            await self._speak(turn)
        await self._agent_finished()

    async def _speak(self, turn: Turn) -> None:
        clip = self._clips[turn.clip]
        length_ms = (clip.last - clip.first + 1) * FRAME_MS
        over = self._quiet_ms == 0.0 and self._spoke
        self._answer = Answered(clip.name, turn.kind, length_ms, over_us=over)
        self._called.turns.append(self._answer)
        self._spoke, self._audible_ms, self._onset_s, self._ended_s = False, 0.0, 0.0, 0.0
        self._clip, self._frame = clip, 0
        while self._clip is not None:
            await self._next_tick()

    async def _agent_finished(self) -> None:
        """It has spoken and is quiet; or it never does."""
        quiet_ms = QUIET_MS + self._rng.random() * self._hesitation_ms
        waited_ms = 0.0
        while not (self._spoke and not self._to_play and self._quiet_ms >= quiet_ms):
            await self._next_tick()
            waited_ms = waited_ms + FRAME_MS if not self._to_play else 0.0
            if waited_ms >= PATIENCE_MS:
                return

    async def _agent_under_way(self, over_ms: float) -> None:
        waited_ms = 0.0
        while self._audible_ms < over_ms and waited_ms < PATIENCE_MS:
            await self._next_tick()
            waited_ms = waited_ms + FRAME_MS if not self._to_play else 0.0

    async def _next_tick(self) -> None:
        await self._ticked.wait()

    # the line

    async def _tick_on(self, socket: ClientConnection) -> None:
        due_s = time.monotonic()
        while True:
            for name in self._play_frame():
                await socket.send(self._wire.mark(name))
            await socket.send(self._wire.media(self._next_frame()))
            self._called.frames += 1
            self._ticked.set()
            self._ticked = asyncio.Event()
            due_s += FRAME_MS / 1_000
            late_ms = (time.monotonic() - due_s) * 1_000
            self._called.frames_late += late_ms > LATE_MS
            await asyncio.sleep(max(0.0, -late_ms / 1_000))

    def _next_frame(self) -> bytes:
        clip = self._clip
        if clip is None:
            return next(self._idle)
        at, self._frame = self._frame, self._frame + 1
        now_s = time.monotonic()
        if at == clip.first:
            self._onset_s = now_s - FRAME_MS / 1_000  # a frame is sent when it is whole
        if at == clip.last:
            self._ended_s = now_s
            self._spoke = False  # what broke into the turn is no answer to all of it
        if self._frame == len(clip.frames):
            self._clip = None
        return clip.frames[at]

    def _play_frame(self) -> list[str]:
        """One frame of what was sent to us; the marks reached by it."""
        reached: list[str] = []
        while self._to_play and isinstance(self._to_play[0], str):
            reached.append(str(self._to_play.popleft()))
        audible = bool(self._to_play.popleft()) if self._to_play else False
        if audible:
            self._quiet_ms, self._spoke = 0.0, True
            self._audible_ms += FRAME_MS
        else:
            self._quiet_ms += FRAME_MS
        return reached

    async def _receive(self, socket: ClientConnection) -> None:
        async for message in socket:
            match self._wire.read(message):
                case Media(mulaw):
                    self._media(mulaw)
                case Mark(name):
                    self._to_play.append(name)
                case Clear():
                    await self._clear(socket)

    def _media(self, mulaw: bytes) -> None:
        audible = _audible_frames(mulaw)
        if any(audible):
            waits = sum(not isinstance(each, str) for each in self._to_play) + audible.index(True)
            self._agent_speaks(waits * FRAME_MS)
        self._to_play.extend(audible)

    def _agent_speaks(self, waits_ms: float) -> None:
        """An audible message came; its sound is heard after ``waits_ms``."""
        answer, since_ms = self._answer, (time.monotonic() - self._ended_s) * 1_000
        if answer is None:
            self._called.greeting_ms = self._called.greeting_ms or since_ms
        elif not self._ended_s:
            answer.early = answer.early or (self._onset_s > 0 and not answer.over_us)
        elif answer.reply_ms is None:
            answer.reply_ms, answer.heard_ms = since_ms, since_ms + waits_ms

    async def _clear(self, socket: ClientConnection) -> None:
        answer = self._answer
        if answer is not None and answer.over_us and answer.clear_ms is None and self._onset_s:
            answer.clear_ms = (time.monotonic() - self._onset_s) * 1_000
        pending = [each for each in self._to_play if isinstance(each, str)]
        self._to_play.clear()
        for name in pending:
            await socket.send(self._wire.mark(name))


def _audible_frames(mulaw: bytes) -> list[bool]:
    samples = to_samples(mulaw.ljust(-(-len(mulaw) // FRAME_BYTES) * FRAME_BYTES, b"\xff"))
    squares = np.square(samples.astype(np.float64)).reshape(-1, FRAME_BYTES)
    return [bool(loud) for loud in np.sqrt(squares.mean(axis=1)) >= AUDIBLE_RMS]
