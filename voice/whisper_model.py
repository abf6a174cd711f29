"""Loaded Whisper weights: network, tokenizer and arithmetic, shared by all utterances of a worker."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from voice import whisper_encoding, whisper_precision
from voice.whisper_rows import TextDecoder
from voice.whisper_weights import load_network

_PROMPT_TOKENS: Final = 100


class WhisperModel:
    """The start, the end and what may never be said are those of openai-whisper (whisper/decoding.py)."""

    def __init__(self, weights: Path, threads: int = 1, precision: str = "fp32") -> None:
        """Raises RecognitionError (weights) or SettingsError (precision)."""
        torch.set_num_threads(threads)
        self.network: Any = load_network(weights)
        self._tokens: Any = _tokenizer(self.network)
        with torch.inference_mode():
            self.logits = whisper_precision.apply(self.network, precision)
        self._working_type = whisper_precision.working_type(precision)
        self.decoder = TextDecoder(self.network, self._working_type)
        tokens = self._tokens
        self.start: tuple[int, ...] = (*tokens.sot_sequence, tokens.no_timestamps)
        self.end: int = tokens.eot
        self.no_speech: int = tokens.no_speech
        self.never: list[int] = sorted({*tokens.non_speech_tokens, *_orders(tokens)})
        self.never_first: list[int] = [*tokens.encode(" "), tokens.eot]

    def encode(self, audio: NDArray[np.float32], context_s: float) -> torch.Tensor:
        return whisper_encoding.encode(self.network, audio, context_s, self._working_type)

    def prompt_tokens(self, prompt: str) -> list[int]:
        """What the decoder is told was said before; [] for nothing."""
        words = self._tokens.encode(" " + prompt.strip())[:_PROMPT_TOKENS] if prompt.strip() else []
        return [self._tokens.sot_prev, *words] if words else []

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._tokens.encode(text))

    def piece(self, token: int) -> bytes:
        """What a token writes; nothing for an order such as a time or a language."""
        return self._tokens.encoding.decode_single_token_bytes(token) if token < self.end else b""

    def text_of(self, tokens: list[int]) -> str:
        return b"".join(map(self.piece, tokens)).decode("utf-8", "replace").strip()

    def sound_different(self, token: int, other: int) -> bool:
        """Whether two tokens are different words, not the same one written otherwise."""
        one, two = (self.piece(each).strip().lower() for each in (token, other))
        return one != two and any(byte > 127 or chr(byte).isalnum() for byte in two)


def _tokenizer(network: Any) -> Any:
    from whisper.tokenizer import get_tokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the package leaves its word list open
        return get_tokenizer(
            network.is_multilingual, num_languages=network.num_languages, language="en", task="transcribe"
        )


def _orders(tokens: Any) -> tuple[int, ...]:
    return (
        tokens.transcribe,
        tokens.translate,
        tokens.sot,
        tokens.sot_prev,
        tokens.sot_lm,
        tokens.no_speech,
    )
