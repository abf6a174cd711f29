"""Our own voice coming back from a loudspeaker is not the caller. Sans-IO; numpy only.

An echo is what we played, some time ago, through a short filter (loudspeaker, room, microphone). For each
window the delay is found by correlation with what was played, then the filter by least squares over the last
quarter of a second (the Wiener solution), and what it explains is subtracted. What is left of pure echo
is near silence; a caller who speaks over it is left as they are. Nothing adapts from window to window, so
that nothing can diverge when both speak.

Theory: S. Haykin, Adaptive Filter Theory, chapter 2 (Wiener filters).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz

from voice.g711 import Samples
from voice.resample import LINE_HZ

LONGEST_DELAY_MS: Final = 600
_FIT: Final = LINE_HZ // 4  # samples that the filter is fitted to
_TAPS: Final = 256  # 32 ms: the direct sound and a room's first reflections
_BEFORE: Final = 24  # taps before the found delay, for a delay that is a little wrong
_SIZE: Final = 4_096  # of the transforms: no end wraps into a beginning
_LOADING: Final = 1e-3  # of the power, added so that the equations stay well posed
_MAX_DELAY: Final = LONGEST_DELAY_MS * LINE_HZ // 1_000
_LIKELY: Final = 0.35  # correlation from which on something of ours is in it
_SILENT_POWER: Final = 20.0**2  # about -64 dBFS: nothing was played
_FAINT_POWER: Final = 184.0**2  # -45 dBFS: nobody speaks so softly over somebody else
_HARMLESS_POWER: Final = 32.0**2  # -60 dBFS: no recogniser makes a word of so little
_MOSTLY: Final = 0.4  # so much of the power is left: it was all echo

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a window without our echo."""

    sound: Samples | None  # for the recogniser; None: it was our echo and nothing else
    may_be_speech: bool  # of the caller

    @classmethod
    def callers(cls, sound: Samples) -> Cleaned:
        """It is theirs, whatever it is."""
        return cls(sound, may_be_speech=True)


_OURS: Final = Cleaned(None, may_be_speech=False)


class EchoGuard:
    """Remembers the last second of both directions of one call."""

    def __init__(self) -> None:
        self._played = np.zeros(_MAX_DELAY + _FIT + _TAPS)
        self._came = np.zeros(_FIT)
        self._remembered = 0  # samples until the last sound of ours leaves the memory

    def clean(self, came: Samples, played: Samples) -> Cleaned:
        """``came`` without our echo.

        ``played`` is what the caller's phone was given in the same time.
        """
        self._came = _shifted(self._came, came)
        if played.any():
            self._remembered = self._played.size
        elif not self._remembered:  # for more than a second only the caller was to be heard, or nobody
            return Cleaned.callers(came)
        else:
            self._remembered = max(self._remembered - played.size, 0)
        self._played = _shifted(self._played, played)
        if _power(self._played) < _SILENT_POWER:
            return Cleaned.callers(came)
        power = _power(came)
        if power < _FAINT_POWER:
            # Perhaps the breath before a quick "yes": no speech yet, but the word is not whole without it.
            is_theirs = power < _HARMLESS_POWER or self._delay() is None
            return Cleaned(came, may_be_speech=False) if is_theirs else _OURS
        delay = self._delay()
        return Cleaned.callers(came) if delay is None else self._without(came, delay)

    def _delay(self) -> int | None:
        """How many samples ago we played what comes now; None when it is not ours."""
        reference = self._played[-(_MAX_DELAY + _FIT) :]
        size = 1 << (reference.size + _FIT - 1).bit_length()
        spectrum = np.fft.rfft(reference, size) * np.conj(np.fft.rfft(self._came, size))
        products = np.fft.irfft(spectrum, size)[: _MAX_DELAY + 1]
        squares = np.concatenate(([0.0], np.cumsum(reference**2)))
        powers = (squares[_FIT:] - squares[:-_FIT])[: _MAX_DELAY + 1]
        scale = np.sqrt(powers * float(self._came @ self._came)) + 1.0
        likeness = np.abs(products) / scale
        best = int(likeness.argmax())
        return _MAX_DELAY - best if likeness[best] >= _LIKELY else None

    def _without(self, came: Samples, delay: int) -> Cleaned:
        """The window less what a short filter of our own voice explains of it."""
        end = self._played.size - max(delay - _BEFORE, 0)
        reference = self._played[end - _FIT - _TAPS : end]
        left = (self._came - _explained(reference, self._came))[-came.size :]
        if _power(left) < max(_MOSTLY * _power(came), _FAINT_POWER):
            return _OURS
        return Cleaned.callers(np.clip(np.rint(left), -32_768, 32_767).astype(np.int16))


def _explained(reference: Floats, came: Floats) -> Floats:
    """The part of ``came`` that the best filter makes of ``reference``, which begins ``_TAPS`` earlier."""
    spectrum = np.fft.rfft(reference, _SIZE)
    aligned = np.concatenate((np.zeros(_TAPS), came))
    own = np.fft.irfft(np.abs(spectrum) ** 2, _SIZE)[:_TAPS]
    cross = np.fft.irfft(np.fft.rfft(aligned, _SIZE) * np.conj(spectrum), _SIZE)[:_TAPS]
    own[0] *= 1.0 + _LOADING
    taps = solve_toeplitz(own, cross)
    explained: Floats = np.fft.irfft(spectrum * np.fft.rfft(taps, _SIZE), _SIZE)[_TAPS : _TAPS + came.size]
    return explained


def _shifted(memory: Floats, new: Samples) -> Floats:
    return np.concatenate((memory[new.size :], new.astype(np.float64)))


def _power(samples: Samples | Floats) -> float:
    exact = samples.astype(np.float64, copy=False)
    return float(exact @ exact) / exact.size if exact.size else 0.0
