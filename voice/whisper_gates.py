"""Gates against invention: Whisper writes fluent words for noise, silence and half-heard speech.

Log-probability, no-speech and compression are the package's own thresholds (whisper/transcribe.py).
Loops, echoes of the prompt, and more words than can be said in the time are judged on the words. The
subtitle phrases are those that users meet on silence: https://github.com/openai/whisper/discussions/679,
and M. Baranski et al., "Investigation of Whisper ASR Hallucinations Induced by Non-Speech Audio", 2025
(https://arxiv.org/abs/2501.11378) on why a list helps; only phrases that no caller says stand here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from voice.whisper_decoding import Decoded

MIN_LOG_PROBABILITY: Final = -1.0
_MAX_COMPRESSION: Final = 2.4
_NO_SPEECH: Final = 0.6
_WORDS_PER_S: Final = 7.0  # hurried English has about 5
_WORDS_EXTRA: Final = 4
_LOOP_REPEATS: Final = 4
_LOOP_WORDS: Final = 8
_LOOP_LONGEST: Final = 6
_ECHO_WORDS: Final = 4
_GLUED: Final = re.compile(r"([^\W\d_]\S{1,11}?)\1{5}")  # one stretch of letters six times on end
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SUBTITLES: Final = (
    "thanks for watching",
    "thank you for watching",
    "please subscribe",
    "subtitles by the amara org community",
)


class Doubt(StrEnum):
    UNLIKELY = "unlikely"
    PACKED = "packed"
    LOOP = "loop"
    ECHO = "echo"
    RUSHED = "rushed"
    SUBTITLE = "subtitle"


def words_in(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def nothing_said(decoded: Decoded) -> bool:
    """Whisper itself takes it for silence: improbable as text, probable as no speech."""
    unlikely = not decoded.average_log_probability >= MIN_LOG_PROBABILITY
    return decoded.no_speech > _NO_SPEECH and unlikely


def doubt(decoded: Decoded, prompt: str, speech_s: float) -> Doubt | None:
    """Why this text is not to be believed; None when nothing speaks against it."""
    words = words_in(decoded.text)
    if not decoded.average_log_probability >= MIN_LOG_PROBABILITY:  # also broken weights' NaN
        return Doubt.UNLIKELY
    if compression(decoded.text) > _MAX_COMPRESSION:
        return Doubt.PACKED
    if loops(words) or _GLUED.search(decoded.text):
        return Doubt.LOOP
    if echoes(words, words_in(prompt)):
        return Doubt.ECHO
    if len(words) > _WORDS_PER_S * speech_s + _WORDS_EXTRA:
        return Doubt.RUSHED
    if any(phrase in " ".join(words) for phrase in _SUBTITLES):
        return Doubt.SUBTITLE
    return None


def compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data))


def loops(words: Sequence[str]) -> bool:
    """A stretch said at least four times on end, eight words in all; digits may repeat."""
    for size in range(1, _LOOP_LONGEST + 1):
        same = 0
        for at in range(size, len(words)):
            same = same + 1 if words[at] == words[at - size] else 0
            whole = same + size
            stretch = words[at - size + 1 : at + 1]
            if whole >= max(_LOOP_REPEATS * size, _LOOP_WORDS) and not all(map(str.isdigit, stretch)):
                return True
    return False


def echoes(words: Sequence[str], prompt: Sequence[str]) -> bool:
    """Nothing but a stretch of the prompt, four words or more: read off, not heard."""
    if len(words) < _ECHO_WORDS:
        return False
    return f" {' '.join(words)} " in f" {' '.join(prompt)} "
