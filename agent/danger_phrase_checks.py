"""What makes a danger phrase of a practice wrong: an unknown sign, or words that everyday callers say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from dialog import safety
from dialog.safety.added import MOST_PHRASES, problem_of
from dialog.safety.text import Spoken, spoken
from intents import corpus
from models.domain import DangerPhrase, Intent

_EVERY = 2  # of the corpus' everyday sentences one in so many is tried: some three thousand


@lru_cache(maxsize=4)
def problems(added: tuple[DangerPhrase, ...]) -> tuple[str, ...]:
    """What is wrong with the phrases, in their order."""
    if len(added) > MOST_PHRASES:
        return (f": there are {len(added)} phrases, at most {MOST_PHRASES} are read",)
    return tuple(_problems(added))


def _problems(added: tuple[DangerPhrase, ...]) -> Iterator[str]:
    known = {flag.id for flag in safety.CATALOGUE}
    for one in added:
        if one.red_flag_id not in known:
            yield f".{one.red_flag_id}: there is no such danger sign; they are {min(known)} to {max(known)}"
        elif problem := problem_of(one.phrase, _everyday()):
            yield f".{one.red_flag_id}: {one.phrase!r}: {problem}"


@lru_cache(maxsize=1)
def _everyday() -> tuple[Spoken, ...]:
    """Sentences of callers who report no symptom."""
    harmless = (one.text for one in corpus.examples() if Intent.SYMPTOM_REPORT not in one.intents)
    return tuple(map(spoken, list(harmless)[::_EVERY]))
