"""A trigram model with Witten-Bell smoothing, mixed with a general model, written as ARPA.

Witten and Bell, "The zero-frequency problem" (IEEE Trans. Inf. Theory 37(4), 1991): a history that was
followed by many different words leaves more mass to words not seen after it. The mixture is static:
``p = weight * domain + (1 - weight) * general`` is worked out once for every n-gram kept, and the
ARPA file's back-off weights make each history sum to one again.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float64]
Sentence = tuple[tuple[str, ...], float]  # words with <s> and </s>, and how often they are said
General = Callable[[Sequence[str]], float]  # probability of [word, previous, the one before]

START: Final = "<s>"
END: Final = "</s>"
_LEAST: Final = 1e-7  # a general bigram counts when p * log(p / backed-off p) is above this
_FLOOR: Final = 1e-9


@dataclass(frozen=True)
class Counts:
    """Weighted n-gram counts by history: ``pairs[previous][word]``, ``triples[(before, previous)][word]``."""

    singles: Mapping[str, float]
    pairs: Mapping[str, Mapping[str, float]]
    triples: Mapping[tuple[str, str], Mapping[str, float]]


def count(sentences: Iterable[Sentence]) -> Counts:
    singles: dict[str, float] = defaultdict(float)
    pairs: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    triples: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for words, weight in sentences:
        for at in range(1, len(words)):
            singles[words[at]] += weight
            pairs[words[at - 1]][words[at]] += weight
            if at > 1:
                triples[words[at - 2], words[at - 1]][words[at]] += weight
    return Counts(singles, pairs, triples)


class Mixture:
    """The mixed model over ``vocabulary`` (which holds START and END)."""

    def __init__(
        self, counts: Counts, vocabulary: Sequence[str], general: General, pairs: NDArray[np.float64],
        weight: float,
    ) -> None:  # fmt: skip
        """``pairs[previous, word]``: the general bigram probabilities over ``vocabulary``."""
        self.words = tuple(vocabulary)
        self._at = {word: at for at, word in enumerate(self.words)}
        self._counts, self._general, self._pairs, self._weight = counts, general, pairs, weight
        self._domain_single = self._smoothed(counts.singles, np.full(len(self.words), 1 / len(self.words)))
        single = weight * self._domain_single + (1 - weight) * self._general_singles()
        single[self._at[START]] = 0.0
        self.single: Row = single / single.sum()

    def _general_singles(self) -> Row:
        found = np.array([max(self._general([word]), _FLOOR) for word in self.words])
        found[self._at[START]] = 0.0
        found /= found.sum()
        return found

    def _smoothed(self, following: Mapping[str, float], lower: Row) -> Row:
        """Witten-Bell: seen mass in proportion, one share for each kind of word left to ``lower``."""
        seen = np.zeros(len(self.words))
        for word, times in following.items():
            seen[self._at[word]] = times
        kinds = float(len(following))
        smoothed: Row = (seen + kinds * lower) / (seen.sum() + kinds)
        return smoothed

    def domain_pair(self, previous: str) -> Row:
        following = self._counts.pairs.get(previous)
        return self._smoothed(following, self._domain_single) if following else self._domain_single

    def pair(self, previous: str) -> tuple[Row, NDArray[np.intp]]:
        """p(word | previous) for every word, and the places of the words worth listing."""
        general = self._pairs[self._at[previous]]
        following = self._counts.pairs.get(previous, {})
        weight = self._weight if following else 0.0
        mixed: Row = weight * self.domain_pair(previous) + (1 - weight) * general
        mixed[self._at[START]] = 0.0
        gain = mixed * self.single[self._at[previous]] * np.log(np.maximum(mixed, _FLOOR) / self._lower)
        listed = gain > _LEAST
        listed[[self._at[word] for word in following]] = True
        listed[self._at[START]] = False
        return mixed, np.flatnonzero(listed)

    @property
    def _lower(self) -> Row:
        return np.maximum(self.single, _FLOOR)

    def triple(self, history: tuple[str, str], pair: Row, domain: Row) -> dict[int, float]:
        """p(word | history) of the words that the domain has seen there. ``pair`` and ``domain``: mixed and
        the domain's own p(word | the last word of the history).
        """
        following = self._counts.triples[history]
        kinds, total = float(len(following)), sum(following.values())
        mixed: dict[int, float] = {}
        for word, times in following.items():
            at = self._at[word]
            own = (times + kinds * domain[at]) / (total + kinds)
            wide = max(self._general([word, history[1], history[0]]), min(pair[at], 1e-4))
            mixed[at] = self._weight * own + (1 - self._weight) * wide
        return mixed

    def write(self, path: Path) -> None:
        """The ARPA file (format: the SRILM manual page ngram-format)."""
        histories: dict[str, list[str]] = defaultdict(list)
        for before, previous in self._counts.triples:
            histories[previous].append(before)
        lines = _Lines()
        for previous in self.words:
            if previous == END:
                lines.singles.append(_line(self.single[self._at[END]], END))
            else:
                self._list(previous, histories[previous], lines)
        path.write_text(_arpa(lines.singles, lines.with_back_offs(), lines.triples))

    def _list(self, previous: str, before: Iterable[str], lines: _Lines) -> None:
        """Add everything whose last known word is ``previous``."""
        row, listed = self.pair(previous)
        back = _back_off(float(row[listed].sum()), float(self.single[listed].sum()))
        lines.singles.append(_line(self.single[self._at[previous]], previous, back))
        lines.pairs += [((previous, self.words[at]), float(row[at])) for at in listed]
        domain = self.domain_pair(previous)
        for earlier in before:
            found = self.triple((earlier, previous), row, domain)
            lower = float(row[list(found)].sum())
            lines.backs[earlier, previous] = _back_off(sum(found.values()), lower)
            lines.triples += [_line(p, f"{earlier} {previous} {self.words[at]}") for at, p in found.items()]


@dataclass
class _Lines:
    """The file under way; a pair's back-off weight is known only after its triples."""

    singles: list[str] = field(default_factory=list)
    pairs: list[tuple[tuple[str, str], float]] = field(default_factory=list)
    triples: list[str] = field(default_factory=list)
    backs: dict[tuple[str, str], float] = field(default_factory=dict)

    def with_back_offs(self) -> list[str]:
        return [_line(p, " ".join(pair), self.backs.get(pair, 1.0)) for pair, p in self.pairs]


def _back_off(listed: float, lower: float) -> float:
    return max(1.0 - listed, 1e-6) / max(1.0 - lower, 1e-6)


def _line(probability: float, words: str, back_off: float | None = None) -> str:
    logged = math.log10(probability) if probability > 0 else -99.0
    tail = "" if back_off is None else f"\t{math.log10(back_off):.4f}"
    return f"{logged:.4f}\t{words}{tail}"


def _arpa(*orders: list[str]) -> str:
    heads = [f"ngram {order}={len(lines)}" for order, lines in enumerate(orders, 1)]
    parts = ["\\data\\", *heads, ""]
    for order, lines in enumerate(orders, 1):
        parts += [f"\\{order}-grams:", *lines, ""]
    return "\n".join([*parts, "\\end\\", ""])
