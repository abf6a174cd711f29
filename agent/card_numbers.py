"""Whether somebody is reading a payment card's number out: its sound must not be kept (PCI DSS 3.3)."""

from __future__ import annotations

from collections import deque
from typing import Final

from words.numbers import parse_digits
from words.tokens import words

LEAST_DIGITS: Final = 12  # ISO/IEC 7812: a card's number has 12 to 19 digits and ends in a Luhn check digit
MOST_DIGITS: Final = 19
_KEPT: Final = 6  # utterances: people read four digits at a time
_TOGETHER_MS: Final = 45_000

Span = tuple[float, float]  # from, to


def passes_luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812-1 annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def holds_card_number(digits: str) -> bool:
    """Whether a run of digits begins with a card's number (an expiry date may follow it)."""
    lengths = range(LEAST_DIGITS, min(len(digits), MOST_DIGITS) + 1)
    return any(digits[0] != "0" and passes_luhn(digits[:length]) for length in lengths)


def digit_runs(text: str) -> list[str]:
    """The strings of digits in what was said, in order."""
    found, runs, at = words(text), list[str](), 0
    while at < len(found):
        run = parse_digits(found, at, homophones=bool(runs))
        if run:
            runs.append(run[0])
        at = run[1] if run else at + 1
    return runs


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
