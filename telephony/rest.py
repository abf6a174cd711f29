"""Orders to the carrier, over Twilio's own client.

Sources: https://www.twilio.com/docs/voice/api/call-resource, .../conference-participant-resource,
.../recording, https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberType

from models.errors import ProtocolError
from telephony.carrier_client import (
    CarrierBusy,
    CarrierClient,
    CarrierError,
    CarrierTimeout,
    NumberNotAllowed,
    NumberOptedOut,
    RebasedHttpClient,
)

__all__ = [
    "CallState",
    "Carrier",
    "CarrierBusy",
    "CarrierError",
    "CarrierTimeout",
    "NumberNotAllowed",
    "NumberOptedOut",
    "Participant",
    "RebasedHttpClient",
    "SentMessage",
]

TWIML_LIMIT = 4_000  # characters of inline TwiML
MESSAGE_LIMIT = 1_600  # characters of a text message
RING_S = 30  # how long somebody's telephone rings
CURRENT_RECORDING = "Twilio.CURRENT"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_HOME = frozenset("US CA PR VI GU AS MP".split())  # of the regions behind +1
_OTHER_NANP = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]) - _HOME
_COSTS_THE_SENDER = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
_CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]


@dataclass(frozen=True, slots=True)
class CallState:
    """``status`` is the carrier's word: queued, ringing, in-progress, completed, busy, no-answer ..."""

    call_sid: str
    status: str
    direction: str
    duration_s: int | None = None  # once it is over


@dataclass(frozen=True, slots=True)
class Participant:
    call_sid: str
    conference_sid: str
    status: str


@dataclass(frozen=True, slots=True)
class SentMessage:
    message_sid: str
    status: str


class Carrier:
    """What may be ordered at the carrier. ``own_number`` is the practice's number there, E.164.

    Only numbers in ``may_call`` are dialled, and only numbers that begin as ``may_text`` says are texted.
    Orders about one live call answer False or None when that call is already over, which is no error.
    All raise ``CarrierError``; after ``CarrierTimeout`` it is not known whether the order was taken.
    """

    def __init__(
        self, account_sid: str, auth_token: str, *, api_base: str = "", timeout_s: float = 8.0,
        own_number: str = "", may_call: Collection[str] = (), may_text: tuple[str, ...] = ("+1",),
    ) -> None:  # fmt: skip
        self._client = CarrierClient(account_sid, auth_token, api_base, timeout_s)
        self._api = self._client.api
        self._own_number = own_number
        self.may_call = frozenset(may_call)  # may change while we run
        self._may_text = may_text

    def close(self) -> None:
        """Give the pooled connections back."""
        self._client.close()

    # a live call

    async def transfer(self, call_sid: str, twiml: str) -> bool:
        """Give the live call another document; its media stream ends with that."""
        _check_twiml(twiml)
        return await self._done(lambda: self._api.calls(call_sid).update(twiml=twiml))

    async def hang_up(self, call_sid: str) -> bool:
        return await self._done(lambda: self._api.calls(call_sid).update(status="completed"))

    async def fetch(self, call_sid: str) -> CallState | None:
        """None for a call that the carrier does not know."""
        call = await self._client.ask(lambda: self._api.calls(call_sid).fetch())
        return None if call is None else _call_state(call)

    # calls of our own

    async def place_call(
        self, to_number: str, twiml: str = "", *, url: str = "", status_url: str = "",
        timeout_s: int = RING_S, detect_machine: bool = False,
    ) -> CallState:  # fmt: skip
        """Ring somebody; once they answer follow ``twiml``, or ask ``url`` for it."""
        self._check_may_call(to_number)
        _check_twiml(twiml)
        more: dict[str, Any] = {"machine_detection": "Enable"} if detect_machine else {}
        if status_url:
            more |= {"status_callback": status_url, "status_callback_event": _CALL_EVENTS}
        more |= {"url": url} if url else {"twiml": twiml}
        call = await self._sure(lambda: self._api.calls.create(
            to=to_number, from_=self._own_number, timeout=timeout_s, **more
        ))  # fmt: skip
        return _call_state(call)

    async def call_into_conference(
        self, conference: str, to_number: str, *, label: str = "", timeout_s: int = RING_S,
        status_url: str = "",
    ) -> Participant:  # fmt: skip
        """Ring somebody into a conference, named by its SID or its friendly name."""
        self._check_may_call(to_number)
        more: dict[str, Any] = {"label": label} if label else {}
        if status_url:
            more |= {"status_callback": status_url, "status_callback_event": _CALL_EVENTS}
        participant = await self._sure(lambda: self._api.conferences(conference).participants.create(
            to=to_number, from_=self._own_number, timeout=timeout_s, **more
        ))  # fmt: skip
        return Participant(participant.call_sid, participant.conference_sid, str(participant.status))

    async def hold(self, conference_sid: str, call_sid: str, *, on_hold: bool) -> bool:
        """On hold a participant neither hears nor is heard."""
        return await self._done(
            lambda: self._api.conferences(conference_sid).participants(call_sid).update(hold=on_hold)
        )

    async def remove(self, conference_sid: str, call_sid: str) -> bool:
        return await self._done(lambda: self._api.conferences(conference_sid).participants(call_sid).delete())

    # recordings of a live call

    async def start_recording(self, call_sid: str, *, status_url: str = "") -> str | None:
        """Both sides on channels of their own. The recording's SID; None when the call is over."""
        more: dict[str, Any] = {"recording_status_callback": status_url} if status_url else {}
        recording = await self._client.ask(
            lambda: self._api.calls(call_sid).recordings.create(recording_channels="dual", **more)
        )
        return None if recording is None else str(recording.sid)

    async def pause_recording(self, call_sid: str, recording_sid: str = CURRENT_RECORDING) -> bool:
        """Nothing is kept until it goes on: the pause is cut out."""
        return await self._recording(call_sid, recording_sid, status="paused", pause_behavior="skip")

    async def resume_recording(self, call_sid: str, recording_sid: str = CURRENT_RECORDING) -> bool:
        return await self._recording(call_sid, recording_sid, status="in-progress")

    async def stop_recording(self, call_sid: str, recording_sid: str = CURRENT_RECORDING) -> bool:
        return await self._recording(call_sid, recording_sid, status="stopped")

    # text messages

    async def send_message(self, to_number: str, body: str, *, status_url: str = "") -> SentMessage:
        """Not delivered yet: that is told to ``status_url``. ``body`` must hold no personal data."""
        if not _may_text(to_number, self._may_text):
            raise NumberNotAllowed("texts to this number are not allowed")
        if not body or len(body) > MESSAGE_LIMIT:
            raise ProtocolError("a text message has 1 to 1,600 characters")
        more: dict[str, Any] = {"status_callback": status_url} if status_url else {}
        message = await self._sure(
            lambda: self._api.messages.create(to=to_number, from_=self._own_number, body=body, **more)
        )
        return SentMessage(str(message.sid), str(message.status))

    async def _recording(self, call_sid: str, recording_sid: str, **change: str) -> bool:
        return await self._done(lambda: self._api.calls(call_sid).recordings(recording_sid).update(**change))

    async def _done(self, order: Callable[[], object]) -> bool:
        return await self._client.ask(order) is not None

    async def _sure(self, order: Callable[[], Any]) -> Any:
        """For orders that make something new: nothing can be gone yet."""
        answer = await self._client.ask(order)
        if answer is None:
            raise CarrierError("the carrier does not know this account or conference")
        return answer

    def _check_may_call(self, number: str) -> None:
        if number not in self.may_call:
            raise NumberNotAllowed("calls to this number are not allowed")


def _may_text(number: str, prefixes: tuple[str, ...]) -> bool:
    """+1 is also the Caribbean's, and has numbers that cost who texts them: toll fraud likes both."""
    if not _E164.fullmatch(number) or not number.startswith(prefixes):
        return False
    parsed = phonenumbers.parse(number)
    region = phonenumbers.region_code_for_number(parsed)
    return region not in _OTHER_NANP and phonenumbers.number_type(parsed) not in _COSTS_THE_SENDER


def _check_twiml(twiml: str) -> None:
    if len(twiml) > TWIML_LIMIT:
        raise ProtocolError("inline TwiML is longer than 4,000 characters")


def _call_state(call: Any) -> CallState:
    length = None if call.duration is None else int(call.duration)
    return CallState(str(call.sid), str(call.status), str(call.direction), length)
