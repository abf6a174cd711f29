"""Which times may be offered: pure rules over free slots. The clock and the hours arrive as arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from backends.practice import Practice
from models.chart import CELL_MINUTES
from models.domain import FindOpenings

DAYPARTS = {
    "morning": (time(8), time(12)),
    "afternoon": (time(12), time(17)),
    "evening": (time(17), time.max),
}
NEAR_MINUTES = 60  # what "around two" may mean
APART_MINUTES = 120  # two offers on one day lie this far apart, where there is a choice
_A_DAY = 14 * 60  # more than opening hours, so that one offer lies on each of the days that were named
CONTINUITY_DAYS = 7  # how much later than with anybody a visit with the own provider may be


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A free FHIR Slot of one provider; instants in UTC."""

    slot_id: str
    provider_id: str
    start: datetime
    end: datetime
    schedule: str = ""  # "Schedule/id"
    only: tuple[str, ...] = ()  # the visit types that it is kept for; (): any


@dataclass(frozen=True, slots=True)
class Candidate:
    """A time long enough for a visit, and the slots that it would fill."""

    provider_id: str
    start: datetime
    minutes: int
    slot_ids: tuple[str, ...]

    @property
    def opening_id(self) -> str:
        return opening_id(self.slot_ids[0], self.minutes)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=self.minutes)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end


def opening_id(slot_id: str, minutes: int) -> str:
    """The first slot and the length say everything about an opening."""
    return f"{slot_id}.{minutes}"


def read_opening_id(text: str) -> tuple[str, int] | None:
    """(slot id, minutes), or None for a text that is no opening id."""
    slot_id, _, minutes = text.rpartition(".")
    return (slot_id, int(minutes)) if slot_id and minutes.isascii() and minutes.isdigit() else None


def cells(start: datetime, minutes: int) -> tuple[datetime, ...]:
    """The starts of all five-minute cells that a visit touches."""
    first = start - timedelta(minutes=start.minute % CELL_MINUTES, seconds=start.second)
    first -= timedelta(microseconds=first.microsecond)
    end = start + timedelta(minutes=minutes)
    count = -(-int((end - first).total_seconds()) // (CELL_MINUTES * 60))
    return tuple(first + timedelta(minutes=CELL_MINUTES * number) for number in range(count))


def candidates(slots: Iterable[FreeSlot], minutes: int) -> Iterator[Candidate]:
    """Every start at which one provider's slots follow each other for long enough."""
    by_start = {(slot.provider_id, slot.start): slot for slot in slots}
    for first in by_start.values():
        run = run_from(first, by_start, minutes)
        if run:
            slot_ids = tuple(slot.slot_id for slot in run)
            yield Candidate(first.provider_id, first.start, minutes, slot_ids)


def run_from(
    first: FreeSlot, by_start: dict[tuple[str, datetime], FreeSlot], minutes: int
) -> list[FreeSlot] | None:
    """The slots from ``first`` on that hold so many minutes, None when a gap comes before."""
    run, needed = [first], first.start + timedelta(minutes=minutes)
    while run[-1].end < needed:
        following = by_start.get((first.provider_id, run[-1].end))
        if following is None:
            return None
        run.append(following)
    return run


def fits(candidate: Candidate, wish: FindOpenings, zone: ZoneInfo) -> bool:
    """Whether a candidate is what the caller asked for (`near_time` and `prefer` only rank)."""
    local = candidate.start.astimezone(zone)
    return (
        candidate.opening_id not in wish.not_openings
        and _provider_fits(candidate.provider_id, wish)
        and _day_fits(local.date(), wish)
        and _time_fits(local.time(), wish)
        and (wish.start_after is None or candidate.start > wish.start_after)
        and (wish.start_before is None or candidate.start < wish.start_before)
    )


def _provider_fits(provider_id: str, wish: FindOpenings) -> bool:
    return wish.provider_id in ("", provider_id) and provider_id not in wish.not_providers


def _day_fits(day: date, wish: FindOpenings) -> bool:
    return (
        (wish.from_date or date.min) <= day <= (wish.to_date or date.max)
        and (not wish.weekdays or day.weekday() in wish.weekdays)
        and day.weekday() not in wish.not_weekdays
        and day not in wish.not_dates
        and (not wish.dates or day in wish.dates)
    )


def _time_fits(at: time, wish: FindOpenings) -> bool:
    """By the wall clock of the practice, on every day, also one on which the clocks change."""
    return (
        (not wish.daypart or _in_daypart(at, wish.daypart))
        and not any(_in_daypart(at, part) for part in wish.not_dayparts)
        and (not wish.not_before or at >= time.fromisoformat(wish.not_before))
        and (not wish.not_after or at <= time.fromisoformat(wish.not_after))
    )


def _in_daypart(at: time, part: str) -> bool:
    opens, closes = DAYPARTS.get(part, (time.min, time.max))
    return opens <= at < closes


def choose(found: Sequence[Candidate], wish: FindOpenings, zone: ZoneInfo) -> list[Candidate]:
    """The offers, best first: near the wished time, with the own provider where that costs no more than
    `CONTINUITY_DAYS`, and early; apart from each other if possible.
    """
    first = min((candidate.start for candidate in found), default=None)
    soon = first + timedelta(days=CONTINUITY_DAYS) if first else datetime.max
    ranked = sorted(found, key=lambda candidate: _rank(candidate, wish, zone, soon))
    chosen: list[Candidate] = []
    for apart in _gaps(wish):
        for candidate in ranked:
            if len(chosen) < wish.limit and _apart(candidate, chosen, apart):
                chosen.append(candidate)
    return chosen


def satisfied(chosen: Sequence[Candidate], wish: FindOpenings, zone: ZoneInfo, unseen: date) -> bool:
    """Whether days from ``unseen`` on cannot give better offers."""
    if len(chosen) < wish.limit:
        return False
    starts = sorted(candidate.start for candidate in chosen)
    apart = timedelta(minutes=_A_DAY if len(wish.dates) > 1 else APART_MINUTES)
    spread = all(later - start >= apart for start, later in pairwise(starts))
    near = all(_distance(candidate, wish, zone) <= NEAR_MINUTES for candidate in chosen)
    own = all(_tier(candidate, wish) == 0 for candidate in chosen)
    looked = unseen > starts[0].astimezone(zone).date() + timedelta(days=CONTINUITY_DAYS)
    return spread and near and (own or looked)


def _rank(
    candidate: Candidate, wish: FindOpenings, zone: ZoneInfo, soon: datetime
) -> tuple[bool, int, date, int, datetime, str]:
    distance = _distance(candidate, wish, zone)
    day = candidate.start.astimezone(zone).date()
    tier = _tier(candidate, wish) if candidate.start <= soon else _ANYBODY
    return distance > NEAR_MINUTES, tier, day, distance, candidate.start, candidate.provider_id


_ANYBODY = 2


def _tier(candidate: Candidate, wish: FindOpenings) -> int:
    """0 the usual provider (everybody, where none is preferred), 1 the care team, 2 anybody else."""
    if candidate.provider_id not in wish.prefer:
        return _ANYBODY if wish.prefer else 0
    return min(wish.prefer.index(candidate.provider_id), 1)


def _gaps(wish: FindOpenings) -> tuple[int, ...]:
    """How many minutes apart offers shall be, best first.

    Who named a day and an hour is offered what lies next to that hour.
    """
    if wish.near_time and wish.from_date and wish.from_date == wish.to_date:
        return (CELL_MINUTES,)
    days = (_A_DAY,) if len(wish.dates) > 1 else ()
    return (*days, APART_MINUTES, NEAR_MINUTES, CELL_MINUTES)


def _distance(candidate: Candidate, wish: FindOpenings, zone: ZoneInfo) -> int:
    """Minutes between a candidate and the wished time of day; 0 without one."""
    if not wish.near_time:
        return 0
    hour, _, minute = wish.near_time.partition(":")
    local = candidate.start.astimezone(zone)
    return abs((local.hour - int(hour)) * 60 + local.minute - int(minute or 0))


def _apart(candidate: Candidate, others: Iterable[Candidate], minutes: int) -> bool:
    return all(abs(candidate.start - other.start) >= timedelta(minutes=minutes) for other in others)


def earliest_start(now: datetime, lead_min: int) -> datetime:
    """The first instant that may be booked: never in the past, and with the notice that is needed."""
    return now + timedelta(minutes=max(lead_min, 1))


def slot_times(practice: Practice, day: date, weekdays: Sequence[int]) -> Iterator[tuple[datetime, datetime]]:
    """One day's slots of a provider who works on ``weekdays`` (empty: always), counted in real minutes.

    Opening and closing are wall-clock times of the practice; between them instants are counted, so that a
    day on which the clocks change has an hour more or less and never a time that does not exist.
    """
    if weekdays and day.weekday() not in weekdays:
        return
    step = timedelta(minutes=practice.slot_minutes)
    for opens, closes in practice.open_times(day):
        start = opens
        while start + step <= closes:
            yield start, start + step
            start += step
