"""How fast a sentence is said, and how long the pauses in it are: the same for every engine."""

from __future__ import annotations

from typing import Final

from models.domain import Pace

# Of the engine's own rate. Clear speech to older listeners is some 20 to 35 % slower than talk.
_RATES: Final = {Pace.NORMAL: 1.0, Pace.SLOW: 0.8, Pace.SLOWEST: 0.65}


def rate_of(pace: Pace) -> float:
    """What the usual rate is multiplied by."""
    return _RATES[pace]


def with_pauses(said: str, pace: Pace) -> str:
    """A sentence whose pauses are longer when it is said slowly: engines rest longer at a semicolon."""
    return said if pace is Pace.NORMAL else said.replace(",", ";")
