"""What a line tells beside words: a machine's tones, and sound that never pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from models.domain import Event, NoPause, ToneHeard
from voice.endpointing import MAX_UTTERANCE_MS
from voice.tones import Tones

_MOST: Final = 3  # utterances in a row cut off at their greatest length: a radio, a pocket
_CUT_OFF_MS: Final = MAX_UTTERANCE_MS - 1_000


class LineWatch:
    """One stream's; ``tell`` is called with each event."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._tones = Tones()
        self._cut_off = 0

    @property
    def is_endless(self) -> bool:
        """No pause came for a minute and a half: to wait for one would be to wait for ever."""
        return self._cut_off >= _MOST

    def audio(self, mulaw: bytes) -> None:
        if kind := self._tones.hear(mulaw):
            self._tell(ToneHeard(kind))

    def utterance(self, length_ms: float) -> None:
        self._cut_off = self._cut_off + 1 if length_ms > _CUT_OFF_MS else 0
        if self._cut_off == _MOST:
            self._tell(NoPause())
