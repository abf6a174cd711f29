"""The arithmetic of a loaded Whisper: fp32 as it is, bf16, or int8 weights.

int8 quantises the linear layers dynamically, a scale for each output; PyTorch knows plain ``nn.Linear`` only,
so the package's subclass is replaced first. What either costs in accuracy has to be measured with real
weights (`make bench-whisper`); fp32 is the default.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import nn

from models.errors import SettingsError

PRECISIONS: Final = ("fp32", "bf16", "int8")


def apply(network: Any, precision: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """Changes the network in place; returns hidden states -> logits in fp32. Raises SettingsError."""
    match precision:
        case "fp32":
            embedding = network.decoder.token_embedding.weight
            embedding.data = embedding.data.t().contiguous().t()  # a few rows are multiplied twice as fast
            return _tied(network)
        case "bf16":
            for module in network.modules():
                if isinstance(module, nn.Linear | nn.Conv1d | nn.Embedding):
                    module.to(torch.bfloat16)
            return _tied(network)
        case "int8":
            return _int8(network)
    raise SettingsError(f"WHISPER_PRECISION is {precision!r}; it may be {', '.join(PRECISIONS)}")


def working_type(precision: str) -> torch.dtype:
    return torch.bfloat16 if precision == "bf16" else torch.float32


def _tied(network: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """Whisper's output layer is its token embedding."""
    weight = network.decoder.token_embedding.weight

    def logits(hidden: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(hidden, weight).float()

    return logits


def _int8(network: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    output = _plain(network.decoder.token_embedding.weight, None)
    for block in (*network.encoder.blocks, *network.decoder.blocks):
        for module in list(block.modules()):
            for name, child in module.named_children():
                if isinstance(child, nn.Linear):
                    setattr(module, name, _plain(child.weight, child.bias))
        _quantise(block)
    quantised: Callable[[torch.Tensor], torch.Tensor] = _quantise(nn.Sequential(output))
    return quantised


def _plain(weight: torch.Tensor, bias: torch.Tensor | None) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None, device="meta")
    linear.weight = nn.Parameter(weight.detach(), requires_grad=False)
    if bias is not None:
        linear.bias = nn.Parameter(bias.detach(), requires_grad=False)
    return linear


def _quantise(module: nn.Module) -> Any:
    from torch.ao import quantization

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch announces a successor package
        how = {nn.Linear: quantization.per_channel_dynamic_qconfig}
        return quantization.quantize_dynamic(  # type: ignore[no-untyped-call]
            module, how, dtype=torch.qint8, inplace=True
        )
