"""The schedule as a page shows it: lines of a day in words, and what each leads to. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from models.domain import Opening
from models.schedule import BlockEffect, HeldFor, Line, LineKind, MadeBy, Person, PlanEffect, Sheet, Visit

TITLES = {
    LineKind.OPEN: ("Open", "good"),
    LineKind.HELD: ("Held", "warn"),
    LineKind.BOOKED: ("Booked", "calm"),
    LineKind.BLOCKED: ("Blocked", "danger"),
    LineKind.TAKEN: ("Taken", "warn"),
}
GONE_BY = ("Gone by", "calm")
STATUSES = {
    "pending": "Not confirmed",
    "arrived": "Here",
    "checked-in": "Here",
    "fulfilled": "Seen",
    "noshow": "Did not come",
}
MADE_BY = {
    MadeBy.PHONE: "by phone",
    MadeBy.WAITLIST: "from the waitlist, by text",
    MadeBy.DESK: "at the desk",
    MadeBy.OTHER: "",
}
HELD = {
    HeldFor.CALLER: "for a caller",
    HeldFor.WAITLIST: "for somebody on the waitlist",
    HeldFor.NEW_PATIENT: "for a new patient: see their task",
}
# https://terminology.hl7.org/CodeSystem-appointment-cancellation-reason.html
REASONS = {
    "pat": "The patient asked",
    "prov": "The provider is not there",
    "oth-weath": "Weather",
    "oth-err": "Booked by mistake",
    "other": "Something else",
}


class Span(StrEnum):
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class LineView:
    """``visit``, ``book``, ``block``: what it leads to, "" for nothing."""

    kind: str
    tone: str
    badge: str
    time: str
    title: str
    about: str
    call_id: str = ""
    made_by: str = ""
    visit_id: str = ""
    block_id: str = ""
    bookable: bool = False


@dataclass(frozen=True, slots=True)
class SheetView:
    provider_id: str
    name: str
    counts: str
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class DayView:
    day: date
    title: str
    hours: str
    is_today: bool
    sheets: tuple[SheetView, ...]


@dataclass(frozen=True, slots=True)
class ScheduleView:
    span: Span
    title: str
    day: date
    provider_id: str
    before: date
    after: date
    as_of: str
    days: tuple[DayView, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what the form sends, and how it reads."""

    value: str
    words: str


def first_day(day: date, span: Span) -> date:
    """A week begins on Monday."""
    return day if span is Span.DAY else day - timedelta(days=day.weekday())


def schedule_view(
    sheets: Sequence[Sheet],
    hours: dict[date, str],
    day: date,
    span: Span,
    provider_id: str,
    now: datetime,
    zone: ZoneInfo,
) -> ScheduleView:
    days = 1 if span is Span.DAY else 7
    first, today = first_day(day, span), now.astimezone(zone).date()
    shown = [first + timedelta(days=number) for number in range(days)]
    return ScheduleView(
        span=span,
        title=day_words(day) if span is Span.DAY else f"Week of {day_words(first)}",
        day=day,
        provider_id=provider_id,
        before=first - timedelta(days=days),
        after=first + timedelta(days=days),
        as_of=f"{now.astimezone(zone):%H:%M}",
        days=tuple(_day(one, sheets, hours.get(one, ""), zone, one == today) for one in shown),
    )


def _day(day: date, sheets: Sequence[Sheet], hours: str, zone: ZoneInfo, is_today: bool) -> DayView:
    mine = tuple(_sheet(sheet, zone) for sheet in sheets if sheet.day == day)
    return DayView(day, day_words(day), hours, is_today, mine)


def _sheet(sheet: Sheet, zone: ZoneInfo) -> SheetView:
    return SheetView(
        sheet.provider_id,
        sheet.provider_name or "With nobody of the practice",
        counts(sheet.lines),
        tuple(line_view(line, zone) for line in sheet.lines),
    )


def counts(lines: Sequence[Line]) -> str:
    """ "3 booked, 12 open, 1 held"."""
    open_ = sum(line.openings for line in lines if line.kind is LineKind.OPEN and not line.past)
    held = sum(line.openings for line in lines if line.kind is LineKind.HELD)
    booked = sum(line.kind is LineKind.BOOKED for line in lines)
    blocked = sum(line.kind is LineKind.BLOCKED for line in lines)
    named = ((booked, "booked"), (open_, "open"), (held, "held"), (blocked, "blocked"))
    return ", ".join(f"{count} {name}" for count, name in named if count) or (
        "nothing open any more" if lines else "nothing published"
    )


def line_view(line: Line, zone: ZoneInfo) -> LineView:
    badge, tone = GONE_BY if line.past else TITLES[line.kind]
    times = span_words(line.start, line.end, zone)
    if line.visit is not None:
        return _visit_line(line.visit, times, badge, tone)
    return LineView(
        kind=line.kind.value,
        tone=tone,
        badge=badge,
        time=times,
        title=_title(line, zone),
        about=f"kept for {', '.join(line.only)}" if line.only else "",
        block_id=line.block_id,
        bookable=line.kind is LineKind.OPEN and not line.past,
    )


def _visit_line(visit: Visit, times: str, badge: str, tone: str) -> LineView:
    about = [visit.visit_name, visit.reason, "confirmed by the patient" if visit.confirmed else ""]
    return LineView(
        kind=LineKind.BOOKED.value,
        tone=tone,
        badge=STATUSES.get(visit.status, badge),
        time=times,
        title=visit.patient_name or "No patient named",
        about=", ".join(part for part in about if part),
        call_id=visit.call_id,
        made_by=MADE_BY[visit.made_by],
        visit_id=visit.visit_id,
    )


def _title(line: Line, zone: ZoneInfo) -> str:
    match line.kind:
        case LineKind.OPEN:
            return "1 opening" if line.openings == 1 else f"{line.openings} openings"
        case LineKind.HELD if line.held_for and line.held_until:
            return f"{HELD[line.held_for]}, until {line.held_until.astimezone(zone):%H:%M}"
        case LineKind.BLOCKED:
            return line.words
        case _:
            return "by another program"


def day_words(day: date) -> str:
    """ "Tuesday, Dec 1, 2026"."""
    return f"{day:%A, %b} {day.day}, {day.year}"


def span_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """ "08:20–08:40"; a whole day is "all day"."""
    begin, close = start.astimezone(zone), end.astimezone(zone)
    if begin.time() == close.time() and close.date() > begin.date():
        return "all day"
    return f"{begin:%H:%M}–{close:%H:%M}"


def opening_choices(openings: Sequence[Opening], zone: ZoneInfo) -> tuple[Choice, ...]:
    def words(one: Opening) -> str:
        local = one.start.astimezone(zone)
        return f"{local:%a %b} {local.day}, {local:%H:%M}, {one.provider_name} ({one.minutes} minutes)"

    return tuple(Choice(one.opening_id, words(one)) for one in openings)


def person_choices(people: Sequence[Person]) -> tuple[Choice, ...]:
    def words(one: Person) -> str:
        phone = f"number ends in {one.phone_end}" if one.phone_end else "no number on file"
        return f"{one.name}, born {one.born}, {phone}"

    return tuple(Choice(one.patient_id, words(one)) for one in people)


@dataclass(frozen=True, slots=True)
class EffectView:
    """What a block meets, in words."""

    openings: int
    visits: tuple[str, ...]
    holds: tuple[str, ...]


def effect_view(effect: BlockEffect, zone: ZoneInfo) -> EffectView:
    def at(start: datetime) -> str:
        local = start.astimezone(zone)
        return f"{local:%a %b} {local.day}, {local:%H:%M}"

    visits = (f"{at(v.start)}: {v.patient_name or 'no patient named'}, {v.visit_name}" for v in effect.visits)
    holds = (f"{at(hold.start)}: held {HELD[hold.held_for]}" for hold in effect.holds)
    return EffectView(effect.openings, tuple(visits), tuple(holds))


@dataclass(frozen=True, slots=True)
class PlanView:
    """What publishing does, in words."""

    new: int
    remarks: tuple[str, ...]
    days: tuple[str, ...]


def plan_view(effect: PlanEffect) -> PlanView:
    remarks = [
        f"{effect.known} are published already and stay as they are." if effect.known else "",
        f"{effect.taken} are not made: their time is taken." if effect.taken else "",
        f"{effect.outside} of the new ones lie outside the practice's hours." if effect.outside else "",
    ]
    closed = (
        f"{day_words(day)} is left out: closed{f' ({why})' if why else ''}." for day, why in effect.closed
    )
    days = (f"{day_words(day)}: {count}" for day, count in effect.by_day)
    return PlanView(effect.new, (*(one for one in remarks if one), *closed), tuple(days))


def new_form_id() -> str:
    """The number of a form: sent twice, it does one thing."""
    return uuid.uuid4().hex
