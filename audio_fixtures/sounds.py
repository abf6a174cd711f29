"""Sounds that are no speech, made from formulas and seeds: the same at every call. 8 kHz, 16 bits.

Fax: ITU-T T.30, the calling tone CNG (1,100 Hz, half a second in every three and a half).
TTY: TIA-825-A, Baudot at 45.45 baud (22 ms a bit), 1,400 Hz for 1 and 1,800 Hz for 0.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE_HZ = 8_000
Samples = npt.NDArray[np.int16]
BIT_S = 0.022
# ITU-T International Telegraph Alphabet No. 2, US variant: the letters' five bits, the first sent lowest.
LETTERS = "\0E\nA SIU\rDRJNFCKTZLWHYPQOBG\x0eMXV"


def cough() -> Samples:
    """A third of a second of noise that bursts out and dies away, twice."""
    random = np.random.default_rng(20)
    length = int(0.35 * RATE_HZ)
    at_s = np.arange(length) / RATE_HZ
    shape = np.exp(-at_s * 18) + 0.5 * np.exp(-np.maximum(at_s - 0.17, 0) * 25) * (at_s > 0.17)
    rough = np.convolve(random.normal(0, 1, length), np.ones(4) / 4, "same")
    return _sound(rough * shape * 12_000)


def noise(length_s: float, level: float = 120.0) -> Samples:
    """A street through a window: mostly low, slowly swelling. ``level`` is its RMS."""
    length = int(length_s * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(21).standard_normal(length))
    frequency_hz = np.fft.rfftfreq(length, 1 / RATE_HZ)
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(frequency_hz, 80)), length)
    shaped *= 1 + 0.4 * np.sin(2 * np.pi * 0.5 * np.arange(length) / RATE_HZ)
    return _sound(shaped / np.sqrt(np.mean(shaped**2)) * level)


def music(length_s: float, level: float = 700.0) -> Samples:
    """Music on hold: a tune over two chords, plucked."""
    at_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    beat = (at_s * 2.5).astype(int)
    decay = np.exp(-3 * ((at_s * 2.5) % 1))
    tune = np.array([523, 659, 784, 659, 587, 698, 880, 698])[beat % 8]
    bass = np.array([131, 147])[beat // 4 % 2]
    sound = sum(
        weight * np.sin(2 * np.pi * np.cumsum(note * harmonic) / RATE_HZ)
        for note, weight, harmonic in ((tune, 1.0, 1), (tune, 0.4, 2), (bass, 0.8, 1), (bass, 0.3, 3))
    )
    return _sound(sound * decay * level)


def fax(length_s: float = 11.0) -> Samples:
    """A fax machine that calls."""
    at_s = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
    return _sound(3_000 * np.sin(2 * np.pi * 1_100 * at_s) * (at_s % 3.5 < 0.5))


def tty(text: str = "HELLO THIS IS MARIA CALLING GA") -> Samples:
    """A text telephone that types. Letters and spaces only."""
    bits = [1] * 14  # the carrier, before the first letter
    for letter in text:
        code = LETTERS.index(letter)
        bits += [0, *((code >> place) & 1 for place in range(5)), 1, 1]
    ends = np.cumsum(np.full(len(bits), BIT_S)) * RATE_HZ
    which = np.searchsorted(ends, np.arange(int(ends[-1])), side="right")
    frequency_hz = np.where(np.array(bits)[which] == 1, 1_400, 1_800)
    return _sound(3_000 * np.sin(2 * np.pi * np.cumsum(frequency_hz) / RATE_HZ))


def _sound(samples: npt.NDArray[np.float64]) -> Samples:
    return np.clip(np.rint(samples), -32_768, 32_767).astype(np.int16)
