"""8 kHz to 16 kHz for an acoustic model that was trained on wideband speech.

The model listens up to 6.8 kHz, where a telephone line is empty. Mirroring 0-4 kHz into 4-8 kHz at a
low level gives it energy there that moves with the speech. With ``plain`` the interpolated signal
and ``stuffed`` the line's samples with zeros between (which carries the mirror image), the output
is ``plain + fold * (stuffed - plain)``. Both have the same samples at even places, so that
everything comes down to one half-band interpolation and two gains.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from voice.g711 import Samples

FOLD: Final = 0.3
_HALF_TAPS: Final = 16  # line samples on either side of the one interpolated: 2 ms of delay


def _half_band() -> NDArray[np.float32]:
    """Windowed sinc at the half-sample places, unity gain at 0 Hz."""
    places = np.arange(-_HALF_TAPS, _HALF_TAPS) + 0.5
    taps = np.sinc(places) * np.cos(np.pi * places / (2 * _HALF_TAPS)) ** 2
    unity: NDArray[np.float32] = (taps / taps.sum()).astype(np.float32)
    return unity


_TAPS: Final = _half_band()


class Folder:
    """Streaming converter of one utterance: any split of the input gives the same output."""

    def __init__(self, fold: float = FOLD) -> None:
        self._even_gain = 1.0 - fold + 2.0 * fold
        self._odd_gain = 1.0 - fold
        self._kept = np.zeros(2 * _HALF_TAPS - 1, np.float32)

    def push(self, pcm: bytes) -> bytes:
        """16 kHz PCM for the next 8 kHz PCM; twice as many samples, 2 ms late."""
        fresh = np.frombuffer(pcm, np.int16).astype(np.float32)
        if not fresh.size:
            return b""
        line = np.concatenate((self._kept, fresh))
        self._kept = line[-(2 * _HALF_TAPS - 1) :]
        wide = np.empty(2 * fresh.size, np.float32)
        wide[0::2] = line[_HALF_TAPS - 1 : _HALF_TAPS - 1 + fresh.size] * self._even_gain
        wide[1::2] = np.convolve(line, _TAPS, "valid") * self._odd_gain
        return np.clip(np.rint(wide), -32_768, 32_767).astype(np.int16).tobytes()


def fold(samples: Samples, amount: float = FOLD) -> Samples:
    """A whole clip at once."""
    return np.frombuffer(Folder(amount).push(samples.tobytes()), np.int16)
