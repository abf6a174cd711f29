"""A line on audio time: our voice as a tape, the real hearing, and one recogniser in this process."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass

import numpy as np

from agent.hearing import Hearing
from benchmarks.floor_audio import Mixed
from dialog.safety import screen
from models.domain import Expectation, Transcript
from tests.voice.caller_sentences import DRUGS, NAMES, SAID
from voice import g711
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.ears import Ears
from voice.g711 import Samples
from voice.listener import Listener, Speculate, SpeechChunk, SpeechResumed, SpeechStarted, UtteranceEnded

FRAME = 160
MS_PER_FRAME = 20
RECOGNISED_AFTER_FRAMES = 3  # 60 ms: what pocketsphinx takes to finish a pause's guess


@dataclass
class Heard:
    broke_off_ms: float | None = None
    took_floor: bool = False
    turns: int = 0


def loaded_ear() -> EarService:
    folder = tempfile.mkdtemp(prefix="firstring-floor-")
    ear = EarService(EarConfig("pocketsphinx", model_dir=folder, sentences=SAID, names=NAMES, drugs=DRUGS))
    ear.load()
    return ear


class _Tape:
    """Our voice: plays from a tape, from where it was broken off when it goes on."""

    def __init__(self, ours: bytes, heard: Heard) -> None:
        self._ours, self._heard = ours, heard
        self._audible_until = len(ours.rstrip(b"\xff"))
        self._off = False
        self.at = 0

    @property
    def audible(self) -> bool:
        return not self._off and self.at < self._audible_until

    @property
    def question_heard(self) -> bool:
        return self._audible_until - self.at < 5_600

    def played(self, length_bytes: int) -> bytes:
        part = self._ours[self.at : self.at + length_bytes]
        return b"\xff" * length_bytes if self._off else part.ljust(length_bytes, b"\xff")

    async def break_off(self) -> None:
        if self._heard.broke_off_ms is None:
            self._heard.broke_off_ms = self.at / 8
        self._off = True

    def go_on(self) -> None:
        self._off = False

    def answering(self, asked_ms: float) -> None:
        return


async def heard_over_us(ear: EarService, mixed: Mixed) -> Heard:
    """One situation; the recogniser's time counts as none, so that outcomes do not hang on this machine."""
    heard = Heard()
    tape = _Tape(mixed.ours, heard)

    async def remote(method: str, *args: object) -> object:
        return getattr(ear, method)(*args)

    async def words(transcript: Transcript) -> None:
        heard.turns += bool(transcript.text)

    async def took_floor() -> None:
        heard.took_floor = True

    async def noted(transcript: Transcript, from_ms: float, to_ms: float) -> None:
        return

    async with asyncio.TaskGroup() as tasks:
        hearing = Hearing(
            "bench", Ears([remote]), tasks,
            heard=words, noted=noted, took_floor=took_floor, floor=tape, screen=screen,
        )  # fmt: skip
        hearing.expect(mixed.expectation)
        for at in range(0, len(mixed.came), FRAME):
            tape.at = at
            hearing.audio(mixed.came[at : at + FRAME])
            await asyncio.sleep(0)
        hearing.flush()
        while hearing.busy:
            await asyncio.sleep(0.005)
    return heard


def utterances_of(ear: EarService, samples: Samples, expectation: Expectation) -> list[str]:
    """The words of each utterance found in it, as the dialog would get them."""
    quiet = np.random.default_rng(1).normal(0, 8, 12_000).astype(np.int16)
    mulaw = g711.encode(np.concatenate((quiet, samples, quiet)))
    listener, found = Listener(), list[str]()
    guesses: dict[int, str] = {}
    listener.expect(expectation)
    pcm = bytearray()
    for number, at in enumerate(range(0, len(mulaw), FRAME)):
        if text := guesses.pop(number, None):
            listener.heard_so_far(text)
        for event in listener.hear(mulaw[at : at + FRAME]):
            match event:
                case SpeechStarted():
                    pcm.clear()
                case SpeechChunk(pcm=more):
                    pcm += more
                case Speculate():
                    guesses[number + RECOGNISED_AFTER_FRAMES] = _words(ear, bytes(pcm), expectation)
                case SpeechResumed():
                    guesses.clear()
                case UtteranceEnded():
                    found.append(_words(ear, bytes(pcm), expectation))
    return found


def _words(ear: EarService, pcm: bytes, expectation: Expectation) -> str:
    ear.begin("bench", expectation, "")
    ear.feed("bench", pcm)
    transcript = ear.finish("bench")
    return transcript.text
