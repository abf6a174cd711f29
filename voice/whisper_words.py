"""Decoded tokens as words with confidence and time.

Times are estimates: the words share the stretch in which a voice was heard, by their length.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from models.domain import Word
from voice.whisper_decoding import Decoded


def words_of(piece: Callable[[int], bytes], decoded: Decoded, start_ms: int, end_ms: int) -> tuple[Word, ...]:
    """``piece``: what a token writes. ``start_ms`` and ``end_ms``: first and last voice in the audio."""
    spelled = _spelled(piece, decoded)
    letters = sum(len(text) for text, _ in spelled)
    words, done = [], 0
    for text, logged in spelled:
        start = start_ms + (end_ms - start_ms) * done // letters
        done += len(text)
        end = start_ms + (end_ms - start_ms) * done // letters
        words.append(Word(text, min(math.exp(sum(logged) / len(logged)), 1.0), start, end))
    return tuple(words)


def _spelled(piece: Callable[[int], bytes], decoded: Decoded) -> list[tuple[str, list[float]]]:
    """Each word's text and the logarithms of its tokens; a word begins with a space."""
    pieces: list[tuple[bytearray, list[float]]] = []
    for token, logged in zip(decoded.tokens, decoded.logged, strict=True):
        written = piece(token)
        if written and (not pieces or written.startswith(b" ")):
            pieces.append((bytearray(), []))
        if written:
            pieces[-1][0].extend(written)
            pieces[-1][1].append(logged)
    found = [(text.decode("utf-8", "replace").strip(), logged) for text, logged in pieces]
    return [(text, logged) for text, logged in found if any(map(str.isalnum, text))]
