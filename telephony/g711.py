"""G.711 mu-law <-> 16-bit PCM, by table.

Source: ITU-T Recommendation G.711 (11/88), table 2a/G.711; the arithmetic form is that of the
ITU-T G.191 software tool library (``ulaw_compress``, ``ulaw_expand``), on 14-bit magnitudes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BIAS = 33  # of the 14-bit magnitude, so that segments double exactly
CLIP = 0x1FFF
SILENCE = b"\xff"  # positive zero


def _decode_table() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF  # all bits travel inverted
    magnitude = ((((code & 0x0F) << 1) + BIAS) << ((code >> 4) & 0x07)) - BIAS
    return (np.where(code & 0x80, -magnitude, magnitude) * 4).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    """Indexed by the sample's two's complement bits, so 65,536 entries."""
    sample = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    one_sided = np.where(sample < 0, ~sample, sample) >> 2  # one's complement: both zeros are codes
    biased = np.minimum(one_sided + BIAS, CLIP)
    segment = np.floor(np.log2(biased)).astype(np.int32) - 5
    code = (segment << 4) | ((biased >> (segment + 1)) & 0x0F)
    table: NDArray[np.uint8] = (~(code | np.where(sample < 0, 0x80, 0)) & 0xFF).astype(np.uint8)
    return table


_DECODE = _decode_table()
_ENCODE = _encode_table()


def decode_array(mulaw: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Codes to samples, -32,124 .. 32,124."""
    return _DECODE[mulaw]


def encode_array(samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Samples to codes; the two loudest steps are clipped as the standard says."""
    return _ENCODE[samples.view(np.uint16)]


def decode(mulaw: bytes) -> bytes:
    """Mu-law to signed 16-bit little-endian PCM, two bytes for each one."""
    return decode_array(np.frombuffer(mulaw, dtype=np.uint8)).astype("<i2").tobytes()


def encode(pcm: bytes) -> bytes:
    """Signed 16-bit little-endian PCM to mu-law. Raises ``ValueError`` for half a sample."""
    return encode_array(np.frombuffer(pcm, dtype="<i2").astype(np.int16)).tobytes()
