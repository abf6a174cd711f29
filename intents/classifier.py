"""The network as a call uses it, one sentence at a time."""

from __future__ import annotations

from pathlib import Path

from intents.decisions import Scored, decided, probabilities, suspected
from intents.encoder import SentenceEncoder
from intents.network import WEIGHTS, Network
from models.domain import ExpectationKind


class Classifier:
    """Made cheaply; ``load`` reads the weights. One thread, one process."""

    def __init__(self) -> None:
        self.encoder = SentenceEncoder()
        self.network: Network | None = None

    def load(self, path: Path = WEIGHTS) -> None:
        """Read all weights and run once, so that the first caller does not wait.

        Raises EncoderError, or ValueError for weights made for something else.
        """
        self.encoder.load()
        network = Network(self.encoder)
        network.load(path)
        self.network = network
        self.score("hello, I need a refill", ExpectationKind.OPEN)

    def score(self, text: str, kind: ExpectationKind) -> Scored:
        """What one sentence asks for, as an answer to a kind of question, and what danger it may tell of."""
        if self.network is None:
            raise RuntimeError("the classifier was used before load()")
        settings = self.network.settings
        labels, signs = self.network.logits([text], [kind])
        return Scored(decided(probabilities(labels, settings)[0], settings), suspected(signs[0], settings))
