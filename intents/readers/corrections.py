"""Where callers take back what they just said: "no the nineteenth", "I mean Thursday", "make that two"."""

from __future__ import annotations

from collections.abc import Sequence

from intents.readers.reasons import is_taken_up
from words.tokens import holds_any, longest_at, phrases, starts_with, word_set

# Words after which the value that follows replaces the one before.
_MARKERS = phrases(
    "no wait|no sorry|no i mean|no i meant|i mean|i meant|make that|make it|scratch that|i'm sorry"
    "|sorry|actually|rather|correction|excuse me|no|nope|wait|oops|not that|let me correct|strike that"
)
# Words before a value that take it away: "not Tuesday", "I can't do Thursday".
_REFUSALS = phrases(
    "not|can't do|cannot do|can't make|except|anything but|besides|instead of|other than|rather than"
    "|don't want|didn't say|didn't mean|isn't|wasn't|never said|don't take|can't come|can't come in"
    "|aside from|apart from|excluding|neither|nor|anyone but|anybody but|everyone but|everybody but"
)
_NOT_THEN = phrases(
    "won't do|cannot make|couldn't make|won't make|able to make|cannot come|any day but|any time but"
    "|every day but|not sure about|don't know about|not available|not free|unavailable|busy|away|on vacation"
    "|out of town|out of the country|can't be there|can't get there|i work|i'm working|can't wait until"
    "|can't wait till|won't be in|won't be here|won't be there|can't|cannot|don't do"
)
# Words after a value that take it away: "Thursday doesn't work", "the tenth is no good".
_REFUSED_AFTER = phrases(
    "doesn't work|does not work|don't work|do not work|won't work|will not work|isn't good|is not good"
    "|is no good|are no good|is bad|is out|is not possible|isn't possible|i can't|i cannot|i'm busy"
    "|i am busy|i'm not free|i'm not available|i'm working|i work|i'm away|i'll be away|is too soon"
    "|is too late|is too early|is too far|isn't going to work|is not going to work|won't do|isn't great"
    "|is not great|is impossible|never works|we can't|he can't|she can't|they can't|is taken|is full"
    "|i won't be"
    + "".join(
        f"|{verb} {manner}"
        for verb in ("is", "are", "is always", "are always", "is usually", "are usually", "get", "gets")
        for manner in (
            "busy crazy hectic full packed hard tough tricky difficult bad terrible impossible rough booked"
        ).split()
    )
)
_BETWEEN = word_set("the a on at for it in that to is it's with of my this next any")
_AFTER_BETWEEN = word_set("at in the morning afternoon evening unfortunately just really that's")
_LISTED = word_set("or nor and the on either next this at for")


def is_replaced(words: Sequence[str], first_after: int, second_at: int) -> bool:
    """Whether a correction stands between two values, so that the second replaces the first."""
    between = words[first_after:second_at]
    return holds_any(between, _MARKERS)


def last_correction(words: Sequence[str], before: int) -> int:
    """Where the last correction that ends before a place begins; -1 for none.
    What stands before it is replaced.
    """
    for at in range(before - 1, -1, -1):
        if any(at + len(marker) <= before and starts_with(words, at, marker) for marker in _MARKERS):
            return at
    return -1


def is_refused(words: Sequence[str], at: int) -> bool:
    """Whether the value beginning at ``at`` is named only to be turned down."""
    if starts_with(words, at - 2, ("not", "that")):
        return False  # "no, not that, lisinopril": what was read out is meant, and this stands in its place
    return _stands_before(words, at, _REFUSALS)


def _stands_before(words: Sequence[str], at: int, table: tuple[tuple[str, ...], ...]) -> bool:
    """Whether a phrase ends at a place, small words between left aside."""
    while at > 0:
        if any(at >= len(said) and starts_with(words, at - len(said), said) for said in table):
            return not starts_with(words, at - 2, ("why", "not"))  # "why not Thursday?" offers it
        if words[at - 1] not in _BETWEEN:
            return False
        at -= 1
    return False


def is_refused_after(words: Sequence[str], after: int) -> bool:
    """Whether the words that follow a value turn it down: "Thursday doesn't work"."""
    while after < len(words) and words[after] in _AFTER_BETWEEN:
        after += 1
    return longest_at(words, after, _REFUSED_AFTER) > 0


def refused(words: Sequence[str], spans: Sequence[tuple[int, int]]) -> list[bool]:
    """For days or times at [at, after) in order: which are turned down. "Not Tuesday or Friday": both."""
    answers: list[bool] = []
    for place, (at, after) in enumerate(spans):
        before = _stands_before(words, at, _REFUSALS) or _stands_before(words, at, _NOT_THEN)
        is_no = before or is_refused_after(words, after)
        is_no = is_no or is_taken_up(words, at, is_last=place + 1 == len(spans))
        if not is_no and place and answers[-1]:
            between = words[spans[place - 1][1] : at]
            is_no = bool({"or", "nor", "and"} & set(between)) and set(between) <= _LISTED
        answers.append(is_no)
    return answers


def opens_with_correction(words: Sequence[str]) -> bool:
    """Whether an answer begins by correcting: "no, I meant Thursday", "actually the nineteenth"."""
    return longest_at(words, 0, _MARKERS) > 0
