"""Learning from a practice's corrections: the shipped weights go on from where they are.

Each correction is shown several times, plain and misheard, among many sentences of the corpus, so that what
was known is not forgotten; the head also remembers it among the sentences that it compares others with.
Calibration and thresholds stay. The same corrections make the same weights on one machine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from intents import head as head_module
from intents.augment import Row, epoch_rows, noisy
from intents.corpus import Example, examples
from intents.encoder import SentenceEncoder
from intents.head import membership
from intents.site_weights import SHIPPED
from intents.tuned import TunedLayers
from intents.tuning import SEED, tune
from models.domain import ExpectationKind, Intent
from words.tokens import words

EPOCHS = 2
REPLAYED = 3_000  # sentences of the corpus, and made from it, in each of them
SHOWN = 3  # times that a correction is shown in each
PACE = 0.2  # of the rates of the first training
NOISE = 0.12  # of the words of a correction's second and later showings
SAME = 0.9  # cosine from which on two sentences say the same; it refuses 5 of 1,500 sentences of the corpus
_TOGETHER = 64  # sentences encoded at a time


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a sentence means, as a person has decided: ``intents`` is empty where nothing is asked for."""

    text: str
    kind: ExpectationKind
    intents: tuple[Intent, ...]


class Teacher:
    """Weights that can learn more. Raises EncoderError or ValueError like a classifier that is loaded."""

    def __init__(self, base: Path = SHIPPED, encoder: SentenceEncoder | None = None) -> None:
        self.encoder = encoder or _loaded()
        self.head = head_module.load(base / "head.npz")
        self.tuned = TunedLayers(self.encoder)
        self.tuned.load(base / "layers.npz")
        self._ways = self._weights(), self._weights()

    def contradicted(self, lesson: Lesson) -> int:
        """How many sentences known so far say almost the same and mean something else altogether; 0 where
        one that is as near agrees.
        """
        alike = np.einsum("sd,d->s", self.head.corpus, self.encoder.encode([lesson.text])[0])
        agree = (self.head.member & membership([lesson.intents])[0]).any(axis=1)
        return 0 if (alike[agree] >= SAME).any() else int((alike[~agree] >= SAME).sum())

    def teach(self, lessons: Sequence[Lesson], epochs: int = EPOCHS, replayed: int = REPLAYED) -> None:
        """Minutes. On one thread: over more, sums come out otherwise."""
        with threadpool_limits(1):
            self.remember(lessons)
            shown = [_epoch(lessons, epoch, replayed) for epoch in range(epochs)]
            before = self._weights()
            tune(self.encoder, shown, self.tuned, PACE)
            self._ways = before, self._weights()

    def go(self, share: float) -> None:
        """How far from the layers before `teach` (0) to those after it (1); the head remembers either way."""
        before, after = self._ways
        steps = {name: weight + share * (after[name] - weight) for name, weight in before.items()}
        self.tuned.parts.load_state_dict(steps)

    def _weights(self) -> dict[str, Any]:
        return {name: weight.clone() for name, weight in self.tuned.parts.state_dict().items()}

    def remember(self, lessons: Sequence[Lesson]) -> None:
        """The head compares sentences with the lessons as well, from now on."""
        texts = [lesson.text for lesson in lessons]
        pieces = [self.encoder.encode(texts[at : at + _TOGETHER]) for at in range(0, len(texts), _TOGETHER)]
        member = membership([lesson.intents for lesson in lessons])
        self.head = replace(
            self.head,
            corpus=np.vstack([self.head.corpus, *pieces]),
            member=np.vstack([self.head.member, member]),
        )

    def save(self, folder: Path) -> None:
        head_module.save(self.head, folder / "head.npz")
        self.tuned.save(folder / "layers.npz")


def _loaded() -> SentenceEncoder:
    encoder = SentenceEncoder()
    encoder.load()
    return encoder


def _epoch(lessons: Sequence[Lesson], epoch: int, replayed: int) -> list[Row]:
    """Replayed sentences, others in each epoch, and the lessons."""
    corpus, chance = examples(), random.Random(SEED + epoch)
    sample = chance.sample(corpus, min(replayed, len(corpus)))
    made = epoch_rows(sample, epoch)
    return [*chance.sample(made, min(replayed, len(made))), *_shown(lessons, sample, epoch)]


def _shown(lessons: Sequence[Lesson], sample: Sequence[Example], epoch: int) -> list[Row]:
    vocabulary = sorted({word for example in sample for word in words(example.text) if len(word) > 2})
    return [
        Row(_heard(lesson, vocabulary, epoch, time), lesson.kind, lesson.intents, f"lesson/{number}")
        for number, lesson in enumerate(lessons)
        for time in range(SHOWN)
    ]


def _heard(lesson: Lesson, vocabulary: Sequence[str], epoch: int, time: int) -> str:
    """Plain the first time, then as a recogniser might write it."""
    return noisy(lesson.text, vocabulary, NOISE, f"lesson {epoch} {time}") if time else lesson.text
