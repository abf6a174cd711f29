"""The network's decisions, one sentence at a time, as a call uses them."""

from __future__ import annotations

from pathlib import Path

from intents.decisions import Floats, Scored, Settings, decided, probabilities, suspected
from intents.fast import FastNetwork
from intents.network import WEIGHTS, stored
from models.domain import ExpectationKind


class Classifier:
    """Made cheaply; ``load`` reads the weights. One thread, one process."""

    def __init__(self) -> None:
        self.network = FastNetwork()
        self.settings: Settings | None = None

    def load(self, path: Path = WEIGHTS) -> None:
        """Read all weights. Raises EncoderError, or ValueError for weights made for something else."""
        weights, self.settings = stored(path)
        self.network.load(weights)

    def score(self, text: str, kind: ExpectationKind) -> Scored:
        """What one sentence asks for, as an answer to a kind of question, and what danger it may tell of."""
        if self.settings is None:
            raise RuntimeError("the classifier was used before load()")
        labels, signs = self.logits(text, kind)
        found = decided(probabilities(labels, self.settings), self.settings)
        return Scored(found, suspected(signs, self.settings))

    def logits(self, text: str, kind: ExpectationKind) -> tuple[Floats, Floats]:
        """What the network makes of one sentence: of labels and of danger signs."""
        return self.network.logits(text, kind)
