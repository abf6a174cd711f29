"""Where callers take back what they just said: "no the nineteenth", "I mean Thursday", "make that two"."""

from __future__ import annotations

from collections.abc import Sequence

from words.tokens import find_phrase, phrases, starts_with, word_set

# Words after which the value that follows replaces the one before.
_MARKERS = phrases(
    "no wait|no sorry|no i mean|no i meant|i mean|i meant|make that|make it|scratch that|i'm sorry"
    "|sorry|actually|rather|correction|excuse me|no|nope|wait|oops|not that|let me correct"
)
# Words before a value that take it away: "not Tuesday", "I can't do Thursday".
_REFUSALS = phrases(
    "not|can't do|cannot do|can't make|except|anything but|besides|instead of|other than|rather than"
    "|don't want|didn't say|didn't mean|isn't|wasn't|never said|don't take|can't come|can't come in"
)
_BETWEEN = word_set("the a on at for it in that to is it's with of my")


def is_replaced(words: Sequence[str], first_after: int, second_at: int) -> bool:
    """Whether a correction stands between two values, so that the second replaces the first."""
    between = words[first_after:second_at]
    return any(find_phrase(between, marker) is not None for marker in _MARKERS)


def is_refused(words: Sequence[str], at: int) -> bool:
    """Whether the value beginning at ``at`` is named only to be turned down."""
    start = at
    while start > 0 and words[start - 1] in _BETWEEN:
        start -= 1
    return any(start >= len(said) and starts_with(words, start - len(said), said) for said in _REFUSALS)


def opens_with_correction(words: Sequence[str]) -> bool:
    """Whether an answer begins by correcting: "no, I meant Thursday", "actually the nineteenth"."""
    return any(starts_with(words, 0, marker) for marker in _MARKERS)
