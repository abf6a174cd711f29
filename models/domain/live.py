"""A call that goes on, as staff look at it."""

from __future__ import annotations

from dataclasses import dataclass

from models.domain.events import Phase, RedFlagRaised
from models.domain.facts import IdentityLevel


@dataclass(frozen=True, slots=True)
class CallGlance:
    """What the dialog knows of its call just now. ``asked``: the question that is open.

    ``in_danger``: a danger sign, or a question about one, has the call, and no person has it yet.
    ``leaves_us``: a person is being looked for, or has the call. ``may_be_heard``: the caller was told of the
    recording and has not declined it.
    """

    phase: Phase
    identity: IdentityLevel
    patient_id: str = ""
    reason: str = ""
    serving: str = ""  # the wish being served
    asked: str = ""
    red_flags: tuple[RedFlagRaised, ...] = ()
    in_danger: bool = False
    leaves_us: bool = False
    may_be_heard: bool = False
