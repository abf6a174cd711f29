"""What the line and a caller's voice add to every sound, learnt from the caller's own utterances."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np

from voice import cepstra
from voice.acoustic_model import Numbers

_WARPS: Final = (1.0, 1.1)  # of the bands: as the model's voices, and for a short vocal tract
_SHORT_TRACT: Final = 0.4  # per frame: how much better stretched bands must fit
_MEMORY: Final = 0.7  # of what was learnt about a caller, from utterance to utterance
_CALLERS: Final = 64
_LEAST_FRAMES: Final = 10


class Level:
    """Of one utterance. The mean of each band goes on with the frames that come after the first ones."""

    def __init__(self, warp: float, noise: Numbers, total: Numbers, frames: float, first: int) -> None:
        """``total`` over ``frames``: what the bands are known by; ``first`` frames to come are in it."""
        self.warp, self._noise = warp, noise
        self._total, self._frames, self._first = total, frames, first

    def cepstra(self, spectra: Numbers) -> Numbers:
        """[frames, 13] of the wideband model, for the next frames. Any split gives the same."""
        bands = cepstra.bands_of(spectra, self.warp, self._noise)
        fresh = bands.copy()
        known = min(self._first, len(bands))
        self._first -= known
        fresh[:known] = 0
        totals = self._total + np.cumsum(fresh, axis=0)
        counts = self._frames + np.maximum(np.arange(1, len(bands) + 1) - known, 0)
        self._total, self._frames = totals[-1], float(counts[-1])
        return cepstra.restorer(bands.shape[1]).cepstra(bands - totals / counts[:, None])


@dataclass(frozen=True)
class _Known:
    """Sums over frames: of the bands at each warp, and of how much better the second one fits."""

    bands: tuple[Numbers, ...]
    gain: float
    frames: float

    def faded(self, by: float) -> _Known:
        return _Known(tuple(by * total for total in self.bands), by * self.gain, by * self.frames)

    def with_older(self, older: _Known) -> _Known:
        bands = tuple(new + old for new, old in zip(self.bands, older.bands, strict=True))
        return _Known(bands, self.gain + older.gain, self.frames + older.frames)


class Levels:
    """Means of the bands and the length of the vocal tract, by caller.

    Without the mean half of all words are lost on a telephone line. That of an utterance's first
    second, worked out before the search begins, gives most of them back; the caller's earlier
    utterances make it steadier.
    """

    def __init__(self) -> None:
        self._callers: OrderedDict[str, _Known] = OrderedDict()

    def learn(self, spectra: Numbers, caller: str) -> Level:
        """The level of these first frames of an utterance."""
        noises = _noises(spectra)
        heard = _measured(spectra, noises)
        before = self._callers.get(caller) if caller else None
        if before is not None:
            heard = heard.with_older(before)
        if caller and heard.frames >= _LEAST_FRAMES:
            self._remember(caller, heard.faded(_MEMORY))
        at = int(heard.gain > _SHORT_TRACT * heard.frames)
        return Level(_WARPS[at], noises[at], heard.bands[at], max(heard.frames, 1.0), len(spectra))

    def _remember(self, caller: str, known: _Known) -> None:
        self._callers[caller] = known
        self._callers.move_to_end(caller)
        while len(self._callers) > _CALLERS:
            self._callers.popitem(last=False)


def _noises(spectra: Numbers) -> tuple[Numbers, ...]:
    if not len(spectra):
        return tuple(np.zeros(cepstra.bank(warp).shape[1]) for warp in _WARPS)
    return tuple(cepstra.noise_of(spectra, warp) for warp in _WARPS)


def _measured(spectra: Numbers, noises: tuple[Numbers, ...]) -> _Known:
    bands = [cepstra.bands_of(spectra, warp, noise) for warp, noise in zip(_WARPS, noises, strict=True)]
    if not len(spectra):
        return _Known(tuple(np.zeros(own.shape[1]) for own in bands), 0.0, 0.0)
    usual, stretched = (cepstra.restorer(own.shape[1]).fit(own - own.mean(axis=0)) for own in bands)
    return _Known(
        tuple(own.sum(axis=0) for own in bands), float((stretched - usual).sum()), float(len(spectra))
    )
