"""Text messages: an inbox for what the server sends, and a way to send it some.

Sources: https://www.twilio.com/docs/messaging/api/message-resource (statuses),
https://www.twilio.com/docs/messaging/guides/webhook-request (fields),
https://www.twilio.com/docs/messaging/twiml, https://www.twilio.com/docs/api/errors/21610 (STOP).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.etree import ElementTree

from telephony.double.carrier import API_VERSION, Account
from telephony.double.errors import DoubleError
from telephony.double.progress import Notices

SEGMENT_CHARACTERS = 160
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
_START = frozenset({"START", "YES", "UNSTOP"})


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of messages to a number: delivered, undelivered or failed."""

    status: str = "delivered"
    error_code: int | None = None  # 30003 unreachable handset, 30006 landline, 30008 unknown


@dataclass(slots=True)
class Message:
    from_number: str
    to_number: str
    body: str
    direction: str
    status: str
    callback_url: str = ""
    error_code: int | None = None
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    sent: datetime | None = None

    @property
    def segments(self) -> int:
        return max(1, -(-len(self.body) // SEGMENT_CHARACTERS))


class Inbox:
    """All text messages of an account. ``fates`` by number; any other number gets its messages."""

    def __init__(self, account: Account, fates: Mapping[str, Fate] | None = None) -> None:
        self._account = account
        self._fates = dict(fates or {})
        self._opted_out: set[tuple[str, str]] = set()
        self.messages: list[Message] = []

    def to(self, number: str) -> list[str]:
        """What this number has received."""
        return [
            message.body
            for message in self.messages
            if message.to_number == number and message.status == "delivered"
        ]

    def has_opted_out(self, ours: str, theirs: str) -> bool:
        return (ours, theirs) in self._opted_out

    def keep(self, message: Message) -> Message:
        self.messages.append(message)
        return message

    async def deliver(self, message: Message, notices: Notices) -> None:
        """queued, sent, and then its fate; each told to the message's callback."""
        fate = self._fates.get(message.to_number, Fate())
        steps = ["queued", "failed"] if fate.status == "failed" else ["queued", "sent", fate.status]
        for status in steps:
            await asyncio.sleep(0)
            message.status = status
            message.sent = message.sent or (datetime.now(UTC) if status == "sent" else None)
            if status == steps[-1]:
                message.error_code = fate.error_code
            self._tell(message, notices)

    def arrive(self, message: Message) -> dict[str, str]:
        """A person's text message, as the webhook's form; STOP and START are minded."""
        self.keep(message)
        word, pair = message.body.strip().upper(), (message.to_number, message.from_number)
        if word in _STOP:
            self._opted_out.add(pair)
        elif word in _START:
            self._opted_out.discard(pair)
        return {
            **self._form(message),
            "Body": message.body,
            "FromCity": "",
            "NumMedia": "0",
            "NumSegments": str(message.segments),
            "SmsMessageSid": message.sid,
            "SmsStatus": "received",
        }

    def _tell(self, message: Message, notices: Notices) -> None:
        if not message.callback_url:
            return
        form = {**self._form(message), "MessageStatus": message.status, "SmsStatus": message.status}
        if message.error_code is not None:
            form["ErrorCode"] = str(message.error_code)
        notices.send(message.callback_url, form)

    def _form(self, message: Message) -> dict[str, str]:
        return {
            "AccountSid": self._account.account_sid,
            "ApiVersion": API_VERSION,
            "From": message.from_number,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "To": message.to_number,
        }


def replies(document: str) -> list[str]:
    """The texts of a messaging document. Raises ``DoubleError`` with Twilio's number for the fault."""
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError as fault:
        raise DoubleError(f"12100 the document is not XML: {fault}") from None
    if root.tag != "Response":
        raise DoubleError(f"12102 the document's root is <{root.tag}>, not <Response>")
    return [text for text in map(_text, root.findall("Message")) if text]


def _text(message: ElementTree.Element) -> str:
    body = message.find("Body")
    return ((message if body is None else body).text or "").strip()
