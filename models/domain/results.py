"""Results: what came of an action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.domain.checkin_answers import CheckinFiled
from models.domain.facts import Authority, BookedVisit, IdentityLevel, Opening


@dataclass(frozen=True, slots=True)
class IdentityVerified:
    patient_id: str
    level: IdentityLevel
    authority: Authority | None = None  # of who speaks for the patient; None: the patient does


@dataclass(frozen=True, slots=True)
class IdentityRefused:
    """``locked``: no further attempt is allowed. Which element failed is for staff only, never here."""

    locked: bool = False
    several: bool = False  # charts fit alike: to ask more, never to tell


@dataclass(frozen=True, slots=True)
class CodeSent:
    """The text is promised."""


@dataclass(frozen=True, slots=True)
class CodeNotSent:
    """No code can be sent; ``code`` tells staff why, and is never spoken."""

    code: str


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """``more``: another try is allowed."""

    more: bool


@dataclass(frozen=True, slots=True)
class PermissionRecorded:
    authority: Authority


class RefillOutcome(StrEnum):
    """domain rules section 3.1."""

    PHARMACY_HAS_REFILLS = "PHARMACY_HAS_REFILLS"
    READY_FOR_APPROVAL = "READY_FOR_APPROVAL"
    NEEDS_REVIEW = "NEEDS_REVIEW"
    BRIDGE_SUGGESTED = "BRIDGE_SUGGESTED"
    HUMAN_NOW = "HUMAN_NOW"
    REFUSED_AUTOMATION = "REFUSED_AUTOMATION"


@dataclass(frozen=True, slots=True)
class RuleResult:
    rule: str
    passed: bool | None  # None: could not be known
    detail: str = ""


class IssueKind(StrEnum):
    """Codes of https://terminology.hl7.org/CodeSystem-v3-ActCode.html."""

    INTERACTION = "DRG"
    DUPLICATE = "DUPTHPY"


@dataclass(frozen=True, slots=True)
class DrugIssue:
    """Two medicines that a person must look at together; found by a list of pairs, no advice."""

    kind: IssueKind
    detail: str  # "warfarin with ibuprofen (reported by caller)": for staff, never spoken
    implicated: tuple[str, ...] = ()  # "MedicationRequest/..." of those on the chart
    rule: str = ""  # of the table of pairs
    issue_ref: str = ""  # "DetectedIssue/..."


@dataclass(frozen=True, slots=True)
class RefillAnswered:
    outcome: RefillOutcome
    proposal_ref: str  # "MedicationRequest/..." of the proposal, "" when none was written
    task_ref: str
    rules: tuple[RuleResult, ...] = ()
    already_open: bool = False
    order_id: str = ""  # that was asked for
    decided_by: str = ""  # the rule, "" when all passed
    urgent: bool = False  # staff see to it today
    visit_type: str = ""  # code of the visit that is due, "" when none is
    issues: tuple[DrugIssue, ...] = ()
    medicine: str = ""  # as ordered, for staff: "lisinopril 10 MG Oral Tablet"
    rxnorm: str = ""  # its code in the order, "" when it has none


@dataclass(frozen=True, slots=True)
class RefillAdded:
    """``today``: staff see to it the same day."""

    task_ref: str
    today: bool = False


@dataclass(frozen=True, slots=True)
class OpeningsFound:
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class OpeningHeld:
    opening_id: str


@dataclass(frozen=True, slots=True)
class OpeningGone:
    """Another caller was faster; an expected outcome, not an error."""

    opening_id: str


@dataclass(frozen=True, slots=True)
class VisitBooked:
    visit: BookedVisit
    resource_ref: str  # "Appointment/..."
    text_queued: bool = False  # a text with date and time goes to the patient's number


@dataclass(frozen=True, slots=True)
class VisitCancelled:
    appointment_id: str
    resource_ref: str


@dataclass(frozen=True, slots=True)
class WaitlistJoined:
    """``already``: the patient was waiting for such a visit before, and their wish is now this one."""

    entry_id: str
    resource_ref: str  # "Appointment/..." of status waitlist
    already: bool = False


@dataclass(frozen=True, slots=True)
class WaitlistLeft:
    entry_id: str


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """The patient keeps their place; the opening goes to the next in line."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class VisitConfirmed:
    appointment_id: str
    resource_ref: str


@dataclass(frozen=True, slots=True)
class RegistrationPending:
    """Staff have the task; the time is held until they have called, or until ``held_until``."""

    task_ref: str
    held_until: datetime


@dataclass(frozen=True, slots=True)
class TaskOpened:
    task_ref: str


@dataclass(frozen=True, slots=True)
class StaffPaged:
    page_ref: str


@dataclass(frozen=True, slots=True)
class CallTransferred:
    """The carrier took the order; the stream ends with it."""


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    """Nothing of this call's sound is kept."""


@dataclass(frozen=True, slots=True)
class TranscriptStopped:
    """No words of this call are kept from here on."""


@dataclass(frozen=True, slots=True)
class CallRated:
    """The score stands with the call."""


@dataclass(frozen=True, slots=True)
class TextsStopped:
    """No text goes to the caller's number any more."""


@dataclass(frozen=True, slots=True)
class ActionFailed:
    code: str  # for staff and logs, never spoken


Result = (
    IdentityVerified
    | IdentityRefused
    | CodeSent
    | CodeNotSent
    | CodeRefused
    | PermissionRecorded
    | RefillAnswered
    | RefillAdded
    | OpeningsFound
    | OpeningHeld
    | OpeningGone
    | VisitBooked
    | VisitCancelled
    | VisitConfirmed
    | RegistrationPending
    | WaitlistJoined
    | WaitlistLeft
    | OfferRefused
    | TaskOpened
    | StaffPaged
    | CallTransferred
    | RecordingStopped
    | TranscriptStopped
    | CallRated
    | TextsStopped
    | CheckinFiled
    | ActionFailed
)
