"""What a caller says does not depend on how its audio was cut, when it came, or how fast we worked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import audio_time
from agent.hearing import Hearing
from dialog.safety import screen
from models.domain import Expectation, ExpectationKind, Transcript
from telephony.double.sound import read_wav, to_mulaw
from tests.calls.conftest import ROOT
from voice.ears import Ears
from voice.listener import Listener, SpeechChunk, SpeechStarted, UtteranceEnded

FRAME = 160
CLIPS = ("maria-wants-refill", "maria-dob", "maria-yes")


@pytest.fixture(scope="module")
def stream() -> bytes:
    """Three sentences with silence between them, as a telephone gives them."""
    quiet = np.random.default_rng(4).normal(0, 8, 12_000).astype(np.int16)
    parts = [part for name in CLIPS for part in (quiet, read_wav(ROOT / "audio_fixtures" / f"{name}.wav"))]
    return to_mulaw(np.concatenate([*parts, quiet]))


def cut(audio: bytes, lengths: Iterable[int]) -> list[bytes]:
    """The audio in pieces of these lengths, over and over."""
    pieces: list[bytes] = []
    at = 0
    for length in cycle(lengths):
        if at >= len(audio):
            return pieces
        pieces.append(audio[at : at + length])
        at += length
    return pieces


@dataclass
class Utterances:
    """What a listener makes of a stream: where each utterance lies, and what would be recognised."""

    found: list[tuple[int, int, bytes]] = field(default_factory=list)
    chunks: bytes = b""
    started: list[int] = field(default_factory=list)


def listened(pieces: Sequence[bytes], kind: ExpectationKind = ExpectationKind.OPEN) -> Utterances:
    listener, heard = Listener(), Utterances()
    listener.expect(Expectation(kind))
    for piece in pieces:
        for event in listener.hear(piece):
            match event:
                case SpeechStarted(at_ms):
                    heard.started.append(at_ms)
                case SpeechChunk(pcm):
                    heard.chunks += pcm
                case UtteranceEnded(utterance):
                    heard.found.append((utterance.started_ms, utterance.ended_ms, utterance.pcm))
    return heard


@pytest.fixture(scope="module")
def in_frames(stream: bytes) -> Utterances:
    heard = listened(cut(stream, [FRAME]))
    assert len(heard.found) == len(CLIPS)
    return heard


@settings(max_examples=15)
@given(lengths=st.lists(st.integers(1, 3_000), min_size=1, max_size=12))
def test_any_split_of_the_frames_gives_the_same_utterances(
    lengths: list[int], stream: bytes, in_frames: Utterances
) -> None:
    assert listened(cut(stream, [*lengths, 700])) == in_frames


class Echoing:
    """An ear that takes its time, and whose words are a digest of what it was given."""

    def __init__(self, takes_s: Iterable[float]) -> None:
        self._takes_s = cycle(takes_s)
        self._heard: dict[object, bytes] = {}

    async def __call__(self, method: str, *args: Any) -> Any:
        await asyncio.sleep(next(self._takes_s))
        match method, *args:
            case "begin", name, *_:
                self._heard[name] = b""
            case "feed", name, pcm:
                self._heard[name] += pcm
            case "finish", name:
                return Transcript(f"{hash(self._heard[name])}", 0.9)
        return ""


class Silent:
    """We say nothing."""

    audible = question_heard = False

    def played(self, length_bytes: int) -> bytes:
        return b"\xff" * length_bytes

    async def break_off(self) -> None:
        raise AssertionError("there is nothing to break off")

    def go_on(self) -> None:
        return

    def answering(self, asked_ms: float) -> None:
        return


async def turns(pieces: Sequence[bytes], gaps_s: Sequence[float], takes_s: Sequence[float]) -> list[str]:
    """The words that reach the dialog when the pieces come at those intervals."""
    heard: list[str] = []

    async def on_heard(transcript: Transcript) -> None:
        heard.append(transcript.text)

    async def noted(transcript: Transcript, from_ms: float, to_ms: float) -> None:
        return

    async def nothing() -> None:
        return

    async with asyncio.TaskGroup() as tasks:
        hearing = Hearing(
            "CA1", Ears([Echoing(takes_s)], time_limit_s=60.0), tasks,
            heard=on_heard, noted=noted, took_floor=nothing, floor=Silent(), screen=screen,
        )  # fmt: skip
        for piece, gap_s in zip(pieces, cycle(gaps_s), strict=False):
            hearing.audio(piece)
            await asyncio.sleep(gap_s)
        while hearing.busy:
            await asyncio.sleep(0.1)
    return heard


@pytest.fixture(scope="module")
def steady(stream: bytes) -> list[str]:
    """What reaches the dialog when a frame comes every 20 ms and words take no time."""
    heard = audio_time.run(turns(cut(stream, [FRAME]), [0.02], [0.0]))
    assert len(heard) == len(CLIPS)
    return heard


@settings(max_examples=12)
@given(
    gaps_s=st.lists(st.floats(0.0, 2.0), min_size=1, max_size=20),
    takes_s=st.lists(st.floats(0.0, 0.5), min_size=1, max_size=5),
    lengths=st.lists(st.integers(40, 1_600), min_size=1, max_size=5),
)
def test_the_same_audio_gives_the_same_turns_whenever_it_comes_and_however_slow_we_are(
    gaps_s: list[float], takes_s: list[float], lengths: list[int], stream: bytes, steady: list[str]
) -> None:
    """Endpointing counts audio, never the clock. (What words make of a pause is another matter: they
    shorten or lengthen it as soon as they are known.)"""
    assert audio_time.run(turns(cut(stream, lengths), gaps_s, takes_s)) == steady


def test_a_stalled_line_ends_no_utterance(stream: bytes, steady: list[str]) -> None:
    """Ten minutes without a frame in the middle of a word."""
    at = 100 * FRAME
    assert audio_time.run(turns([stream[:at], stream[at:]], [600.0, 0.0], [0.0])) == steady
