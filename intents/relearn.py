"""Learning from a practice's corrections: the shipped network goes on from where it is.

Each correction is shown several times, plain and misheard, among many sentences of the corpus and of the
danger tables, so that what was known is not forgotten. Calibration and thresholds stay. The same corrections
make the same weights on one machine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from intents import alarms
from intents.augment import noisy, vocabulary_of
from intents.corpus import EMPTY_WORDS, Example, examples
from intents.encoder import SentenceEncoder
from intents.lessons import Lesson, of_epoch
from intents.network import WEIGHTS, Network
from intents.site_weights import SHIPPED
from intents.tuning import SEED, tune
from words.tokens import words

EPOCHS = 2
REPLAYED = 3_000  # sentences of the corpus, and made from it, in each of them
SHOWN = 3  # times that a correction is shown in each
PACE = 0.2  # of the rates of the first training
NOISE = 0.12  # of the words of a correction's second and later showings
SAME = 0.75  # of the words of two sentences, from which on they say the same


class Teacher:
    """Weights that can learn more. Raises EncoderError or ValueError like a classifier that is loaded."""

    def __init__(self, base: Path = SHIPPED, encoder: SentenceEncoder | None = None) -> None:
        self.network = Network(encoder or _loaded())
        self.network.load(base / WEIGHTS.name)
        self._ways = self._weights(), self._weights()

    def contradicted(self, lesson: Lesson) -> int:
        """How many sentences of the corpus say almost the same and mean something else altogether.

        0 where one that is as near agrees.
        """
        said, wanted = _told(lesson.text), set(lesson.intents or ())
        shares: dict[bool, list[float]] = {True: [0.0], False: [0.0]}  # by whether the sentence agrees
        for example in examples():
            agrees = wanted == set(example.intents) or not wanted.isdisjoint(example.intents)
            shares[agrees].append(_share(said, _told(example.text)))
        if max(shares[True]) >= max(shares[False]):
            return 0
        return sum(share >= SAME for share in shares[False])

    def teach(self, lessons: Sequence[Lesson], epochs: int = EPOCHS, replayed: int = REPLAYED) -> None:
        """Minutes."""
        before = self._weights()
        shown = [_epoch(lessons, epoch, replayed) for epoch in range(epochs)]
        tune(self.network.encoder, shown, self.network, PACE)
        self._ways = before, self._weights()

    def go(self, share: float) -> None:
        """How far from the weights before `teach` (0) to those after it (1)."""
        before, after = self._ways
        steps = {name: weight + share * (after[name] - weight) for name, weight in before.items()}
        self.network.parts.load_state_dict(steps)

    def _weights(self) -> dict[str, Any]:
        return {name: weight.clone() for name, weight in self.network.parts.state_dict().items()}

    def save(self, folder: Path) -> None:
        self.network.save(folder / WEIGHTS.name)


def _loaded() -> SentenceEncoder:
    encoder = SentenceEncoder()
    encoder.load()
    return encoder


def _told(text: str) -> frozenset[str]:
    """The words, less those that mean nothing."""
    said = frozenset(words(text))
    return said - EMPTY_WORDS or said


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _epoch(lessons: Sequence[Lesson], epoch: int, replayed: int) -> list[Lesson]:
    """Replayed sentences, others in each epoch, and the lessons. What is held out of training stays so."""
    chance = random.Random(SEED + epoch)
    taught = [example for example in examples() if not example.is_test]
    corpus = chance.sample(taught, min(replayed, len(taught)))
    dangers = chance.sample(alarms.rows(), min(replayed // 2, len(alarms.rows())))
    made = of_epoch(corpus, dangers, epoch)
    return [*chance.sample(made, min(replayed, len(made))), *_shown(lessons, corpus, epoch)]


def _shown(lessons: Sequence[Lesson], corpus: Sequence[Example], epoch: int) -> list[Lesson]:
    vocabulary = vocabulary_of(corpus)
    return [
        Lesson(_heard(lesson, vocabulary, epoch, time), lesson.kind, lesson.intents)
        for lesson in lessons
        for time in range(SHOWN)
    ]


def _heard(lesson: Lesson, vocabulary: Sequence[str], epoch: int, time: int) -> str:
    """Plain the first time, then as a recogniser might write it."""
    return noisy(lesson.text, vocabulary, NOISE, f"lesson {epoch} {time}") if time else lesson.text
