"""Every REST request that Firstring makes, as rows; a new method of ``Carrier`` needs a row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twilio.base import values  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from telephony import twiml
from tests.telephony.signing import CALL

PRACTICE, PATIENT, STAFF = "+15555550100", "+15555550123", "+15555550177"
CONFERENCE, MESSAGE, RECORDING = "CF" + "4" * 32, "SM" + "5" * 32, "RE" + "6" * 32
STATUS_URL = "https://phone.example.org/twilio/status"
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]


@dataclass(frozen=True)
class Order:
    """One method of ``Carrier`` with arguments as the agent gives them."""

    method: str
    arguments: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)


ORDERS = (
    Order("transfer", (CALL, twiml.dial_practice(STAFF))),
    Order("hang_up", (CALL,)),
)

Request = Callable[[Client], object]

# The shapes of all that a phone agent asks of a carrier, straight from Twilio's client.
ALLOWED: dict[str, Request] = {
    "call with a document's address, every status reported": lambda to: to.calls.create(
        to=PATIENT,
        from_=PRACTICE,
        url="https://phone.example.org/twilio/voice",
        method="POST",
        status_callback=STATUS_URL,
        status_callback_event=CALL_EVENTS,
        status_callback_method="POST",
        timeout=30,
        time_limit=600,
    ),
    "call with a document, answering machines told apart": lambda to: to.calls.create(
        to=STAFF,
        from_=PRACTICE,
        twiml=twiml.hang_up(),
        machine_detection="Enable",
        machine_detection_timeout=20,
        async_amd="true",
        async_amd_status_callback=STATUS_URL,
    ),
    "call looked up": lambda to: to.calls(CALL).fetch(),
    "call cancelled before it was answered": lambda to: to.calls(CALL).update(status="canceled"),
    "message with its fate reported": lambda to: to.messages.create(
        to=PATIENT, from_=PRACTICE, body="Please call the practice.", status_callback=STATUS_URL
    ),
    "message looked up": lambda to: to.messages(MESSAGE).fetch(),
    "message redacted": lambda to: to.messages(MESSAGE).update(body=""),
    "rooms in use": lambda to: to.conferences.list(friendly_name=CALL, status="in-progress", limit=1),
    "room closed": lambda to: to.conferences(CONFERENCE).update(status="completed"),
    "staff called into a room": lambda to: to.conferences(CONFERENCE).participants.create(
        from_=PRACTICE,
        to=STAFF,
        timeout=20,
        start_conference_on_enter=True,
        end_conference_on_exit=True,
        status_callback=STATUS_URL,
        status_callback_event=CALL_EVENTS,
        conference_status_callback_event=["start", "end", "join", "leave"],
    ),
    "caller held in a room": lambda to: to.conferences(CONFERENCE).participants(CALL).update(hold=True),
    "who is in a room": lambda to: to.conferences(CONFERENCE).participants.list(limit=2),
    "caller taken out of a room": lambda to: to.conferences(CONFERENCE).participants(CALL).delete(),
    "recording of both sides": lambda to: to.calls(CALL).recordings.create(
        recording_channels="dual",
        recording_status_callback=STATUS_URL,
        recording_status_callback_event=["in-progress", "completed", "absent"],
    ),
    "recording paused": lambda to: (
        to.calls(CALL).recordings("Twilio.CURRENT").update(status="paused", pause_behavior="silence")
    ),
    "recording resumed": lambda to: to.calls(CALL).recordings(RECORDING).update(status="in-progress"),
    "recording removed": lambda to: to.recordings(RECORDING).delete(),
}

# What must be refused, and words of the refusal: a validator that lets all pass proves nothing.
REFUSED: dict[str, tuple[str, Request]] = {
    "call id of another form": (
        "sid must match pattern", lambda to: to.calls("CA123").update(status="completed"),
    ),
    "call id of another kind": ("sid must match pattern", lambda to: to.calls(MESSAGE).fetch()),
    "status that no call has": ("Status", lambda to: to.calls(CALL).update(status="hangup")),
    "call from nobody": (
        "From", lambda to: to.calls.create(to=PATIENT, from_=values.unset, twiml=twiml.hang_up()),
    ),
    "time limit in words": (
        "TimeLimit",
        lambda to: to.calls.create(to=PATIENT, from_=PRACTICE, twiml=twiml.hang_up(), time_limit="abc"),
    ),
    "document's address that is none": (
        "Url", lambda to: to.calls.create(to=PATIENT, from_=PRACTICE, url="not an address"),
    ),
    "message to nobody": (
        "To", lambda to: to.messages.create(to=values.unset, from_=PRACTICE, body="Hello."),
    ),
    "room status that no room has": (
        "Status", lambda to: to.conferences(CONFERENCE).update(status="closed"),
    ),
    "recording set to a state that it cannot be set to": (
        "Status", lambda to: to.calls(CALL).recordings(RECORDING).update(status="rewound"),
    ),
    "participant without a number": (
        "To", lambda to: to.conferences(CONFERENCE).participants.create(from_=PRACTICE, to=values.unset),
    ),
}  # fmt: skip
