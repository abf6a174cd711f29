"""G.711 mu-law (ITU-T G.711) to and from 16-bit PCM, by two tables.

Voice keeps its own tables: stages do not import one another, and prompts are cached as mu-law.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

SILENCE: Final = 0xFF  # the code of zero
_BIAS: Final = 132
_CLIP: Final = 32_635


def _decode_table() -> Samples:
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent = (codes >> 4) & 7
    magnitude = (((codes & 15) << 3) + _BIAS << exponent) - _BIAS
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    """One code for each of the 65,536 samples, indexed by the sample as unsigned."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    sign = np.where(samples < 0, 0x80, 0)
    biased = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 7
    mantissa = (biased >> (exponent + 3)) & 15
    codes: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return codes


_DECODE: Final = _decode_table()
_ENCODE: Final = _encode_table()


def decode(mulaw: bytes) -> Samples:
    """Linear samples of mu-law bytes."""
    return _DECODE.take(np.frombuffer(mulaw, np.uint8))


def encode(samples: Samples) -> bytes:
    """mu-law bytes of linear samples."""
    return _ENCODE[np.ascontiguousarray(samples, np.int16).view(np.uint16)].tobytes()
