"""From when, until when: "after the fifteenth", "not until Thursday", "by Friday", "between Monday and
Wednesday".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from intents.readers.calendar import Mention
from intents.readers.mentions import is_range
from words.tokens import phrases, starts_with, word_set

_SMALL = word_set("the on about around maybe say like even least very")
# What stands before a day -> from the day after, from the day, to the day before, to the day.
_LEADS = {
    phrase: meaning
    for meaning, listed in (
        ("after", "after|past|later than|following"),
        (
            "from",
            "starting|beginning|from|as of|no earlier than|no sooner than|not earlier than|starting from"
            "|on or after",
        ),
        ("before", "before|earlier than|prior to|sooner than"),
        (
            "to",
            "by|until|till|til|through|thru|up to|no later than|not later than|now and|today and"
            "|on or before",
        ),
    )
    for phrase in phrases(listed)
}
_THROUGH = word_set("through thru")
_FROM_AFTER = phrases(
    "or later|or after|or beyond|onward|onwards|on out|and after|and later|at the earliest|or thereafter"
)
_TO_AFTER = phrases("or earlier|or before|or sooner|at the latest")
_ABSENT = word_set(
    "not can't cannot won't couldn't don't isn't never unable unavailable busy away gone vacation traveling "
    "travelling working closed town out"
)
_ABSENT_REACH = 7  # words: "I won't be able to come in until"
_MOVES = word_set(
    "move moved moving change changed changing reschedule rescheduled rescheduling switch push pushed bump "
    "postpone shift swap"
)
_NEW_LEADS = word_set("to until till for onto")


@dataclass(frozen=True, slots=True)
class Bounds:
    """None: open on that side. Words [at, after) say it."""

    first: date | None
    last: date | None
    at: int
    after: int


class _Placed(Protocol):
    @property
    def at(self) -> int: ...


P = TypeVar("P", bound=_Placed)


def without_moved_from(mentions: list[P], words: Sequence[str]) -> list[P]:
    """ "Move it from Tuesday to Thursday", "change my two o'clock to three": the new day or time alone."""
    if len(mentions) < 2 or not _MOVES & set(words[: mentions[-1].at]):
        return mentions
    lead = words[: mentions[-1].at]
    while lead and lead[-1] in _SMALL:
        lead = lead[:-1]
    return mentions[-1:] if lead and lead[-1] in _NEW_LEADS else mentions


def limits(kept: list[Mention], words: Sequence[str]) -> Bounds | None:
    """The bounds a sentence sets, None where it names plain days."""
    first = kept[0]
    if len(kept) >= 2 and is_range(words, first, kept[1]):
        last = kept[1].last if kept[1].last >= first.first else kept[1].last + timedelta(weeks=1)
        return Bounds(first.first, last, first.at, kept[1].after)
    meaning, lead_at = _lead(words, first.at)
    if any(starts_with(words, first.after, said) for said in _FROM_AFTER):
        meaning = "from"
    elif any(starts_with(words, first.after, said) for said in _TO_AFTER):
        meaning = "to"
    elif meaning and _is_absent(words, lead_at):
        meaning = _turned(meaning, words[lead_at])
    return _bounds(meaning, first)


def _lead(words: Sequence[str], at: int) -> tuple[str, int]:
    """What stands before a day and where it begins; "" when nothing that bounds."""
    while at > 0 and words[at - 1] in _SMALL:
        at -= 1
    leads = [said for said in _LEADS if at >= len(said) and starts_with(words, at - len(said), said)]
    if not leads:
        return "", at
    longest = max(leads, key=len)
    return _LEADS[longest], at - len(longest)


def _is_absent(words: Sequence[str], lead_at: int) -> bool:
    """ "I can't come until", "he is away through": what is bounded is the time that does not suit."""
    return bool(_ABSENT & set(words[max(0, lead_at - _ABSENT_REACH) : lead_at]))


def _turned(meaning: str, lead: str) -> str:
    if lead in _THROUGH:
        return "after"
    return {"to": "from", "before": "from", "after": "to", "from": "before"}[meaning]


def _bounds(meaning: str, day: Mention) -> Bounds | None:
    one = timedelta(days=1)
    match meaning:
        case "after":
            return Bounds(day.last + one, None, day.at, day.after)
        case "from":
            return Bounds(day.first, None, day.at, day.after)
        case "before":
            return Bounds(None, day.first - one, day.at, day.after)
        case "to":
            return Bounds(None, day.last, day.at, day.after)
    return None
