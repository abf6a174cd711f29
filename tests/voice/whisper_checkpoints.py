"""Small random weights in openai-whisper's own file format. They hear nothing: their words are noise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from whisper.model import ModelDimensions, Whisper

ENGLISH, MULTILINGUAL, WITH_CANTONESE = 51_864, 51_865, 51_866
_END = {ENGLISH: 50_256, MULTILINGUAL: 50_257, WITH_CANTONESE: 50_257}


@dataclass(frozen=True)
class Shape:
    mels: int = 80
    vocabulary: int = ENGLISH
    width: int = 32
    heads: int = 2
    layers: int = 1
    text_layers: int = 1


def network_of(shape: Shape, seed: int, *, loudness: float = 1.0, ends: float = 1.0) -> Whisper:
    """Random weights under which the next word depends on the audio and on all words before.

    Whisper's output layer is its word table, so a network as initialised would say its last word again and
    again: words are small here, and places and layers large. ``loudness`` scales the logits: how sure
    of its noise the network is. ``ends`` scales the end's: with 5, a text ends after some five tokens.
    """
    torch.manual_seed(seed)
    dims = ModelDimensions(
        *(shape.mels, 1_500, shape.width, shape.heads, shape.layers),
        *(shape.vocabulary, 448, shape.width, shape.heads, shape.text_layers),
    )
    network = Whisper(dims)
    for name, values in network.named_parameters():
        if values.dim() > 1:
            spread = values[0].numel() ** -0.5
            torch.nn.init.normal_(values, std=2.0 * spread if "attn" in name else 1.2 * spread)
    decoder = network.decoder
    torch.nn.init.normal_(decoder.positional_embedding, std=0.5)
    torch.nn.init.normal_(decoder.token_embedding.weight, std=0.3)
    torch.nn.init.constant_(decoder.ln.weight, loudness)
    if shape.vocabulary in _END:
        decoder.token_embedding.weight.data[_END[shape.vocabulary]] *= ends
    return network.eval()


def save(network: Whisper, path: Path) -> Path:
    torch.save({"dims": vars(network.dims), "model_state_dict": network.state_dict()}, path)
    return path


def checkpoint(
    path: Path, shape: Shape | None = None, seed: int = 5, *, loudness: float = 1.0, ends: float = 1.0
) -> Path:
    return save(network_of(shape or Shape(), seed, loudness=loudness, ends=ends), path)
