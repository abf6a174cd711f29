"""Whether somebody is reading a payment card's number out: its sound must not be kept (PCI DSS 3.3)."""

from __future__ import annotations

from collections import deque
from typing import Final

from words.cards import digit_runs, holds_card_number

_KEPT: Final = 6  # utterances: people read four digits at a time
_TOGETHER_MS: Final = 45_000

Span = tuple[float, float]  # from, to


class CardWatch:
    """Follows one caller's utterances; a number may be spread over several."""

    def __init__(self) -> None:
        self._before: deque[tuple[Span, str]] = deque(maxlen=_KEPT)

    def heard(self, text: str, span: Span) -> list[Span]:
        """The stretches of sound to silence, this utterance's among them; usually none."""
        runs = digit_runs(text)
        if not runs:
            return []
        self._before.append((span, "".join(runs)))
        if any(holds_card_number(run) for run in runs):
            return [span]
        recent = [entry for entry in self._before if span[1] - entry[0][1] <= _TOGETHER_MS]
        for first in range(len(recent) - 1):
            if holds_card_number("".join(digits for _, digits in recent[first:])):
                return [place for place, _ in recent[first:]]
        return []
