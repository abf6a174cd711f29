"""The classifier's head: what is asked for, with calibrated confidence, or nothing it does not know.

One logistic regression a label over the sentence's embedding, hashed words, the kind of question asked
and how like the sentence is to the corpus's sentences of each label; mixed with the opinion of the tuned
layers (``intents.tuned``). A sentence whose best label is weak, or that is like nothing in the corpus, is
refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.domain import ExpectationKind, Intent
from words.tokens import words

WEIGHTS = Path(__file__).parent / "weights" / "head.npz"
LABELS = tuple(Intent)
KINDS = tuple(ExpectationKind)
HASHED = 2_048
WORD_WEIGHT = 0.5  # of the hashed words against the embedding
KIND_WEIGHT = 0.5
LIKENESS_WEIGHT = 0.7
SURE_STRANGER = 0.4  # least probability that something is none of our business
NEAREST = 3  # sentences of a label that speak for it

Floats = npt.NDArray[np.float32]
Members = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scored:
    """Labels above the threshold, most likely first, with their probabilities; ``known`` False: refused."""

    intents: tuple[tuple[Intent, float], ...]
    known: bool
    likeness: float  # cosine to the nearest sentence of the corpus


@dataclass(frozen=True, slots=True)
class Settings:
    """Chosen on sentences that were held out. ``scale`` and ``shift`` calibrate all labels' logits alike."""

    scale: float = 1.0
    shift: float = 0.0
    threshold: float = 0.5  # least probability of an intent
    second: float = 0.5  # of one beside the first
    least_likeness: float = 0.0
    blend: float = 0.0  # weight of the tuned layers' logits against the head's own


@dataclass(frozen=True)
class Head:
    """Weights as trained."""

    weights: Floats  # [features, labels]
    bias: Floats  # [labels]
    corpus: Floats  # unit vectors of the training sentences
    member: Members  # [sentences, labels + 1]: which labels each has; the last is none
    settings: Settings = Settings()

    @cached_property
    def groups(self) -> Groups:
        """The corpus's sentences by label."""
        return grouped(self.member)

    def logits(self, features: Floats) -> Floats:
        """The head's own opinion of each label: [rows, labels]."""
        # Not "@": for one row, a BLAS waking its threads costs more than the sum itself.
        return np.asarray(np.einsum("rf,fl->rl", features, self.weights) + self.bias, dtype=np.float32)

    def likeness(self, vectors: Floats) -> Floats:
        """To each sentence of the corpus: [rows, sentences]."""
        return np.asarray(np.einsum("rd,sd->rs", vectors, self.corpus), dtype=np.float32)

    def score(self, text: str, vector: Floats, kind: ExpectationKind, tuned: Floats | None = None) -> Scored:
        """What one sentence asks for. ``tuned``: the tuned layers' logits; None: the head judges alone."""
        vectors = vector[None, :]
        given = None if tuned is None else tuned[None, :]
        return self.scores([text], vectors, [kind], given, self.likeness(vectors))[0]

    def scores(
        self,
        texts: Sequence[str],
        vectors: Floats,
        kinds: Sequence[ExpectationKind],
        tuned: Floats | None,
        alike: Floats,
    ) -> list[Scored]:
        """The same of several, whose ``likeness`` is known already."""
        own = self.logits(features(texts, vectors, kinds, nearest(alike, self.groups)))
        rows = probabilities(own if tuned is None else mixed(own, tuned, self.settings), self.settings)
        return [self._scored(row, float(most)) for row, most in zip(rows, alike.max(axis=1), strict=True)]

    def _scored(self, row: Floats, likeness: float) -> Scored:
        found = decided(row, self.settings)
        known = bool(found) and likeness >= self.settings.least_likeness
        return Scored(found if known else (), known, likeness)


def mixed(own: Floats, tuned: Floats, settings: Settings) -> Floats:
    """Logits of head and tuned layers together."""
    return np.asarray((1 - settings.blend) * own + settings.blend * tuned, dtype=np.float32)


def probabilities(logits: Floats, settings: Settings) -> Floats:
    """Calibrated."""
    return np.asarray(1.0 / (1.0 + np.exp(-(logits * settings.scale + settings.shift))), dtype=np.float32)


def decided(row: Floats, settings: Settings) -> tuple[tuple[Intent, float], ...]:
    """The labels that one sentence's probabilities amount to, most likely first.

    What is none of our business stands alone: beside a wish of ours it is that wish's colour. Whoever may be
    speaking of something else is asked again; only who surely does is told that we cannot help.
    """
    first, *others = [int(at) for at in np.argsort(-row, kind="stable")]
    stranger = LABELS[first] is Intent.OUT_OF_SCOPE
    if row[first] < max(settings.threshold, SURE_STRANGER if stranger else 0.0):
        return ()
    least = max(settings.second, settings.threshold)
    beside = [at for at in others if row[at] >= least and LABELS[at] is not Intent.OUT_OF_SCOPE]
    chosen = [first] if stranger else [first, *beside]
    return tuple((LABELS[at], float(row[at])) for at in chosen)


@dataclass(frozen=True, slots=True)
class Groups:
    """Sentences by label: those of label number ``at`` are ``order[bounds[at] : bounds[at + 1]]``."""

    order: npt.NDArray[np.int64]
    bounds: tuple[int, ...]


def grouped(member: Members) -> Groups:
    """Each label's sentences together; one of several labels stands with each."""
    groups = [np.flatnonzero(column) for column in member.T]
    return Groups(np.concatenate(groups), (0, *np.cumsum([len(group) for group in groups]).tolist()))


def by_label(alike: Floats, member: Members) -> Floats:
    """From likeness to each sentence [rows, sentences]: best and mean of the nearest few of each label."""
    return nearest(alike, grouped(member))


def nearest(alike: Floats, groups: Groups) -> Floats:
    """The same of sentences that were grouped before."""
    together = alike[:, groups.order]
    few = np.full((len(alike), len(groups.bounds) - 1, NEAREST), -np.inf, dtype=np.float32)
    sizes = np.diff(groups.bounds)
    for at, (start, end) in enumerate(pairwise(groups.bounds)):
        cut = max(start, end - NEAREST) - start
        if start < end:  # the nearest are brought to the end, in any order
            few[:, at, : end - start - cut] = np.partition(together[:, start:end], cut, axis=1)[:, cut:]
    few = -np.sort(-few, axis=2)
    few[np.isneginf(few)] = 0.0
    means = few.sum(axis=2) / np.clip(sizes, 1, NEAREST).astype(np.float32)
    return np.stack([few[:, :, 0], means], axis=2).reshape(len(alike), -1).astype(np.float32)


def membership(intents: Sequence[Sequence[Intent]]) -> Members:
    """Which labels each sentence has, the last column for none."""
    member = np.zeros((len(intents), len(LABELS) + 1), dtype=np.bool_)
    for at, wanted in enumerate(intents):
        for intent in wanted:
            member[at, LABELS.index(intent)] = True
        member[at, -1] = not wanted
    return member


def features(
    texts: Sequence[str], vectors: Floats, kinds: Sequence[ExpectationKind], alike_by_label: Floats
) -> Floats:
    """Rows of embedding, hashed words and word pairs, the question's kind, and likeness to each label."""
    hashed = np.stack([_hashed_words(text) for text in texts])
    asked = np.zeros((len(texts), len(KINDS)), dtype=np.float32)
    for row, kind in enumerate(kinds):
        asked[row, KINDS.index(kind)] = KIND_WEIGHT
    return np.hstack([vectors, hashed, asked, LIKENESS_WEIGHT * alike_by_label]).astype(np.float32)


@lru_cache(maxsize=8_192)
def _hashed_words(text: str) -> Floats:
    """Counts of words and word pairs in fixed places, as a vector of length WORD_WEIGHT."""
    said = ("<", *words(text), ">")
    row = np.zeros(HASHED, dtype=np.float32)
    for piece in (*said[1:-1], *(" ".join(pair) for pair in pairwise(said))):
        row[zlib.crc32(piece.encode()) % HASHED] += 1
    length = float(np.linalg.norm(row))
    return np.asarray(row * (WORD_WEIGHT / length) if length else row, dtype=np.float32)


def save(head: Head, path: Path = WEIGHTS) -> None:
    """Write the weights, half precision: they are read, not computed with, in that form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        weights=head.weights.astype(np.float16),
        bias=head.bias.astype(np.float32),
        settings=np.array(astuple(head.settings), dtype=np.float64),
        corpus=head.corpus.astype(np.float16),
        member=head.member,
        labels=np.array([label.value for label in LABELS]),
    )


def load(path: Path = WEIGHTS) -> Head:
    """Read weights. Raises ValueError where they were trained for other labels."""
    with np.load(path, allow_pickle=False) as stored:
        if tuple(stored["labels"]) != tuple(label.value for label in LABELS):
            raise ValueError(
                "the intent weights were trained for other labels: run `python -m intents.train`"
            )
        return Head(
            weights=stored["weights"].astype(np.float32),
            bias=stored["bias"],
            corpus=stored["corpus"].astype(np.float32),
            member=stored["member"],
            settings=Settings(*(float(number) for number in stored["settings"])),
        )
