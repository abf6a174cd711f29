"""A line on audio time: our voice as a tape, its echo, the real hearing, and one recogniser."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from agent.hearing import Hearing
from benchmarks.floor_cases import Case, Echo
from dialog.safety import screen
from models.domain import Transcript
from voice import espeak, g711
from voice.ear_service import EarService
from voice.ears import Ears
from voice.loudness import for_the_line

FRAME = 160
MS_PER_FRAME = 20
NOISE_RMS = 8.0
SETTLE_FRAMES = 100  # 2 s after the caller's last sound everything is decided
EARLIER_FRAMES = 75
TAIL_BYTES = 5_600  # 700 ms: with no more to play a question is as good as out (agent/speaking.py)
STATEMENTS = (
    "Thank you for calling Harbor Street Family Medicine. If this is an emergency, hang up and call 911.",
    "I'm an AI assistant, not a nurse or doctor. This call is recorded.",
    "I can help with refills, appointments and messages for your care team.",
)
QUESTION = ("Your refill of lisinopril goes to the pharmacy on Main Street.", "Is that right?")
QUIET = 255  # mu-law of zero


@dataclass
class Heard:
    """What came of one case. Times are ms after our voice began."""

    broke_off_ms: float | None = None
    took_floor: bool = False
    turns: int = 0  # that reached the dialog
    utterances: int = 0
    went_on: int = 0
    texts: list[str] = field(default_factory=list)
    onset_ms: float = 0.0
    silent: bool = False  # at the end our voice was still broken off


@cache
def spoken(sentences: tuple[str, ...]) -> tuple[bytes, ...]:
    """Our voice, a sentence each."""
    said = [espeak.synthesize(text, voice=espeak.VOICE, rate_wpm=espeak.RATE_WPM) for text in sentences]
    return tuple(for_the_line(samples, espeak.ESPEAK_HZ) for samples in said)


class Tape:
    """Our voice, sentence after sentence; goes on with the sentence that was broken off."""

    def __init__(self, sentences: tuple[bytes, ...], heard: Heard) -> None:
        self._sentences, self._heard = sentences, heard
        self._number = self._offset = 0
        self._off = False
        self._last = b""
        self.now_ms = 0.0

    @property
    def audible(self) -> bool:
        return not self._off and self._number < len(self._sentences)

    @property
    def question_heard(self) -> bool:
        ahead = sum(map(len, self._sentences[self._number :])) - self._offset
        return ahead <= TAIL_BYTES

    def advance(self) -> bytes:
        """The next frame that the caller is given."""
        part = b""
        if self.audible:
            sentence = self._sentences[self._number]
            part = sentence[self._offset : self._offset + FRAME]
            self._offset += FRAME
            if self._offset >= len(sentence):
                self._number, self._offset = self._number + 1, 0
        self._last = part.ljust(FRAME, bytes([QUIET]))
        self.now_ms += MS_PER_FRAME
        return self._last

    def played(self, length_bytes: int) -> bytes:
        return self._last

    async def break_off(self) -> None:
        if self._heard.broke_off_ms is None:
            self._heard.broke_off_ms = self.now_ms
        self._off = True

    def go_on(self) -> None:
        self._heard.went_on += self._off
        self._off, self._offset = False, 0

    def answering(self, asked_ms: float) -> None:
        return


class Returning:
    """Our voice on its way back from the caller's loudspeaker, perhaps through a room."""

    def __init__(self, echo: Echo | None) -> None:
        self._echo = echo
        late = echo.late_ms * 8 if echo else 0
        self._room = _room() if echo and echo.in_room else np.ones(1)
        self._memory = np.zeros(late + FRAME + self._room.size - 1)

    def next(self, played: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """What comes back in the frame in which ``played`` is given."""
        if self._echo is None:
            return np.zeros(FRAME)
        self._memory = np.concatenate((self._memory[FRAME:], g711.decode(played).astype(np.float64)))
        back = self._memory[: FRAME + self._room.size - 1]
        gain: float = 10 ** (self._echo.level_db / 20)
        return np.convolve(back, self._room, "valid") * gain


@cache
def _room() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Thirty milliseconds of reflections behind the direct sound, of the same power."""
    taps = np.random.default_rng(3).normal(0.0, 1.0, 240) * np.exp(-np.arange(240) / 60)
    taps[0] = 3.0
    return np.asarray(taps / np.sqrt(np.sum(taps**2)))


class Line:
    """One case from its first frame to its last. The recogniser's time counts as none."""

    def __init__(self, ear: EarService, case: Case, tasks: asyncio.TaskGroup) -> None:
        self.heard = Heard()
        self._case = case
        sentences = spoken(STATEMENTS if case.before_question_ends_ms is None else QUESTION)
        self._tape = Tape(sentences if case.we_speak else (), self.heard)
        self._echo = Returning(case.echo)
        self._rng = np.random.default_rng(case.seed)
        whole_ms = sum(map(len, sentences)) / 8
        early_ms = case.before_question_ends_ms
        self.heard.onset_ms = case.at_ms if early_ms is None else whole_ms - early_ms

        async def remote(method: str, *args: object) -> object:
            return getattr(ear, method)(*args)

        self._hearing = Hearing(
            f"bench-{case.seed}", Ears([remote]), tasks,
            heard=self._turn, noted=self._noted, took_floor=self._took_floor, floor=self._tape, screen=screen,
        )  # fmt: skip

    async def _turn(self, transcript: Transcript) -> None:
        self.heard.turns += bool(transcript.text)

    async def _noted(self, transcript: Transcript, from_ms: float, to_ms: float) -> None:
        self.heard.utterances += 1
        self.heard.texts.append(transcript.text)

    async def _took_floor(self) -> None:
        self.heard.took_floor = True

    async def run(self) -> Heard:
        await self._earlier()
        self._hearing.expect(self._case.expectation)
        caller = self._caller()
        for at in range(0, caller.size - FRAME, FRAME):
            came = caller[at : at + FRAME] + self._echo.next(self._tape.advance())
            await self._give(came)
            if self.heard.took_floor:
                break
        self._hearing.flush()
        await self._quiet_ears()
        self.heard.silent = self._case.we_speak and self.heard.broke_off_ms is not None and not self._resumed
        return self.heard

    @property
    def _resumed(self) -> bool:
        return self.heard.went_on > 0

    def _caller(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """The caller's side: the case's sound from its onset on, and a second or two after it."""
        case, onset = self._case, int(self.heard.onset_ms * 8)
        length = onset + case.caller.size + SETTLE_FRAMES * FRAME
        if case.echo and not case.caller.size:
            length = sum(map(len, spoken(STATEMENTS))) + SETTLE_FRAMES * FRAME
        sound = np.zeros(length)
        sound[onset : onset + case.caller.size] += case.caller
        return sound

    async def _earlier(self) -> None:
        """What the caller said to us before we began to speak; it counts for nothing but their level."""
        before = self._case.before.astype(np.float64)
        if not before.size:
            return
        tape, self._hearing._floor = self._hearing._floor, Tape((), Heard())
        for at in range(0, before.size - FRAME, FRAME):
            await self._give(before[at : at + FRAME])
        for _ in range(EARLIER_FRAMES):
            await self._give(np.zeros(FRAME))
        await self._quiet_ears()
        self._hearing._floor = tape
        self.heard.turns = self.heard.utterances = 0
        self.heard.texts.clear()

    async def _give(self, came: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
        noisy = came + self._rng.normal(0, NOISE_RMS, FRAME)
        self._hearing.audio(g711.encode(np.clip(noisy, -32_768, 32_767).astype(np.int16)))
        await asyncio.sleep(0)

    async def _quiet_ears(self) -> None:
        while self._hearing.busy:
            await asyncio.sleep(0.001)


async def heard_of(ear: EarService, case: Case) -> Heard:
    async with asyncio.TaskGroup() as tasks:
        return await Line(ear, case, tasks).run()
