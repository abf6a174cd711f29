"""Written sentences as they should be said: dates, times, numbers, doses, names, addresses, money.

Meaning is never changed and nothing is guessed: what no rule knows is said as it stands, a number that
is nothing else as a number. The result holds no digits, and normalising it again changes nothing.
"""

from __future__ import annotations

import re
from typing import Final

from voice.normalise import addresses, dates, medicines, money, names, numbers, phones, signs, times, web
from voice.normalise.folding import fold
from voice.normalise.numbers import digits, year
from voice.normalise.rules import Rule, apply
from voice.normalise.sig import NUMBERED, spoken_sig

# Order counts: what is more particular goes first, a bare number is what is left.
_RULES: Final[tuple[Rule, ...]] = (
    *web.RULES,
    *NUMBERED,
    *medicines.RULES,
    *money.RULES,
    *dates.RULES,
    *times.RULES,
    *addresses.RULES,
    *phones.RULES,
    *names.RULES,
    *numbers.RULES,
    *signs.RULES,
    *names.STREETS,
)
_SPACES: Final = re.compile(r"\s+")
_SPACE_BEFORE_MARK: Final = re.compile(r" +([,.;:?!])(?!\w)")
_MOST_PASSES: Final = 4  # marks that come together when a silent one between them goes are read again
_MANY_COMMAS: Final = re.compile(r",(?:\s*,)+")


def for_the_ear(text: str) -> str:
    """``"Dr. Chen, 5/3 at 2:20 PM"`` -> ``"Doctor Chen, May third at two twenty P M"``."""
    said = _read(fold(text))
    for _ in range(_MOST_PASSES):
        again = _read(said)
        if again == said:
            break
        said = again
    return said


def _read(text: str) -> str:
    said = spoken_sig(apply(_RULES, text))
    said = _SPACE_BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", said))
    return _MANY_COMMAS.sub(",", said).strip()


__all__ = ["digits", "for_the_ear", "year"]
