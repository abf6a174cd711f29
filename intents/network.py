"""The network that understands: the encoder's layers, tuned to what callers say, with an output a label.

It is told what kind of question was asked, so that "that's all" can mean one thing after "anything else?"
and another after "how can I help?". Each label looks at the words that matter to it, so that the second
wish of a sentence is not drowned by the first. Beside what is asked for it says which danger signs may
have been told. How it came to be is in ``intents.tuning``.
"""

from __future__ import annotations

import copy
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from intents.decisions import ANY_SIGN, KINDS, LABELS, Floats, Settings
from intents.encoder import DIMENSIONS, SentenceEncoder, Tokens
from models.domain import ExpectationKind
from words.tokens import words

WEIGHTS = Path(__file__).parent / "weights" / "network.npz"
HASHED = 2_048
RARE = -3.0  # where every output begins: each label is rare
LAYERS = 6
_OUTPUTS = {
    "asked.weight": (len(KINDS), DIMENSIONS),
    "looks.weight": (len(LABELS), DIMENSIONS),
    "output.weight": (len(LABELS), DIMENSIONS),
    "output.bias": (len(LABELS),),
    "signs.weight": (ANY_SIGN + 1, DIMENSIONS),
    "signs.bias": (ANY_SIGN + 1,),
    "words.weight": (len(LABELS) + ANY_SIGN + 1, HASHED),
}
RETRAIN = "run `python -m intents.train`, which writes them"


class Network:
    """Logits of labels and danger signs. Made from a loaded encoder, whose layers it copies."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        import torch

        self.encoder = encoder
        self.settings = Settings()
        self.parts: Any = torch.nn.ModuleDict(
            {
                "layers": copy.deepcopy(encoder.layers()),
                "asked": torch.nn.Embedding(len(KINDS), DIMENSIONS),
                "looks": torch.nn.Embedding(len(LABELS), DIMENSIONS),  # for what a label looks
                "output": torch.nn.Linear(DIMENSIONS, len(LABELS)),
                "signs": torch.nn.Linear(DIMENSIONS, ANY_SIGN + 1),
                "words": torch.nn.Linear(HASHED, len(LABELS) + ANY_SIGN + 1, bias=False),
            }
        )
        _unlearn(self.parts)
        self.parts.eval()

    def run(self, tokens: Tokens, kinds: Sequence[ExpectationKind], texts: Sequence[str]) -> tuple[Any, Any]:
        """Logits as tensors [sentences, labels] and [sentences, signs and any], for training as well."""
        import torch

        asked = torch.tensor([KINDS.index(kind) for kind in kinds])
        hidden = self.encoder.embedded(tokens) + self.parts["asked"](asked)[:, None, :]
        for layer in self.parts["layers"]:
            hidden = layer(hidden, tokens.mask)
        heard = self.parts["words"](torch.from_numpy(np.stack([hashed_words(text) for text in texts])))
        signs = self.parts["signs"](tokens.mean(hidden)) + heard[:, len(LABELS) :]
        return self._labels(hidden, tokens) + heard[:, : len(LABELS)], signs

    def _labels(self, hidden: Any, tokens: Tokens) -> Any:
        """Each label's logit, from the words that it looks at: attention with one query a label."""
        likely = (hidden @ self.parts["looks"].weight.T).masked_fill(~tokens.present[:, :, None], -1e4)
        seen = likely.softmax(1).transpose(1, 2) @ hidden  # [sentences, labels, dimensions]
        return (seen * self.parts["output"].weight).sum(-1) + self.parts["output"].bias

    def logits(self, texts: Sequence[str], kinds: Sequence[ExpectationKind]) -> tuple[Floats, Floats]:
        """The same as numbers, to understand with."""
        import torch

        with torch.inference_mode():
            labels, signs = self.run(self.encoder.tokens(texts), kinds, texts)
        return np.asarray(labels.numpy(), dtype=np.float32), np.asarray(signs.numpy(), dtype=np.float32)

    def save(self, path: Path = WEIGHTS) -> None:
        """Write the weights in half precision: they are read, not computed with, in that form."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = {name: value.numpy().astype(np.float16) for name, value in self.parts.state_dict().items()}
        labels = np.array([label.value for label in LABELS])
        np.savez(path, **state, settings=np.array(astuple(self.settings), dtype=np.float64), labels=labels)

    def load(self, path: Path = WEIGHTS) -> None:
        """Read weights and settings. Raises ValueError as ``stored`` does."""
        import torch

        told, self.settings = stored(path)
        self.parts.load_state_dict({name: torch.from_numpy(value) for name, value in told.items()})


def stored(path: Path = WEIGHTS) -> tuple[dict[str, Floats], Settings]:
    """Weights by name, and settings, as they were saved.

    Raises ValueError where they were made for other labels or another network.
    """
    with np.load(path, allow_pickle=False) as file:
        told = {name: file[name] for name in file.files}
    if tuple(told.pop("labels", ())) != tuple(label.value for label in LABELS):
        raise ValueError(f"the intent weights were trained for other labels: {RETRAIN}")
    settings = told.pop("settings", np.zeros(0))
    if len(settings) != len(fields(Settings)) or not _fits({name: one.shape for name, one in told.items()}):
        raise ValueError(f"the intent weights do not fit this network: {RETRAIN}")
    return {name: one.astype(np.float32) for name, one in told.items()}, Settings(*map(float, settings))


def _fits(shapes: Mapping[str, tuple[int, ...]]) -> bool:
    layers = {name.split(".")[1] for name in shapes if name.startswith("layers.")}
    outputs = {name: shape for name, shape in shapes.items() if not name.startswith("layers.")}
    return len(layers) == LAYERS and outputs == _OUTPUTS


def _unlearn(parts: Any) -> None:
    """What is not copied begins from nothing: no question changes anything, all words are looked at alike."""
    import torch

    for name in ("asked", "looks", "output", "signs", "words"):
        torch.nn.init.zeros_(parts[name].weight)
    for name in ("output", "signs"):
        torch.nn.init.constant_(parts[name].bias, RARE)


def hashed_words(text: str) -> Floats:
    """Which words and word pairs a text has, in fixed places of a vector of ones and noughts."""
    said = ("<", *words(text), ">")
    row = np.zeros(HASHED, dtype=np.float32)
    for piece in (*said[1:-1], *(" ".join(pair) for pair in pairwise(said))):
        row[zlib.crc32(piece.encode()) % HASHED] = 1.0
    return row
