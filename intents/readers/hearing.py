"""What a reader looks at: the tokens that carry meaning, of so much text as one turn can hold."""

from __future__ import annotations

from typing import Final

from words.tokens import Token, tokens, without_fillers

MAX_CHARACTERS: Final = 2_000  # about two minutes of speech: what bounds every reader's work


def heard(text: str) -> tuple[Token, ...]:
    """Tokens without fillers. What lies beyond the longest turn is not looked at."""
    return without_fillers(all_heard(text))


def all_heard(text: str) -> tuple[Token, ...]:
    """The same with the fillers, where "okay" and "well" may be the answer."""
    return tokens(text[:MAX_CHARACTERS])
