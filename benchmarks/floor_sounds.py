"""Sounds that are made: murmurs, coughs, bangs, rooms, line noise, ringback, music. numpy only, by seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.signal import lfilter

from voice.g711 import Samples
from voice.resample import LINE_HZ

Floats = NDArray[np.float64]
_PEAK: Final = 12_000.0
_MURMUR: Final = ((270.0, 1.0), (1_000.0, 0.08), (2_200.0, 0.03))  # formants of a hummed m: Hz, weight
_VOWEL: Final = ((600.0, 1.0), (1_200.0, 0.45), (2_500.0, 0.12))  # of an open "uh"


def _seconds(rng: Generator, least: float, most: float) -> int:
    return int(rng.uniform(least, most) * LINE_HZ)


def _voiced(length: int, from_hz: float, to_hz: float, formants: tuple[tuple[float, float], ...]) -> Floats:
    """Harmonics of a gliding pitch under some resonances."""
    pitch = np.linspace(from_hz, to_hz, length)
    phase = 2 * np.pi * np.cumsum(pitch) / LINE_HZ
    made = np.zeros(length)
    for number in range(1, int(3_400 / max(from_hz, to_hz))):
        hz = number * (from_hz + to_hz) / 2
        weight = sum(share / (1 + ((hz - at) / 90) ** 2) for at, share in formants) + 0.002
        made += weight * np.sin(number * phase)
    return made


def _swell(length: int, sharp: float = 2.0) -> Floats:
    return np.asarray(np.sin(np.linspace(0, np.pi, length)) ** (1 / sharp))


def _scaled(made: Floats) -> Samples:
    return np.asarray(made / max(float(np.abs(made).max(initial=0.0)), 1e-9) * _PEAK).astype(np.int16)


def murmur(rng: Generator) -> Samples:
    """ "mm-hmm" (two hums) or "mm" (one), rising or falling."""
    pitch = float(rng.uniform(90, 230))
    first = _hum(rng, pitch, rng.uniform(0.9, 1.05), _MURMUR)
    if rng.random() < 0.25:
        return _scaled(first)
    gap = rng.normal(0, 0.02, _seconds(rng, 0.03, 0.09))
    second = _hum(rng, pitch * rng.uniform(0.95, 1.2), rng.uniform(1.0, 1.3), _MURMUR)
    return _scaled(np.concatenate((first, gap, second)))


def uh_huh(rng: Generator) -> Samples:
    """Two open vowels with a breath between them."""
    pitch = float(rng.uniform(95, 220))
    first, second = (
        _hum(rng, pitch, 1.0, _VOWEL),
        _hum(rng, pitch * rng.uniform(1, 1.2), rng.uniform(0.95, 1.2), _VOWEL),
    )
    breath = rng.normal(0, 0.12, _seconds(rng, 0.05, 0.1)) * np.abs(first).max()
    return _scaled(np.concatenate((first, breath, second)))


def _hum(rng: Generator, pitch_hz: float, glide: float, formants: tuple[tuple[float, float], ...]) -> Floats:
    length = _seconds(rng, 0.14, 0.3)
    return _voiced(length, pitch_hz, pitch_hz * glide, formants) * _swell(length)


def cough(rng: Generator) -> Samples:
    """One to three bursts of broad noise, each with a short hoarse tail of voice."""
    parts: list[Floats] = []
    for _ in range(int(rng.integers(1, 4))):
        length = _seconds(rng, 0.12, 0.3)
        decay = np.exp(-np.linspace(0, rng.uniform(3, 6), length))
        burst = lfilter([1, 0.6], [1, -0.3], rng.normal(0, 1, length)) * decay
        hoarse = _voiced(length, rng.uniform(150, 320), rng.uniform(90, 150), _VOWEL)
        tail = hoarse / np.abs(hoarse).max() * _swell(length) * rng.uniform(0.1, 0.7)
        parts += [burst + tail, np.zeros(_seconds(rng, 0.08, 0.25))]
    return _scaled(np.concatenate(parts[:-1]))


def throat(rng: Generator) -> Samples:
    """Clearing the throat: a rough low growl, its pitch jumping."""
    length = _seconds(rng, 0.25, 0.6)
    rough = 1 + 0.6 * rng.normal(0, 1, length // 80 + 1).repeat(80)[:length]
    growl = _voiced(length, rng.uniform(70, 110), rng.uniform(70, 110), _VOWEL)
    noise = lfilter([1], [1, -0.7], rng.normal(0, 1, length))
    return _scaled((growl / np.abs(growl).max() * rough + 0.25 * noise) * _swell(length))


def sneeze(rng: Generator) -> Samples:
    """A breath drawn in, then a hissing burst."""
    breath_length, burst_length = _seconds(rng, 0.2, 0.4), _seconds(rng, 0.2, 0.4)
    breath = 0.15 * rng.normal(0, 1, breath_length) * np.linspace(0, 1, breath_length)
    burst = lfilter([1, -0.8], [1], rng.normal(0, 1, burst_length))
    return _scaled(np.concatenate((breath, burst * np.exp(-np.linspace(0, rng.uniform(2, 5), burst_length)))))


def breath(rng: Generator) -> Samples:
    """A sigh into the microphone."""
    length = _seconds(rng, 0.4, 1.0)
    return _scaled(lfilter([1], [1, -0.5], rng.normal(0, 1, length)) * _swell(length, 1.0))


def bang(rng: Generator) -> Samples:
    """A door, a dropped phone, a cup: one to four knocks in a room."""
    parts: list[Floats] = []
    for _ in range(int(rng.integers(1, 5))):
        length = _seconds(rng, 0.08, 0.3)
        at = np.arange(length) / LINE_HZ
        ring = np.sin(2 * np.pi * rng.uniform(90, 900) * at) * np.exp(-at * rng.uniform(20, 60))
        parts += [ring + 0.6 * rng.normal(0, 1, length) * np.exp(-at * 80), np.zeros(_seconds(rng, 0, 0.2))]
    return _scaled(np.concatenate(parts))


def keys(rng: Generator) -> Samples:
    """A keyboard near the phone."""
    made = np.zeros(_seconds(rng, 0.8, 2.0))
    for start in np.cumsum(rng.uniform(0.06, 0.25, 30)) * LINE_HZ:
        length = int(0.02 * LINE_HZ)
        if int(start) + length < made.size:
            click = rng.normal(0, rng.uniform(0.3, 1), length) * np.exp(-np.linspace(0, 6, length))
            made[int(start) : int(start) + length] += click
    return _scaled(made)


BURSTS: Final[tuple[Callable[[Generator], Samples], ...]] = (cough, throat, sneeze, breath, bang, keys)


def across_the_room(samples: Samples, rng: Generator) -> Samples:
    """A voice some metres away: dull, with the room's reverberation."""
    length = int(0.35 * LINE_HZ)
    tail = rng.normal(0, 1, length) * np.exp(-np.linspace(0, 6.9, length))
    tail[0] += float(rng.uniform(4, 9))
    dull = lfilter([1], [1, -0.45], samples.astype(np.float64))
    return _scaled(np.convolve(dull, tail))


def line_noise(rng: Generator, length_s: float, level: float) -> Samples:
    """Hiss and mains hum, with a crackle now and then."""
    length = int(length_s * LINE_HZ)
    at = np.arange(length) / LINE_HZ
    made = rng.normal(0, level, length) + level * np.sin(2 * np.pi * rng.choice([50.0, 60.0, 120.0]) * at)
    for start in rng.integers(0, length - 80, int(length_s / 3)):
        made[start : start + 40] += rng.normal(0, 12 * level, 40)
    return np.asarray(np.clip(made, -32_768, 32_767)).astype(np.int16)


def ringback(length_s: float, level: float) -> Samples:
    """The United States' ringing tone: 440 and 480 Hz, 2 s on, 4 s off."""
    at = np.arange(int(length_s * LINE_HZ)) / LINE_HZ
    tone = np.sin(2 * np.pi * 440 * at) + np.sin(2 * np.pi * 480 * at)
    return np.asarray(tone * level * (at % 6 < 2)).astype(np.int16)


def music(rng: Generator, length_s: float, level: float) -> Samples:
    """Chords, a melody over them and a drum: what is played to people who wait."""
    beat = int(rng.uniform(0.28, 0.55) * LINE_HZ)
    beats = int(length_s * LINE_HZ) // beat
    root = float(rng.uniform(110, 220))
    scale = root * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    made = [_beat(rng, beat, scale, number) for number in range(beats)]
    return np.asarray(np.concatenate(made) * level).astype(np.int16)


def _beat(rng: Generator, length: int, scale: Floats, number: int) -> Floats:
    at = np.arange(length) / LINE_HZ
    degree = (0, 3, 4, 0)[number // 8 % 4]
    chord = sum(np.sin(2 * np.pi * scale[(degree + step) % 8] * at) for step in (0, 2, 4))
    note = 2 * float(rng.choice(scale))
    melody = (np.sin(2 * np.pi * note * at) + 0.4 * np.sin(4 * np.pi * note * at)) * np.exp(-4 * at)
    drum = rng.normal(0, 1, length) * np.exp(-at * 60) if number % 2 else np.zeros(length)
    return np.asarray(0.4 * chord + melody + 0.8 * drum)
