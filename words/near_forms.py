"""Which of many forms are nearest to what was heard, by edit distance: found sooner by their letters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

_CODES = 128  # characters told apart; all others count as one
_ROUNDING = 1e-6


class NearForms:
    """A table of forms, each with its letters counted.

    Two words share at most the letters that they have in common, so most forms are out before any distance
    is computed; what is found is exactly what comparing with all of them finds.
    """

    def __init__(self, forms: Sequence[str]) -> None:
        self._forms = tuple(forms)
        self._counts = np.stack([_letters(form) for form in forms], axis=1)
        self._used = np.flatnonzero(self._counts.any(axis=1))
        self._counts = np.ascontiguousarray(self._counts[self._used])
        self._lengths = np.array([len(form) for form in forms])

    def nearest(self, heard: str, *, floor: float, limit: int) -> list[int]:
        """Places in the table of the forms at least ``floor`` alike (0..1), best first."""
        places = self._possible(heard, floor)
        found = process.extract(
            heard,
            {at: self._forms[at] for at in places},
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=floor,
            limit=limit,
        )
        return [at for _, _, at in found]

    def _possible(self, heard: str, floor: float) -> list[int]:
        own = _letters(heard)[self._used]
        common = np.minimum(self._counts, own[:, None]).sum(axis=0, dtype=np.uint16)
        longest = np.maximum(self._lengths, len(heard))
        return np.flatnonzero(common >= (floor - _ROUNDING) * longest).tolist()


def _letters(text: str) -> npt.NDArray[np.uint8]:
    """How often each character occurs, as far as 255."""
    codes = [min(ord(letter), _CODES - 1) for letter in text]
    return np.minimum(np.bincount(codes, minlength=_CODES), 255).astype(np.uint8)
