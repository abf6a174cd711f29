"""The search for an opening, some days at a time, until there are good offers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from backends.schedule_rules import Candidate, choose, earliest_start, fits, satisfied
from backends.visit_types import VisitRule
from models.domain import FindOpenings

WINDOW_DAYS = 4  # how many days are read at a time
Spans = Sequence[tuple[datetime, datetime]]


class LookingAhead:
    """What was found of a wish so far; no candidate overlaps ``busy``."""

    def __init__(
        self, wish: FindOpenings, rule: VisitRule, now: datetime, zone: ZoneInfo, busy: Spans = ()
    ) -> None:
        self.chosen: list[Candidate] = []
        self._wish, self._zone, self._busy = wish, zone, busy
        self._earliest = earliest_start(now, rule.lead_min)
        self._day, self._last = span(wish, rule, now, zone)
        self._found: list[Candidate] = []

    def next_days(self) -> tuple[date, date] | None:
        """The first and last day to read now; None when later ones cannot give better offers."""
        if self._day > self._last or satisfied(self.chosen, self._wish, self._zone, self._day):
            return None
        return self._day, min(self._day + timedelta(days=WINDOW_DAYS - 1), self._last)

    def take(self, free: Iterable[Candidate], until: date) -> None:
        """What is free on the days up to ``until``."""
        wished = (one for one in free if one.start >= self._earliest and fits(one, self._wish, self._zone))
        self._found += [one for one in wished if not any(one.overlaps(*times) for times in self._busy)]
        self.chosen = choose(self._found, self._wish, self._zone)
        self._day = until + timedelta(days=1)


def span(wish: FindOpenings, rule: VisitRule, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """First and last day, in practice time, that this visit type may be booked on and the wish allows."""
    soonest = earliest_start(now, rule.lead_min).astimezone(zone).date()
    horizon = (now + timedelta(days=rule.horizon_days)).astimezone(zone).date()
    first, last = wish.from_date or soonest, wish.to_date or horizon
    if wish.dates:
        first, last = max(first, min(wish.dates)), min(last, max(wish.dates))
    return max(soonest, first), min(horizon, last)
