"""The <Dial> verb: rings people, bridges the first who takes the call, or joins a conference.

Sources: https://www.twilio.com/docs/voice/twiml/dial (DialCallStatus, DialCallDuration, DialBridged,
timeout 30 s, timeLimit 4 h), .../twiml/number (url: what the called person hears before the bridge),
.../twiml/conference.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from telephony.double.carrier import Leg
from telephony.double.conference import CONFERENCE_EVENTS, Terms
from telephony.double.errors import DoubleError
from telephony.double.openings import Opening, dialled
from telephony.double.progress import CALL_EVENTS, Callback
from telephony.double.result import CallEvent, CallResult, Kind
from telephony.double.rooms import Member, Room
from telephony.double.staff import Answer, Staff
from telephony.double.verbs import Verb

if TYPE_CHECKING:
    from telephony.double.call import LiveCall

RING_S = 30.0
LONGEST_S = 14_400.0
_NUMBER = re.compile(r"\+?[0-9 ().-]{3,20}")


class Dialling:
    """One call's way to other people."""

    def __init__(self, call: LiveCall) -> None:
        self._call = call

    async def dial(self, verb: Verb) -> dict[str, str]:
        """Until the dialled call is over: what the verb's action is told."""
        if self._call.leg.direction == "outbound-dial":
            raise DoubleError("13201 a dialled person's document must not dial")
        name = ", ".join(noun.text for noun in verb.nouns or (verb,))
        self._call.result.dialled.append(name)
        self._call.journal.note(Kind.DIAL, number=name)
        noun = verb.noun("Conference")
        return await (self._ring(verb) if noun is None else self._confer(noun))

    # people

    async def _ring(self, verb: Verb) -> dict[str, str]:
        """All numbers ring at once; who takes the call first has it."""
        ringing: dict[LiveCall, asyncio.Task[CallResult]] = {}
        for noun in _people(verb):
            leg, staff = self._leg(noun, verb)
            ringing[leg] = asyncio.create_task(leg.run(self._opening(leg, staff, noun, verb)))
        winner: LiveCall | None = None
        try:
            winner = await _first_to_accept(ringing)
            await self._talk(winner, ringing, verb.seconds("timeLimit", LONGEST_S))
        finally:
            for leg in ringing:
                leg.part()
            await asyncio.gather(*ringing.values(), return_exceptions=True)
        for task in ringing.values():
            task.result()  # a script of theirs that cannot be performed is news for whoever wrote it
        return _how_it_went(list(ringing), winner)

    def _leg(self, noun: Verb, verb: Verb) -> tuple[LiveCall, Staff]:
        call, number = self._call, noun.text
        caller_id = verb.attributes.get("callerId") or call.leg.from_number
        leg = Leg(
            "CA" + secrets.token_hex(16), call.leg.account_sid, caller_id, number,
            direction="outbound-dial", parent_call_sid=call.leg.call_sid,
        )  # fmt: skip
        staff = call.manner.at(number) if _NUMBER.fullmatch(number) else Staff(Answer.UNREACHABLE)
        child = call.exchange.new_call(
            leg, staff.does, replace(call.manner, fallback=""), client=call.client,
            callback=callback_of(noun, call.following.url, CALL_EVENTS, frozenset({"completed"})),
            observer=partial(self._leg_news, number),
        )  # fmt: skip
        call.result.legs.append(child.result)
        return child, staff

    def _opening(self, leg: LiveCall, staff: Staff, noun: Verb, verb: Verb) -> Opening:
        whisper = noun.attributes.get("url", "")
        if whisper:
            whisper = urljoin(self._call.following.url, whisper)
        return partial(dialled, staff=staff, timeout_s=verb.seconds("timeout", RING_S), whisper_url=whisper)

    def _leg_news(self, number: str, event: CallEvent) -> None:
        if event.kind is Kind.LEG:
            self._call.journal.note(Kind.LEG, number=number, **event.detail)

    async def _talk(
        self, leg: LiveCall | None, ringing: dict[LiveCall, asyncio.Task[CallResult]], limit_s: float
    ) -> None:
        """Bridged, until the dialled person is gone or the time is up; the caller's end cancels this."""
        for other in ringing:
            if other is not leg:
                other.part()
        if leg is None:
            return
        room = Room()
        for call in (self._call, leg):
            call.enter(room, Member(call.line))
        leg.journal.note(Kind.LEG, status="bridged")
        try:
            await asyncio.wait({ringing[leg]}, timeout=limit_s)
        finally:
            for call in (self._call, leg):
                call.leave_room()

    # a conference

    async def _confer(self, noun: Verb) -> dict[str, str]:
        call = self._call
        conference = call.exchange.conference(noun.text)
        conference.inform(callback_of(noun, call.following.url, CONFERENCE_EVENTS, frozenset()))
        participant = conference.expect(call, _terms(noun))
        call.journal.note(Kind.CONFERENCE, sid=conference.sid, name=conference.name)
        await conference.stay(participant)
        return {"DialCallStatus": "answered", "ConferenceSid": conference.sid}


def callback_of(noun: Verb, base: str, known: frozenset[str], default: frozenset[str]) -> Callback:
    """A noun's statusCallback and statusCallbackEvent, events parted by spaces."""
    address = noun.attributes.get("statusCallback", "")
    events = frozenset(noun.attributes.get("statusCallbackEvent", "").split()) & known
    return Callback(urljoin(base, address) if address else "", events or default)


def _people(verb: Verb) -> tuple[Verb, ...]:
    return tuple(noun for noun in verb.nouns if noun.name == "Number") or (verb,)


def _terms(noun: Verb) -> Terms:
    given = noun.attributes
    return Terms(
        label=given.get("participantLabel", ""),
        muted=given.get("muted") == "true",
        starts=given.get("startConferenceOnEnter") != "false",
        ends=given.get("endConferenceOnExit") == "true",
    )


async def _first_to_accept(ringing: dict[LiveCall, asyncio.Task[CallResult]]) -> LiveCall | None:
    waits = [asyncio.create_task(_accepts(leg, task)) for leg, task in ringing.items()]
    try:
        for accepted in asyncio.as_completed(waits):
            if (leg := await accepted) is not None:
                return leg
        return None
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)


async def _accepts(leg: LiveCall, task: asyncio.Task[CallResult]) -> LiveCall | None:
    waiting = asyncio.create_task(leg.accepted.wait())
    try:
        await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await waiting
    return leg if leg.accepted.is_set() else None


def _how_it_went(legs: list[LiveCall], winner: LiveCall | None) -> dict[str, str]:
    """A person who answered and did not take the call counts as completed, and as not bridged."""
    told = winner or next((leg for leg in legs if leg.progress.answered), legs[-1])
    fields = {
        "DialCallSid": told.leg.call_sid,
        "DialCallStatus": told.progress.status,
        "DialBridged": str(winner is not None).lower(),
    }
    if told.progress.answered:
        fields["DialCallDuration"] = str(told.progress.duration_s)
    return fields
