"""The telephone line: both directions in 20 ms frames from the first ring, with a playback clock."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from telephony.double.connection import CLEAR, Connection, Surroundings
from telephony.double.journal import Journal
from telephony.double.result import AgentSegment, Kind
from telephony.double.sound import FRAME_BYTES, FRAME_MS, SILENT_FRAME, Speech, is_audible, mixed, to_samples

SEGMENT_GAP_MS = 400  # a longer pause ends an agent segment
RUNS_OUT_BYTES = 8 * 60  # right after a clear so little sound is the sentence that was cut, running out
OTHERS_BACKLOG = 5  # frames that another party may be ahead of us: two clocks are never one


@dataclass(frozen=True, slots=True)
class Tick:
    caller_frame: bytes
    marks: tuple[str, ...]  # reached now


class Line:
    """``tick`` is called every 20 ms and moves both directions on by one frame.

    The caller is who holds this telephone; the agent is whoever they hear.
    """

    def __init__(self, journal: Journal, connection: Connection = CLEAR) -> None:
        self._journal = journal
        self._surroundings = Surroundings(connection)
        self._playing = bytearray()
        self._played_bytes = 0
        self._marks: deque[tuple[int, str]] = deque()  # (bytes to be played before it, name)
        self._cleared = False  # and nothing was sent since
        self._speech: Speech | None = None
        self._speech_at = 0
        self._barging = False
        self._quiet_ms = 0.0  # since the agent was last heard
        self._segment: list[bytes] = []
        self._segment_start_ms = 0.0
        self._ticked = asyncio.Event()
        self._others: dict[str, deque[bytes]] = {}  # parties this line is connected with
        self.agent_spoke = False  # since the caller's last speech began
        self.sentences_heard = 0  # to their end, by their marks, since the caller's last speech began
        self.heard_from = 0  # frame of the recording where the agent's latest turn begins

    # the agent's direction

    def play(self, mulaw: bytes) -> None:
        runs_out = self._cleared and len(mulaw) <= RUNS_OUT_BYTES
        self._cleared = False
        self._journal.media_received(audible=is_audible(mulaw) and not runs_out, drained=self.is_drained)
        self._playing += mulaw

    def mark(self, name: str) -> None:
        """To be echoed when what was played before it has been heard."""
        self._marks.append((self._played_bytes + len(self._playing), name))

    def clear(self) -> tuple[str, ...]:
        """Drop what has not been played; the marks in it come back at once."""
        self._journal.cleared()
        self._cleared = True
        return self._drop()

    def cut(self) -> tuple[str, ...]:
        """The same without a word: the stream is over. What the next one says is said anew, however soon."""
        self._end_segment()
        return self._drop()

    def _drop(self) -> tuple[str, ...]:
        """What was cut off was no answer."""
        self.agent_spoke = False
        pending = tuple(name for _, name in self._marks)
        self._marks.clear()
        self._playing.clear()
        return pending

    def hear(self, party: str, frame: bytes) -> None:
        """A frame of somebody this line is connected with."""
        self._others.setdefault(party, deque(maxlen=OTHERS_BACKLOG)).append(frame)

    def part(self, party: str) -> None:
        self._others.pop(party, None)

    def give_floor(self) -> None:
        """Who answers a telephone, or is connected, is expected to speak."""
        self.agent_spoke = True

    @property
    def is_drained(self) -> bool:
        return not self._playing

    @property
    def quiet_ms(self) -> float:
        """How long the agent has been silent; 0 while anything is left to play."""
        return self._quiet_ms if self.is_drained else 0.0

    # the caller's direction

    def speak(self, speech: Speech, *, barging: bool = False) -> None:
        self._speech, self._speech_at, self._barging = speech, 0, barging

    @property
    def is_speaking(self) -> bool:
        return self._speech is not None

    def keys_pressed(self) -> None:
        """Keys are the caller's turn, as speech is."""
        self._begin_turn()

    # the clock

    def tick(self) -> Tick:
        caller = self._next_caller_frame()
        agent = self._next_agent_frame()
        caller = self._surroundings.microphone(caller, agent)
        self._journal.result.caller_mulaw += caller
        self._journal.result.agent_mulaw += agent.ljust(FRAME_BYTES, b"\xff")
        self._follow_agent(agent)
        self._ticked.set()
        self._ticked = asyncio.Event()
        return Tick(caller, tuple(self._reached_marks()))

    async def next_tick(self) -> None:
        await self._ticked.wait()

    def close(self) -> None:
        self._end_segment()

    def _reached_marks(self) -> list[str]:
        reached: list[str] = []
        while self._marks and self._marks[0][0] <= self._played_bytes:
            reached.append(self._marks.popleft()[1])
        self.sentences_heard += len(reached)
        return reached

    def _next_agent_frame(self) -> bytes:
        frame = bytes(self._playing[:FRAME_BYTES])
        del self._playing[:FRAME_BYTES]
        self._played_bytes += len(frame)
        heard = [frames.popleft() for frames in self._others.values() if frames]
        return mixed([frame, *heard] if frame else heard)

    def _next_caller_frame(self) -> bytes:
        speech = self._speech
        if speech is None:
            return SILENT_FRAME
        if self._speech_at == 0:
            self._begin_turn()
            self._journal.caller_speaks(speech.label, barged=self._barging)
        if self._speech_at == speech.last_spoken:
            self._journal.caller_spoke()
        frame = speech.frames[self._speech_at]
        self._speech_at += 1
        if self._speech_at == len(speech.frames):
            self._speech = None
        return frame

    def _begin_turn(self) -> None:
        self.agent_spoke = False
        self.sentences_heard = 0
        self.heard_from = len(self._journal.result.agent_mulaw) // FRAME_BYTES

    def _follow_agent(self, frame: bytes) -> None:
        if frame and is_audible(frame):
            self._agent_audible(frame)
            return
        self._quiet_ms += FRAME_MS
        if self._segment:
            self._segment.append(frame.ljust(FRAME_BYTES, b"\xff"))
            if self._quiet_ms >= SEGMENT_GAP_MS:
                self._end_segment()

    def _agent_audible(self, frame: bytes) -> None:
        self._quiet_ms = 0.0
        self._journal.agent_heard()
        if not self.is_speaking:
            self.agent_spoke = True
        if not self._segment:
            self._segment_start_ms = self._journal.note(Kind.AGENT_SPEAKING)
        self._segment.append(frame)

    def _end_segment(self) -> None:
        if not self._segment:
            return
        spoken = len(self._segment) - int(self._quiet_ms // FRAME_MS)
        mulaw = b"".join(self._segment[:spoken])
        end_ms = self._segment_start_ms + spoken * FRAME_MS
        pcm = to_samples(mulaw).astype("<i2").tobytes()
        self._segment.clear()
        self._journal.segment(AgentSegment(self._segment_start_ms, end_ms, pcm))
