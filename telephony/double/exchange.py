"""All that one account has at the carrier: its calls, conferences, recordings and text messages."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from telephony.double.call import LiveCall, Order
from telephony.double.carrier import Account, Leg
from telephony.double.conference import Conference, Terms
from telephony.double.faults import Network
from telephony.double.manner import Manner
from telephony.double.messages import Fate, Inbox, Message, replies
from telephony.double.openings import NewCall, invited, outbound
from telephony.double.progress import Callback, Notices
from telephony.double.recordings import Recording
from telephony.double.result import Observer
from telephony.double.script import Caller
from telephony.double.webhooks import CarrierClient


class Exchange:
    """Shared by all telephones of the account, and by its REST side.

    ``manner`` is that of calls ordered by REST. ``fates`` are those of text messages, by number.
    """

    def __init__(
        self, account: Account, manner: Manner | None = None, *,
        fates: Mapping[str, Fate] | None = None, on_event: Observer | None = None,
    ) -> None:  # fmt: skip
        self.account = account
        self.manner = manner or Manner()
        self.client = CarrierClient(account, Network(self.manner.faults))
        self.inbox = Inbox(account, fates)
        self.calls: dict[str, LiveCall] = {}
        self.conferences: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        self.warnings: list[str] = []
        self.notices = Notices(self.client, self.warnings.append)
        self._observer = on_event
        self._work: set[asyncio.Task[Any]] = set()

    # calls

    def new_call(
        self, leg: Leg, person: Caller, manner: Manner, *, client: CarrierClient | None = None,
        callback: Callback | None = None, observer: Observer | None = None,
    ) -> LiveCall:  # fmt: skip
        call = LiveCall(self, client or self.client, leg, person, manner, callback or Callback(), observer)
        self.calls[leg.call_sid] = call
        return call

    def place(self, order: NewCall) -> LiveCall:
        """A call by REST; it goes on by itself."""
        staff = self.manner.at(order.to_number)
        manner = replace(
            self.manner, fallback=order.fallback_url, longest_s=order.longest_s or self.manner.longest_s
        )
        call = self.new_call(
            self._leg(order), staff.does, manner,
            callback=order.callback, observer=self._observer,
        )  # fmt: skip
        self._go_on(call.run(partial(outbound, order=order, staff=staff)))
        return call

    def invite(self, conference: Conference, order: NewCall, terms: Terms) -> LiveCall:
        """Somebody is called into a conference; the call goes on by itself."""
        staff = self.manner.at(order.to_number)
        call = self.new_call(
            self._leg(order), staff.does, self.manner,
            callback=order.callback, observer=self._observer,
        )  # fmt: skip
        participant = conference.expect(call, terms)
        self._go_on(call.run(partial(
            invited, staff=staff, timeout_s=order.timeout_s, conference=conference, participant=participant
        )))  # fmt: skip
        return call

    def call_ended(self, call: LiveCall) -> None:
        for recording in self.recordings.values():
            if recording.call_sid != call.leg.call_sid:
                continue
            was_running = recording.is_running
            recording.stop("completed")
            if was_running:
                self.tell_of(recording)

    # conferences, recordings

    def conference(self, name: str) -> Conference:
        """The running one of this name or SID, or a new one of this name."""
        for conference in self.conferences.values():
            if name in (conference.sid, conference.name) and not conference.is_over:
                return conference
        conference = Conference(self.account.account_sid, name, self.notices)
        self.conferences[conference.sid] = conference
        return conference

    def tell_of(self, recording: Recording) -> None:
        """Its callback: https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback."""
        status = "completed" if recording.status == "stopped" else recording.status
        if not recording.callback.wants(status):
            return
        path = f"/2010-04-01/Accounts/{self.account.account_sid}/Recordings/{recording.sid}"
        self.notices.send(recording.callback.url, {
            "AccountSid": self.account.account_sid,
            "CallSid": recording.call_sid,
            "RecordingChannels": str(recording.channels),
            "RecordingDuration": str(recording.duration_s),
            "RecordingSid": recording.sid,
            "RecordingSource": "StartCallRecordingAPI",
            "RecordingStatus": status,
            "RecordingUrl": f"https://api.twilio.com{path}",
        })  # fmt: skip

    # text messages

    def send(self, message: Message) -> Message:
        """A text message by REST."""
        self._go_on(self.inbox.deliver(self.inbox.keep(message), self.notices))
        return message

    async def text(
        self, body: str, from_number: str, to_number: str, client: CarrierClient | None = None
    ) -> list[str]:
        """A person's text message to one of our numbers; what is answered is delivered to them.

        Raises ``DoubleError``.
        """
        arriving = Message(from_number, to_number, body, "inbound", "received")
        form = self.inbox.arrive(arriving)
        document = await (client or self.client).post(self.account.url("/twilio/sms"), form)
        answers = replies(document)
        for answer in answers:
            reply = self.inbox.keep(Message(to_number, from_number, answer, "outbound-reply", "queued"))
            await self.inbox.deliver(reply, self.notices)
        return answers

    # the end

    async def settled(self) -> None:
        """All that goes on by itself, calls included, is over, and everybody has been told."""
        while self._work:
            await asyncio.gather(*self._work, return_exceptions=True)
        await self.notices.settled()

    async def close(self) -> None:
        """Calls that were ordered by REST and still run are ended."""
        for call in self.calls.values():
            if call.leg.direction == "outbound-api" and not call.progress.is_over:
                call.order(Order())
        await self.settled()

    def _leg(self, order: NewCall) -> Leg:
        return Leg(
            order.call_sid or "CA" + secrets.token_hex(16), self.account.account_sid,
            order.from_number, order.to_number, direction="outbound-api",
        )  # fmt: skip

    def _go_on(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
