"""Whatever is offered keeps every limit of the wish: any clock, both zones, days on which clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.practice import Practice, load_practice
from backends.schedule_rules import DAYPARTS, Candidate, FreeSlot, candidates, choose, fits, slot_times
from models.domain import FindOpenings

PROVIDERS = ("dr-chen", "dr-patel", "np-rivera")
ZONES = ("America/New_York", "America/Phoenix", "America/Los_Angeles")
CLOCKS_CHANGE = (date(2026, 11, 1), date(2027, 3, 14))
PRACTICE = load_practice()
DAYS = st.one_of(
    st.sampled_from([day + timedelta(days=n) for day in CLOCKS_CHANGE for n in (-1, 0, 1)]),
    st.dates(date(2026, 10, 1), date(2028, 3, 5)),
)
TIMES = st.one_of(st.just(""), st.times().map(lambda at: at.strftime("%H:%M")))


def open_on_sundays(zone: str) -> Practice:
    """Also on the nights when clocks change, and around the clock."""
    hours = tuple(replace(PRACTICE.hours[0], weekday=n, opens=time(0), closes=time(23)) for n in range(7))
    return replace(PRACTICE, timezone=zone, hours=hours, closures=())


@st.composite
def wishes(draw: st.DrawFn) -> FindOpenings:
    some_days = st.lists(st.integers(0, 6), max_size=3, unique=True).map(tuple)
    parts = st.sampled_from(tuple(DAYPARTS))
    first = draw(DAYS)
    return FindOpenings(
        "f",
        "follow-up",
        provider_id=draw(st.sampled_from(("", "", *PROVIDERS))),
        from_date=draw(st.sampled_from((None, first))),
        to_date=draw(st.sampled_from((None, first + timedelta(days=5)))),
        weekdays=draw(some_days),
        daypart=draw(st.one_of(st.just(""), parts)),
        near_time=draw(TIMES),
        not_weekdays=draw(some_days),
        not_dates=draw(st.lists(DAYS, max_size=2).map(tuple)),
        not_dayparts=draw(st.lists(parts, max_size=1).map(tuple)),
        not_before=draw(TIMES),
        not_after=draw(TIMES),
        not_providers=draw(st.lists(st.sampled_from(PROVIDERS), max_size=2).map(tuple)),
        prefer=draw(st.lists(st.sampled_from(PROVIDERS), max_size=2, unique=True).map(tuple)),
    )


def week_of(practice: Practice, first: date) -> list[Candidate]:
    slots = [
        FreeSlot(f"{name}-{start:%m%dT%H%M}", name, start, end)
        for name in PROVIDERS
        for n in range(7)
        for start, end in slot_times(practice, first + timedelta(days=n), ())
    ]
    return list(candidates(slots, 20))


@settings(max_examples=60)
@given(wishes(), DAYS, st.sampled_from(ZONES))
def test_every_offer_keeps_every_limit(wish: FindOpenings, first: date, zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    week = week_of(open_on_sundays(zone_name), first)
    offers = choose([one for one in week if fits(one, wish, zone)], wish, zone)
    assert len(offers) <= wish.limit
    for one in offers:
        local = one.start.astimezone(zone)
        at, day = local.strftime("%H:%M"), local.date()
        assert wish.provider_id in ("", one.provider_id)
        assert one.provider_id not in wish.not_providers
        assert (wish.from_date or day) <= day <= (wish.to_date or day)
        assert not wish.weekdays or local.weekday() in wish.weekdays
        assert local.weekday() not in wish.not_weekdays
        assert day not in wish.not_dates
        assert (wish.not_before or at) <= at <= (wish.not_after or at)
        parts = [name for name, (a, b) in DAYPARTS.items() if a <= local.time() < b]
        assert not wish.daypart or wish.daypart in parts
        assert not set(parts) & set(wish.not_dayparts)


@settings(max_examples=40)
@given(wishes(), DAYS)
def test_where_anything_fits_something_is_offered(wish: FindOpenings, first: date) -> None:
    zone = PRACTICE.zone
    fitting = [one for one in week_of(PRACTICE, first) if fits(one, wish, zone)]
    assert bool(fitting) == bool(choose(fitting, wish, zone))


@settings(max_examples=40)
@given(DAYS, st.sampled_from(PROVIDERS))
def test_the_own_provider_comes_first_where_that_costs_no_more_than_a_week(first: date, own: str) -> None:
    week = week_of(PRACTICE, first)
    offers = choose(week, FindOpenings("f", "follow-up", prefer=(own,)), PRACTICE.zone)
    if any(one.provider_id == own for one in week):
        assert offers[0].provider_id == own


@pytest.mark.parametrize("day", CLOCKS_CHANGE)
@pytest.mark.parametrize("zone", ZONES)
def test_a_day_on_which_the_clocks_change_has_no_time_that_does_not_exist(day: date, zone: str) -> None:
    practice = open_on_sundays(zone)
    starts = [start for start, _ in slot_times(practice, day, ())]
    assert starts == sorted(set(starts))
    for start in starts:
        local = start.astimezone(ZoneInfo(zone))
        assert datetime.fromisoformat(local.isoformat()).astimezone(UTC) == start
        assert not (zone != "America/Phoenix" and day.month == 3 and local.hour == 2)


def test_two_days_named_get_an_offer_each() -> None:
    days = (date(2026, 12, 1), date(2026, 12, 8))
    wish = FindOpenings("f", "follow-up", from_date=days[0], to_date=days[1], dates=days)
    found = [*week_of(PRACTICE, days[0]), *week_of(PRACTICE, days[1])]
    fitting = [one for one in found if fits(one, wish, PRACTICE.zone)]
    offers = choose(fitting, wish, PRACTICE.zone)
    assert {one.start.astimezone(PRACTICE.zone).date() for one in offers} == set(days)
