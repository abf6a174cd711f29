"""Whisper's word pieces: what a text starts with, ends with and may never contain, whoever decodes it."""

from __future__ import annotations

import warnings
from typing import Any, Final

_PROMPT_TOKENS: Final = 100


class WhisperTokens:
    """The start, the end and what may never be said are those of openai-whisper (whisper/decoding.py)."""

    def __init__(self, multilingual: bool, languages: int) -> None:
        tokens = self._tokens = _tokenizer(multilingual, languages)
        self.start: tuple[int, ...] = (*tokens.sot_sequence, tokens.no_timestamps)
        self.end: int = tokens.eot
        self.no_speech: int = tokens.no_speech
        self.never: list[int] = sorted({*tokens.non_speech_tokens, *_orders(tokens)})
        self.never_first: list[int] = [*tokens.encode(" "), tokens.eot]

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

    def orders(self) -> dict[str, int]:
        """Tokens that write nothing, by their names: start, end, languages and the like."""
        return dict(self._tokens.special_tokens)

    def languages(self) -> list[int]:
        """The tokens that name a language."""
        return list(self._tokens.all_language_tokens)


def _tokenizer(multilingual: bool, languages: int) -> Any:
    from whisper.tokenizer import get_tokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the package leaves its word list open
        return get_tokenizer(multilingual, num_languages=languages, language="en", task="transcribe")


def _orders(tokens: Any) -> tuple[int, ...]:
    return (
        tokens.transcribe,
        tokens.translate,
        tokens.sot,
        tokens.sot_prev,
        tokens.sot_lm,
        tokens.no_speech,
    )
