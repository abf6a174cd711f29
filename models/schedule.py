"""The schedule in the words that console and diary share: what a day holds, and what staff order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from models.domain import FindOpenings, Opening

# How names begin that stand where a call's id does.
FOR_NO_CALL = ("waitlist-", "desk-", "block-", "new/", "pharmacy-")


def is_call(name: str) -> bool:
    """Whether it may be a call's id."""
    return bool(name) and not name.startswith(FOR_NO_CALL)


class LineKind(StrEnum):
    """What a stretch of a provider's time is."""

    OPEN = "open"
    HELD = "held"  # by a caller, for somebody on the waitlist, or for a new patient
    BOOKED = "booked"
    BLOCKED = "blocked"
    TAKEN = "taken"  # another program's: it says no more


class MadeBy(StrEnum):
    """Where a visit was booked."""

    PHONE = "phone"
    WAITLIST = "waitlist"  # by a text that answered an offer
    DESK = "desk"
    OTHER = "other"


class HeldFor(StrEnum):
    CALLER = "caller"
    WAITLIST = "waitlist"
    NEW_PATIENT = "new-patient"


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment as the desk sees it. ``version``: of what was shown, for a form that may be stale.

    ``call_id``: the call that booked it, where the call is still on record.
    """

    visit_id: str
    version: int
    status: str  # https://hl7.org/fhir/R4/valueset-appointmentstatus.html
    provider_id: str
    provider_name: str
    start: datetime
    end: datetime
    visit_type: str
    visit_name: str
    patient_id: str
    patient_name: str
    made_by: MadeBy
    call_id: str = ""
    confirmed: bool = False
    reason: str = ""
    comment: str = ""

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of time of one kind. ``openings``: how many slots it joins; ``past``: they have begun.

    ``only``: names of the visit types that they are kept for; ``block_id``, ``words``: of a block, with its
    reason.
    """

    kind: LineKind
    start: datetime
    end: datetime
    openings: int = 0
    past: bool = False
    only: tuple[str, ...] = ()
    visit: Visit | None = None
    held_for: HeldFor | None = None
    held_until: datetime | None = None
    block_id: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One provider's day, earliest first. ``provider_id`` "": visits with nobody of the practice."""

    provider_id: str
    provider_name: str
    day: date
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as the desk tells people apart."""

    patient_id: str
    name: str
    born: str
    phone_end: str  # the last four digits on file
    provider_id: str


@dataclass(frozen=True, slots=True)
class DeskOrder:
    """Who orders it, and the form's own number: the same form sent twice does one thing."""

    who: str
    form_id: str  # 32 hexadecimal digits


@dataclass(frozen=True, slots=True)
class DeskBooking:
    """A visit to be booked at the desk."""

    patient_id: str
    opening_id: str
    visit_type: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """A visit given up or moved. ``reason``: appointment-cancellation-reason; ``version``: as shown."""

    visit_id: str
    version: int
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Time in which a provider is not there: ``opens`` to ``closes`` of each day, or the whole of each."""

    provider_id: str
    first: date
    last: date
    reason: str
    opens: time | None = None
    closes: time | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody's hold on a time."""

    held_for: HeldFor
    start: datetime


@dataclass(frozen=True, slots=True)
class BlockEffect:
    """What a block meets. ``visits`` stay until somebody has called; ``openings`` are offered no more."""

    openings: int
    visits: tuple[Visit, ...]
    holds: tuple[Hold, ...]
    block_id: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Openings to be published: ``opens`` to ``closes`` on each of these weekdays (0 is Monday; (): every
    day) from ``first`` to ``last``. ``visit_types``: codes that they are kept for; (): any.
    """

    provider_id: str
    first: date
    last: date
    opens: time
    closes: time
    weekdays: tuple[int, ...] = ()
    visit_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanEffect:
    """What publishing does, or would do. ``known`` are there already; the time of ``taken`` is not free.

    ``by_day``: how many are new on each day; ``closed``: days left out, with the reason where there is one;
    ``outside``: how many of the new ones lie outside the practice's hours.
    """

    new: int
    known: int
    taken: int
    outside: int
    by_day: tuple[tuple[date, int], ...]
    closed: tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line of a file, counted from 1, and how it would be right."""

    line: int
    problem: str
    fix: str


@dataclass(frozen=True, slots=True)
class ReadPlans:
    """A file as read: its good lines, and what is wrong with the others."""

    plans: tuple[Plan, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody on the waitlist. ``seen``: how it stood, for a form that may be stale."""

    entry_id: str
    seen: str
    patient_id: str
    patient_name: str
    visit_name: str
    wish: FindOpenings
    since: datetime
    by_text: bool  # they are texted; otherwise staff call
    offers: int  # how many were made
    offered: Opening | None = None
    offer_until: datetime | None = None
    replaces: datetime | None = None  # the start of the visit that an earlier one would replace
    call_id: str = ""
