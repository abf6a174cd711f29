"""Understanding: intents and entities, the meaning of one transcript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.domain.hearing import Transcript


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


class Hint(StrEnum):
    """What the words say of a visit or of the openings on offer, beside any value in them."""

    EARLIER = "earlier"  # "sooner", "that's too late"
    LATER = "later"  # "that's too early"
    NAMED_ONE = "named one"  # "the later one": of those that were offered
    NEW_ONE = "new one"  # "anything", "another": none of them
    IN_THE_DAY = "in the day"  # "later that morning"
    OTHER_DAY = "other day"
    OTHER_TIME = "other time"
    NOT_THESE = "not these"  # "neither": and nothing else in the clause
    OTHERS = "others"  # "something else", "what else do you have"
    IF_SOONEST = "if soonest"  # "is that the earliest?"
    HAVE_YOU = "have you"  # "do you have", "is there"
    SOONEST = "soonest"
    ANY_TIME = "any time"
    ONLY = "only"  # "it has to be Monday"
    THE_DAY = "the day"  # of all that may be changed
    THE_DOCTOR = "the doctor"
    OWN_VISIT = "own visit"  # one on file, and not the one that is read out
    LATE = "late"  # on the way, and behind


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

    ``suspected`` is the id of a danger sign that a model thinks was told, "" where it thinks of none. It
    may lead to a question beside what the danger screen finds, and to nothing else.

    Entity names (closed): dob date date_from date_to weekday time daypart phone zip number letters
    name drug strength pharmacy provider choice yes_no symptom visit_type late_min mode kind,
    readings with their unit: blood_pressure glucose weight temperature pulse oxygen,
    and drug_2, drug_3 ... for further medicines of the same sentence, in their order.
    Dates are ISO ``YYYY-MM-DD``, times ``HH:MM``, weekday 0 (Monday) .. 6, daypart morning |
    afternoon | evening, phone E.164, name "Given Family", choice a ``Choice.value``, yes_no bool.
    """

    transcript: Transcript
    intent: Intent | None = None
    intents: tuple[Intent, ...] = ()  # all that are asked for, most likely first
    confidence: float = 0.0  # of ``intent``, calibrated
    entities: Mapping[str, Entity] = field(default_factory=dict)
    suspected: str = ""
    hints: tuple[Hint, ...] = ()  # what the words say of visits and openings

    @property
    def text(self) -> str:
        return self.transcript.text
