"""The shared vocabulary: what a call is made of, stage by stage. Standard library only.

One utterance passes once through these types, each arrow one function:

``CallerAudio -> Utterance -> Transcript -> Understanding -> Decision -> Outcome -> Decision -> speech``

Every value here is frozen. Instants are aware UTC, phone numbers are E.164, units stand in names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

SAMPLE_RATE_HZ = 8_000
FRAME_MS = 20
SAMPLES_PER_FRAME = SAMPLE_RATE_HZ * FRAME_MS // 1_000  # 160; in G.711 also the bytes of a frame

JsonScalar = str | int | float | bool | None
State = TypeVar("State")


# --------------------------------------------------------------------------- hearing


@dataclass(frozen=True, slots=True)
class Choice:
    """One likely answer: ``value`` is what the dialog stores, ``spoken`` how a caller may say it."""

    value: str
    spoken: tuple[str, ...]


class ExpectationKind(StrEnum):
    DOB = "dob"
    PHONE = "phone"
    ZIP = "zip"
    NUMBER = "number"
    SPELLING = "spelling"
    NAME = "name"
    YES_NO = "yes_no"
    CHOICE = "choice"
    DRUG = "drug"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a question expects; it travels backwards to every stage that hears the answer.

    ``pause_ms`` is the silence that ends an answer of this kind (None: the stage's own default for
    the kind). ``digits`` is how many keys complete a keypad answer (0: none wanted; ``0`` alone is
    always a person). ``asked`` is the question as spoken, the classifier's context.
    """

    kind: ExpectationKind = ExpectationKind.OPEN
    choices: tuple[Choice, ...] = ()
    pause_ms: int | None = None
    digits: int = 0
    asked: str = ""


@dataclass(frozen=True, slots=True)
class CallerAudio:
    mulaw: bytes  # G.711, 8 kHz mono; 160 bytes is 20 ms
    timestamp_ms: int  # since the stream started


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of caller speech with its pre-roll. Times are audio time since the stream started."""

    pcm: bytes  # signed 16-bit little-endian, 8 kHz mono
    started_ms: int
    ended_ms: int  # end of the last speech, not of the silence that ended the turn


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    confidence: float
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recogniser heard. ``alternatives`` excludes ``text``, best first.

    ``failure`` is empty, or the code of what went wrong (``recogniser-timeout``...): a typed outcome,
    the dialog can speak to it. Silence or noise is text "" without failure.
    """

    text: str
    confidence: float = 0.0  # 0..1, comparable within one engine only
    alternatives: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    engine: str = ""
    failure: str = ""


# --------------------------------------------------------------------------- understanding


class Intent(StrEnum):
    REFILL_REQUEST = "refill_request"
    REFILL_STATUS = "refill_status"
    SCHEDULE_BOOK = "schedule_book"
    SCHEDULE_RESCHEDULE = "schedule_reschedule"
    SCHEDULE_CANCEL = "schedule_cancel"
    SCHEDULE_LOOKUP = "schedule_lookup"
    SYMPTOM_REPORT = "symptom_report"
    CHECKIN_RETURN = "checkin_return"
    MEDICATION_QUESTION = "medication_question"
    RESULTS_INQUIRY = "results_inquiry"
    BILLING_QUESTION = "billing_question"
    REFERRAL_REQUEST = "referral_request"
    RECORDS_REQUEST = "records_request"
    OFFICE_INFO = "office_info"
    HUMAN_AGENT = "human_agent"
    MESSAGE_FOR_PROVIDER = "message_for_provider"
    UPDATE_INFO = "update_info"
    PROFESSIONAL_CALLER = "professional_caller"
    LANGUAGE_REQUEST = "language_request"
    OPT_OUT = "opt_out"
    AFFIRM = "affirm"
    DENY = "deny"
    REPEAT = "repeat"
    WAIT = "wait"
    DONT_KNOW = "dont_know"
    GREETING = "greeting"
    GOODBYE = "goodbye"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Entity:
    """One value read from the words. ``span`` is [start, end) in characters of the text."""

    value: str | int | float | bool
    span: tuple[int, int]
    certainty: float  # 0..1
    alternatives: tuple[str | int | float | bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Understanding:
    """Meaning of one transcript. ``intent`` None: refused as unknown, never a guess.

    Entity names (closed): dob date date_from date_to weekday time daypart phone zip number letters
    name drug strength pharmacy provider choice yes_no symptom visit_type late_min mode kind.
    Dates are ISO ``YYYY-MM-DD``, times ``HH:MM``, weekday 0 (Monday) .. 6, daypart morning |
    afternoon | evening, phone E.164, name "Given Family", choice a ``Choice.value``, yes_no bool.
    """

    transcript: Transcript
    intent: Intent | None = None
    intents: tuple[Intent, ...] = ()  # all that are asked for, most likely first
    confidence: float = 0.0  # of ``intent``, calibrated
    entities: Mapping[str, Entity] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.transcript.text


# --------------------------------------------------------------------------- identity and facts


class IdentityLevel(StrEnum):
    """domain rules section 2: what may be spoken to this caller."""

    L0 = "L0"  # nobody
    L1 = "L1"  # full name, exact birth date, and the number or ZIP on file
    L2 = "L2"  # L1 and a one-time code


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


@dataclass(frozen=True, slots=True)
class PracticeFacts:
    """What the practice lets anybody know, and the word lists that listening is biased with."""

    name: str
    phone: str  # E.164, the staff line
    timezone: str  # IANA
    address: str = ""
    hours_text: str = ""  # "Monday to Friday, eight to five"
    staff_available: bool = False  # somebody can take a transferred call now
    providers: tuple[Provider, ...] = ()
    visit_types: tuple[VisitType, ...] = ()
    pharmacies: tuple[str, ...] = ()
    roster_names: tuple[str, ...] = ()  # patients' full names: to hear with, never to speak
    medicine_names: tuple[str, ...] = ()  # formulary: to hear with


@dataclass(frozen=True, slots=True)
class Context:
    """Everything ``decide`` may know besides its own state. ``now`` is its only clock."""

    now: datetime
    practice: PracticeFacts
    caller_number: str = ""  # E.164, "" when withheld
    caller_names: tuple[str, ...] = ()  # names of patients with that number on file: a hint, never spoken
    patient: PatientView | None = None  # None until identity allows it


# --------------------------------------------------------------------------- actions and outcomes


@dataclass(frozen=True, slots=True)
class VerifyIdentity:
    action_id: str
    names: tuple[str, ...]  # as heard, best first
    dob: date
    zip_code: str = ""


@dataclass(frozen=True, slots=True)
class RequestRefill:
    action_id: str
    patient_id: str
    order_id: str  # of the matched Medicine
    said: str  # the caller's words for the medicine
    pharmacy: str
    new_problem: bool | None  # answer to "any new problems or side effects?"


@dataclass(frozen=True, slots=True)
class FindOpenings:
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


class TaskKind(StrEnum):
    """Own code system ``call-task`` (domain rules section 1.3)."""

    REFILL_REVIEW = "refill-review"
    CONTROLLED_REFILL = "controlled-refill"
    MED_CHANGE_REQUEST = "med-change-request"
    SCHEDULE_ASSIST = "schedule-assist"
    RED_FLAG_911 = "red-flag-911"
    NURSE_NOW = "nurse-now"
    SAME_DAY_CALLBACK = "same-day-callback"
    ROUTINE_MESSAGE = "routine-message"
    IDENTITY_FAILED_CALLBACK = "identity-failed-callback"
    BILLING_QUESTION = "billing-question"
    RECORDS_REQUEST = "records-request"
    COMPLAINT = "complaint"
    LANGUAGE_LINE = "language-line"
    OPT_OUT_RECORDED = "opt-out-recorded"
    WRITEBACK_DEAD_LETTER = "writeback-dead-letter"


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


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call kindly: after what is being said has been heard."""

    action_id: str


Action = (
    VerifyIdentity
    | RequestRefill
    | FindOpenings
    | HoldOpening
    | BookOpening
    | MoveVisit
    | CancelVisit
    | OpenTask
    | PageStaff
    | TransferCall
    | HangUp
)


@dataclass(frozen=True, slots=True)
class IdentityVerified:
    patient_id: str
    level: IdentityLevel


@dataclass(frozen=True, slots=True)
class IdentityRefused:
    """``locked``: no further attempt is allowed. Which element failed is for staff only, never here."""

    locked: bool = False


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


@dataclass(frozen=True, slots=True)
class RefillAnswered:
    outcome: RefillOutcome
    proposal_ref: str  # "MedicationRequest/..." of the proposal, "" when none was written
    task_ref: str
    rules: tuple[RuleResult, ...] = ()
    already_open: bool = False


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


@dataclass(frozen=True, slots=True)
class VisitCancelled:
    appointment_id: str
    resource_ref: str


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
class ActionFailed:
    code: str  # for staff and logs, never spoken


Result = (
    IdentityVerified
    | IdentityRefused
    | RefillAnswered
    | OpeningsFound
    | OpeningHeld
    | OpeningGone
    | VisitBooked
    | VisitCancelled
    | TaskOpened
    | StaffPaged
    | CallTransferred
    | ActionFailed
)


# --------------------------------------------------------------------------- events and decisions


@dataclass(frozen=True, slots=True)
class CallStarted:
    resumed: bool = False  # the same call on a new stream


@dataclass(frozen=True, slots=True)
class Heard:
    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Keys:
    digits: str  # as pressed; may hold * and #


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller was silent for as long as the Expectation allows."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An action has been running for a while: time to say "one moment"."""

    action_id: str


@dataclass(frozen=True, slots=True)
class Outcome:
    action_id: str
    result: Result


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Barge-in: the caller spoke over the reply."""

    heard_to: str  # the part of the reply that was played before


@dataclass(frozen=True, slots=True)
class StaffJoined:
    staff_id: str


@dataclass(frozen=True, slots=True)
class HungUp:
    pass


Event = CallStarted | Heard | Keys | NoInput | Waiting | Outcome | Interrupted | StaffJoined | HungUp


class Phase(StrEnum):
    GREETING = "greeting"
    OPEN = "open"  # what can I do for you
    IDENTIFYING = "identifying"
    SERVING = "serving"
    CLOSING = "closing"
    HANDOFF = "handoff"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence to speak. ``fixed`` wording is rendered ahead and must not be altered."""

    text: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Decision(Generic[State]):
    """The answer to one event: the next state, what to say, what is expected then, what to do."""

    state: State
    say: tuple[Sentence, ...] = ()
    expectation: Expectation = Expectation()
    actions: tuple[Action, ...] = ()


class Disposition(StrEnum):
    """How a call ended, for the record and the figures."""

    COMPLETED = "completed"
    ESCALATED = "escalated"  # a danger sign
    TRANSFERRED = "transferred"
    MESSAGE_TAKEN = "message-taken"
    IDENTITY_FAILED = "identity-failed"
    ABANDONED = "abandoned"
    NO_INPUT = "no-input"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RedFlagRaised:
    """A danger sign found by the screen: catalogue id, disposition code and the words that raised it."""

    red_flag_id: str  # RF01..RF26
    disposition: str  # "emergency" or "urgent"
    quote: str


# --------------------------------------------------------------------------- the finished call


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One caller utterance and the reply, from 1; turn 0 is the greeting."""

    number: int
    at: datetime
    caller_text: str
    agent_text: str
    intent: str = ""
    phase: str = ""
    confidence: float = 0.0
    heard_to: str = ""  # what of the reply was played, by mark echoes
    keys: str = ""


@dataclass(frozen=True, slots=True)
class DoneAction:
    """An action with its outcome, as it happened in turn ``turn_number``."""

    turn_number: int
    action: Action
    result: Result


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A finished call, as stored: what the write-back turns into a note."""

    call_id: str
    started: datetime
    ended: datetime
    caller_number: str
    identity: IdentityLevel
    patient_id: str  # "" when nobody was identified
    disposition: Disposition
    reason: str  # the caller's own first words for what they want
    turns: tuple[TurnRecord, ...]
    done: tuple[DoneAction, ...] = ()
    red_flags: tuple[RedFlagRaised, ...] = ()
    disclosures: tuple[str, ...] = ()  # "ai", "recording", "emergency"
    practice_timezone: str = "UTC"
    identity_attempts: int = 0
    models: Mapping[str, str] = field(default_factory=dict)  # software and model versions
    symptoms_present: tuple[str, ...] = ()
    symptoms_denied: tuple[str, ...] = ()


# --------------------------------------------------------------------------- what stages need from others


class Screen(Protocol):
    """The danger screen, handed to stages that may not import it."""

    def __call__(self, texts: Sequence[str]) -> RedFlagRaised | None: ...


class Directory(Protocol):
    """Who is calling. Raises ``AgentError`` kinds only."""

    async def names_at(self, caller_number: str) -> tuple[str, ...]: ...

    async def verify(
        self, claim: VerifyIdentity, *, caller_number: str, call_id: str
    ) -> IdentityVerified | IdentityRefused: ...

    async def view(self, patient_id: str, level: IdentityLevel) -> PatientView: ...


class Scheduling(Protocol):
    async def find(self, wish: FindOpenings) -> OpeningsFound: ...

    async def hold(self, wish: HoldOpening, *, call_id: str) -> OpeningHeld | OpeningGone: ...

    async def book(self, wish: BookOpening, *, call_id: str) -> VisitBooked | OpeningGone: ...

    async def move(self, wish: MoveVisit, *, call_id: str) -> VisitBooked | OpeningGone: ...

    async def cancel(self, wish: CancelVisit, *, call_id: str) -> VisitCancelled: ...

    async def release(self, *, call_id: str) -> None: ...


class Pharmacy(Protocol):
    async def request_refill(self, wish: RequestRefill, *, call_id: str) -> RefillAnswered: ...


class Desk(Protocol):
    """The staff's queue."""

    async def open_task(self, wish: OpenTask, *, call_id: str) -> TaskOpened: ...

    async def page(self, wish: PageStaff, *, call_id: str) -> StaffPaged: ...


class Clock(Protocol):
    """Aware UTC now. Injected everywhere, so that tests and demos may pin it."""

    def __call__(self) -> datetime: ...


class Remote(Protocol):
    """A service in a worker process. Raises ``WorkerError`` when it died, hung or is not there."""

    async def __call__(self, method: str, *args: object) -> Any: ...
