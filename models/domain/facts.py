"""What may be known: identity, the patient's chart as this call may see it, and the practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from models.domain.checkin_answers import OpenCheckin
from models.domain.checkins import Questionnaire


class IdentityLevel(StrEnum):
    """domain rules section 2: what may be spoken to this caller."""

    L0 = "L0"  # nobody
    L1 = "L1"  # full name, exact birth date, and the number or ZIP on file
    L2 = "L2"  # L1 and a one-time code


class ProxyScope(StrEnum):
    """What somebody may do for a patient (domain rules section 2). Nothing confidential is in any."""

    SCHEDULING = "scheduling"
    REFILLS = "refills"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Authority:
    """On what somebody speaks for a patient. ``basis`` is the resource that says so: "Consent/..."."""

    scopes: tuple[ProxyScope, ...]
    basis: str
    relationship: str = ""  # as the chart has it: "daughter"


@dataclass(frozen=True, slots=True)
class Medicine:
    """An active order. ``name`` is what may be matched; name and strength are spoken only at L2."""

    order_id: str
    name: str  # generic, lower case: "lisinopril"
    label: str  # as ordered: "lisinopril 10 MG Oral Tablet"
    spoken: tuple[str, ...] = ()  # brands and lay names


@dataclass(frozen=True, slots=True)
class Opening:
    """A bookable time."""

    opening_id: str
    provider_id: str
    provider_name: str
    start: datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class BookedVisit:
    appointment_id: str
    provider_id: str
    provider_name: str
    start: datetime
    minutes: int
    visit_type: str


class RequestStage(StrEnum):
    """Where a request to the care team stands."""

    WITH_CARE_TEAM = "with-care-team"
    ANSWERED = "answered"  # and sent on to the pharmacy
    NOT_GRANTED = "not-granted"  # a person must speak with the caller


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request of this patient that is open, or was closed in the last days."""

    kind: str  # of the task: "refill-review"
    asked_on: date  # practice time
    stage: RequestStage
    order_id: str = ""  # the order it is about


@dataclass(frozen=True, slots=True)
class WaitlistPlace:
    """A patient's place on the waitlist; ``offer`` is the opening that is held for them now."""

    entry_id: str
    visit_type: str
    appointment_id: str = ""  # the visit that an earlier time would replace
    offer: Opening | None = None


@dataclass(frozen=True, slots=True)
class PastVisit:
    """A visit that took place; why is never part of it."""

    day: date
    provider_name: str = ""


@dataclass(frozen=True, slots=True)
class PatientView:
    """The part of a chart that this call's identity level allows the dialog to know of."""

    patient_id: str
    given_name: str
    level: IdentityLevel
    medicines: tuple[Medicine, ...] = ()
    visits: tuple[BookedVisit, ...] = ()
    pharmacy_name: str = ""
    provider_id: str = ""  # usual provider
    provider_name: str = ""
    waitlist: tuple[WaitlistPlace, ...] = ()
    # To choose openings by, never spoken:
    care_team: tuple[str, ...] = ()  # ids of the providers of the last two years, the latest first
    established: bool = True  # seen here within three years (the rule of the CPT code set for new patients)
    no_shows: int = 0  # in the last twelve months
    last_visit: PastVisit | None = None  # at L2 only
    may_be_read_out: bool = False  # at L2, unless the chart bears a mark against it
    checkins: tuple[str, ...] = ()  # names of the questionnaires that fit, the one to run first
    open_checkin: OpenCheckin | None = None  # begun today and not finished
    open_requests: tuple[OpenRequest, ...] = ()  # newest first


@dataclass(frozen=True, slots=True)
class Provider:
    provider_id: str
    name: str  # as spoken: "Doctor Chen"
    spoken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitType:
    code: str  # "follow-up"
    name: str  # "follow-up visit"
    minutes: int
    spoken: tuple[str, ...] = ()
    preparation: str = ""  # one sentence, said when it is booked: "Please don't eat for eight hours before."
    staff_only: bool = False  # arranged by staff alone
    new_patients: bool = False  # the first visit of somebody who is not known here
    screened: bool = False  # the danger question comes before any opening is offered
    video: bool = False
    after_hospital: bool = False  # must come within 7 or 14 days of the discharge


class LineMode(StrEnum):
    """When we answer a line ourselves."""

    ALWAYS = "always"
    OVERFLOW = "overflow"  # the practice's telephone rings first
    AFTER_HOURS = "after-hours"  # open: the practice's telephone alone


@dataclass(frozen=True, slots=True)
class PracticeLine:
    """One of the practice's telephone numbers, by the name that staff know it by."""

    number: str  # E.164
    name: str  # "refill line"
    greeting: str = ""  # what a caller to this line hears beside the greeting of all
    mode: LineMode = LineMode.ALWAYS
    ring_s: int = 20  # how long the practice's own telephone rings before we answer
    rings: str = ""  # E.164: that telephone, "" the practice's


@dataclass(frozen=True, slots=True)
class DangerPhrase:
    """Words by which a practice wants a danger sign known, beside those of the catalogue."""

    red_flag_id: str
    phrase: str  # in the notation of the catalogue, or plain words


@dataclass(frozen=True, slots=True)
class OfficeTopic:
    """Something that the practice tells anybody who asks."""

    topic: str  # "parking"
    answer: str  # a sentence or two
    spoken: tuple[str, ...]  # words by which callers ask for it, in their order: "bring first visit"


@dataclass(frozen=True, slots=True)
class OpenHours:
    """One stretch of opening on a weekday (0 is Monday), in practice time."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class ClosedDay:
    day: date
    reason: str = ""  # "Thanksgiving"


@dataclass(frozen=True, slots=True)
class SpanishPrompts:
    """Spanish wordings that a qualified person has signed for this practice (45 CFR 92.201)."""

    version: str
    said: tuple[tuple[str, str], ...]  # the English sentence, and what is spoken instead of it


@dataclass(frozen=True, slots=True)
class PracticeFacts:
    """What the practice lets anybody know, and the word lists that listening is biased with."""

    name: str
    phone: str  # E.164, the staff line
    timezone: str  # IANA
    address: str = ""
    hours_text: str = ""  # "Monday to Friday, eight to five"
    staff_available: bool = False  # somebody can take any transferred call now
    urgent_available: bool = False  # somebody can take an urgent one: a danger sign, a nurse needed now
    providers: tuple[Provider, ...] = ()
    visit_types: tuple[VisitType, ...] = ()
    pharmacies: tuple[str, ...] = ()
    lines: tuple[PracticeLine, ...] = ()  # the main line first; none: there is only one
    roster_names: tuple[str, ...] = ()  # patients' full names: to hear with, never to speak
    medicine_names: tuple[str, ...] = ()  # formulary: to hear with
    records_calls: bool = True  # and says so
    danger_phrases: tuple[DangerPhrase, ...] = ()
    minors_may_schedule: bool = False  # patients of 12 to 17 who call alone
    questionnaires: tuple[Questionnaire, ...] = ()  # those that may run, and no others
    spanish_key: bool = True  # the greeting offers key 2: no recogniser of ours hears Spanish
    spanish: SpanishPrompts | None = None  # None: nobody has signed them, and none is spoken
    accepts_new_patients: bool = True
    licensed_states: tuple[str, ...] = ()  # where a video visit's patient must be; none: not asked
    late_limit_min: int = 15  # who comes later may have to come another time
    cancel_notice_h: int = 24
    cancel_policy: str = ""  # one sentence, said to who cancels later than that
    hours: tuple[OpenHours, ...] = ()
    closed_days: tuple[ClosedDay, ...] = ()
    office_info: tuple[OfficeTopic, ...] = ()
    asks_satisfaction: bool = False  # one question at the end of a call that went well

    def __hash__(self) -> int:
        """Of what tells practices apart: the whole is long, and is hashed with every decision."""
        return hash((self.name, self.phone, self.timezone, self.address))


@dataclass(frozen=True, slots=True)
class Context:
    """Everything ``decide`` may know besides its own state. ``now`` is its only clock."""

    now: datetime
    practice: PracticeFacts
    caller_number: str = ""  # E.164, "" when withheld
    caller_names: tuple[str, ...] = ()  # names of patients with that number on file: a hint, never spoken
    line: PracticeLine | None = None  # the one that was called; None: there is only one
    patient: PatientView | None = None  # None until identity allows it
    number_locked: bool = False  # too many failed identity checks from it: a person only
