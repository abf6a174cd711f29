"""The waitlist as its page shows it: who waits, for what, since when, and what is offered. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console import wording
from models.domain import FindOpenings
from models.schedule import Waiting

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class WaitingView:
    """``offer``: what is held for them, "" for nothing."""

    entry_id: str
    seen: str
    patient: str
    visit: str
    wish: str
    since: str
    how: str
    offers: str
    offer: str
    replaces: str
    call_id: str


def waiting_view(one: Waiting, providers: Mapping[str, str], zone: ZoneInfo) -> WaitingView:
    offer = ""
    if one.offered is not None and one.offer_until is not None:
        until = f"{one.offer_until.astimezone(zone):%H:%M}"
        offer = f"{wording.when(one.offered.start, zone)} with {one.offered.provider_name}, until {until}"
    return WaitingView(
        entry_id=one.entry_id,
        seen=one.seen,
        patient=one.patient_name or "No patient named",
        visit=one.visit_name,
        wish=wish_words(one.wish, providers),
        since=wording.when(one.since, zone),
        how="answers by text" if one.by_text else "to be called",
        offers={0: "", 1: "offered once"}.get(one.offers, f"offered {one.offers} times"),
        offer=offer,
        replaces=wording.when(one.replaces, zone) if one.replaces else "",
        call_id=one.call_id,
    )


def wish_words(wish: FindOpenings, providers: Mapping[str, str]) -> str:
    """ "with Doctor Chen; Tuesdays, not Thursdays; morning; from Dec 1 to Dec 4", "any time"."""
    parts = [*_whom(wish, providers), *_days(wish), *_times(wish)]
    return "; ".join(part for part in parts if part) or "any time"


def _whom(wish: FindOpenings, providers: Mapping[str, str]) -> Iterator[str]:
    if wish.provider_id:
        yield f"with {providers.get(wish.provider_id, wish.provider_id)}"
    if wish.not_providers:
        yield f"not with {_list([providers.get(one, one) for one in wish.not_providers])}"


def _days(wish: FindOpenings) -> Iterator[str]:
    yield _list([WEEKDAYS[day] for day in wish.weekdays])
    if wish.not_weekdays:
        yield f"not {_list([WEEKDAYS[day] for day in wish.not_weekdays])}"
    yield _list([_day(day) for day in wish.dates])
    if wish.not_dates:
        yield f"not {_list([_day(day) for day in wish.not_dates])}"
    if wish.from_date and wish.from_date == wish.to_date:
        yield f"on {_day(wish.from_date)}"
    else:
        span = [f"from {_day(wish.from_date)}" if wish.from_date else ""]
        span.append(f"to {_day(wish.to_date)}" if wish.to_date else "")
        yield " ".join(part for part in span if part)


def _times(wish: FindOpenings) -> Iterator[str]:
    yield wish.daypart
    if wish.not_dayparts:
        yield f"not in the {_list(list(wish.not_dayparts))}"
    if wish.not_before:
        yield f"not before {wish.not_before}"
    if wish.not_after:
        yield f"not after {wish.not_after}"
    if wish.near_time:
        yield f"about {wish.near_time}"


def _list(words: Sequence[str]) -> str:
    return " or ".join(words)


def _day(day: date) -> str:
    return f"{day:%b} {day.day}"


def as_of(now: datetime, zone: ZoneInfo) -> str:
    return f"{now.astimezone(zone):%H:%M}"
