"""What a caller hears while a person is looked for: some quiet chords, made here, so nobody's rights."""

from __future__ import annotations

import io
import wave
from functools import cache

import numpy as np

from models.domain import SAMPLE_RATE_HZ

HOLD_SOUND = "hold.wav"
CHORD_S = 2.0
_CHORDS_HZ = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))  # C, A minor, F, G
_LOUDNESS = 2_200  # of 32,767: well under a voice
_FADE_S = 0.3


@cache
def hold_music(chord_s: float = CHORD_S) -> bytes:
    """A wav file of four chords, mono, 16 bits at the telephone's rate."""
    samples = np.concatenate([_chord(pitches, chord_s) for pitches in _CHORDS_HZ])
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLE_RATE_HZ)
            sound.writeframes(samples.astype("<i2").tobytes())
        return file.getvalue()


def _chord(pitches_hz: tuple[int, ...], chord_s: float) -> np.ndarray:
    at_s = np.arange(int(chord_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    rise, fall = np.clip(at_s / _FADE_S, 0, 1), np.clip((chord_s - at_s) / _FADE_S, 0, 1)
    voices = [np.sin(2 * np.pi * pitch_hz * at_s) for pitch_hz in pitches_hz]
    loudness = _LOUDNESS * (0.35 + 0.65 * rise * fall)  # never quite silent
    chord: np.ndarray = np.sum(voices, axis=0) / len(voices) * loudness
    return chord
