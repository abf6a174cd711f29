"""How sure a medicine is that was heard: clear, asked about, or one of two.

Sure is what nothing else on the patient's list, no look-alike and no neighbouring word speaks against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from words import formulary
from words.common import COMMON
from words.tokens import Token, word_set

_PART_CERTAINTY = 0.65  # at most, where a combination may be meant of which a part was heard
CONFUSABLE_CERTAINTY = 0.6  # at most, where the look-alike is as likely to be meant
_AS_WRITTEN = 0.95  # likeness of a name heard whole
_UNLISTED_CERTAINTY = 0.65  # at most, for what only sounds like a medicine that the patient does not take
_LISTED_CONFUSABLE = 0.75  # at most, of one's own medicine that has look-alikes, heard roughly
_NEVER_IN_NAMES = word_set("my the of more get need refill it's")
_TWO_NAMED = 0.6
_AS_WELL = 0.03  # in likeness: no difference that an ear could rest on
_SHORT_CUT, _SHORT_CUT_FLOOR = 8, 0.77  # letters of a name in pieces, and how alike they must be to be sure
RIVAL_REACH = 0.25  # in rank
_LISTED_BONUS = 0.06
_RARE_MALUS = 0.04  # what is seldom asked for must sound clearly more like it than what is common


@dataclass(frozen=True, slots=True)
class Candidate:
    name: str
    at: int
    after: int
    score: float
    is_listed: bool
    is_lay: bool = False

    @property
    def rank(self) -> float:
        if self.score >= 1:
            return self.score
        if self.is_listed:
            return self.score + _LISTED_BONUS
        return self.score - (0 if formulary.is_common(self.name) else _RARE_MALUS)


def is_common(window: Sequence[str]) -> bool:
    return all(word in COMMON or not word[0].isalpha() or len(word) < 3 for word in window)


def certainty_of(
    best: Sequence[Candidate], alarms: Sequence[str], has_list: bool, found: tuple[Token, ...]
) -> float:
    """Of the first of the candidates, best first. ``alarms``: its look-alikes on the patient's list."""
    certainty = _certainty(best[0], best, alarms, has_list)
    return round(min(certainty, _PART_CERTAINTY) if _is_cut_wrongly(best[0], found) else certainty, 3)


def _certainty(first: Candidate, best: Sequence[Candidate], alarms: Sequence[str], has_list: bool) -> float:
    """High only for a clear hit; capped where a look-alike is on the list, or sounds nearly the same."""
    certainty = min(0.97, first.score + (0.05 if first.is_listed else 0.0))
    near = (c for c in best[1:] if c.rank > first.rank - 0.1 or c.score > first.score - 0.1)
    runner_up = next(near, None)
    if first.is_lay:
        return min(certainty, 0.4 if runner_up else 0.75)
    if alarms or (runner_up and runner_up.name in formulary.confusables(first.name)):
        return min(certainty, CONFUSABLE_CERTAINTY)
    if formulary.confusables(first.name) and first.score < _AS_WRITTEN:
        certainty = min(certainty, _LISTED_CONFUSABLE if first.is_listed else CONFUSABLE_CERTAINTY)
    if has_list and not first.is_listed:
        return min(certainty, _UNLISTED_CERTAINTY)
    if (runner_up and _are_two(first, runner_up)) or (first.score < _AS_WRITTEN and _has_rival(first, best)):
        return min(certainty, _TWO_NAMED)
    return min(certainty, 0.7) if runner_up else certainty


def _has_rival(first: Candidate, best: Sequence[Candidate]) -> bool:
    """Whether another of the patient's medicines was nearly as well heard; where names are alike, any just
    as well.
    """
    reach = _AS_WELL if formulary.confusables(first.name) else 0.0
    return any(
        other.rank > first.rank - RIVAL_REACH if other.is_listed else other.score > first.score - reach
        for other in best[1:]
    )


def _are_two(first: Candidate, second: Candidate) -> bool:
    """ "Metformin and lisinopril": two medicines, each said plainly; which one is asked."""
    is_apart = first.after <= second.at or second.after <= first.at
    return is_apart and second.score >= _AS_WRITTEN


def _is_cut_wrongly(first: Candidate, found: tuple[Token, ...]) -> bool:
    """Whether more or less than its words may have been the name.

    "Hydra codeine ibuprofen": a combination's part beside something unread. "Pritle sonala", where only the
    second sounds like Sonata. "My thai tone", where "my" is rather itself than the beginning of methadone.
    """
    is_beside_more = not all(is_common((token.text,)) for token in _beside(first, found))
    if first.score >= 1:
        return is_beside_more and not first.is_listed and formulary.is_in_combinations(first.name)
    return is_beside_more or found[first.at].text in _NEVER_IN_NAMES or _is_scrap(first, found)


def _is_scrap(first: Candidate, found: tuple[Token, ...]) -> bool:
    """A few letters in several words are like some name or other."""
    letters = sum(len(token.text) for token in found[first.at : first.after])
    return first.after - first.at > 1 and letters <= _SHORT_CUT and first.score < _SHORT_CUT_FLOOR


def _beside(part: Candidate, found: tuple[Token, ...]) -> tuple[Token, ...]:
    return (*found[max(0, part.at - 1) : part.at], *found[part.after : part.after + 1])
