"""How the carrier and the people it dials behave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from telephony.double.connection import CLEAR, Connection
from telephony.double.faults import Fault
from telephony.double.staff import GONE, Staff


@dataclass(frozen=True, slots=True)
class Manner:
    """``fallback`` is the number's fallback: an address, or a document (a TwiML Bin); "" is none.

    Source: https://www.twilio.com/docs/voice/api/call-resource (FallbackUrl).
    """

    staff: Staff = GONE  # at every number that has nobody of its own
    people: Mapping[str, Staff] = field(default_factory=dict)  # by number
    fallback: str = ""
    faults: Mapping[str, Fault] = field(default_factory=dict)  # by path
    unhurried: bool = True  # False: <Say>, <Pause> and ringing out take no time
    longest_s: float = 600.0
    connection: Connection = CLEAR

    def at(self, number: str) -> Staff:
        return self.people.get(number, self.staff)


def dial_document(number: str) -> str:
    """What a fallback that is only a telephone number amounts to."""
    return f"<Response><Dial>{number}</Dial></Response>"
