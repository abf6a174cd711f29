"""Days with a name of their own. Federal ones by 5 U.S.C. 6103(a); days that move with the moon are left
out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from intents.readers.calendar import Mention, Named, days_from, first_after, last_before, monday_of, one_day
from words.tokens import phrases, starts_with, word_at

_FIXED: Final = {
    "new year's day|new years day|new year day": (1, 1),
    "valentine's day|valentines day|valentine's|valentines": (2, 14),
    "juneteenth": (6, 19),
    "independence day": (7, 4),
    "halloween": (10, 31),
    "veterans day|veteran's day": (11, 11),
    "christmas eve": (12, 24),
    "christmas day|christmas|xmas": (12, 25),
    "new year's eve|new years eve|new year eve": (12, 31),
}
# Month, weekday from Monday 0, and the how-manieth of the month; 0 is the last.
_FLOATING: Final = {
    "martin luther king day|m l k day|mlk day": (1, 0, 3),
    "presidents day|president's day|presidents' day": (2, 0, 3),
    "mother's day|mothers day": (5, 6, 2),
    "memorial day": (5, 0, 0),
    "father's day|fathers day": (6, 6, 3),
    "labor day": (9, 0, 1),
    "columbus day|indigenous peoples day|indigenous people's day": (10, 0, 2),
    "thanksgiving day|thanksgiving": (11, 3, 4),
}
_NAMES: Final = sorted(
    ((said, rule) for names, rule in {**_FIXED, **_FLOATING}.items() for said in phrases(names)),
    key=lambda pair: -len(pair[0]),
)
_FIRST_WORDS: Final = frozenset(said[0] for said, _ in _NAMES)
_CERTAINTY: Final = 0.8


def holiday(words: Sequence[str], at: int, today: date) -> Mention | None:
    """The next such day, today included."""
    if words[at] not in _FIRST_WORDS:
        return None
    for said, rule in _NAMES:
        if starts_with(words, at, said):
            day = next(day for year in (0, 1) if (day := _of_year(today.year + year, rule)) >= today)
            after = at + len(said)
            if word_at(words, after) == "week":
                return days_from(at, after + 1, monday_of(day), 7, named=Named.WEEK)
            return one_day(at, after, day, certainty=_CERTAINTY, named=Named.DATE)
    return None


def _of_year(year: int, rule: tuple[int, ...]) -> date:
    if len(rule) == 2:
        return date(year, rule[0], rule[1])
    return nth_weekday(year, rule[0], rule[1], rule[2]) or date(year, rule[0], 1)


def nth_weekday(year: int, month: int, weekday: int, rank: int) -> date | None:
    """The first (1) to fifth such weekday of a month, the last for 0; None where it has no fifth."""
    if rank == 0:
        after = date(year + month // 12, month % 12 + 1, 1)
        return last_before(weekday, after)
    day = first_after(weekday, date(year, month, 1) - timedelta(days=1)) + timedelta(weeks=rank - 1)
    return day if day.month == month else None
