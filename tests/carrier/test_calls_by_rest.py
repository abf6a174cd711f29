"""Calls as the official client makes, watches, moves and ends them."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from telephony.double import Exchange
from tests.carrier.conftest import Api
from tests.carrier.people import BUSY, DOCTOR, NOBODY, NURSE, OURS, WRONG, Cued, heard, until
from tests.telephony.pages import Pages
from tests.telephony.signing import CALL, PUBLIC_URL

WAIT = "<Response><Pause length='600'/></Response>"
ALL = ["initiated", "ringing", "answered", "completed"]


def told(pages: Pages, path: str = "told") -> list[str]:
    forms = sorted(pages.forms(path), key=lambda form: int(form["SequenceNumber"]))
    return [form["CallStatus"] for form in forms]


async def test_a_call_is_made_answered_and_ended(api: Api, exchange: Exchange, pages: Pages) -> None:
    pages.documents["hello"] = ["<Say>Hello</Say><Pause length='600'/>"]
    call = await api.ask(lambda twilio: twilio.calls.create(
        to=NURSE, from_=OURS, url=f"{PUBLIC_URL}/hello", machine_detection="Enable",
        status_callback=f"{PUBLIC_URL}/told", status_callback_event=ALL,
    ))  # fmt: skip
    assert (call.status, call.direction, call.duration) == ("queued", "outbound-api", None)
    await until(lambda: exchange.calls[call.sid].progress.status == "in-progress")
    seen = await api.ask(lambda twilio: twilio.calls(call.sid).fetch())
    assert (seen.status, seen.to, seen.answered_by) == ("in-progress", NURSE, "human")
    await until(lambda: exchange.calls[call.sid].result.said == ["Hello"])
    assert (
        await api.ask(lambda twilio: twilio.calls(call.sid).update(status="completed"))
    ).status == "completed"
    await exchange.settled()
    over = await api.ask(lambda twilio: twilio.calls(call.sid).fetch())
    assert (over.status, over.end_time is not None, int(over.duration) >= 1) == ("completed", True, True)
    assert told(pages) == ["initiated", "ringing", "in-progress", "completed"]
    assert pages.forms("hello")[0]["AnsweredBy"] == "human"
    assert pages.forms("hello")[0]["Direction"] == "outbound-api"


@pytest.mark.parametrize(("number", "status"), [(BUSY, "busy"), (NOBODY, "no-answer"), (WRONG, "failed")])
async def test_a_call_that_nobody_takes(
    api: Api, exchange: Exchange, pages: Pages, number: str, status: str
) -> None:
    call = await api.ask(lambda twilio: twilio.calls.create(
        to=number, from_=OURS, twiml=WAIT, timeout=1, status_callback=f"{PUBLIC_URL}/told"
    ))  # fmt: skip
    await exchange.settled()
    assert (await api.ask(lambda twilio: twilio.calls(call.sid).fetch())).status == status
    assert told(pages) == [status]  # nothing was asked for, so only the end is told
    assert exchange.calls[call.sid].result.said == []


async def test_a_ringing_call_is_called_off(api: Api, exchange: Exchange) -> None:
    call = await api.ask(lambda twilio: twilio.calls.create(to=NOBODY, from_=OURS, twiml=WAIT))
    await until(lambda: exchange.calls[call.sid].progress.status == "ringing")
    with pytest.raises(TwilioRestException) as refusal:
        await api.ask(lambda twilio: twilio.calls(call.sid).update(twiml=WAIT))
    assert refusal.value.code == 21220
    assert (
        await api.ask(lambda twilio: twilio.calls(call.sid).update(status="canceled"))
    ).status == "canceled"
    await exchange.settled()
    assert (await api.ask(lambda twilio: twilio.calls(call.sid).fetch())).status == "canceled"


async def test_a_live_call_is_moved_to_another_document(api: Api, exchange: Exchange, pages: Pages) -> None:
    pages.documents["next"] = ["<Say>Next</Say>"]
    call = await api.ask(lambda twilio: twilio.calls.create(to=NURSE, from_=OURS, twiml=WAIT))
    await until(lambda: exchange.calls[call.sid].progress.status == "in-progress")
    await api.ask(lambda twilio: twilio.calls(call.sid).update(url=f"{PUBLIC_URL}/next"))
    await exchange.settled()
    assert exchange.calls[call.sid].result.said == ["Next"]
    with pytest.raises(TwilioRestException) as refusal:
        await api.ask(lambda twilio: twilio.calls(call.sid).update(twiml=WAIT))
    assert (refusal.value.status, refusal.value.code) == (400, 21220)


async def test_a_call_has_a_fallback_of_its_own(api: Api, exchange: Exchange, pages: Pages) -> None:
    pages.documents["spare"] = ["<Say>Spare</Say>"]
    call = await api.ask(lambda twilio: twilio.calls.create(
        to=NURSE, from_=OURS, url=f"{PUBLIC_URL}/twilio/voice", fallback_url=f"{PUBLIC_URL}/spare"
    ))  # fmt: skip
    await exchange.settled()
    assert exchange.calls[call.sid].result.said == ["Spare"]
    assert pages.forms("spare")[0]["ErrorUrl"] == f"{PUBLIC_URL}/twilio/voice"


async def test_a_called_person_may_dial_another(
    api: Api, exchange: Exchange, nurse: Cued, doctor: Cued
) -> None:
    """An outbound call whose document puts the called person through."""
    twiml = f"<Response><Dial><Number>{DOCTOR}</Number></Dial></Response>"
    call = await api.ask(lambda twilio: twilio.calls.create(to=NURSE, from_=OURS, twiml=twiml))
    result = exchange.calls[call.sid].result
    await until(lambda: any(leg.room for leg in exchange.calls.values()))
    nurse.says("nurse")
    doctor.says("doctor")
    await until(lambda: "doctor" in heard(result.agent_pcm) and "nurse" in heard(result.legs[0].agent_pcm))
    await api.ask(lambda twilio: twilio.calls(call.sid).update(status="completed"))
    await exchange.settled()
    children = await api.ask(lambda twilio: twilio.calls.list(parent_call_sid=call.sid))
    assert [(child.to, child.direction, child.status) for child in children] == [
        (DOCTOR, "outbound-dial", "completed")
    ]


REFUSED_CALLS: list[tuple[dict[str, Any], int]] = [
    ({"to": "5551234"}, 21211),
    ({"to": ""}, 21201),
    ({"from_": "practice"}, 21212),
    ({"from_": ""}, 21213),
    ({"twiml": None}, 21205),
    ({"twiml": None, "url": "ftp://example.org/x"}, 21205),
    ({"twiml": "x" * 4_001}, 21605),
    ({"timeout": 601}, 20001),
    ({"machine_detection": "Perhaps"}, 20001),
    ({"status_callback_event": ["finished"]}, 21626),
]


async def test_calls_that_the_carrier_would_not_place(api: Api, exchange: Exchange) -> None:
    for change, code in REFUSED_CALLS:
        wanted = {"to": NURSE, "from_": OURS, "twiml": WAIT} | change
        given = {name: value for name, value in wanted.items() if value is not None}
        with pytest.raises(TwilioRestException) as refusal:
            await api.create("calls", **given)
        assert (refusal.value.status, refusal.value.code) == (400, code), change
    assert not exchange.calls


async def test_what_is_not_there_and_who_may_not_ask(api: Api, rest: Any) -> None:
    with pytest.raises(TwilioRestException) as refusal:
        await api.ask(lambda twilio: twilio.calls(CALL).fetch())
    assert (refusal.value.status, refusal.value.code) == (404, 20404)
    stranger = Api(rest.url, token="wrong")
    with pytest.raises(TwilioRestException) as refusal:
        await stranger.ask(lambda twilio: twilio.calls(CALL).fetch())
    assert (refusal.value.status, refusal.value.code) == (401, 20003)
    stranger.http.session.close()


async def test_lists_come_in_pages(api: Api, exchange: Exchange) -> None:
    for number in (BUSY, WRONG, BUSY, WRONG, BUSY):
        await api.create("calls", to=number, from_=OURS, twiml=WAIT)
    await exchange.settled()
    every = await api.ask(lambda twilio: twilio.calls.list(page_size=2))
    assert [call.to for call in every] == [BUSY, WRONG, BUSY, WRONG, BUSY]
    assert len({call.sid for call in every}) == 5
    assert len(await api.ask(lambda twilio: twilio.calls.list(status="busy", page_size=2))) == 3
    assert len(await api.ask(lambda twilio: twilio.calls.list(limit=3))) == 3
    first = await api.ask(lambda twilio: twilio.calls.page(page_size=2))
    second = await api.ask(lambda twilio: first.next_page())
    back = await api.ask(lambda twilio: second.previous_page())
    assert [call.sid for call in back] == [call.sid for call in every[:2]]
