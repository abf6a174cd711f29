"""The classifier as a call uses it: encoder, tuned layers and head, one sentence at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intents import head as head_module
from intents.fast import Computed, FastEncoder, Likeness
from intents.head import Head, Scored
from intents.parts import parts, with_parts
from intents.tuned import WEIGHTS as LAYERS
from intents.tuned import stored
from models.domain import ExpectationKind


class Classifier:
    """Made cheaply; ``load`` reads the weights. One thread, one process."""

    def __init__(self) -> None:
        self.encoder = FastEncoder()
        self.head: Head | None = None
        self._likeness: Likeness | None = None

    def load(self, head_file: Path = head_module.WEIGHTS, layers_file: Path = LAYERS) -> None:
        """Read all weights. Raises EncoderError, or ValueError for weights made for something else."""
        self.encoder.load(stored(layers_file))
        self.head = head_module.load(head_file)
        self._likeness = Likeness(self.head.corpus)

    def score(self, text: str, kind: ExpectationKind) -> Scored:
        """What one sentence asks for, as an answer to a question of a kind."""
        whole, *read = self._scored([text, *parts(text)], kind)
        return with_parts(whole, read)

    def _scored(self, texts: Sequence[str], kind: ExpectationKind) -> list[Scored]:
        if self.head is None or self._likeness is None:
            raise RuntimeError("the classifier was used before load()")
        found, kinds = self.computed(texts, kind), [kind] * len(texts)
        alike = self._likeness(found.vectors)
        return self.head.scores(texts, found.vectors, kinds, found.outputs["output"], alike)

    def computed(self, texts: Sequence[str], kind: ExpectationKind) -> Computed:
        """What encoder and tuned layers make of texts."""
        return self.encoder.compute(texts, [kind] * len(texts))
