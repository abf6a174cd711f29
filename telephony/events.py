"""What a media stream tells us, beside ``CallerAudio`` of the shared vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.domain import CallerAudio


@dataclass(frozen=True, slots=True)
class StreamConnected:
    """The carrier's socket is open; nothing is known of the call yet."""


@dataclass(frozen=True, slots=True)
class StreamStarted:
    stream_sid: str
    account_sid: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)  # <Parameter>s of our own TwiML


@dataclass(frozen=True, slots=True)
class KeyPressed:
    digit: str  # one of 0-9 * # A-D


@dataclass(frozen=True, slots=True)
class MarkReached:
    """Our mark came back: its audio was played, or was dropped by a clear."""

    name: str


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """The carrier says that the stream is over: hung up, or moved to other TwiML."""


@dataclass(frozen=True, slots=True)
class RepeatedAudio:
    """A piece of the caller's audio that came before."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message that is allowed and means nothing to us."""

    reason: str


StreamEvent = (
    StreamConnected
    | StreamStarted
    | CallerAudio
    | RepeatedAudio
    | KeyPressed
    | MarkReached
    | StreamStopped
    | Ignored
)
