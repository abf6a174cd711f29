"""How alike what was heard is to something of a list, and where in a sentence it may have been said.

The first look, at all of a list together, leaves out only what cannot be as alike as is asked for, and with
it most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from words.phonetic import most_similarities, most_similarity, plain, similarity

_RUN = 0.97  # of a likeness that holds between other numbers of words
_ONE_WORD = 0.35  # so much less alike than the whole may one word be
_ROUNDING = 1e-4  # of what is compared in single precision

Words = tuple[str, ...]
Window = tuple[int, int]  # first word, number of words


@lru_cache(maxsize=16_384)
def alike(heard: Words, wanted: Words, floor: float) -> float:
    """0..1, and 0 for anything under ``floor``.

    Word by word where both have as many words, else as one run of letters.
    """
    if heard == wanted:
        return 1.0
    if _alike(heard, wanted, most_similarity) < floor:
        return 0.0
    score = _alike(heard, wanted, similarity)
    return score if score >= floor else 0.0


def _alike(heard: Words, wanted: Words, like: Callable[[str, str], float]) -> float:
    if len(heard) != len(wanted):
        return _RUN * like("".join(heard), "".join(wanted))
    scores = [like(left, right) for left, right in zip(heard, wanted, strict=True)]
    if len(scores) == 1:
        return scores[0]
    weights = [len(word) for word in wanted]
    mean = sum(score * weight for score, weight in zip(scores, weights, strict=True)) / sum(weights)
    return min(mean, min(scores) + _ONE_WORD)


def likely_places(
    words: Sequence[str], forms: Sequence[Words], most: int, floor: float
) -> list[list[Window]]:
    """For each form the windows of up to ``most`` words that may be ``floor`` alike, shorter ones first."""
    windows = [(at, size) for size in range(1, most + 1) for at in range(len(words) - size + 1)]
    if not windows or not forms:
        return [[] for _ in forms]
    letters = [plain(word) for word in words]
    wanted = [plain("".join(form)) for form in forms]
    bound = most_similarities(["".join(letters[at : at + size]) for at, size in windows], wanted)
    lengths = np.array([len(form) for form in forms])
    as_long = np.array([size for _, size in windows])[:, None] == lengths
    is_other_measure = (lengths > 1) | np.array([not run for run in wanted])  # word by word, or no letters
    may_be = (np.where(as_long, bound, _RUN * bound) >= floor - _ROUNDING) | (as_long & is_other_measure)
    found: list[list[Window]] = [[] for _ in forms]
    for number, row in np.argwhere(may_be.T).tolist():
        if _may_be(words, forms[number], windows[row], floor):
            found[number].append(windows[row])
    return found


def _may_be(words: Sequence[str], form: Words, place: Window, floor: float) -> bool:
    """Whether the first word and the last leave a chance, where words are compared one by one."""
    at, size = place
    if size != len(form) or size == 1 or tuple(words[at : at + size]) == form:
        return True
    least = floor - _ONE_WORD
    last = at + size - 1
    return most_similarity(words[at], form[0]) >= least and most_similarity(words[last], form[-1]) >= least
