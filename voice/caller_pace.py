"""How long this caller pauses in mid-answer, learned as the call goes on. Pure: audio time only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

_REMEMBERED: Final = 12  # pauses
_LEAST_MS: Final = 150  # shorter gaps are part of any word
_HEADROOM: Final = 1.3
_MOST_EXTRA_MS: Final = 600  # of waiting added for a hesitant caller


@dataclass(slots=True)
class CallerPace:
    """One caller's pauses after which they went on speaking, each as a share of what its question allows.

    A share, because a birth date is dictated with longer pauses than a wish is told.
    """

    _shares: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def went_on(self, pause_ms: int, allowed_ms: int) -> None:
        """The caller was silent for so long in the middle of what they had to say."""
        if pause_ms >= _LEAST_MS:
            self._shares.append(pause_ms / allowed_ms)

    def stretched(self, allowed_ms: int) -> int:
        """The silence that ends this caller's answer, where ``allowed_ms`` would end anybody's.

        The second longest pause counts, so that one distraction does not slow the whole call.
        """
        return min(max(allowed_ms, self.usual_ms(allowed_ms)), allowed_ms + _MOST_EXTRA_MS)

    def usual_ms(self, allowed_ms: int) -> int:
        """The silence after which this caller has rarely gone on; 0 while too little is known of them."""
        if len(self._shares) < 2:
            return 0
        return round(sorted(self._shares)[-2] * _HEADROOM * allowed_ms)
