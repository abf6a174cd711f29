"""A poor recogniser between the caller and a keyboard call: words lost, doubled, or taken for near ones."""

from __future__ import annotations

from functools import lru_cache

from intents.augment import noisy
from intents.corpus import sentences


@lru_cache(maxsize=1)
def _vocabulary() -> list[str]:
    return sorted({word for sentence in sentences() for word in sentence.split() if len(word) > 2})


def misheard(text: str, rate: float, dice: str) -> str:
    """``text`` with about ``rate`` of its words changed; the same dice make the same errors."""
    return noisy(text, _vocabulary(), rate, dice) if rate > 0 and text.strip() else text
