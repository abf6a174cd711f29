"""What pocketsphinx's acoustic model knows of speech: the Gaussians of its codebooks, as numbers.

The files ``means`` and ``variances`` are in Sphinx-3 form: a text header, a byte-order mark, five sizes
and 32-bit floats, [phone, stream, Gaussian, 13]. The first stream holds the cepstra themselves, the
other two their changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

CEPSTRA: Final = 13
_LIFTER: Final = 22  # from the model's feat.params
_HEADER_END: Final = b"endhdr\n"
_SIZES: Final = 7  # the mark, then phones, streams, Gaussians, and each stream's length
_LEAST_VARIANCE: Final = 1e-4

LIFT: Final[Numbers] = 1 + _LIFTER / 2 * np.sin(np.arange(CEPSTRA) * np.pi / _LIFTER)


@dataclass(frozen=True)
class Gaussians:
    """Of the static cepstra, lifter taken off: [phone, Gaussian, 13]."""

    means: Numbers
    variances: Numbers


@lru_cache(maxsize=1)
def gaussians() -> Gaussians:
    """Those of the model inside the package. Raises OSError or ValueError where its files are not such."""
    import pocketsphinx

    folder = Path(pocketsphinx.get_model_path("en-us/en-us"))
    means, variances = _statics(folder / "means"), _statics(folder / "variances")
    return Gaussians(means / LIFT, np.maximum(variances, _LEAST_VARIANCE) / LIFT**2)


def _statics(path: Path) -> Numbers:
    data = path.read_bytes()
    start = data.index(_HEADER_END) + len(_HEADER_END)
    phones, streams, each, *lengths = np.frombuffer(data, "<u4", _SIZES, start)[1:]
    if set(lengths) != {CEPSTRA}:
        raise ValueError(f"{path} holds streams of {lengths}, not of {CEPSTRA} cepstra")
    count = int(phones * streams * each * CEPSTRA)
    values = np.frombuffer(data, "<f4", count, start + 4 * (_SIZES + 1))
    statics: Numbers = values.reshape(phones, streams, each, CEPSTRA)[:, 0].astype(np.float64)
    return statics
