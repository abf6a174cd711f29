"""What the carrier edge asks of the agent, and how it tells who is calling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import phonenumbers

from telephony.media_stream import MediaStream
from telephony.tokens import StreamTokens

_CALL_SID = re.compile(r"[A-Za-z0-9_-]{2,64}")
# What Twilio puts into From for a withheld number, spelled on a keypad: ANONYMOUS, RESTRICTED,
# BLOCKED, UNAVAILABLE, UNKNOWN. https://help.twilio.com/articles/223179988
_WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+86282452253", "+8656696"})


@dataclass(frozen=True, slots=True)
class ArrivingCall:
    call_sid: str
    from_number: str  # E.164; "" when withheld or malformed
    to_number: str
    forwarded_from: str = ""

    def came_by(self, number: str) -> bool:
        """Whether it reached us by this number, called or forwarding: to ring that would be a circle."""
        return number in (self.to_number, self.forwarded_from)


class CallHandlers(Protocol):
    """The agent's side. Documents are TwiML. What raises or hangs is answered by dialling the practice.

    When nobody is there the door ``config.UNSERVED`` is asked, which the agent adds (`telephony.doors`).

    ``form`` holds the carrier's signed fields. Carriers repeat requests: repeats seen by this
    process are answered from memory, others must be harmless.
    """

    @property
    def tokens(self) -> StreamTokens: ...

    def ready(self) -> bool:
        """False: calls go to the practice's own number."""

    async def arriving(self, call: ArrivingCall) -> str: ...

    async def resuming(self, call_sid: str, form: Mapping[str, str]) -> str:
        """A stream ended and the call did not: how does it go on?"""

    async def status(self, call_sid: str, form: Mapping[str, str]) -> None: ...

    async def sms(self, form: Mapping[str, str]) -> str: ...

    async def stream(self, media: MediaStream) -> None:
        """The call's loop. When it returns the socket is closed and the carrier asks ``resuming``."""


def arriving_call(form: Mapping[str, str]) -> ArrivingCall:
    return ArrivingCall(
        call_sid=form["CallSid"],
        from_number=e164(form.get("From", "")),
        to_number=e164(form.get("To", "")),
        forwarded_from=e164(form.get("ForwardedFrom", "")),
    )


def was_reached(form: Mapping[str, str]) -> bool:
    """Whether a dialled telephone was answered by somebody who took the call."""
    return form.get("DialCallStatus") in ("completed", "answered") and form.get("DialBridged") != "false"


def is_call_sid(text: str) -> bool:
    return _CALL_SID.fullmatch(text) is not None


def e164(number: str) -> str:
    """The number as E.164, or ``""`` for withheld, malformed, SIP and client addresses."""
    if number in _WITHHELD or not number.startswith("+") or not number.isascii():
        return ""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
