"""How loudly this caller speaks to us: talk in the room is clearly quieter. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

import numpy as np

from voice.g711 import Samples

SIDE_TALK_DB: Final = 8.0  # quieter than the caller's usual voice: not said to us
_ANYBODY_DB: Final = -26.0  # below full scale: usual on networks (ITU-T P.56 active level, nominal)
_LOUDER_DB: Final = 6.0  # than what was known: that was not the caller, this is
_FULL_SCALE_DB: Final = 20 * math.log10(32_768)
_KEEP: Final = 0.6  # of what was known, at each utterance
_LEAST_WINDOWS: Final = 4  # an eighth of a second: less says nothing of a voice
_TELLING_WINDOWS: Final = 8  # so many are needed to learn from it


class Nearness(Enum):
    NEAR = auto()
    FAR = auto()  # clearly quieter than this caller speaks to us
    PERHAPS_FAR = auto()  # faint, and how this caller speaks to us is not known yet


@dataclass(slots=True)
class CallerLevel:
    """Feed it the windows of one utterance, then ask once how near that was."""

    _usual_db: float | None = None
    _powers: list[float] = field(default_factory=list)

    def spoken(self, window: Samples) -> None:
        self._powers.append(float(np.mean(np.square(window.astype(np.float64)))))

    def ended(self, *, over_us: bool = False) -> Nearness:
        """Where the utterance came from; learns the caller's level from what was near.

        ``over_us``: it was said over our voice, so nobody knows yet whether to us.
        """
        powers, self._powers = self._powers, []
        if len(powers) < _LEAST_WINDOWS:
            return Nearness.NEAR
        level_db = 10 * math.log10(sum(powers) / len(powers) + 1.0) - _FULL_SCALE_DB
        if self._usual_db is None and over_us and level_db < _ANYBODY_DB - SIDE_TALK_DB:
            return Nearness.PERHAPS_FAR
        if self._usual_db is not None and level_db < self._usual_db - SIDE_TALK_DB:
            return Nearness.FAR
        if len(powers) >= _TELLING_WINDOWS:
            self._learn(level_db)
        return Nearness.NEAR

    def _learn(self, level_db: float) -> None:
        usual_db = self._usual_db
        if usual_db is None or level_db > usual_db + _LOUDER_DB:
            self._usual_db = level_db
        else:
            self._usual_db = _KEEP * usual_db + (1 - _KEEP) * level_db
