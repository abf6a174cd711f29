"""What happened in a call, seen from the carrier's end. Times are ms since the call was placed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from telephony.double.sound import to_samples, write_wav

Detail = str | int | float | bool | None


class Kind(StrEnum):
    PLACED = "placed"
    DOCUMENT = "document"  # TwiML was answered
    STREAM_STARTED = "stream-started"
    STREAM_ENDED = "stream-ended"
    AGENT_SPEAKING = "agent-speaking"
    AGENT_SPOKE = "agent-spoke"
    CALLER_SPEAKING = "caller-speaking"
    CALLER_SPOKE = "caller-spoke"
    REPLY = "reply"  # first audio of the agent after the caller's speech
    MARK = "mark"
    CLEAR = "clear"
    KEY = "key"
    SAY = "say"  # the carrier's own voice
    PLAY = "play"
    DIAL = "dial"
    LEG = "leg"  # of a dialled person: ringing, answered, bridged, and how it ended
    CONFERENCE = "conference"
    FALLBACK = "fallback"  # a document could not be had: the number's fallback takes over
    RECORDING = "recording"
    MESSAGE = "message"  # a text message
    ORDER = "order"  # came in by REST
    EXPECT = "expect"
    STEP = "step"
    WARNING = "warning"  # the carrier would log one of its warnings or errors
    ENDED = "ended"


class Ending(StrEnum):
    CALLER_HUNG_UP = "caller hung up"
    CALLED_HUNG_UP = "called person hung up"
    AGENT_HUNG_UP = "agent hung up"
    DIALLED = "dialled"
    REJECTED = "rejected"
    OTHER_HUNG_UP = "other side hung up"  # whom this person was connected with
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"
    CANCELED = "canceled"
    ERROR = "error"
    TOO_LONG = "too long"


@dataclass(frozen=True, slots=True)
class CallEvent:
    at_ms: float
    kind: Kind
    detail: Mapping[str, Detail] = field(default_factory=dict)

    def to_json(self) -> dict[str, Detail]:
        return {"at_ms": round(self.at_ms, 1), "kind": str(self.kind), **self.detail}


Observer = Callable[[CallEvent], None]


@dataclass(frozen=True, slots=True)
class AgentSegment:
    """One stretch of audible agent audio, pauses under 0.4 s included."""

    start_ms: float
    end_ms: float
    pcm: bytes = field(repr=False)  # signed 16-bit little-endian, 8 kHz mono


@dataclass(slots=True)
class CallerUtterance:
    label: str
    barged: bool
    started_ms: float
    speech_ended_ms: float | None = None
    reply_received_ms: float | None = None  # the first media message with anything audible in it
    reply_heard_ms: float | None = None  # its first audible frame on the playback clock
    cleared: bool = False  # a clear came since it started

    @property
    def reply_ms(self) -> float | None:
        """End of speech to reply; negative when the agent spoke before the caller had finished."""
        if self.speech_ended_ms is None or self.reply_received_ms is None:
            return None
        return self.reply_received_ms - self.speech_ended_ms


@dataclass(slots=True)
class StreamTimes:
    stream_sid: str
    started_ms: float  # the start message was sent
    first_audio_ms: float | None = None  # first audible media received
    ended_ms: float | None = None
    ended_by: str = ""

    @property
    def greeting_ms(self) -> float | None:
        return None if self.first_audio_ms is None else self.first_audio_ms - self.started_ms


@dataclass(slots=True)
class CallResult:
    """``legs`` are the calls that this one dialled: there ``caller_mulaw`` is what the dialled person
    said, and ``agent_mulaw`` what they heard."""

    call_sid: str
    number: str = ""  # of who this is: the caller's, or the dialled person's
    placed_at: datetime | None = None  # by the clock on the wall: 0 ms of all times here
    status: str = ""  # the carrier's word: completed, busy, no-answer, failed, canceled
    legs: list[CallResult] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # text messages that came to this person's number
    recordings: list[str] = field(default_factory=list)  # their SIDs
    events: list[CallEvent] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    streams: list[StreamTimes] = field(default_factory=list)
    utterances: list[CallerUtterance] = field(default_factory=list)
    segments: list[AgentSegment] = field(default_factory=list)
    marks: list[tuple[float, str]] = field(default_factory=list)  # as echoed
    clears: list[float] = field(default_factory=list)
    keys: list[tuple[float, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)  # by the carrier's own voice
    dialled: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)  # expectations that failed
    ended: Ending = Ending.ERROR
    ended_detail: str = ""
    # Both tracks run from the first ring. Not in the repr, which asyncio.run writes of what it returns.
    agent_mulaw: bytearray = field(default_factory=bytearray, repr=False)
    caller_mulaw: bytearray = field(default_factory=bytearray, repr=False)

    @property
    def greeting_ms(self) -> float | None:
        """The stream's start to the first audible media."""
        return self.streams[0].greeting_ms if self.streams else None

    @property
    def reply_times_ms(self) -> list[float]:
        return [utterance.reply_ms for utterance in self.utterances if utterance.reply_ms is not None]

    @property
    def agent_pcm(self) -> bytes:
        """All that the caller heard, silence included."""
        return to_samples(bytes(self.agent_mulaw)).astype("<i2").tobytes()

    def save(self, path: Path) -> None:
        """A stereo wav: the caller left, the agent right."""
        write_wav(path, bytes(self.caller_mulaw), bytes(self.agent_mulaw))
