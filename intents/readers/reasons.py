"""Why a caller can come then, and not otherwise: what of their own day they tell beside a wish.

"I get off at four", "she has soccer on Tuesday", "in the afternoon, because I take the bus in the morning":
these hours and days are no wishes. Where an errand ends they are free, where something stands they are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from words.tokens import phrases, starts_with, word_at, word_set

_TASKS = word_set(
    "work school class classes lectures meetings practice soccer football baseball basketball gym lessons "
    "rehearsal church training exams plans therapy physio swimming dance"
)
_ONE_TASK = word_set(
    "class lecture meeting lesson rehearsal shift exam flight conference game recital conflict date"
)
_HAVE = phrases("have|has|had|got|i've|he's|she's|we've|they've|i've got|he's got|she's got|we've got")
_LONGEST = 5
# What stands right before a day or an hour that is somebody's already.
_TAKEN_UP = frozenset(
    (*verb, *what)
    for verb, what in product(
        _HAVE,
        (
            *((task,) for task in _TASKS),
            *((article, task) for article in ("a", "an", "my", "the", "another") for task in _ONE_TASK),
        ),
    )
)
_BETWEEN = word_set("at on from around about every all the this next usually always")
# "I get off at four": what is told of the hour is that the time after it is free.
FREED_AT = phrases(
    "get off|gets off|getting off|get off work|gets off work|get out|gets out|get out of work"
    "|get out of school|get out of class|get home|gets home|get back|off work|done work|done with work"
    "|done working|finish|finishes|finish work|finish class|finish school|shift ends|shift is over|work ends"
    "|class ends|class is over|school ends|school is out|school lets out|meeting ends|leave work|leaves work"
    "|leave the office|i'm off|i'm done|i'm out|i'm free|free from|available from|available starting"
)
_UNTIL = _TASKS | _ONE_TASK | word_set("works working busy")
_CHILDREN = word_set("kid kids child children son daughter boy boys girl girls baby grandson granddaughter")
_WHY = phrases("because|cause|since i|since my|since we|since he|since she|as i|as my|due to")
_FREE = word_set("off free available open only can could")


def is_taken_up(words: Sequence[str], at: int, *, is_last: bool) -> bool:
    """ "I have class on Tuesday": the day at ``at`` is one on which they cannot come.

    ``is_last``: no other day follows, so that "I have work, Tuesday then" wishes for it.
    """
    if is_last and word_at(words, at - 1) not in _BETWEEN:
        return False
    while at > 0:
        sizes = range(2, min(_LONGEST, at) + 1)
        if any(tuple(words[at - size : at]) in _TAKEN_UP for size in sizes):
            return True
        if words[at - 1] not in _BETWEEN:
            return False
        at -= 1
    return False


def is_freed(words: Sequence[str], at: int) -> bool:
    """ "My shift ends around three": ``at`` is where its hour stands."""
    while at > 0 and words[at - 1] in ("at", "around", "about", "by", "usually"):
        at -= 1
    if word_at(words, at - 1) in ("until", "till"):
        return word_at(words, at - 2) in _UNTIL
    return any(at >= len(said) and starts_with(words, at - len(said), said) for said in FREED_AT)


def is_of_children(words: Sequence[str]) -> bool:
    """ "My kids are at school until two": then the caller is free."""
    return bool(_CHILDREN & set(words))


def explained_from(words: Sequence[str]) -> int:
    """Where a reason begins that says when they cannot come; behind the last word where there is none."""
    for at in range(1, len(words)):
        if any(starts_with(words, at, said) for said in _WHY):
            return len(words) if _FREE & set(words[at:]) else at
    return len(words)


def that_hour(words: Sequence[str], after: int) -> str:
    """ "I pick him up at three, so before that": "before" or "after", of the hour that ends at ``after``."""
    for at in range(after, len(words) - 1):
        if words[at] in ("before", "after") and words[at + 1] in ("that", "then"):
            return "" if word_at(words, at - 1) in _TASKS | _ONE_TASK else words[at]
    return ""
