"""What one entry of the danger catalogue is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """What happens, most urgent first; the sentences are in ``wording``."""

    D0 = "D0"  # 911 now
    D0_988 = "D0-988"  # suicide and crisis
    D0_PC = "D0-PC"  # poisoning, overdose
    D1 = "D1"  # a nurse now
    D2 = "D2"  # a call back the same day

    @property
    def kind(self) -> str:
        """ "emergency" (D0, D0-988, D0-PC) or "urgent" (D1, D2)."""
        return "emergency" if self.value.startswith("D0") else "urgent"


URGENCY: tuple[Code, ...] = tuple(Code)


@dataclass(frozen=True, slots=True)
class RedFlag:
    """One reviewed danger sign. The notation of the phrases is described in ``notation``.

    ``phrases``     carry ``code``
    ``emergency``   the same sign in a worse form: D0
    ``urgent``      a milder form: D1
    ``hints``       not enough to act on: one direct question is asked
    ``conditions``  names of diagnoses ("a stroke"): they count when said to be happening, and are
                    history when said to have been
    ``unless``      said in the same turn, these make it doubtful: the question is asked instead
    ``recent``      what is due when it was within 72 hours and is over
    ``careful``     hedges ("I guess") do not make it doubtful, and a past one is asked about
    """

    id: str
    name: str
    code: Code
    question: str  # the direct yes/no question
    source: str
    phrases: tuple[str, ...]
    emergency: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    recent: Code = Code.D1
    careful: bool = False

    @property
    def kind(self) -> str:
        """ "emergency" or "urgent": what the screen reports for the entry's own code."""
        return self.code.kind
