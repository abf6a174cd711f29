"""Whom the double can dial in these tests, and how long one waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from telephony.double import Caller, Step, StepKind, parse_steps

OURS = "+15555550100"
NURSE, DOCTOR = "+15555550301", "+15555550302"  # answer
BUSY, NOBODY, WRONG = "+15555550303", "+15555550304", "+15555550305"
LANDLINE = "+15555550306"
PITCHES_HZ = {"nurse": 500.0, "doctor": 900.0, "caller": 1_300.0}


async def voice(word: str) -> bytes:
    """Each person is a tone of their own, of 0.6 s."""
    pitch_hz = PITCHES_HZ.get(word, 2_100.0)  # the carrier's own voice has one as well
    samples = np.sin(np.arange(4_800) * 2 * np.pi * pitch_hz / 8_000) * 5_000
    return samples.astype("<i2").tobytes()


def person(*steps: str, patience_s: float = 3.0) -> Caller:
    return Caller(parse_steps(steps), synthesise=voice, quiet_s=0.1, patience_s=patience_s)


class Cued:
    """Somebody who waits for the cue: on the line until the test has them speak or hang up."""

    def __init__(self) -> None:
        self._cues: asyncio.Queue[Step] = asyncio.Queue()
        self.does = Caller((), synthesise=voice, quiet_s=0.1, patience_s=0.2, attend=self._next)

    def says(self, word: str) -> None:
        self._cues.put_nowait(Step(StepKind.SAY, word))

    def hangs_up(self) -> None:
        self._cues.put_nowait(Step(StepKind.HANGUP))

    async def _next(self) -> Step:
        return await self._cues.get()


def heard(pcm: bytes) -> set[str]:
    """Whose tones are in it."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples, n=max(len(samples), 8_000)))
    step_hz = 8_000 / max(len(samples), 8_000)
    loud = {name: _near(spectrum, pitch_hz, step_hz) for name, pitch_hz in PITCHES_HZ.items()}
    return {name for name, level in loud.items() if level > 800 * 4_000}


def _near(spectrum: np.ndarray, pitch_hz: float, step_hz: float) -> float:
    middle, width = int(pitch_hz / step_hz), max(2, int(6 / step_hz))
    return float(spectrum[middle - width : middle + width].max())


async def until(condition: Callable[[], object], limit_s: float = 60.0) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.02)
