"""The classifier as a call uses it: encoder, tuned layers and head, one sentence at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intents import head as head_module
from intents.encoder import SentenceEncoder
from intents.head import Head, Scored
from intents.parts import parts, with_parts
from intents.tuned import WEIGHTS as LAYERS
from intents.tuned import TunedLayers
from models.domain import ExpectationKind


class Classifier:
    """Made cheaply; ``load`` reads the weights. One thread, one process."""

    def __init__(self) -> None:
        self.encoder = SentenceEncoder()
        self.head: Head | None = None
        self._tuned: TunedLayers | None = None

    def load(self, head_file: Path = head_module.WEIGHTS, layers_file: Path = LAYERS) -> None:
        """Read all weights. Raises EncoderError, or ValueError for weights made for something else."""
        self.encoder.load()
        self.head = head_module.load(head_file)
        self._tuned = TunedLayers(self.encoder)
        self._tuned.load(layers_file)

    def score(self, text: str, kind: ExpectationKind) -> Scored:
        """What one sentence asks for, as an answer to a question of a kind."""
        whole, *read = self._scored([text, *parts(text)], kind)
        return with_parts(whole, read)

    def _scored(self, texts: Sequence[str], kind: ExpectationKind) -> list[Scored]:
        if self.head is None or self._tuned is None:
            raise RuntimeError("the classifier was used before load()")
        half = self.encoder.halfway(texts)
        tuned = self._tuned.logits(half, [kind] * len(texts))
        vectors = self.encoder.finish(half)
        return [
            self.head.score(text, vector, kind, opinion)
            for text, vector, opinion in zip(texts, vectors, tuned, strict=True)
        ]
