"""A voice over ours: what was meant takes the floor, what was not lets us go on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from agent.hearing import Hearing
from agent.transcribe import read_wav
from dialog.safety import screen
from models.domain import Expectation, ExpectationKind, Transcript
from models.errors import WorkerError
from voice import g711
from voice.ears import Ears

FRAME = 160
FIXTURES = Path(__file__).resolve().parents[2] / "audio_fixtures"


def clip(name: str) -> bytes:
    """A fixture as a telephone gives it."""
    samples, rate_hz = read_wav(FIXTURES / f"{name}.wav")
    resampled = soxr.resample(samples, rate_hz, 8_000)
    return g711.encode((np.clip(resampled, -1, 1) * 32_767).astype(np.int16))


VOICE = clip("linda-person")
QUIET = g711.encode(np.random.default_rng(1).normal(0, 8, 8_000).astype(np.int16))


class OurVoice:
    """Says something all the time, unless broken off."""

    def __init__(self, *, question_heard: bool = False) -> None:
        self.audible = True
        self.question_heard = question_heard
        self.went: list[str] = []

    def played(self, length_bytes: int) -> bytes:
        return b"\xff" * length_bytes

    async def break_off(self) -> None:
        if self.audible:
            self.went.append("broke off")
        self.audible = False

    def go_on(self) -> None:
        self.went.append("went on")
        self.audible = True

    def answering(self, asked_ms: float) -> None:
        return


class Ear:
    """Hears what the test says it hears; ``again``: when it must be one of the short words."""

    def __init__(self, text: str, failing: bool = False, confidence: float = 0.9, again: str = "") -> None:
        self._text, self._failing = text, failing
        self._confidence, self._again = confidence, again
        self._closed = False

    async def __call__(self, method: str, *args: object) -> Any:
        if method == "begin":
            self._closed = isinstance(args[1], Expectation) and args[1].closed
        if method == "finish":
            if self._failing:
                raise WorkerError("died")
            return Transcript(self._again if self._closed else self._text, self._confidence)
        return ""


async def said_over_us(
    text: str,
    ours: OurVoice,
    expectation: Expectation | None = None,
    *,
    ear: Ear | None = None,
    caller: bytes = VOICE,
) -> list[str]:
    """What reaches the dialog when the caller says that over our voice."""
    told: list[str] = []

    async def heard(transcript: Transcript) -> None:
        told.append(f"heard {transcript.text}".strip())

    async def took_floor() -> None:
        told.append("took the floor")

    async def noted(transcript: Transcript, from_ms: float, to_ms: float) -> None:
        assert from_ms < to_ms

    async with asyncio.TaskGroup() as tasks:
        hearing = Hearing(
            "CA1", Ears([ear or Ear(text)]), tasks,
            heard=heard, noted=noted, took_floor=took_floor, floor=ours, screen=screen,
        )  # fmt: skip
        hearing.expect(expectation or Expectation())
        audio = QUIET + caller + QUIET
        for at in range(0, len(audio), FRAME):
            hearing.audio(audio[at : at + FRAME])
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            while hearing.busy:
                await asyncio.sleep(0.01)
    return told


@pytest.mark.parametrize("text", ["mm-hmm", "okay", ""])
async def test_agreement_and_coughs_break_us_off_for_a_moment_only(text: str) -> None:
    ours = OurVoice()
    assert await said_over_us(text, ours) == []
    assert ours.went == ["broke off", "went on"]


async def test_a_caller_who_means_it_is_heard() -> None:
    ours = OurVoice()
    assert await said_over_us("no i need a person", ours) == ["took the floor", "heard no i need a person"]
    assert ours.went == ["broke off"]


async def test_okay_is_the_answer_to_a_question_that_is_out() -> None:
    expectation = Expectation(kind=ExpectationKind.YES_NO)
    told = await said_over_us("okay", OurVoice(question_heard=True), expectation)
    assert told == ["took the floor", "heard okay"]
    assert await said_over_us("okay", OurVoice(), expectation) == []


async def test_danger_takes_the_floor() -> None:
    assert "heard i have chest pain" in await said_over_us("i have chest pain", OurVoice())


async def test_when_no_ear_works_the_caller_gets_the_floor() -> None:
    assert await said_over_us("", OurVoice(), ear=Ear("", failing=True)) == ["took the floor", "heard"]


SHORT = clip("james-second")[4_000:8_000]


async def test_a_short_sound_badly_understood_and_then_heard_as_agreement_lets_us_go_on() -> None:
    ours = OurVoice()
    ear = Ear("oh eight", confidence=0.1, again="all right")
    assert await said_over_us("", ours, ear=ear, caller=SHORT) == []
    assert ours.went == ["broke off", "went on"]


async def test_a_short_sound_badly_understood_and_then_heard_as_stop_takes_the_floor() -> None:
    ours = OurVoice()
    told = await said_over_us("", ours, ear=Ear("way", confidence=0.1, again="wait"), caller=SHORT)
    assert told == ["took the floor", "heard way"]
    assert ours.went == ["broke off"]


async def test_a_knock_that_sounded_like_a_word_is_no_turn() -> None:
    ours = OurVoice()
    ours.audible = False
    knock = clip("james-second")[4_000:5_440]
    assert await said_over_us("", ours, ear=Ear("then", confidence=0.01), caller=knock) == ["heard"]
    assert await said_over_us("", ours, ear=Ear("then", confidence=0.2), caller=knock) == ["heard then"]


@pytest.mark.parametrize(("means_something", "reaches_us"), [(False, []), (True, ["the floor", "finally"])])
async def test_what_follows_an_answer_at_once_is_part_of_it_unless_it_means_something(
    means_something: bool, reaches_us: list[str]
) -> None:
    """ "Yes. Finally." The reply to "yes" has begun; "finally" is no answer to a question still to come."""
    told: list[str] = []
    ours = OurVoice()

    async def ear(method: str, *args: object) -> Any:
        return Transcript("finally" if told else "yes", 0.9) if method == "finish" else ""

    async def heard(transcript: Transcript) -> None:
        told.append(transcript.text)
        ours.audible = True  # we answer

    async def took_floor() -> None:
        told.append("the floor")

    async def noted(transcript: Transcript, from_ms: float, to_ms: float) -> None:
        return

    async def means(transcript: Transcript) -> bool:
        return means_something

    async with asyncio.TaskGroup() as tasks:
        hearing = Hearing(
            "CA1", Ears([ear]), tasks,
            heard=heard, noted=noted, took_floor=took_floor, floor=ours, screen=screen, means=means,
        )  # fmt: skip
        ours.audible = False
        for audio in (QUIET + VOICE + QUIET, VOICE + QUIET):
            for at in range(0, len(audio), FRAME):
                hearing.audio(audio[at : at + FRAME])
                await asyncio.sleep(0)
            async with asyncio.timeout(60):
                while hearing.busy:
                    await asyncio.sleep(0.01)
    assert told == ["yes", *reaches_us]
    assert ours.went == (["broke off"] if means_something else ["broke off", "went on"])
