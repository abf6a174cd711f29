"""How the different kinds of call begin. Each runs until the documents, or the ringing, end the call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telephony.double.conference import Conference, Participant
from telephony.double.following import End
from telephony.double.progress import NOBODY, Callback
from telephony.double.result import Ending
from telephony.double.staff import Staff

if TYPE_CHECKING:
    from telephony.double.call import LiveCall

Opening = Callable[["LiveCall"], Coroutine[Any, Any, End | None]]

ANSWER_LIMIT_S = 60.0  # https://www.twilio.com/docs/voice/api/call-resource (Timeout)


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call that was ordered by REST: ``url`` or ``twiml`` says what happens once it is answered."""

    to_number: str
    from_number: str
    url: str = ""
    twiml: str = ""
    fallback_url: str = ""
    callback: Callback = NOBODY
    timeout_s: float = ANSWER_LIMIT_S
    longest_s: float = 0.0  # 0: as long as any call
    detects_machine: bool = False
    call_sid: str = ""  # one of the carrier's choice when it is not given


async def inbound(call: LiveCall) -> End:
    return await call.following.from_url(call.client.account.url("/twilio/voice"), "ringing")


async def outbound(call: LiveCall, *, order: NewCall, staff: Staff) -> End:
    more = {"AnsweredBy": staff.answered_by} if order.detects_machine else {}
    refused = await call.ring(staff, order.timeout_s, more)
    if refused is not None:
        return refused
    call.answered_by = more.get("AnsweredBy")
    if order.twiml:
        return await call.following.from_document(order.twiml, call.client.account.url("/"))
    return await call.following.from_url(order.url, fields=more)


async def dialled(call: LiveCall, *, staff: Staff, timeout_s: float, whisper_url: str) -> End:
    """A dialled person answers, hears the whisper if there is one, and stays until either side parts."""
    refused = await call.ring(staff, timeout_s)
    if refused is not None:
        return refused
    if whisper_url:
        end = await call.following.from_url(whisper_url)
        if not end.ran_out:
            return end
    call.accepted.set()
    call.line.give_floor()
    return await _for_ever()


async def invited(
    call: LiveCall, *, staff: Staff, timeout_s: float, conference: Conference, participant: Participant
) -> End:
    """Somebody who was called into a conference."""
    refused = await call.ring(staff, timeout_s)
    if refused is not None:
        conference.remove(participant)
        return refused
    await conference.stay(participant)
    return End(Ending.OTHER_HUNG_UP, "out of the conference")


async def _for_ever() -> End:
    await asyncio.Event().wait()
    raise AssertionError("only the call's end ends this")
