"""The finished call, as stored and as the write-back reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from models.domain.actions import Action
from models.domain.events import Disposition, RedFlagRaised
from models.domain.facts import IdentityLevel
from models.domain.results import Result

PRESSED_FOR_SPANISH = "pressed 2 for Spanish"
TYPES = "Caller types on a text telephone (TTY): call back by TTY or through the relay service, 711"


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
    reason: str  # the caller's own first words for what they want, or one of the two above
    turns: tuple[TurnRecord, ...]
    done: tuple[DoneAction, ...] = ()
    red_flags: tuple[RedFlagRaised, ...] = ()
    disclosures: tuple[str, ...] = ()  # "ai", "recording", "emergency"
    practice_timezone: str = "UTC"
    identity_attempts: int = 0
    models: Mapping[str, str] = field(default_factory=dict)  # software and model versions
    symptoms_present: tuple[str, ...] = ()
    symptoms_denied: tuple[str, ...] = ()
