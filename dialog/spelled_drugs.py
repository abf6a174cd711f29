"""A medicine's name as it was spelled, of which a letter or two were lost or misheard on the way."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache

from words.formulary import drug_names

UNSURE_SPELLING = 0.6  # certainty of a name that is only near to the letters: it is read back
_NEAR = 0.84  # share of letters in common, in their order
_LEAST = 0.7  # the same for a name that was heard as well
_APART = 0.05  # by which the next name must be less like


@lru_cache(maxsize=256)
def nearest_name(letters: str) -> str:
    """The one name of the formulary that the letters are near to, "" where there is none or more.

    "lisinopri" is lisinopril; "prednisol" may be two. What is on a patient's list plays no part.
    """
    names = drug_names()
    if letters in names:
        return letters
    liked = sorted(((_likeness(name, letters), name) for name in names), reverse=True)[:2]
    (best, name), (second, _) = liked
    return name if best >= _NEAR and best - second >= _APART else ""


def may_spell(letters: str, name: str) -> bool:
    """Whether the letters are as near to this name as to any, and near at all: it was heard before."""
    own = SequenceMatcher(None, name, letters, autojunk=False).ratio()
    return own >= _LEAST and all(_likeness(other, letters) <= own for other in drug_names())


def _likeness(name: str, letters: str) -> float:
    matcher = SequenceMatcher(None, name, letters, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= _NEAR - _APART else 0.0
