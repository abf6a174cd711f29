"""Machines on the line: the calling tone of a fax, and a text telephone (TTY) that types. Sans-IO.

Sources: ITU-T T.30 section 4 (CNG: 1,100 Hz +- 38 Hz, half a second on, three seconds off); TIA-825-A
(Baudot at 45.45 or 50 baud: 1,400 Hz and 1,800 Hz, 20 or 22 ms a bit).

A tone is nearly all that there is in its stretch of sound; speech and music never are for long. A fax is
believed at its second tone, since a call is ended for it; a TTY when it has typed for a while.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.domain import ToneKind
from voice import g711
from voice.resample import LINE_HZ

_BLOCK: Final = (
    LINE_HZ // 100
)  # 10 ms: shorter than a bit, and 100 Hz wide, so that tones may be a little off
_BLOCK_MS: Final = 10
_LOOK: Final = 10 * _BLOCK  # sound is gathered for so long: the sums cost the same for one block as for ten
_FAX, _ONE, _ZERO = range(3)
_FREQUENCIES_HZ: Final = np.array([1_100, 1_400, 1_800])
_SHARE: Final = 0.55  # of a block's power in the tone
_FAINT_POWER: Final = 40.0**2  # about -58 dBFS
_CNG_ON_MS: Final = (350, 650)
_CNG_OFF_MS: Final = (2_500, 3_500)
_DROP_MS: Final = 50  # a shorter hole is none
_TTY_BLOCKS: Final = 80  # of the last 100: a second of typing
_TTY_TURNS: Final = 10  # changes between the two tones in it
_TTY_WINDOW: Final = 100

_angles = 2 * np.pi * np.outer(_FREQUENCIES_HZ, np.arange(_BLOCK)) / LINE_HZ
_PROBES: Final = np.concatenate((np.cos(_angles), np.sin(_angles)))


class Tones:
    """Hears one call's line; ``hear`` tells of each kind of machine once."""

    def __init__(self) -> None:
        self._rest = b""
        self._fax, self._tty = _FaxTone(), _Typing()
        self._told: set[ToneKind | None] = set()

    def hear(self, mulaw: bytes) -> ToneKind | None:
        """What the next audio makes certain; any number of bytes. Up to 100 ms of them wait for more."""
        self._rest += mulaw
        if len(self._rest) < _LOOK:
            return None
        whole = len(self._rest) // _BLOCK * _BLOCK
        blocks = g711.decode(self._rest[:whole]).reshape(-1, _BLOCK).astype(np.float64)
        self._rest = self._rest[whole:]
        heard = {self._next(tone) for tone in _tones(blocks)} - {None} - self._told
        self._told |= heard
        return next(iter(heard), None)

    def _next(self, tone: int | None) -> ToneKind | None:
        if self._fax.next(tone == _FAX):
            return ToneKind.FAX
        return ToneKind.TTY if self._tty.next(tone if tone in (_ONE, _ZERO) else None) else None


def _tones(blocks: NDArray[np.float64]) -> list[int | None]:
    """For each block the tone that it is, or None."""
    power = (blocks**2).mean(axis=1)
    parts = (blocks @ _PROBES.T) * (2 / _BLOCK)
    half = len(_FREQUENCIES_HZ)
    tones = (parts[:, :half] ** 2 + parts[:, half:] ** 2) / 2
    best = tones.argmax(axis=1)
    is_tone = (power > _FAINT_POWER) & (tones.max(axis=1) > _SHARE * np.maximum(power, 1.0))
    return [int(which) if good else None for which, good in zip(best, is_tone, strict=True)]


class _FaxTone:
    """Looks for two bursts of the calling tone with the right silence between them."""

    def __init__(self) -> None:
        self._now_ms = self._last_on_ms = 0
        self._began_ms: int | None = None
        self._before_ms: int | None = None  # when the burst before this one ended

    def next(self, is_on: bool) -> bool:
        """True at the end of the second burst."""
        self._now_ms += _BLOCK_MS
        if is_on:
            self._began_ms = self._now_ms - _BLOCK_MS if self._began_ms is None else self._began_ms
            self._last_on_ms = self._now_ms
            return False
        if self._began_ms is None or self._now_ms - self._last_on_ms < _DROP_MS:
            return False
        began_ms, self._began_ms = self._began_ms, None
        return self._burst(began_ms, self._last_on_ms)

    def _burst(self, began_ms: int, ended_ms: int) -> bool:
        if not _CNG_ON_MS[0] <= ended_ms - began_ms <= _CNG_ON_MS[1]:
            return False
        before_ms, self._before_ms = self._before_ms, ended_ms
        return before_ms is not None and _CNG_OFF_MS[0] <= began_ms - before_ms <= _CNG_OFF_MS[1]


class _Typing:
    """A second made of two tones that take turns."""

    def __init__(self) -> None:
        self._window: deque[int | None] = deque((None,) * _TTY_WINDOW, _TTY_WINDOW)
        self._tones = 0  # of these

    def next(self, bit: int | None) -> bool:
        self._tones += (bit is not None) - (self._window[0] is not None)
        self._window.append(bit)
        if bit is None or self._tones < _TTY_BLOCKS:
            return False
        bits = [each for each in self._window if each is not None]
        return sum(one != next_one for one, next_one in pairwise(bits)) >= _TTY_TURNS
