"""The network as a call uses it: the same numbers as in training, sooner, for one text at a time.

``intents.network`` serves training, on transformers' own layers. Here the same weights are packed once, in
the order in which oneDNN reads them, and where the processor multiplies bfloat16, that is what it is given
(docs/adr/0017).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from intents.decisions import KINDS, LABELS, Floats
from intents.encoder import MAX_TOKENS, EncoderError, check_weights, weights_folder
from intents.fast_layers import Layer, Norm, Tensors, half_type
from intents.network import LAYERS, hashed_words
from models.domain import ExpectationKind


class FastNetwork:
    """Made cheaply; ``load`` reads the weights. One thread, one process."""

    def __init__(self) -> None:
        self._tokenizer: Any = None
        self._stack: Stack | None = None

    def load(self, weights: Mapping[str, Floats], *, is_exact: bool = False) -> None:
        """Check, read and pack the weights, and run once.

        ``weights``: by name, as ``network.stored`` reads them. ``is_exact``: in single precision, whatever
        the processor offers. Raises EncoderError.
        """
        import torch
        from safetensors.torch import load_file

        torch.set_num_threads(1)
        folder = weights_folder()
        check_weights(folder)
        own = {name: torch.from_numpy(numbers) for name, numbers in weights.items()}
        self._stack = Stack(load_file(folder / "model.safetensors"), own, half_type(is_exact))
        self._tokenizer = _tokenizer(str(folder / "tokenizer.json"))
        self.logits("hello, I need a refill", ExpectationKind.OPEN)

    def logits(self, text: str, kind: ExpectationKind) -> tuple[Floats, Floats]:
        """Of labels and of danger signs, for a text as an answer to a kind of question."""
        import torch

        if self._stack is None:
            raise EncoderError("the network was used before it was loaded", fix="Call load() first.")
        with torch.inference_mode():
            labels, signs = self._stack.run(self.pieces(text), KINDS.index(kind), hashed_words(text))
        return np.asarray(labels.numpy(), dtype=np.float32), np.asarray(signs.numpy(), dtype=np.float32)

    def pieces(self, text: str) -> list[int]:
        """The numbers of a text's word pieces, MAX_TOKENS of them at most."""
        return list(self._tokenizer.encode(text).ids)


class Stack:
    """Token vectors, layers and outputs, packed."""

    def __init__(self, encoder: Tensors, own: Tensors, kind: Any) -> None:
        embeddings = "embeddings.{}_embeddings.weight".format
        self._words = encoder[embeddings("word")]
        self._places = encoder[embeddings("position")] + encoder[embeddings("token_type")][0]
        self._norm = Norm(encoder, "embeddings.LayerNorm")
        self._layers = [Layer(own, f"layers.{at}.", kind) for at in range(LAYERS)]
        self._own = own
        self._hashed = own["words.weight"].T.contiguous()  # a row a place: few of them are summed

    def run(self, pieces: list[int], kind: int, hashed: Floats) -> tuple[Any, Any]:
        """Logits of labels and signs, from a text's word pieces and hashed words, and the question's kind."""
        import torch

        rows = self._norm(self._words[torch.tensor(pieces)] + self._places[: len(pieces)])
        rows = rows + self._own["asked.weight"][kind]
        for layer in self._layers:
            rows = layer(rows)
        heard = self._hashed[torch.from_numpy(np.flatnonzero(hashed))].sum(0)
        told = torch.nn.functional.linear(rows.mean(0), self._own["signs.weight"], self._own["signs.bias"])
        return self._labels(rows) + heard[: len(LABELS)], told + heard[len(LABELS) :]

    def _labels(self, rows: Any) -> Any:
        """Each label's logit, from the words that it looks at."""
        likely = rows @ self._own["looks.weight"].T
        seen = likely.softmax(0).T @ rows  # [labels, dimensions]
        return (seen * self._own["output.weight"]).sum(-1) + self._own["output.bias"]


def _tokenizer(file: str) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
