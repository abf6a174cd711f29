"""The four HTTP doors: signed requests are served once, all others are turned away without a word."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from dataclasses import replace
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx
import pytest
from structlog.testing import capture_logs

from models.errors import BackendError
from telephony.config import ASK_AGAIN, UNSERVED
from telephony.handlers import ArrivingCall, e164
from telephony.metrics import PASSED_ON
from telephony.replays import Replays
from tests.telephony.agents import Desk
from tests.telephony.serving import app_of
from tests.telephony.signing import (
    CALL,
    CONFIG,
    FORM_TYPE,
    PUBLIC_URL,
    call_form,
    signature,
    signed,
    with_body_hash,
)

VOICE, RESUME, STATUS, SMS = "/twilio/voice", "/twilio/resume", "/twilio/status", "/twilio/sms"


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def door(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    """Reached under another name than the public one, as behind a proxy."""
    transport = httpx.ASGITransport(app_of(desk), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9999") as client:
        yield client


async def post(door: httpx.AsyncClient, path: str, form: Mapping[str, str], **headers: str) -> httpx.Response:
    return await door.post(path, data=dict(form), headers={**signed(PUBLIC_URL + path, form), **headers})


def verbs(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/xml")
    return [element.tag for element in ElementTree.fromstring(answer.text)]


async def test_an_arriving_call_is_brought_to_a_stream(door: httpx.AsyncClient, desk: Desk) -> None:
    form = call_form(ForwardedFrom="+15555550101")
    answer = await post(door, VOICE, form)
    assert verbs(answer) == ["Connect", "Redirect"]
    assert desk.arrived == [ArrivingCall(CALL, "+15555550123", "+15555550100", "+15555550101")]
    stream = ElementTree.fromstring(answer.text)[0][0]
    assert stream.attrib["url"].startswith("wss://phone.example.org/twilio/media/")


async def test_each_door_asks_its_own_handler(door: httpx.AsyncClient, desk: Desk) -> None:
    assert verbs(await post(door, RESUME, call_form())) == ["Connect", "Redirect"]
    assert (await post(door, STATUS, call_form(CallStatus="completed"))).status_code == 204
    form = {"AccountSid": call_form()["AccountSid"], "MessageSid": "SM1", "Body": "STOP"}
    assert verbs(await post(door, SMS, form)) == ["Message"]
    assert (desk.resumed, desk.statuses, desk.messages) == ([CALL], ["completed"], ["STOP"])


@pytest.mark.parametrize("path", [VOICE, RESUME, STATUS, SMS])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": "AAAA"},
        {"x-twilio-signature": signature(PUBLIC_URL + "/twilio/other", call_form())},
        {"x-twilio-signature": signature("http://127.0.0.1:9999/twilio/voice", call_form())},
        {"x-twilio-signature": signature("http://127.0.0.1:9999/twilio/voice", call_form()),
         "host": "127.0.0.1:9999", "x-forwarded-host": "127.0.0.1:9999", "x-forwarded-proto": "http"},
        {"x-twilio-signature": signature(PUBLIC_URL + VOICE, call_form(), token="other")},
    ],
)  # fmt: skip
async def test_nothing_unsigned_comes_through_a_door(
    door: httpx.AsyncClient, desk: Desk, path: str, headers: dict[str, str]
) -> None:
    answer = await door.post(path, data=call_form(), headers=headers)
    assert (answer.status_code, answer.text) == (403, '{"detail":"Forbidden"}')
    assert not desk.arrived + desk.resumed + desk.statuses + desk.messages


async def test_another_accounts_request_is_refused_although_signed(
    door: httpx.AsyncClient, desk: Desk
) -> None:
    assert (await post(door, VOICE, call_form(AccountSid="ACother"))).status_code == 403
    assert not desk.arrived


async def test_a_tampered_body_is_refused(door: httpx.AsyncClient, desk: Desk) -> None:
    headers = signed(PUBLIC_URL + VOICE, call_form())
    answer = await door.post(VOICE, data=call_form(From="+15555550124"), headers=headers)
    assert answer.status_code == 403
    assert not desk.arrived


@pytest.mark.parametrize("call_sid", ["", "x", "CA1/../2", "C" * 65])
async def test_a_signed_request_without_a_usable_call_is_a_bad_request(
    door: httpx.AsyncClient, call_sid: str
) -> None:
    assert (await post(door, VOICE, call_form(CallSid=call_sid))).status_code == 400


async def test_a_body_over_64_kb_is_refused_declared_or_not(door: httpx.AsyncClient, desk: Desk) -> None:
    big = urlencode(call_form(Body="x" * 66_000)).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(big), 1_000):
            yield big[at : at + 1_000]

    assert (await door.post(VOICE, content=big, headers=FORM_TYPE)).status_code == 413
    assert (await door.post(VOICE, content=chunks(), headers=FORM_TYPE)).status_code == 413
    assert not desk.arrived


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/xml"]
)
async def test_another_content_type_is_refused(door: httpx.AsyncClient, content_type: str) -> None:
    headers = {**signed(PUBLIC_URL + VOICE, call_form()), "content-type": content_type}
    answer = await door.post(VOICE, content=urlencode(call_form()), headers=headers)
    assert answer.status_code == 415


async def test_get_is_not_served(door: httpx.AsyncClient) -> None:
    assert (await door.get(VOICE)).status_code == 405


async def test_a_json_body_is_served_when_its_hash_is_signed(door: httpx.AsyncClient, desk: Desk) -> None:
    body = b'{"AccountSid":"%s","CallSid":"CA1","CallStatus":"completed","CallDuration":5}'
    body = body.replace(b"%s", call_form()["AccountSid"].encode())
    target = with_body_hash(STATUS, body)
    headers = {**signed(PUBLIC_URL + target), "content-type": "application/json"}
    assert (await door.post(target, content=body, headers=headers)).status_code == 204
    assert desk.statuses == ["completed"]
    assert (await door.post(target, content=body + b" ", headers=headers)).status_code == 403
    assert (
        await door.post(STATUS, content=body, headers={**headers, **signed(PUBLIC_URL + STATUS)})
    ).status_code == 403
    for empty in (b"[]", b"{"):
        target = with_body_hash(STATUS, empty)
        headers = {**signed(PUBLIC_URL + target), "content-type": "application/json"}
        assert (await door.post(target, content=empty, headers=headers)).status_code == 403


async def test_a_replayed_arrival_gets_the_first_answer_and_does_nothing(
    door: httpx.AsyncClient, desk: Desk
) -> None:
    first = await post(door, VOICE, call_form(), **{"i-twilio-idempotency-token": "one"})
    for headers in ({}, {"i-twilio-idempotency-token": "one"}, {"i-twilio-idempotency-token": "forged"}):
        assert (await post(door, VOICE, call_form(), **headers)).text == first.text
    assert len(desk.arrived) == 1


async def test_a_retry_that_overtakes_the_first_waits_for_it(door: httpx.AsyncClient, desk: Desk) -> None:
    desk.delay_s = 0.05
    answers = await asyncio.gather(*[post(door, VOICE, call_form()) for _ in range(5)])
    assert len({answer.text for answer in answers}) == 1
    assert len(desk.arrived) == 1


async def test_a_call_resumes_often_but_each_time_once(door: httpx.AsyncClient, desk: Desk) -> None:
    for token in ("one", "one", "two"):
        await post(door, RESUME, call_form(), **{"i-twilio-idempotency-token": token})
    assert len(desk.resumed) == 2


async def test_statuses_and_messages_count_once(door: httpx.AsyncClient, desk: Desk) -> None:
    for number in ("0", "0", "1"):
        await post(door, STATUS, call_form(CallStatus="completed", SequenceNumber=number))
    message = {"AccountSid": call_form()["AccountSid"], "MessageSid": "SM1", "Body": "hi"}
    for _ in range(2):
        await post(door, SMS, message)
    assert (len(desk.statuses), len(desk.messages)) == (2, 1)


async def test_old_answers_are_forgotten_in_time() -> None:
    replays, asked = Replays(remembered=2), []

    async def work() -> str:
        asked.append(1)
        return str(len(asked))

    assert [await replays.once(key, work) for key in ("a", "b", "a", "c", "a")] == ["1", "2", "1", "3", "4"]


async def test_what_failed_is_tried_again_also_by_who_waited_with_the_first() -> None:
    replays, asked = Replays(), []

    async def work() -> str:
        asked.append(1)
        await asyncio.sleep(0)
        if len(asked) == 1:
            raise OSError("the disk is away")
        return str(len(asked))

    first, second = await asyncio.gather(*[replays.once("a", work) for _ in range(2)], return_exceptions=True)
    assert isinstance(first, OSError)
    assert isinstance(second, OSError)
    assert [await replays.once("a", work) for _ in range(2)] == ["2", "2"]


async def test_of_a_request_that_is_done_only_its_answer_is_kept() -> None:
    class Request: ...

    async def work() -> str:
        return "yes"

    replays, under_way = Replays(), ContextVar[Request]("under_way")
    before = under_way.set(request := Request())
    assert await replays.once("a", work) == "yes"
    under_way.reset(before)
    gone = weakref.ref(request)
    del request, before
    gc.collect()
    assert gone() is None


async def test_not_ready_goes_to_the_practice(door: httpx.AsyncClient, desk: Desk) -> None:
    desk.is_ready = False
    for path in (VOICE, RESUME):
        answer = await post(door, path, call_form())
        assert verbs(answer) == ["Dial"]
        assert "+15555550199" in answer.text
    assert not desk.arrived
    desk.is_ready = True
    assert verbs(await post(door, VOICE, call_form())) == ["Connect", "Redirect"]


async def test_a_new_caller_whom_we_cannot_serve_hears_what_to_do_in_an_emergency(desk: Desk) -> None:
    """Who goes on with a call has heard it, and has been listened to."""
    desk.is_ready = False
    transport = httpx.ASGITransport(app_of(desk, replace(CONFIG, unheard="Call 911.")))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as door:
        answer = await post(door, VOICE, call_form())
        assert verbs(answer) == ["Say", "Dial"]
        assert "Call 911." in answer.text
        assert verbs(await post(door, RESUME, call_form())) == ["Dial"]


@pytest.mark.parametrize("path", [VOICE, RESUME])
async def test_whom_we_pass_on_is_asked_about_again_when_nobody_is_there(
    door: httpx.AsyncClient, desk: Desk, path: str
) -> None:
    """By an address that needs neither models nor this process."""
    desk.is_ready = False
    dial = ElementTree.fromstring((await post(door, path, call_form())).text)[0]
    assert (dial.tag, dial.attrib["method"]) == ("Dial", "POST")
    assert dial.attrib["action"] == CONFIG.url(UNSERVED) + ASK_AGAIN


@pytest.mark.parametrize("path", [VOICE, RESUME])
@pytest.mark.parametrize("by", ["To", "ForwardedFrom"])
@pytest.mark.parametrize("is_ready", [False, True])
async def test_a_call_is_never_dialled_back_to_where_it_came_from(
    door: httpx.AsyncClient, desk: Desk, path: str, by: str, is_ready: bool
) -> None:
    desk.is_ready, desk.fault = is_ready, RuntimeError("the database is away")
    with capture_logs():
        answer = await post(door, path, call_form(**{by: CONFIG.practice_number}))
    assert verbs(answer) == ["Redirect"]
    assert UNSERVED in answer.text


@pytest.mark.parametrize("is_ready", [False, True])
@pytest.mark.parametrize(
    ("dialled", "then"),
    [
        ({"DialCallStatus": "completed", "DialBridged": "true"}, "Hangup"),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, "Redirect"),
        ({"DialCallStatus": "no-answer"}, "Redirect"),
    ],
)
async def test_the_practice_is_not_rung_a_second_time_when_we_cannot_go_on(
    door: httpx.AsyncClient, desk: Desk, is_ready: bool, dialled: dict[str, str], then: str
) -> None:
    desk.is_ready, desk.fault = is_ready, RuntimeError("the database is away")
    with capture_logs():
        assert verbs(await post(door, RESUME, call_form(**dialled))) == [then]


async def test_every_call_that_is_passed_on_is_counted_and_logged(
    door: httpx.AsyncClient, desk: Desk
) -> None:
    def passed_on() -> list[float]:
        return [PASSED_ON.labels(reason)._value.get() for reason in ("not-ready", "failed")]

    before = passed_on()
    desk.is_ready = False
    with capture_logs() as logs:
        await post(door, VOICE, call_form())
        await post(door, RESUME, call_form(DialCallStatus="completed"))
        desk.is_ready, desk.fault = True, RuntimeError("the database is away")
        await post(door, VOICE, call_form(ForwardedFrom=CONFIG.practice_number))
    assert [after - was for after, was in zip(passed_on(), before, strict=True)] == [1, 1]
    passed = [log for log in logs if log["event"] == "call.passed_on"]
    assert [(log["call_sid"], log["code"]) for log in passed] == [(CALL, "not-ready"), (CALL, "failed")]


@pytest.mark.parametrize(
    "fault", [RuntimeError("Ann Example, +15555550123"), BackendError("no chart"), KeyError("x")]
)
async def test_a_failing_handler_is_answered_by_the_practice(
    door: httpx.AsyncClient, desk: Desk, fault: Exception
) -> None:
    desk.fault = fault
    with capture_logs() as logs:
        assert verbs(await post(door, VOICE, call_form())) == ["Dial"]
        assert verbs(await post(door, RESUME, call_form())) == ["Dial"]
        assert (await post(door, STATUS, call_form())).status_code == 204
        assert (
            verbs(await post(door, SMS, {"AccountSid": call_form()["AccountSid"], "MessageSid": "SM2"})) == []
        )
    failed = [log["door"] for log in logs if log["event"] == "webhook handler failed"]
    assert failed == ["voice", "resume", "status", "sms"]
    assert "Ann" not in repr(logs)
    desk.fault = None
    assert verbs(await post(door, VOICE, call_form())) == [
        "Connect",
        "Redirect",
    ]  # a failure is not remembered


async def test_a_hanging_handler_is_answered_by_the_practice(desk: Desk) -> None:
    desk.delay_s = 5.0
    transport = httpx.ASGITransport(app_of(desk, replace(CONFIG, handler_limit_s=0.05)))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as door:
        with capture_logs() as logs:
            assert verbs(await post(door, VOICE, call_form())) == ["Dial"]
    assert [log["code"] for log in logs] == ["late", "failed"]  # the handler's, and why it was passed on


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("+15555550123", "+15555550123"),
        ("+44 20 7946 0958", "+442079460958"),
        ("", ""),
        ("anonymous", ""),
        ("Anonymous", ""),
        ("+266696687", ""),
        ("+7378742833", ""),
        ("+8656696", ""),
        ("client:ann", ""),
        ("sip:+15555550123@example.org", ""),
        ("5555550123", ""),
        ("+1", ""),
        ("+1555555012345678", ""),
        ("+<script>", ""),
    ],
)
def test_a_callers_number_is_e164_or_nothing(given: str, number: str) -> None:
    assert e164(given) == number
