"""Sample-rate changes by soxr, whole clips at a time."""

from __future__ import annotations

from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from voice.g711 import Samples

LINE_HZ: Final = 8_000
MODEL_HZ: Final = 16_000


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """``samples`` at ``to_hz``; the same array when nothing is to be done."""
    if from_hz == to_hz or not samples.size:
        return samples
    converted: Samples = soxr.resample(samples, from_hz, to_hz)
    return converted


def for_whisper(pcm: bytes) -> NDArray[np.float32]:
    """Line PCM as the 16 kHz floats in [-1, 1] that Whisper takes."""
    wide = resample(np.frombuffer(pcm, np.int16), LINE_HZ, MODEL_HZ)
    return wide.astype(np.float32) / 32_768.0
