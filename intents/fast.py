"""Encoder and tuned layers as a call uses them: the same numbers as in training, sooner.

``intents.encoder`` and ``intents.tuned`` serve training, on transformers' own layers. Here the same weights
are packed once, in the order in which oneDNN reads them; a sentence and its parts lie end to end, so that no
time goes to padding; and where the processor multiplies bfloat16, that is what it is given (docs/adr/0017).
How many layers are tuned, and which outputs stand on them, their weights' names say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from intents.encoder import (
    DIMENSIONS,
    LAST_LAYERS,
    MAX_TOKENS,
    EncoderError,
    Vectors,
    check_weights,
    weights_folder,
)
from intents.fast_layers import Layer, Norm, Product, Tensors, half_type, places
from intents.head import KINDS, LABELS, Floats
from intents.tuned import FOREIGN
from models.domain import ExpectationKind


@dataclass(frozen=True, slots=True)
class Computed:
    """Of each text: its unit vector, and what each output of the tuned layers says, by the output's name."""

    vectors: Vectors
    outputs: Mapping[str, Floats]


class FastEncoder:
    """Made cheaply; ``load`` reads the weights. One thread, one process."""

    def __init__(self) -> None:
        self._tokenizer: Any = None
        self._stack: Stack | None = None

    def load(self, tuned: Mapping[str, Floats], *, is_exact: bool = False) -> None:
        """Check, read and pack the weights, and run once. ``tuned``: by name, as TunedLayers saves them.

        ``is_exact``: in single precision, whatever the processor offers. Raises EncoderError, or ValueError
        where the tuned layers are of another shape than this version's.
        """
        import torch
        from safetensors.torch import load_file

        torch.set_num_threads(1)
        folder = weights_folder()
        check_weights(folder)
        _check_fit(tuned)
        own = {name: torch.from_numpy(numbers) for name, numbers in tuned.items()}
        self._stack = Stack(load_file(folder / "model.safetensors"), own, half_type(is_exact))
        self._tokenizer = _tokenizer(str(folder / "tokenizer.json"))
        self.compute(["hello, I need a refill"], [ExpectationKind.OPEN])

    def compute(self, texts: Sequence[str], kinds: Sequence[ExpectationKind]) -> Computed:
        """What encoder and tuned layers make of texts, each an answer to a question of its kind."""
        import torch

        if self._stack is None:
            raise EncoderError("the sentence encoder was used before it was loaded", fix="Call load() first.")
        with torch.inference_mode():
            return self._stack.run(self.pieces(texts), [KINDS.index(kind) for kind in kinds])

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text's word pieces, MAX_TOKENS of them at most."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]


class Stack:
    """All layers: those below, and the last ones in both forms."""

    def __init__(self, encoder: Tensors, tuned: Tensors, kind: Any) -> None:
        embeddings = "embeddings.{}_embeddings.weight".format
        self._words = encoder[embeddings("word")]
        self._places = encoder[embeddings("position")] + encoder[embeddings("token_type")][0]
        self._norm = Norm(encoder, "embeddings.LayerNorm")
        layers = [
            Layer(encoder, f"encoder.layer.{at}.", kind) for at in range(_count(encoder, "encoder.layer"))
        ]
        self._below, self._untouched = layers[:-LAST_LAYERS], layers[-LAST_LAYERS:]
        self._tuned = [Layer(tuned, f"layers.{at}.", kind) for at in range(LAST_LAYERS)]
        self._asked = tuned["asked.weight"]
        self._outputs = {
            name.removesuffix(".bias"): (tuned[name.replace(".bias", ".weight")], tuned[name])
            for name in tuned
            if name.endswith(".bias") and not name.startswith("layers.")
        }

    def run(self, pieces: Sequence[Sequence[int]], kinds: Sequence[int]) -> Computed:
        """Of the word pieces of each text, and the number of the kind of question it answers."""
        import torch

        where = places([len(text) for text in pieces])
        rows = self._embedded(pieces)
        for layer in self._below:
            rows = layer(rows, where)
        told = rows + self._asked[torch.tensor(kinds)][where.text]
        for layer in self._untouched:
            rows = layer(rows, where)
        for layer in self._tuned:
            told = layer(told, where)
        unit = torch.nn.functional.normalize(where.mean(rows), dim=1)
        return Computed(_numbers(unit), self._said(where.mean(told)))

    def _embedded(self, pieces: Sequence[Sequence[int]]) -> Any:
        """Of each word piece the vector of the piece and of its place."""
        import torch

        words = self._words[torch.tensor([piece for text in pieces for piece in text])]
        return self._norm(words + torch.cat([self._places[: len(text)] for text in pieces]))

    def _said(self, mean: Any) -> dict[str, Floats]:
        import torch

        linear = torch.nn.functional.linear
        return {name: _numbers(linear(mean, *output)) for name, output in self._outputs.items()}


def _check_fit(tuned: Mapping[str, Floats]) -> None:
    """Raise ValueError unless there are as many layers, kinds of question and labels as this version has."""
    shapes = {name: numbers.shape for name, numbers in tuned.items()}
    asked, output = (len(KINDS), DIMENSIONS), (len(LABELS), DIMENSIONS)
    if (shapes.get("asked.weight"), shapes.get("output.weight")) != (asked, output):
        raise ValueError(FOREIGN)
    if _count(tuned, "layers") != LAST_LAYERS:
        raise ValueError(FOREIGN)


class Likeness:
    """Cosines of unit vectors to each sentence of a corpus of unit vectors."""

    def __init__(self, corpus: Floats, *, is_exact: bool = False) -> None:
        import torch

        self._product = Product(torch.from_numpy(corpus), None, half_type(is_exact))

    def __call__(self, vectors: Vectors) -> Floats:
        """[rows, sentences]."""
        import torch

        with torch.inference_mode():
            return _numbers(self._product(torch.from_numpy(vectors)).float())


def _count(tensors: Tensors, name: str) -> int:
    """How many layers there are under a name."""
    depth = name.count(".") + 1
    return len({key.split(".")[depth] for key in tensors if key.startswith(f"{name}.")})


def _numbers(tensor: Any) -> Floats:
    return np.asarray(tensor.numpy(), dtype=np.float32)


def _tokenizer(file: str) -> Any:
    """Without padding: texts lie end to end."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
