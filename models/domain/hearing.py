"""Hearing: caller audio, what a question expects, utterances and transcripts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SAMPLE_RATE_HZ = 8_000
FRAME_MS = 20
SAMPLES_PER_FRAME = SAMPLE_RATE_HZ * FRAME_MS // 1_000  # 160; in G.711 also the bytes of a frame

JsonScalar = str | int | float | bool | None

# Of a recogniser's or a reader's certainty, 0 to 1: below it a yes, a no or a dictated value is asked again.
SURE = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """One likely answer: ``value`` is what the dialog stores, ``spoken`` how a caller may say it."""

    value: str
    spoken: tuple[str, ...]


class ExpectationKind(StrEnum):
    DOB = "dob"
    PHONE = "phone"
    ZIP = "zip"
    NUMBER = "number"
    SPELLING = "spelling"
    NAME = "name"
    YES_NO = "yes_no"
    CHOICE = "choice"
    DRUG = "drug"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a question expects; it travels backwards to every stage that hears the answer.

    ``pause_ms`` is the silence that ends an answer of this kind (None: the stage's own default for
    the kind). ``digits`` is how many keys complete a keypad answer (0: none wanted; ``0`` alone is
    always a person). ``asked`` is the question as spoken, the classifier's context. ``closed``: whatever it
    sounds like, it is one of ``choices``; the recogniser is to say which.
    """

    kind: ExpectationKind = ExpectationKind.OPEN
    choices: tuple[Choice, ...] = ()
    pause_ms: int | None = None
    digits: int = 0
    asked: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class CallerAudio:
    mulaw: bytes  # G.711, 8 kHz mono; 160 bytes is 20 ms
    timestamp_ms: int  # since the stream started


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of caller speech with its pre-roll. Times are audio time since the stream started."""

    pcm: bytes  # signed 16-bit little-endian, 8 kHz mono
    started_ms: int
    ended_ms: int  # end of the last speech, not of the silence that ended the turn


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    confidence: float
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser heard. ``alternatives`` excludes ``text``, best first.

    ``failure`` is empty, or the code of what went wrong (``recogniser-timeout``...): a typed outcome,
    the dialog can speak to it. Silence or noise is text "" without failure.
    """

    text: str
    confidence: float = 0.0  # 0..1, comparable within one engine only
    alternatives: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    engine: str = ""
    failure: str = ""
