"""Conferences and who is in them.

Sources: https://www.twilio.com/docs/voice/api/conference-resource, .../conference-participant-resource (the
conference may be named by its friendly name, and is made if there is none).
"""

from __future__ import annotations

from fastapi import Request

from telephony.double.conference import CONFERENCE_EVENTS, Conference, Participant, Terms
from telephony.double.exchange import Exchange
from telephony.double.rest.answers import Refusal, Resource, dates, filtered, not_found, page
from telephony.double.rest.calls import new_call
from telephony.double.rest.form import form_of


class Conferences:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def listed(self, request: Request) -> Resource:
        found = map(self._json, self._exchange.conferences.values())
        names = {"Status": "status", "FriendlyName": "friendly_name"}
        return page(request, "conferences", filtered(request, names, found))

    async def fetch(self, request: Request) -> Resource:
        return self._json(self._of(request))

    async def update(self, request: Request) -> Resource:
        conference, form = self._of(request), await form_of(request)
        if form.one_of("Status", frozenset({"completed"})):
            conference.end()
        return self._json(conference)

    async def participants(self, request: Request) -> Resource:
        conference = self._of(request)
        there = [each for each in conference.participants.values() if each.is_there]
        for name, value in (("Muted", "muted"), ("Hold", "on_hold")):
            if name in request.query_params:
                wanted = request.query_params[name] == "true"
                there = [each for each in there if getattr(each.member, value) is wanted]
        return page(request, "participants", [self._participant_json(conference, each) for each in there])

    async def call_in(self, request: Request) -> Resource:
        form = await form_of(request)
        order, terms = new_call(form), Terms(
            label=form.text("Label"),
            muted=form.flag("Muted") is True,
            starts=form.flag("StartConferenceOnEnter") is not False,
            ends=form.flag("EndConferenceOnExit") is True,
        )  # fmt: skip
        told = form.callback("ConferenceStatusCallback", CONFERENCE_EVENTS, frozenset())
        conference = self._exchange.conference(self._name(request))
        conference.inform(told)
        call = self._exchange.invite(conference, order, terms)
        return self._participant_json(conference, conference.participants[call.leg.call_sid])

    async def participant(self, request: Request) -> Resource:
        conference = self._of(request)
        return self._participant_json(conference, self._participant(request, conference))

    async def change(self, request: Request) -> Resource:
        conference, form = self._of(request), await form_of(request)
        participant = self._participant(request, conference)
        muted, on_hold = form.flag("Muted"), form.flag("Hold")
        if (muted is not None or on_hold is not None) and not participant.is_inside:
            raise Refusal(400, 21220, "The participant's call is not in-progress.")
        conference.change(participant, muted=muted, on_hold=on_hold)
        return self._participant_json(conference, participant)

    async def remove(self, request: Request) -> None:
        """Out of the conference; a call that was called in ends with that."""
        conference = self._of(request)
        participant = self._participant(request, conference)
        conference.remove(participant)
        if not participant.is_inside:
            participant.call.part()

    def _of(self, request: Request) -> Conference:
        conference = self._exchange.conferences.get(request.path_params["conference_sid"])
        if conference is None:
            raise not_found(request)
        return conference

    def _name(self, request: Request) -> str:
        name: str = request.path_params["conference_sid"]
        if name.startswith("CF") and len(name) == 34 and name not in self._exchange.conferences:
            raise not_found(request)
        return name

    def _participant(self, request: Request, conference: Conference) -> Participant:
        """By call or by label; whoever has left is not found."""
        wanted = request.path_params["call_sid"]
        for call_sid, participant in conference.participants.items():
            if wanted in (call_sid, participant.terms.label) and participant.status not in (
                "complete",
                "failed",
            ):
                return participant
        raise not_found(request)

    def _json(self, conference: Conference) -> Resource:
        path = self._path(conference)
        return {
            "sid": conference.sid,
            "account_sid": self._exchange.account.account_sid,
            **dates(conference.created, conference.updated),
            "api_version": "2010-04-01",
            "friendly_name": conference.name,
            "region": "us1",
            "status": conference.status,
            "reason_conference_ended": conference.reason_ended,
            "call_sid_ending_conference": conference.ended_by,
            "uri": f"{path}.json",
            "subresource_uris": {"participants": f"{path}/Participants.json"},
        }

    def _participant_json(self, conference: Conference, participant: Participant) -> Resource:
        call_sid = participant.call.leg.call_sid
        return {
            "account_sid": self._exchange.account.account_sid,
            "call_sid": call_sid,
            "conference_sid": conference.sid,
            "label": participant.terms.label or None,
            "call_sid_to_coach": None,
            "coaching": False,
            **dates(participant.created, participant.updated),
            "end_conference_on_exit": participant.terms.ends,
            "start_conference_on_enter": participant.terms.starts,
            "muted": participant.member.muted,
            "hold": participant.member.on_hold,
            "status": participant.status,
            "queue_time": "0",
            "uri": f"{self._path(conference)}/Participants/{call_sid}.json",
        }

    def _path(self, conference: Conference) -> str:
        return f"/2010-04-01/Accounts/{self._exchange.account.account_sid}/Conferences/{conference.sid}"
