"""What the recogniser's language model is made of: what callers ask for, and what they say in danger.

A sentence with a word that the others hardly ever use is left out: a model of more words hears each of
them worse, and takes longer to build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

from intents import alarms, corpus

LEAST_SAID = 5  # times, of every word, in all sentences together


def of_callers(known: Sequence[str]) -> tuple[str, ...]:
    """The whole corpus in words that are said often enough, after the sentences that are ``known``."""
    often = _often(tuple(known))
    wide = [text for text in _wide() if often.issuperset(text.split())]
    return tuple(dict.fromkeys((*known, *wide)))


def of_danger(known: Sequence[str]) -> tuple[str, ...]:
    """Sentences that tell of a danger, in such words."""
    often = _often(tuple(known))
    return tuple(text for text in _dangers() if often.issuperset(text.split()))


@lru_cache(maxsize=1)
def _wide() -> tuple[str, ...]:
    return _spoken(example.text for example in corpus.examples() if not example.is_test)


@lru_cache(maxsize=1)
def _dangers() -> tuple[str, ...]:
    return _spoken(row.text for row in alarms.rows() if row.flags)


def _spoken(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said for text in texts if (said := corpus.as_spoken(text))))


@lru_cache(maxsize=2)
def _often(known: tuple[str, ...]) -> frozenset[str]:
    """Words of the known sentences, and what all together say often."""
    said = Counter(word for text in (*known, *_wide(), *_dangers()) for word in text.split())
    often = {word for word, times in said.items() if times >= LEAST_SAID}
    return frozenset(often.union(*(text.split() for text in known)))
