"""The practice's own facts: hours, closures, providers, visit types, pharmacies, from ``practice.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from backends.lines import read_lines
from backends.office_info import read_office_info
from backends.on_call import WEEKDAYS, Contact, OnCall, read_on_call
from backends.practice_file import Table
from backends.visit_types import SchedulingRules, VisitRule, read_scheduling, read_visit_rule
from models.domain import (
    ClosedDay,
    DangerPhrase,
    OfficeTopic,
    OpenHours,
    PracticeFacts,
    PracticeLine,
    Provider,
)
from models.errors import SettingsError

DEMO_PRACTICE = Path(__file__).with_name("demo_practice.toml")
_QUARTER, _QUARTERS_A_DAY = timedelta(minutes=15), 96


@dataclass(frozen=True, slots=True)
class Clinician:
    """A provider. ``weekdays`` empty: works whenever the practice is open."""

    provider: Provider
    given: str
    family: str
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DrugStore:
    pharmacy_id: str
    name: str
    phone: str = ""
    street: str = ""
    spoken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Practice:
    """Everything `practice.toml` says. ``facts(now)`` is the part that a call may know."""

    name: str
    phone: str
    timezone: str
    address: str
    slot_minutes: int
    hours: tuple[OpenHours, ...]
    closures: tuple[ClosedDay, ...]
    clinicians: tuple[Clinician, ...]
    visit_rules: tuple[VisitRule, ...]
    drug_stores: tuple[DrugStore, ...]
    lines: tuple[PracticeLine, ...] = ()
    minors_may_schedule: bool = False  # patients of 12 to 17 who call alone
    confidential_visit_types: frozenset[str] = frozenset()  # kept from who speaks for a patient
    danger_phrases: tuple[DangerPhrase, ...] = ()  # read, and checked by who knows the danger catalogue
    on_call: OnCall = field(default_factory=OnCall)
    office_info: tuple[OfficeTopic, ...] = ()
    asks_satisfaction: bool = True
    scheduling: SchedulingRules = field(default_factory=SchedulingRules)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def is_open(self, now: datetime) -> bool:
        """Whether staff are there at this instant."""
        day = now.astimezone(self.zone).date()
        return any(opens <= now < closes for opens, closes in self.open_times(day))

    def is_closed_on(self, at: datetime) -> bool:
        """Whether the practice is closed for the whole day of this instant, such as a holiday."""
        day = at.astimezone(self.zone).date()
        return any(closure.day == day for closure in self.closures)

    def open_times(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The [opening, closing) instants of one day in practice time, in UTC; none on a closed day."""
        if any(closure.day == day for closure in self.closures):
            return
        for hours in self.hours:
            if hours.weekday == day.weekday():
                yield self.instant(day, hours.opens), self.instant(day, hours.closes)

    def instant(self, day: date, at: time = time(0)) -> datetime:
        """A wall-clock time of the practice, in UTC."""
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def on_call_at(self, now: datetime, *, urgent: bool = True) -> tuple[Contact, ...]:
        """Who is on call at this instant, in the order in which they are tried."""
        return self.on_call.at(now, self.zone, urgent=urgent)

    def gaps(self, start: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """The times from ``start`` in which it is closed and nobody is on call, to a quarter of an hour."""
        began: datetime | None = None
        for number in range(days * _QUARTERS_A_DAY):
            now = start + number * _QUARTER
            alone = not self.is_open(now) and not self.on_call_at(now)
            if alone and began is None:
                began = now
            elif not alone and began is not None:
                yield began, now
                began = None
        if began is not None:
            yield began, start + timedelta(days=days)

    def visit_rule(self, code: str) -> VisitRule | None:
        return next((rule for rule in self.visit_rules if rule.visit_type.code == code), None)

    def provider_name(self, provider_id: str) -> str:
        """As spoken, "" for somebody else's."""
        mine = (c.provider.name for c in self.clinicians if c.provider.provider_id == provider_id)
        return next(mine, "")

    def facts(
        self, now: datetime, *, roster_names: Sequence[str] = (), medicine_names: Sequence[str] = ()
    ) -> PracticeFacts:
        """What every call may know at this instant."""
        return PracticeFacts(
            name=self.name,
            phone=self.phone,
            timezone=self.timezone,
            address=self.address,
            hours_text=hours_text(self.hours),
            staff_available=self.is_open(now) or bool(self.on_call_at(now, urgent=False)),
            urgent_available=self.is_open(now) or bool(self.on_call_at(now)),
            providers=tuple(clinician.provider for clinician in self.clinicians),
            visit_types=tuple(rule.visit_type for rule in self.visit_rules),
            pharmacies=tuple(store.name for store in self.drug_stores),
            lines=self.lines,
            roster_names=tuple(roster_names),
            medicine_names=tuple(medicine_names),
            danger_phrases=self.danger_phrases,
            hours=self.hours,
            closed_days=self.closures,
            office_info=self.office_info,
            asks_satisfaction=self.asks_satisfaction,
            minors_may_schedule=self.minors_may_schedule,
            accepts_new_patients=self.scheduling.accepts_new_patients,
            licensed_states=self.scheduling.licensed_states,
            late_limit_min=self.scheduling.late_limit_min,
            cancel_notice_h=self.scheduling.cancel_notice_h,
            cancel_policy=self.scheduling.cancel_policy,
        )


def load_practice(path: Path = DEMO_PRACTICE) -> Practice:
    """Read a ``practice.toml``. Raises `SettingsError` naming file, key and what would be right."""
    return practice_from(read_document(path), path.name)


def read_document(path: Path = DEMO_PRACTICE) -> dict[str, Any]:
    """A ``practice.toml`` as it is written. Raises `SettingsError` where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror})", fix="Run `firstring init` to make one."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", fix="Correct the line that it names.") from None


def practice_from(document: Mapping[str, Any], name: str) -> Practice:
    """The practice of a document. Raises `WrongField`; ``name`` is the file's, for the message."""
    file = Table(name, "", dict(document))
    top = file.table("practice")
    practice = Practice(
        name=top.text("name"),
        phone=top.phone("phone"),
        timezone=top.zone("timezone"),
        address=top.text("address", ""),
        slot_minutes=top.number("slot_minutes", 20, least=5, most=120),
        hours=tuple(_hours(file.table("hours"))),
        closures=tuple(ClosedDay(t.day("date"), t.text("reason", "")) for t in file.tables("closures")),
        clinicians=tuple(_clinician(table) for table in file.tables("providers")),
        visit_rules=tuple(read_visit_rule(table) for table in file.tables("visit_types")),
        drug_stores=tuple(_drug_store(table) for table in file.tables("pharmacies")),
        lines=read_lines(file),
        office_info=read_office_info(file),
        asks_satisfaction=top.flag("ask_satisfaction", default=True),
        minors_may_schedule=top.flag("minors_may_schedule", default=False),
        confidential_visit_types=frozenset(top.texts("confidential_visit_types")),
        danger_phrases=tuple(_danger_phrases(file.table("danger_phrases"))),
        on_call=read_on_call(file),
        scheduling=read_scheduling(file),
    )
    for name, found in (
        ("hours", practice.hours),
        ("providers", practice.clinicians),
        ("visit_types", practice.visit_rules),
    ):
        if not found:
            raise file.wrong(name, "at least one entry is needed")
    return practice


def _danger_phrases(table: Table) -> Iterator[DangerPhrase]:
    for red_flag_id in table.values:
        for phrase in table.texts(red_flag_id):
            yield DangerPhrase(red_flag_id, phrase)


def _hours(table: Table) -> Iterator[OpenHours]:
    table.only(WEEKDAYS)
    for number, weekday in enumerate(WEEKDAYS):
        for opens, closes in table.spans(weekday):
            yield OpenHours(number, opens, closes)


def _clinician(table: Table) -> Clinician:
    provider = Provider(table.fhir_id("id"), table.text("name"), table.texts("spoken"))
    days = tuple(table.one_of(day, "weekdays", WEEKDAYS) for day in table.texts("weekdays"))
    return Clinician(provider, table.text("given", ""), table.text("family"), days)


def _drug_store(table: Table) -> DrugStore:
    return DrugStore(
        pharmacy_id=table.fhir_id("id"),
        name=table.text("name"),
        phone=table.phone("phone", ""),
        street=table.text("street", ""),
        spoken=table.texts("spoken"),
    )


def hours_text(hours: Sequence[OpenHours]) -> str:
    """``Monday to Friday, 8 a.m. to 5 p.m.``: first opening to last closing, equal neighbours joined."""
    spans: dict[int, tuple[time, time]] = {}
    for item in hours:
        opens, closes = spans.get(item.weekday, (item.opens, item.closes))
        spans[item.weekday] = (min(opens, item.opens), max(closes, item.closes))
    groups: list[list[int]] = []
    for day in sorted(spans):
        if groups and groups[-1][-1] == day - 1 and spans[groups[-1][-1]] == spans[day]:
            groups[-1].append(day)
        else:
            groups.append([day])
    return "; ".join(f"{_days(group)}, {_clock(*spans[group[0]])}" for group in groups)


def _days(group: list[int]) -> str:
    first, last = (WEEKDAYS[group[at]].capitalize() for at in (0, -1))
    return first if len(group) == 1 else f"{first} to {last}"


def _clock(opens: time, closes: time) -> str:
    return f"{_hour(opens)} to {_hour(closes)}"


def _hour(at: time) -> str:
    if (at.hour, at.minute) in ((12, 0), (0, 0)):
        return "noon" if at.hour else "midnight"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{(at.hour + 11) % 12 + 1}{minutes} {'a.m.' if at.hour < 12 else 'p.m.'}"


def add_open_time(practice: Practice, start: datetime, hours: float) -> datetime:
    """``start`` plus so many hours during which the practice is open."""
    left = timedelta(hours=hours)
    day = start.astimezone(practice.zone).date()
    for _ in range(370):
        for opens, closes in practice.open_times(day):
            begin = max(opens, start)
            if begin < closes:
                if closes - begin >= left:
                    return begin + left
                left -= closes - begin
        day += timedelta(days=1)
    return start + left  # a practice that is closed for a year keeps no opening hours


def next_business_day_end(practice: Practice, start: datetime) -> datetime:
    """The closing time of the first open day after the day of ``start``."""
    day = start.astimezone(practice.zone).date()
    for _ in range(370):
        day += timedelta(days=1)
        closings = [closes for _, closes in practice.open_times(day)]
        if closings:
            return max(closings)
    return start + timedelta(days=1)
