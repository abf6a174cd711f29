"""Whoever is at the other end of a number that the carrier dials."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from telephony.double.script import Caller, Step, StepKind


class Answer(StrEnum):
    ANSWER = "answer"
    DECLINE = "decline"  # a busy tone
    RING_OUT = "ring-out"  # until the carrier gives up
    UNREACHABLE = "unreachable"  # the number cannot be connected


GONE_AT_ONCE = Caller((Step(StepKind.HANGUP),))


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff, or any other person who is called. Once they have answered, ``does`` is
    performed; they speak first, as people do who answer a telephone."""

    answer: Answer = Answer.ANSWER
    ringing_s: float = 0.0
    does: Caller = GONE_AT_ONCE
    answered_by: str = "human"  # what answering machine detection would say


GONE = Staff()  # answers, and hangs up at once
