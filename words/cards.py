"""Whether a payment card's number is in some words: it must not be kept (PCI DSS 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from words.numbers import parse_digits
from words.tokens import Token, tokens, words

LEAST_DIGITS: Final = 12  # ISO/IEC 7812: a card's number has 12 to 19 digits and ends in a Luhn check digit
MOST_DIGITS: Final = 19
_AROUND, _DENSE = 4, 2  # words; digits among them, besides a place's own
_MOST_OF_A_CARD = 9  # digits that were heard of it
MASK: Final = "a card number left out"  # may be read back


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


def masked(text: str) -> str:
    """The text with every card number replaced by `MASK`."""
    found = [token for token in tokens(text) if token.text[0].isalnum()]
    spoken, at, spans = [token.text for token in found], 0, list[tuple[int, int]]()
    while at < len(found):
        run = parse_digits(spoken, at, homophones=False)
        if run and holds_card_number(run[0]):
            spans.append((found[at].start, found[run[1] - 1].end))
        at = run[1] if run else at + 1
    spans = spans or _broken(found)
    for start, end in reversed(spans):
        text = f"{text[:start]}{MASK}{text[end:]}"
    return text


def _broken(found: Sequence[Token]) -> list[tuple[int, int]]:
    """A card's digits with some words misheard among them: all from the first digit to the last."""
    spoken = [token.text for token in found]
    places = [at for at, word in enumerate(spoken) if parse_digits([word], 0, homophones=False)]
    near = [at for at in places if sum(abs(at - other) <= _AROUND for other in places) > _DENSE]
    least = _MOST_OF_A_CARD if "card" in spoken else LEAST_DIGITS
    is_mostly_digits = (
        bool(near) and 2 * len(near) > near[-1] - near[0] + 1
    )  # "medicine 1 and medicine 2" is not
    return [(found[near[0]].start, found[near[-1]].end)] if is_mostly_digits and len(near) >= least else []
