"""Callers' voices, one to a caller; and the noise of the room they call from.

flite's, made of recordings of people; espeak-ng's only where flite is missing: the recogniser, whose sounds
were learnt from people, takes most of what a formant synthesiser says for other words.
"""

from __future__ import annotations

import random
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from voice import espeak, flite

LINE_HZ: Final = 8_000
ROOM_S: Final = 0.3  # of the room alone, before and after the words
FLITE_VOICES: Final = ("slt", "rms", "awb")
ESPEAK_VOICES: Final = ("en-us+f3", "en-us+m3", "en-us+m1", "en-us+f2")
ESPEAK_WPM: Final = 150
_LOUD: Final = 6_000.0  # root mean square of speech, of 32,768: a normal talker

Samples = NDArray[np.int16]


class CallerVoice:
    """One voice for a whole call, chosen by the caller's dice."""

    def __init__(self, dice: random.Random, snr_db: float | None = None) -> None:
        known = [voice for voice in FLITE_VOICES if voice in flite.voices()] if flite.installed() else []
        self.name = dice.choice([f"flite:{one}" for one in known] or ESPEAK_VOICES)
        self._noise = np.random.default_rng(dice.getrandbits(32))
        self._snr_db = snr_db

    def speak(self, words: str) -> Samples:
        """The words at 8 kHz, in the room's noise where there is some. Raises SynthesisError."""
        samples, rate_hz = self._spoken(words)
        sound = soxr.resample(samples.astype(np.float64), rate_hz, LINE_HZ)
        sound *= _LOUD / max(1.0, _level(sound))
        if self._snr_db is not None:
            sound = self._in_a_room(sound, self._snr_db)
        heard: Samples = np.clip(np.rint(sound), -32_768, 32_767).astype(np.int16)
        return heard

    def _spoken(self, words: str) -> tuple[Samples, int]:
        if self.name.startswith("flite:"):
            return flite.synthesize(words, self.name.removeprefix("flite:"))
        return espeak.synthesize(words, voice=self.name, rate_wpm=ESPEAK_WPM), espeak.ESPEAK_HZ

    def _in_a_room(self, sound: NDArray[np.float64], snr_db: float) -> NDArray[np.float64]:
        """Noise that falls with frequency, as of traffic and machines, ``snr_db`` under the speech."""
        edge = np.zeros(round(ROOM_S * LINE_HZ))
        whole = np.concatenate([edge, sound, edge])
        spectrum = np.fft.rfft(self._noise.standard_normal(len(whole)))
        spectrum /= np.sqrt(np.arange(len(spectrum)) + 20.0)
        noise = np.fft.irfft(spectrum, len(whole))
        wanted = _level(sound) / 10 ** (snr_db / 20)
        mixed: NDArray[np.float64] = whole + noise * (wanted / max(1e-9, _level(noise)))
        return mixed


def _level(sound: NDArray[np.float64]) -> float:
    """Root mean square of what is loud enough to be speech."""
    loud = sound[np.abs(sound) > 0.02 * np.abs(sound).max()] if len(sound) else sound
    return float(np.sqrt(np.mean(np.square(loud)))) if len(loud) else 0.0
