"""The encoder's last layers in a second form, tuned to what callers say, with an output a label.

They start from the same half-way state as the untouched ones, told what kind of question was asked, so
that "that's all" can mean one thing after "anything else?" and another after "how can I help?". How they
came to be is in ``intents.tuning``.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from intents.encoder import DIMENSIONS, Halfway, SentenceEncoder
from intents.head import KINDS, LABELS, Floats
from models.domain import ExpectationKind

WEIGHTS = Path(__file__).parent / "weights" / "layers.npz"
FOREIGN = "the tuned layers do not fit: run `python -m intents.train`, which writes them and the head"


def stored(path: Path = WEIGHTS) -> dict[str, Floats]:
    """Weights by name, as they were saved."""
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


class TunedLayers:
    """Logits of all labels. Made from a loaded encoder, whose last layers it copies."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        import torch

        self.parts: Any = torch.nn.ModuleDict(
            {
                "layers": copy.deepcopy(encoder.last_layers()),
                "asked": torch.nn.Embedding(len(KINDS), DIMENSIONS),
                "output": torch.nn.Linear(DIMENSIONS, len(LABELS)),
            }
        )
        _unlearn(self.parts)
        self.parts.eval()

    def run(self, half: Halfway, kinds: Sequence[ExpectationKind]) -> Any:
        """Logits as a tensor [sentences, labels], for training as well."""
        import torch

        asked = torch.tensor([KINDS.index(kind) for kind in kinds])
        hidden = half.hidden + self.parts["asked"](asked)[:, None, :]
        for layer in self.parts["layers"]:
            hidden = layer(hidden, half.mask)
        return self.parts["output"](half.mean(hidden))

    def logits(self, half: Halfway, kinds: Sequence[ExpectationKind]) -> Floats:
        """The same as numbers, to understand with."""
        import torch

        with torch.inference_mode():
            return np.asarray(self.run(half, kinds).numpy(), dtype=np.float32)

    def save(self, path: Path = WEIGHTS) -> None:
        """Write the weights in half precision: they are read, not computed with, in that form."""
        path.parent.mkdir(parents=True, exist_ok=True)
        state = self.parts.state_dict()
        np.savez(path, **{name: value.numpy().astype(np.float16) for name, value in state.items()})

    def load(self, path: Path = WEIGHTS) -> None:
        """Read weights. Raises ValueError where they are of another shape: for other labels or layers."""
        import torch

        try:
            self.parts.load_state_dict(
                {name: torch.from_numpy(found) for name, found in stored(path).items()}
            )
        except RuntimeError as problem:
            raise ValueError(FOREIGN) from problem


def _unlearn(parts: Any) -> None:
    """What is not copied begins from nothing: no question changes anything, and every label is rare."""
    import torch

    torch.nn.init.zeros_(parts["asked"].weight)
    torch.nn.init.zeros_(parts["output"].weight)
    torch.nn.init.constant_(parts["output"].bias, -3.0)
