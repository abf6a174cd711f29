"""Conferences: who is in them, when they begin and end, and who is told.

Sources: https://www.twilio.com/docs/voice/twiml/conference (a conference begins when two are there and one
of them may begin it; endConferenceOnExit ends it for all; statusCallbackEvent),
https://www.twilio.com/docs/voice/api/conference-resource, .../conference-participant-resource.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from telephony.double.progress import Callback, Notices
from telephony.double.rooms import Member, Room

if TYPE_CHECKING:
    from telephony.double.call import LiveCall

CONFERENCE_EVENTS = frozenset({"start", "end", "join", "leave", "mute", "hold", "modify"})
_LONG_NAMES = {"start": "conference-start", "end": "conference-end"}


@dataclass(frozen=True, slots=True)
class Terms:
    """How somebody takes part."""

    label: str = ""
    muted: bool = False
    starts: bool = True  # the conference may begin with them
    ends: bool = False  # ... and ends when they leave


@dataclass(slots=True)
class Participant:
    call: LiveCall
    terms: Terms
    member: Member
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_inside: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def status(self) -> str:
        if self.is_inside:
            return "connected"
        if self.call.progress.is_over or self.left.is_set():
            return "complete" if self.call.progress.answered else "failed"
        return "ringing" if self.call.progress.status == "ringing" else "queued"

    @property
    def is_there(self) -> bool:
        """Inside, or on the way."""
        return self.status not in ("complete", "failed")


class Conference:
    def __init__(self, account_sid: str, name: str, notices: Notices) -> None:
        self.sid = "CF" + secrets.token_hex(16)
        self.name = name
        self.status = "init"
        self.reason_ended: str | None = None
        self.ended_by: str | None = None
        self.created = self.updated = datetime.now(UTC)
        self.participants: dict[str, Participant] = {}
        self._account_sid = account_sid
        self._room = Room(is_open=False)
        self._notices = notices
        self._callback = Callback()
        self._sequence = 0

    @property
    def is_over(self) -> bool:
        return self.status == "completed"

    @property
    def inside(self) -> list[Participant]:
        return [each for each in self.participants.values() if each.is_inside]

    def inform(self, callback: Callback) -> None:
        """Who wants to be told: the first participant decides for the whole conference."""
        if not self._callback.url:
            self._callback = callback

    def expect(self, call: LiveCall, terms: Terms) -> Participant:
        """Somebody is on the way: listed, and not inside yet."""
        participant = Participant(call, terms, Member(call.line, muted=terms.muted))
        self.participants[call.leg.call_sid] = participant
        return participant

    async def stay(self, participant: Participant) -> None:
        """Inside, until they leave, are removed, or the conference ends."""
        if self.is_over or participant.left.is_set():
            return
        self._join(participant)
        try:
            await participant.left.wait()
        finally:
            self._leave(participant)

    def change(self, participant: Participant, *, muted: bool | None, on_hold: bool | None) -> None:
        if muted is not None and muted != participant.member.muted:
            participant.member.muted = muted
            self._tell("participant-mute" if muted else "participant-unmute", "mute", participant)
        if on_hold is not None and on_hold != participant.member.on_hold:
            participant.member.on_hold = on_hold
            self._tell("participant-hold" if on_hold else "participant-unhold", "hold", participant)
        participant.updated = self.updated = datetime.now(UTC)

    def remove(self, participant: Participant) -> None:
        participant.left.set()

    def end(self, reason: str = "conference-ended-via-api", ended_by: str | None = None) -> None:
        if self.is_over:
            return
        self.status, self.reason_ended, self.ended_by = "completed", reason, ended_by
        self.updated = datetime.now(UTC)
        for participant in self.inside:
            participant.left.set()
        self._tell(_LONG_NAMES["end"], "end")

    def _join(self, participant: Participant) -> None:
        call_sid = participant.call.leg.call_sid
        participant.is_inside = True
        self._room.enter(call_sid, participant.member)
        participant.call.room = self._room
        self._tell("participant-join", "join", participant)
        if self.status == "init" and len(self.inside) > 1 and any(each.terms.starts for each in self.inside):
            self.status, self._room.is_open = "in-progress", True
            self._tell(_LONG_NAMES["start"], "start")
        for each in self.inside:
            each.call.line.give_floor()

    def _leave(self, participant: Participant) -> None:
        call_sid = participant.call.leg.call_sid
        participant.is_inside = False
        participant.call.room = None
        participant.left.set()
        self._room.leave(call_sid)
        self._tell("participant-leave", "leave", participant)
        if participant.terms.ends:
            self.end("participant-with-end-conference-on-exit-left", call_sid)
        elif not self.inside:
            self.end("last-participant-left", call_sid)

    def _tell(self, name: str, event: str, participant: Participant | None = None) -> None:
        if not self._callback.wants(event):
            return
        sequence, self._sequence = self._sequence, self._sequence + 1
        fields = {
            "AccountSid": self._account_sid,
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "SequenceNumber": str(sequence),
            "StatusCallbackEvent": name,
            "Timestamp": format_datetime(datetime.now(UTC)),
        }
        if participant is not None:
            fields |= _facts(participant)
        elif event == "end":
            fields |= {
                "ReasonConferenceEnded": self.reason_ended or "",
                "CallSidEndingConference": self.ended_by or "",
            }
        self._notices.send(self._callback.url, fields)


def _facts(participant: Participant) -> dict[str, str]:
    terms, member = participant.terms, participant.member
    return {
        "CallSid": participant.call.leg.call_sid,
        "Coaching": "false",
        "EndConferenceOnExit": str(terms.ends).lower(),
        "Hold": str(member.on_hold).lower(),
        "Muted": str(member.muted).lower(),
        "ParticipantLabel": terms.label,
        "StartConferenceOnEnter": str(terms.starts).lower(),
    }
