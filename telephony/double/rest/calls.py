"""Calls: https://www.twilio.com/docs/voice/api/call-resource."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request

from telephony.double.call import LiveCall, Order
from telephony.double.exchange import Exchange
from telephony.double.openings import NewCall
from telephony.double.progress import CALL_EVENTS, stamp
from telephony.double.rest.answers import Refusal, Resource, dates, filtered, not_found, page
from telephony.double.rest.form import Form, form_of

TWIML_LIMIT = 4_000  # characters of inline TwiML
LONGEST_RING_S, LONGEST_CALL_S = 600, 86_400
_COMPLETED = frozenset({"completed"})
_DETECTION = frozenset({"Enable", "DetectMessageEnd"})
_ENDS = frozenset({"completed", "canceled"})


class Calls:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def create(self, request: Request) -> Resource:
        form = await form_of(request)
        twiml, url = _document(form)
        if not twiml and not url:
            raise Refusal(400, 21205, "Url parameter is required.")
        order = replace(new_call(form), twiml=twiml, url=url, fallback_url=form.url("FallbackUrl"))
        return call_json(self._exchange.place(order))

    async def listed(self, request: Request) -> Resource:
        calls = map(call_json, self._exchange.calls.values())
        names = {"Status": "status", "To": "to", "From": "from", "ParentCallSid": "parent_call_sid"}
        return page(request, "calls", filtered(request, names, calls))

    async def fetch(self, request: Request) -> Resource:
        return call_json(self.of(request))

    async def update(self, request: Request) -> Resource:
        call, form = self.of(request), await form_of(request)
        twiml, url = _document(form)
        status = form.one_of("Status", _ENDS)
        if call.progress.is_over:
            if status:
                return call_json(call)  # ending what has ended changes nothing
            raise Refusal(400, 21220, f"Call {call.leg.call_sid} is not in-progress. Cannot redirect.")
        if status:
            return self._end(call)
        if twiml or url:
            if call.leg.direction != "inbound" and call.progress.answered is None:
                raise Refusal(400, 21220, f"Call {call.leg.call_sid} is not in-progress. Cannot redirect.")
            call.order(Order(twiml, url))
        return call_json(call)

    def of(self, request: Request, name: str = "sid") -> LiveCall:
        """Raises ``Refusal`` for a call that there never was."""
        call = self._exchange.calls.get(request.path_params[name])
        if call is None:
            raise not_found(request)
        return call

    def _end(self, call: LiveCall) -> Resource:
        call.order(Order())
        is_answered = call.progress.answered is not None
        return {**call_json(call), "status": "completed" if is_answered else "canceled"}


def new_call(form: Form) -> NewCall:
    """What calls and conference participants have in common."""
    return NewCall(
        to_number=form.to_number(missing=21201),
        from_number=form.from_number(missing=21213),
        callback=form.callback("StatusCallback", CALL_EVENTS, _COMPLETED),
        timeout_s=float(form.whole("Timeout", 60, most=LONGEST_RING_S)),
        longest_s=float(form.whole("TimeLimit", 0, most=LONGEST_CALL_S)),
        detects_machine=bool(form.one_of("MachineDetection", _DETECTION)),
    )


def _document(form: Form) -> tuple[str, str]:
    """TwiML and address; TwiML is used where both are given."""
    twiml = form.text("Twiml")
    if len(twiml) > TWIML_LIMIT:
        raise Refusal(400, 21605, "Twiml is longer than 4000 characters")
    return twiml, "" if twiml else form.url("Url")


def call_json(call: LiveCall) -> Resource:
    leg, progress = call.leg, call.progress
    path = f"/2010-04-01/Accounts/{leg.account_sid}/Calls/{leg.call_sid}"
    return {
        "sid": leg.call_sid,
        **dates(progress.created, progress.ended),
        "parent_call_sid": leg.parent_call_sid or None,
        "account_sid": leg.account_sid,
        "to": leg.to_number,
        "to_formatted": leg.to_number,
        "from": leg.from_number,
        "from_formatted": leg.from_number,
        "phone_number_sid": None,
        "status": progress.status,
        "start_time": stamp(progress.answered),
        "end_time": stamp(progress.ended),
        "duration": str(progress.duration_s) if progress.is_over else None,
        "price": None,
        "price_unit": "USD",
        "direction": leg.direction,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "forwarded_from": leg.forwarded_from or None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": "0",
        "trunk_sid": None,
        "uri": f"{path}.json",
        "subresource_uris": {"recordings": f"{path}/Recordings.json"},
    }
