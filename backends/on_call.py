"""Whom to reach when it cannot wait: the practice's contacts, and who is on call when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from backends.practice_file import Table

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_ORDER = 99
_EMAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,190}\.[A-Za-z0-9-]{2,63}")
_TIMES = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_NAME_LIMIT = 100


class Channel(StrEnum):
    """How a contact may be reached, in the order in which they want it tried."""

    TEXT = "text"
    CALL = "call"
    EMAIL = "email"


class Takes(StrEnum):
    """Which calls are put through to somebody on call."""

    URGENT = "urgent"  # a danger sign, a nurse needed now
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    phone: str = ""  # E.164
    email: str = ""
    channels: tuple[Channel, ...] = (Channel.TEXT, Channel.CALL)


@dataclass(frozen=True, slots=True)
class Shift:
    """Some of the time in which one person is on call; a span over midnight belongs to the day it begins.

    ``weekdays`` (0 is Monday) and ``times`` empty: every day, all day. ``dates``: on these days only.
    """

    contact: Contact
    weekdays: tuple[int, ...] = ()
    times: tuple[tuple[time, time], ...] = ()
    dates: tuple[date, ...] = ()
    order: int = 1
    takes: Takes = Takes.URGENT

    def covers(self, local: datetime) -> bool:
        """Whether it holds at this wall-clock time of the practice."""
        today, at = local.date(), local.time()
        if not self.times:
            return self._on(today)
        yesterday = today - timedelta(days=1)
        return any(
            (begins <= at < ends and self._on(today))
            if begins < ends
            else (at >= begins and self._on(today)) or (at < ends and self._on(yesterday))
            for begins, ends in self.times
        )

    def _on(self, day: date) -> bool:
        if self.dates:
            return day in self.dates
        return not self.weekdays or day.weekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class OnCall:
    """The contacts and the shifts of ``practice.toml``."""

    contacts: tuple[Contact, ...] = ()
    shifts: tuple[Shift, ...] = ()

    def at(self, now: datetime, zone: ZoneInfo, *, urgent: bool = True) -> tuple[Contact, ...]:
        """Who is on call at this instant, each once, in the order in which they are tried."""
        local = now.astimezone(zone)
        found = [shift for shift in self.shifts if shift.covers(local)]
        takers = [shift for shift in found if urgent or shift.takes is Takes.ANY]
        return tuple(dict.fromkeys(shift.contact for shift in sorted(takers, key=lambda s: s.order)))

    def contact(self, name: str) -> Contact | None:
        return next((contact for contact in self.contacts if contact.name == name), None)

    def contact_at(self, number: str) -> Contact | None:
        """Whose telephone this is, None for a number of nobody here."""
        return next((contact for contact in self.contacts if number and contact.phone == number), None)

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(contact.phone for contact in self.contacts if contact.phone)


# --------------------------------------------------------------------------- practice.toml


def read_on_call(file: Table) -> OnCall:
    """The ``[[contacts]]`` and ``[[on_call]]`` of a ``practice.toml``. Raises `SettingsError`."""
    contacts = tuple(_contact(table) for table in file.tables("contacts"))
    for key in ("name", "phone"):
        values = [getattr(contact, key) for contact in contacts if getattr(contact, key)]
        if len(set(values)) < len(values):
            raise file.wrong("contacts", f"each contact needs a {key} of their own")
    return OnCall(contacts, tuple(_shift(table, contacts) for table in file.tables("on_call")))


def _contact(table: Table) -> Contact:
    table.only(("name", "phone", "email", "channels"))
    name, phone, email = table.text("name"), table.phone("phone", ""), table.text("email", "")
    if len(name) > _NAME_LIMIT:
        raise table.wrong("name", f"{_NAME_LIMIT} letters at most are needed")
    if email and not _EMAIL.fullmatch(email):
        raise table.wrong("email", "an address such as nurse@example.org is needed")
    known = tuple(Channel)
    chosen = tuple(known[table.one_of(word, "channels", known)] for word in table.texts("channels"))
    chosen = chosen or ((Channel.TEXT, Channel.CALL) if phone else (Channel.EMAIL,))
    if (Channel.TEXT in chosen or Channel.CALL in chosen) and not phone:
        raise table.wrong("phone", "a number such as +16175550100 is needed for text and call")
    if Channel.EMAIL in chosen and not email:
        raise table.wrong("email", "an address is needed for the channel email")
    return Contact(name, phone, email, tuple(dict.fromkeys(chosen)))


def _shift(table: Table, contacts: Sequence[Contact]) -> Shift:
    table.only(("who", "weekdays", "times", "dates", "order", "takes"))
    names = [contact.name for contact in contacts]
    contact = contacts[table.one_of(table.text("who"), "who", names or ("(there are no contacts)",))]
    takes = tuple(Takes)
    return Shift(
        contact,
        weekdays=tuple(table.one_of(day, "weekdays", WEEKDAYS) for day in table.texts("weekdays")),
        times=tuple(_times(table)),
        dates=tuple(table.days("dates")),
        order=table.number("order", 1, least=1, most=MOST_ORDER),
        takes=takes[table.one_of(table.text("takes", Takes.URGENT), "takes", takes)],
    )


def _times(table: Table) -> Iterator[tuple[time, time]]:
    for text in table.texts("times"):
        match = _TIMES.fullmatch(text)
        if match is None or text[:5] == text[6:]:
            raise table.wrong("times", 'times such as "17:00-08:00" are needed, beginning and end apart')
        hours = [int(part) for part in match.groups()]
        yield time(hours[0], hours[1]), time(hours[2], hours[3])
