"""Whisper's text decoder for several utterances at once, each at its own place in its own text.

The package decodes rows that are equally long. Here every row has its own prompt, audio length and end:
keys and values lie padded side by side, masks hide the padding, so a row's numbers do not depend on its
neighbours. Rows join and leave between two tokens. The layers are the package's own (whisper/model.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch.nn import functional

_GROW_BY: Final = 32  # places for tokens, so that not every token copies all keys


@dataclass(frozen=True)
class LayerState:
    """One layer's keys and values, of the text so far and of the audio: (rows, heads, places, width)."""

    keys: torch.Tensor
    values: torch.Tensor
    audio_keys: torch.Tensor
    audio_values: torch.Tensor


@dataclass(frozen=True)
class Prefix:
    """One row that has read its prompt."""

    layers: tuple[LayerState, ...]
    hidden: torch.Tensor  # (tokens, width), ready for the output layer


class TextDecoder:
    """The decoder's layers with the places of keys and values in our hands."""

    def __init__(self, network: Any, working_type: torch.dtype) -> None:
        self._decoder = network.decoder
        self._heads: int = network.dims.n_text_head
        self._type = working_type
        self.longest: int = network.dims.n_text_ctx

    def read(self, tokens: Sequence[int], features: torch.Tensor) -> Prefix:
        """The first tokens of a row, all at once."""
        hidden = self._embed(torch.tensor([list(tokens)]), torch.arange(len(tokens)))
        layers = []
        for block in self._decoder.blocks:
            query, keys, values = self._own(block, hidden)
            hidden = hidden + self._attend(block.attn, query, keys, values, causal=True)
            state = LayerState(
                keys,
                values,
                self._split(block.cross_attn.key(features)),
                self._split(block.cross_attn.value(features)),
            )
            hidden = self._rest(block, hidden, state, None)
            layers.append(state)
        return Prefix(tuple(layers), self._decoder.ln(hidden)[0])

    def step(self, tokens: Sequence[int], rows: Rows) -> torch.Tensor:
        """Hidden states (rows, width) after one more token in every row; ``rows`` has grown by it."""
        rows.make_room()
        hidden = self._embed(torch.tensor(tokens)[:, None], rows.lengths[:, None])
        text_mask, audio_mask = rows.masks()
        at = (torch.arange(len(tokens)), slice(None), rows.lengths)
        for block, state in zip(self._decoder.blocks, rows.layers, strict=True):
            query, keys, values = self._own(block, hidden)
            state.keys[at], state.values[at] = keys[:, :, 0], values[:, :, 0]
            seen = int(rows.lengths.max()) + 1
            own = (state.keys[:, :, :seen], state.values[:, :, :seen])
            hidden = hidden + self._attend(block.attn, query, *own, mask=text_mask)
            hidden = self._rest(block, hidden, state, audio_mask)
        rows.lengths = rows.lengths + 1
        after: torch.Tensor = self._decoder.ln(hidden)[:, 0]
        return after

    def _embed(self, tokens: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        found = self._decoder.token_embedding(tokens) + self._decoder.positional_embedding[places]
        return found.to(self._type)  # type: ignore[no-any-return]

    def _own(self, block: Any, hidden: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        normal = block.attn_ln(hidden)
        attention = block.attn
        return (
            self._split(attention.query(normal)),
            self._split(attention.key(normal)),
            self._split(attention.value(normal)),
        )

    def _rest(
        self, block: Any, hidden: torch.Tensor, state: LayerState, mask: torch.Tensor | None
    ) -> torch.Tensor:
        query = self._split(block.cross_attn.query(block.cross_attn_ln(hidden)))
        looked = self._attend(block.cross_attn, query, state.audio_keys, state.audio_values, mask=mask)
        hidden = hidden + looked
        after: torch.Tensor = hidden + block.mlp(block.mlp_ln(hidden))
        return after

    def _attend(
        self,
        attention: Any,
        query: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        *,
        mask: torch.Tensor | None = None,
        causal: bool = False,
    ) -> torch.Tensor:
        mixed = functional.scaled_dot_product_attention(query, keys, values, attn_mask=mask, is_causal=causal)
        joined: torch.Tensor = attention.out(mixed.permute(0, 2, 1, 3).flatten(start_dim=2))
        return joined

    def _split(self, wide: torch.Tensor) -> torch.Tensor:
        """(rows, places, width) -> (rows, heads, places, width of a head)."""
        return wide.view(*wide.shape[:2], self._heads, -1).permute(0, 2, 1, 3)


class Rows:
    """The rows decoded together: their keys and values, and how far each has come."""

    def __init__(self) -> None:
        self.layers: list[LayerState] = []
        self.lengths = torch.zeros(0, dtype=torch.long)  # tokens read
        self._audio_lengths = torch.zeros(0, dtype=torch.long)

    def __len__(self) -> int:
        return int(self.lengths.numel())

    def join(self, prefix: Prefix) -> None:
        """One more row, the last."""
        first = prefix.layers[0]
        self.lengths = torch.cat((self.lengths, torch.tensor([first.keys.shape[2]])))
        audio = torch.tensor([first.audio_keys.shape[2]])
        self._audio_lengths = torch.cat((self._audio_lengths, audio))
        if not self.layers:
            self.layers = list(prefix.layers)
            return
        self.layers = [_beside(old, new) for old, new in zip(self.layers, prefix.layers, strict=True)]

    def keep(self, which: Sequence[int]) -> None:
        """Only these rows, in this order; one named twice is copied."""
        index = torch.tensor(list(which), dtype=torch.long)
        self.lengths, self._audio_lengths = self.lengths[index], self._audio_lengths[index]
        if not len(index):
            self.layers = []
            return
        text, audio = int(self.lengths.max()), int(self._audio_lengths.max())
        self.layers = [
            LayerState(
                state.keys[index, :, :text],
                state.values[index, :, :text],
                state.audio_keys[index, :, :audio],
                state.audio_values[index, :, :audio],
            )
            for state in self.layers
        ]

    def make_room(self) -> None:
        """A place for the next token of every row."""
        if int(self.lengths.max()) < self.layers[0].keys.shape[2]:
            return
        places = self.layers[0].keys.shape[2] + _GROW_BY
        self.layers = [
            LayerState(
                _padded(state.keys, places),
                _padded(state.values, places),
                state.audio_keys,
                state.audio_values,
            )
            for state in self.layers
        ]

    def masks(self) -> tuple[torch.Tensor | None, torch.Tensor | None]:
        """Which places each row may look at: of text, with the token about to be written; and of audio."""
        return _mask(self.lengths + 1), _mask(self._audio_lengths)


def _mask(lengths: torch.Tensor) -> torch.Tensor | None:
    """None where all rows are equally long."""
    longest = int(lengths.max())
    if bool((lengths == longest).all()):
        return None
    return (torch.arange(longest)[None] < lengths[:, None])[:, None, None]


def _padded(values: torch.Tensor, places: int) -> torch.Tensor:
    return functional.pad(values, (0, 0, 0, places - values.shape[2]))


def _beside(first: LayerState, second: LayerState) -> LayerState:
    def both(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
        places = max(one.shape[2], other.shape[2])
        return torch.cat((_padded(one, places), _padded(other, places)))

    return LayerState(
        both(first.keys, second.keys),
        both(first.values, second.values),
        both(first.audio_keys, second.audio_keys),
        both(first.audio_values, second.audio_values),
    )
