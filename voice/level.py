"""How loudly this caller speaks to us: talk in the room is clearly quieter. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from voice.g711 import Samples
from voice.interruption import SIDE_TALK_DB

_KEEP: Final = 0.8  # of what was known, at each utterance
_LEAST_WINDOWS: Final = 8  # a quarter of a second: less says nothing of a voice


@dataclass(slots=True)
class CallerLevel:
    """Feed it the windows of one utterance, then ask once whether that was quiet."""

    _usual_db: float | None = None
    _powers: list[float] = field(default_factory=list)

    def spoken(self, window: Samples) -> None:
        self._powers.append(float(np.mean(np.square(window.astype(np.float64)))))

    def ended(self) -> bool:
        """True when this utterance was clearly quieter than the caller's usual; else learns from it."""
        powers, self._powers = self._powers, []
        if len(powers) < _LEAST_WINDOWS:
            return False
        level_db = 10 * math.log10(sum(powers) / len(powers) + 1.0)
        if self._usual_db is not None and level_db < self._usual_db - SIDE_TALK_DB:
            return True
        usual = level_db if self._usual_db is None else self._usual_db
        self._usual_db = _KEEP * usual + (1 - _KEEP) * level_db
        return False
