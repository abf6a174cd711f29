"""Loaded Whisper weights: network, tokenizer and arithmetic, shared by all utterances of a worker."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from voice import whisper_encoding, whisper_precision
from voice.whisper_rows import TextDecoder
from voice.whisper_tokens import WhisperTokens
from voice.whisper_weights import load_network


class WhisperModel(WhisperTokens):
    """openai-whisper's network and tokenizer, computing by PyTorch."""

    def __init__(self, weights: Path, threads: int = 1, precision: str = "fp32") -> None:
        """Raises RecognitionError (weights) or SettingsError (precision)."""
        torch.set_num_threads(threads)
        self.network: Any = load_network(weights)
        super().__init__(self.network.is_multilingual, self.network.num_languages)
        with torch.inference_mode():
            self.logits = whisper_precision.apply(self.network, precision)
        self._working_type = whisper_precision.working_type(precision)
        self.decoder = TextDecoder(self.network, self._working_type)

    def encode(self, audio: NDArray[np.float32], context_s: float) -> torch.Tensor:
        return whisper_encoding.encode(self.network, audio, context_s, self._working_type)
