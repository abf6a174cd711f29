"""The layers of ``intents.fast``: BERT's (https://arxiv.org/abs/1810.04805), for one text at a time.

Tensors are torch's, which is imported where it is used: it takes seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HEADS = 12  # of attention, as the model's config.json says; likewise:
SMALLEST_SPREAD = 1e-12

Tensors = Mapping[str, Any]


def half_type(is_exact: bool = False) -> Any:
    """What to multiply in: bfloat16 where the processor does (AVX-512 BF16), else single precision."""
    import torch

    has = getattr(torch.cpu, "_is_avx512_bf16_supported", bool)()
    return torch.bfloat16 if has and not is_exact else torch.float32


class Product:
    """Rows times a weight matrix, plus a bias. The weights are packed once, not at every use."""

    def __init__(self, weight: Any, bias: Any, kind: Any) -> None:
        self.kind = kind
        self._bias = None if bias is None else bias.to(kind)
        self._weight = weight.to(kind)
        self._packed = _packed(self._weight)
        if self._packed is not None:
            self._weight = None  # once is enough

    def __call__(self, rows: Any, then: str = "none") -> Any:
        """``then``: "gelu" or "none"."""
        import torch

        rows = rows.to(self.kind)
        if self._packed is not None:
            how = "none" if then == "gelu" else ""
            return torch.ops.mkldnn._linear_pointwise(rows, self._packed, self._bias, then, [], how)
        made = torch.nn.functional.linear(rows, self._weight, self._bias)
        return torch.nn.functional.gelu(made) if then == "gelu" else made


def _packed(weight: Any) -> Any:
    """Weights as oneDNN wants to read them; None where this build of torch or this processor cannot."""
    import torch

    try:
        packed = torch.ops.mkldnn._reorder_linear_weight(weight)
        row = torch.zeros(1, weight.shape[1], dtype=weight.dtype)
        torch.ops.mkldnn._linear_pointwise(row, packed, None, "none", [], "")
    except (AttributeError, RuntimeError):
        return None
    return packed


class Norm:
    """Each row brought to mean 0 and spread 1, then scaled and shifted as was learned."""

    def __init__(self, tensors: Tensors, name: str) -> None:
        self._scale, self._shift = tensors[f"{name}.weight"], tensors[f"{name}.bias"]

    def __call__(self, rows: Any) -> Any:
        import torch

        return torch.nn.functional.layer_norm(
            rows, self._scale.shape, self._scale, self._shift, SMALLEST_SPREAD
        )


class Layer:
    """Attention and two products, each added to what came in. Rows in single precision in and out."""

    def __init__(self, tensors: Tensors, name: str, kind: Any) -> None:
        import torch

        own = {key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)}
        asking = [f"attention.self.{role}" for role in ("query", "key", "value")]
        weight, bias = (torch.cat([own[f"{one}.{part}"] for one in asking]) for part in ("weight", "bias"))
        self._asking = Product(weight, bias, kind)
        self._answer, self._wide, self._narrow = (
            Product(own[f"{one}.weight"], own[f"{one}.bias"], kind)
            for one in ("attention.output.dense", "intermediate.dense", "output.dense")
        )
        self._after_attention = Norm(own, "attention.output.LayerNorm")
        self._after_all = Norm(own, "output.LayerNorm")

    def __call__(self, rows: Any) -> Any:
        rows = self._after_attention(rows + self._answer(self._attention(rows)))
        return self._after_all(rows + self._narrow(self._wide(rows, "gelu")))

    def _attention(self, rows: Any) -> Any:
        """What each token gathers from all: [tokens, dimensions]."""
        import torch

        three = self._asking(rows).float().view(len(rows), 3, HEADS, -1).permute(1, 2, 0, 3).unsqueeze(1)
        asking, asked, told = three
        found = torch.nn.functional.scaled_dot_product_attention(asking, asked, told)
        return found[0].transpose(0, 1).reshape(len(rows), -1)
