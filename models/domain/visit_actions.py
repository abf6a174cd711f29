"""Actions about visits: openings found, held, taken and waited for. Each has an id; its outcome names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class FindOpenings:
    """Openings for a wish. What is offered keeps every limit; ``near_time`` and ``prefer`` only rank.

    Days and times of day are the practice's own; ``start_after`` and ``start_before`` are instants, and
    exclusive. ``patient_id``: whose other visits must not be overlapped, ``instead_of`` (the visit that
    would be moved) left aside.
    """

    action_id: str
    visit_type: str
    provider_id: str = ""  # "" any
    from_date: date | None = None
    to_date: date | None = None  # inclusive
    weekdays: tuple[int, ...] = ()
    daypart: str = ""
    near_time: str = ""  # "HH:MM", practice time
    not_openings: tuple[str, ...] = ()  # already refused
    limit: int = 2
    dates: tuple[date, ...] = ()  # these days alone; offers lie on different ones
    not_weekdays: tuple[int, ...] = ()
    not_dates: tuple[date, ...] = ()
    not_dayparts: tuple[str, ...] = ()
    not_before: str = ""  # "HH:MM": no visit begins earlier in the day
    not_after: str = ""  # "HH:MM": nor later, this very minute allowed
    not_providers: tuple[str, ...] = ()
    prefer: tuple[str, ...] = ()  # provider ids for continuity: the usual one, then the care team
    start_after: datetime | None = None
    start_before: datetime | None = None
    patient_id: str = ""
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class HoldOpening:
    action_id: str
    opening_id: str


@dataclass(frozen=True, slots=True)
class BookOpening:
    action_id: str
    patient_id: str
    opening_id: str
    visit_type: str
    reason: str = ""
    needs: str = ""  # an interpreter, a wheelchair: for staff, in the caller's words


@dataclass(frozen=True, slots=True)
class MoveVisit:
    """One swap: the new opening is held before the old visit is released."""

    action_id: str
    patient_id: str
    appointment_id: str
    opening_id: str


@dataclass(frozen=True, slots=True)
class CancelVisit:
    action_id: str
    patient_id: str
    appointment_id: str
    reason: str = "pat"  # appointment-cancellation-reason code


@dataclass(frozen=True, slots=True)
class JoinWaitlist:
    """A patient would take an opening that fits ``wish`` when one frees."""

    action_id: str
    patient_id: str
    wish: FindOpenings
    appointment_id: str = ""  # the visit that an earlier time would replace
    text_number: str = ""  # E.164, where they agreed to be texted; "": staff call them


@dataclass(frozen=True, slots=True)
class LeaveWaitlist:
    action_id: str
    patient_id: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Yes to the opening that the waitlist holds for this patient."""

    action_id: str
    patient_id: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class RefuseOffer:
    """No to it; the patient keeps their place for other openings."""

    action_id: str
    patient_id: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class ConfirmVisit:
    """The patient says that they will come."""

    action_id: str
    patient_id: str
    appointment_id: str


@dataclass(frozen=True, slots=True)
class RegisterPatient:
    """Somebody who is not known here wants a first visit. Staff confirm it; until then the time is held."""

    action_id: str
    name: str  # as said
    born: date
    phone: str  # E.164
    insurance: str  # the insurer's name alone
    reason: str
    referral: str  # who sent them, "" nobody
    opening_id: str
    visit_type: str
    needs: str = ""  # an interpreter, a wheelchair
