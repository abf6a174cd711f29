"""How many sentences a corpus holds when near-duplicates count once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from intents.corpus import EMPTY_WORDS, as_spoken, templates
from words.numbers import UNITS

# Whatever stands in the place of these, it is the same sentence.
_NAMES = {word for name in (*templates.NAMES, *templates.PROVIDERS) for word in as_spoken(name).split()}
_DRUGS = {word for drug in templates.DRUGS for word in as_spoken(drug).split()}
_DAYS = set(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december today tomorrow".split()
)
_PLACES = {
    **dict.fromkeys(_NAMES - {"doctor"}, "{name}"),
    **dict.fromkeys(_DRUGS, "{drug}"),
    **dict.fromkeys(_DAYS, "{day}"),
    **dict.fromkeys(UNITS, "{number}"),
}


def ways(texts: Iterable[str]) -> int:
    """Sentences that differ in more than names, drugs, days, numbers and words that mean nothing."""
    return len({_folded(as_spoken(text).split()) for text in texts})


def _folded(said: Sequence[str]) -> tuple[str, ...]:
    folded: list[str] = []
    for word in said:
        place = _PLACES.get(word, word)
        if word not in EMPTY_WORDS and not (place.startswith("{") and folded[-1:] == [place]):
            folded.append(place)
    return tuple(folded) or tuple(said)
