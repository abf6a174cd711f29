"""Actions: what the dialog wants done. Each has an id; its outcome names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.domain.checkin_answers import FileCheckin
from models.domain.visit_actions import (
    AcceptOffer,
    BookOpening,
    CancelVisit,
    ConfirmVisit,
    FindOpenings,
    HoldOpening,
    JoinWaitlist,
    LeaveWaitlist,
    MoveVisit,
    RefuseOffer,
    RegisterPatient,
)


@dataclass(frozen=True, slots=True)
class VerifyIdentity:
    action_id: str
    names: tuple[str, ...]  # as heard, best first
    dob: date
    zip_code: str = ""
    caller_names: tuple[str, ...] = ()  # as heard, of who speaks for the patient; none: the patient does
    spelled: bool = False  # the first name was: what merely sounds like it will not do


@dataclass(frozen=True, slots=True)
class SendCode:
    """Text a one-time code to the mobile number on file, never to the number that calls."""

    action_id: str
    patient_id: str
    basis: str = ""  # of who speaks for the patient: the code goes to that person's number


@dataclass(frozen=True, slots=True)
class CheckCode:
    action_id: str
    patient_id: str
    code: str  # six digits


@dataclass(frozen=True, slots=True)
class RecordPermission:
    """The patient, verified on this call, lets somebody speak for them until it ends."""

    action_id: str
    patient_id: str
    caller_name: str
    relationship: str = ""  # in the caller's word


@dataclass(frozen=True, slots=True)
class RequestRefill:
    action_id: str
    patient_id: str
    order_id: str  # of the matched Medicine
    said: str  # the caller's words for the medicine
    pharmacy: str
    new_problem: bool | None  # answer to "any new problems or side effects?"
    taking: str = ""  # the caller's words for strength and how often: "two of the ten milligram"
    described: bool = False  # found by what it is for, not by its name
    beside: str = ""  # the caller's words for what they take beside it: "ibuprofen"
    days_left: int | None = None  # as the caller says; 0: none are left
    problem: str = ""  # the caller's words for the new problem


class AboutRefill(StrEnum):
    """What a caller adds to a request that was sent in this call."""

    EARLY_REASON = "early-reason"
    RUNS_OUT = "runs-out"


@dataclass(frozen=True, slots=True)
class AddToRefill:
    """A word more about a request that is with the care team already."""

    action_id: str
    patient_id: str
    task_ref: str
    about: AboutRefill
    words: str  # the caller's own
    days_left: int | None = None


class TaskKind(StrEnum):
    """Own code system ``call-task`` (domain rules section 1.3)."""

    REFILL_REVIEW = "refill-review"
    REFILL_TOO_SOON_QUESTION = "refill-too-soon-question"
    INTERACTION_REVIEW = "interaction-review"
    CONTROLLED_REFILL = "controlled-refill"
    MED_CHANGE_REQUEST = "med-change-request"
    SCHEDULE_ASSIST = "schedule-assist"
    PENDING_REGISTRATION = "pending-registration"
    RED_FLAG_911 = "red-flag-911"
    NURSE_NOW = "nurse-now"
    SAME_DAY_CALLBACK = "same-day-callback"
    ROUTINE_MESSAGE = "routine-message"
    IDENTITY_FAILED_CALLBACK = "identity-failed-callback"
    PROXY_AUTHORIZATION_NEEDED = "proxy-authorization-needed"
    BILLING_QUESTION = "billing-question"
    RECORDS_REQUEST = "records-request"
    COMPLAINT = "complaint"
    LANGUAGE_LINE = "language-line"
    OPT_OUT_RECORDED = "opt-out-recorded"
    WRITEBACK_DEAD_LETTER = "writeback-dead-letter"
    POST_DISCHARGE_CONTACT = "post-discharge-contact"
    MED_REC_DISCREPANCY = "med-rec-discrepancy"
    SDOH_REFERRAL = "sdoh-referral"


class Priority(StrEnum):
    ROUTINE = "routine"
    URGENT = "urgent"
    ASAP = "asap"
    STAT = "stat"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """Work for a person. ``summary`` holds facts in the caller's words, no inference."""

    action_id: str
    kind: TaskKind
    priority: Priority
    summary: str
    patient_id: str = ""
    callback_number: str = ""


@dataclass(frozen=True, slots=True)
class PageStaff:
    """Wake somebody up about a live danger."""

    action_id: str
    summary: str
    red_flag_id: str = ""


@dataclass(frozen=True, slots=True)
class TransferCall:
    action_id: str
    reason: str
    urgent: bool = False  # a danger sign: who is on call takes it at any hour
    words: str = ""  # what the caller wants, in their words, "" unknown
    name: str = ""  # whom they say they are: for who has taken the call, nobody else
    contact: str = ""  # whose telephone is rung, and no other's; "" whoever is there


@dataclass(frozen=True, slots=True)
class StopRecording:
    """The caller does not want to be recorded: what there is is deleted, the call goes on without."""

    action_id: str


@dataclass(frozen=True, slots=True)
class StopTranscript:
    """The caller does not want their words written down: from now on no turn keeps any."""

    action_id: str


@dataclass(frozen=True, slots=True)
class RateCall:
    """How the caller found this call, 1 to 5."""

    action_id: str
    score: int


@dataclass(frozen=True, slots=True)
class StopTexts:
    """The caller asks for no texts and no calls of ours: it holds from now on, for every kind."""

    action_id: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call kindly: after what is being said has been heard."""

    action_id: str


Action = (
    VerifyIdentity
    | SendCode
    | CheckCode
    | RecordPermission
    | RequestRefill
    | AddToRefill
    | FindOpenings
    | HoldOpening
    | BookOpening
    | MoveVisit
    | CancelVisit
    | ConfirmVisit
    | RegisterPatient
    | JoinWaitlist
    | LeaveWaitlist
    | AcceptOffer
    | RefuseOffer
    | OpenTask
    | PageStaff
    | TransferCall
    | StopRecording
    | StopTranscript
    | RateCall
    | StopTexts
    | FileCheckin
    | HangUp
)
