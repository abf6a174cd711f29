"""Events, which the dialog answers, and decisions, which are its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from models.domain.actions import Action
from models.domain.hearing import Expectation
from models.domain.results import Result
from models.domain.understanding import Understanding

State = TypeVar("State")  # of the dialog: opaque to everybody else


@dataclass(frozen=True, slots=True)
class CallStarted:
    resumed: bool = False  # the same call on a new stream
    unheard: bool = False  # and our last reply is not known to have been heard to its end


@dataclass(frozen=True, slots=True)
class Heard:
    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Keys:
    digits: str  # as pressed; may hold * and #


@dataclass(frozen=True, slots=True)
class NoInput:
    """The caller was silent for as long as the Expectation allows."""


class ToneKind(StrEnum):
    """A machine that calls."""

    FAX = "fax"
    TTY = "tty"  # a text telephone: its user reads and types


@dataclass(frozen=True, slots=True)
class ToneHeard:
    kind: ToneKind


@dataclass(frozen=True, slots=True)
class NoPause:
    """Sound has come without a pause for so long that nobody can be spoken with."""


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


class StaffDeed(StrEnum):
    """What staff may do with a call that goes on."""

    TAKE_OVER = "take-over"
    END = "end"


@dataclass(frozen=True, slots=True)
class StaffOrdered:
    """``contact``: whose telephone the call goes to, of the practice's; of `TAKE_OVER` only."""

    order_id: str
    deed: StaffDeed
    contact: str = ""


@dataclass(frozen=True, slots=True)
class HungUp:
    """``alone``: while waiting for a person whom nobody had reached yet."""

    alone: bool = False


Event = (
    CallStarted
    | Heard
    | Keys
    | NoInput
    | NoPause
    | ToneHeard
    | Waiting
    | Outcome
    | Interrupted
    | StaffJoined
    | StaffOrdered
    | HungUp
)


class Phase(StrEnum):
    GREETING = "greeting"
    OPEN = "open"  # what can I do for you
    IDENTIFYING = "identifying"
    SERVING = "serving"
    CLOSING = "closing"
    HANDOFF = "handoff"
    ENDED = "ended"


class Pace(StrEnum):
    """How fast the agent speaks: the caller's wish, kept for the rest of the call."""

    NORMAL = "normal"
    SLOW = "slow"
    SLOWEST = "slowest"


class Language(StrEnum):
    """Of a sentence that we speak, by ISO 639-1."""

    ENGLISH = "en"
    SPANISH = "es"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence to speak. ``fixed`` wording is rendered ahead and must not be altered."""

    text: str
    fixed: bool = False
    pace: Pace = Pace.NORMAL
    language: Language = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Decision(Generic[State]):
    """The answer to one event: the next state, what to say, what is expected then, what to do."""

    state: State
    say: tuple[Sentence, ...] = ()
    expectation: Expectation = field(default_factory=Expectation)
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
    STAFF_ENDED = "staff-ended"  # a member of staff had the agent say goodbye
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RedFlagRaised:
    """A danger sign found by the screen: catalogue id, disposition code and the words that raised it."""

    red_flag_id: str  # RF01..RF26
    disposition: str  # "emergency" or "urgent"
    quote: str
