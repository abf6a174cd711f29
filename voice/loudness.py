"""A synthesised sentence made ready for the line: trimmed, at one level, 8 kHz mu-law."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from voice import g711
from voice.g711 import Samples
from voice.resample import LINE_HZ, resample

SPEECH_DBFS: Final = -20.0  # mean level of the frames that hold speech
_PEAK: Final = 0.95 * 32_767
_FRAME: Final = LINE_HZ // 50
_LEAD_MS: Final = 10
_TAIL_MS: Final = 90  # a breath between two sentences
_FADE_IN_MS: Final = 5
_FADE_OUT_MS: Final = 25
_QUIET_DB: Final = 40.0  # below the loudest frame: silence


def frame_levels(samples: Samples) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Root mean square of each 20 ms."""
    whole = samples[: samples.size // _FRAME * _FRAME].astype(np.float64)
    levels: np.ndarray[tuple[int], np.dtype[np.float64]] = np.sqrt((whole.reshape(-1, _FRAME) ** 2).mean(1))
    return levels


def speech_level_dbfs(samples: Samples) -> float:
    """Mean level of the speech in it; minus infinity for silence."""
    levels = frame_levels(samples)
    active = levels[levels > levels.max(initial=0.0) * 10 ** (-_QUIET_DB / 40)] if levels.size else levels
    mean = math.sqrt(float((active**2).mean())) if active.size else 0.0
    return 20 * math.log10(mean / 32_768) if mean else -math.inf


def for_the_line(samples: Samples, from_hz: int) -> bytes:
    """mu-law of a sentence: silence around it cut, level set, never clipped."""
    trimmed = _trim(resample(samples, from_hz, LINE_HZ))
    level = speech_level_dbfs(trimmed)
    if math.isinf(level):
        return g711.encode(trimmed)
    gain = 10 ** ((SPEECH_DBFS - level) / 20)
    peak = float(np.abs(trimmed.astype(np.int32)).max())
    scaled = trimmed * min(gain, _PEAK / peak)
    return g711.encode(np.rint(scaled).astype(np.int16))


def _trim(samples: Samples) -> Samples:
    magnitude = np.abs(samples.astype(np.int32))
    loud = np.flatnonzero(magnitude > magnitude.max(initial=0) * 10 ** (-_QUIET_DB / 20))
    if not loud.size:
        return samples
    lead, tail = _LEAD_MS * LINE_HZ // 1_000, _TAIL_MS * LINE_HZ // 1_000
    return _faded(samples[max(0, int(loud[0]) - lead) : int(loud[-1]) + tail])


def _faded(samples: Samples) -> Samples:
    """Begins and ends at zero: a sentence cut out of its silence does not click."""
    ramp_in = min(_FADE_IN_MS * LINE_HZ // 1_000, samples.size // 2)
    ramp_out = min(_FADE_OUT_MS * LINE_HZ // 1_000, samples.size // 2)
    level = np.ones(samples.size)
    level[:ramp_in] = np.linspace(0, 1, ramp_in, endpoint=False)
    level[samples.size - ramp_out :] = np.linspace(1, 0, ramp_out)
    return np.rint(samples * level).astype(np.int16)
