"""Recordings of calls.

Sources: https://www.twilio.com/docs/voice/api/recording#create-a-recording-resource (a live call only),
#update-a-recording-resource (Status, PauseBehavior, Twilio.CURRENT), #fetch-a-recordings-media-file.
"""

from __future__ import annotations

from fastapi import Request, Response

from telephony.double.exchange import Exchange
from telephony.double.progress import stamp
from telephony.double.recordings import CURRENT, RECORDING_EVENTS, Recording
from telephony.double.rest.answers import Refusal, Resource, dates, not_found, page
from telephony.double.rest.calls import Calls
from telephony.double.rest.form import form_of
from telephony.double.result import Kind

_STATUSES = frozenset({"in-progress", "paused", "stopped"})
_PAUSES = frozenset({"skip", "silence"})
_CHANNELS = frozenset({"mono", "dual"})


class Recordings:
    def __init__(self, exchange: Exchange, calls: Calls) -> None:
        self._exchange = exchange
        self._calls = calls

    async def create(self, request: Request) -> Resource:
        call, form = self._calls.of(request, "call_sid"), await form_of(request)
        if call.progress.is_over or call.progress.answered is None:
            raise Refusal(400, 21220, "Requested resource is not eligible for recording")
        channels = 2 if form.one_of("RecordingChannels", _CHANNELS) == "dual" else 1
        told = form.callback("RecordingStatusCallback", RECORDING_EVENTS, frozenset({"completed"}))
        recording = Recording(call.leg.call_sid, call.result, channels, told)
        self._exchange.recordings[recording.sid] = recording
        call.result.recordings.append(recording.sid)
        call.journal.note(Kind.RECORDING, sid=recording.sid, status=recording.status)
        self._exchange.tell_of(recording)
        return self._json(recording)

    async def update(self, request: Request) -> Resource:
        recording, form = self._of(request), await form_of(request)
        status = form.one_of("Status", _STATUSES)
        if not status:
            raise Refusal(400, 20001, "Status is required")
        if not recording.is_running:
            raise Refusal(400, 21220, "The recording is not in progress.")
        if status == "paused":
            recording.pause(keeps_silence=form.one_of("PauseBehavior", _PAUSES) != "skip")
        elif status == "in-progress":
            recording.resume()
        else:
            recording.stop()
            self._exchange.tell_of(recording)
        self._calls.of(request, "call_sid").journal.note(Kind.RECORDING, sid=recording.sid, status=status)
        return self._json(recording)

    async def fetch(self, request: Request) -> Resource:
        return self._json(self._of(request))

    async def listed(self, request: Request) -> Resource:
        call_sid = request.path_params.get("call_sid") or request.query_params.get("CallSid")
        found = [each for each in self._exchange.recordings.values() if call_sid in (None, each.call_sid)]
        return page(request, "recordings", [self._json(each) for each in found])

    async def media(self, request: Request) -> Response:
        return Response(self._of(request).wav(), media_type="audio/x-wav")

    def _of(self, request: Request) -> Recording:
        wanted, call_sid = request.path_params["sid"], request.path_params.get("call_sid")
        for recording in reversed(self._exchange.recordings.values()):
            is_meant = wanted == recording.sid or (wanted == CURRENT and recording.is_running)
            if is_meant and call_sid in (None, recording.call_sid):
                return recording
        raise not_found(request)

    def _json(self, recording: Recording) -> Resource:
        account = self._exchange.account.account_sid
        path = f"/2010-04-01/Accounts/{account}/Calls/{recording.call_sid}/Recordings/{recording.sid}"
        is_over = not recording.is_running
        return {
            "sid": recording.sid,
            "account_sid": account,
            "call_sid": recording.call_sid,
            "conference_sid": None,
            **dates(recording.started, recording.updated),
            "api_version": "2010-04-01",
            "start_time": stamp(recording.started),
            "duration": str(recording.duration_s) if is_over else "-1",
            "status": recording.status,
            "channels": recording.channels,
            "source": "StartCallRecordingAPI",
            "track": "both",
            "error_code": None,
            "price": None,
            "price_unit": "USD",
            "encryption_details": None,
            "uri": f"{path}.json",
        }
