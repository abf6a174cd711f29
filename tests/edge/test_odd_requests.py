"""Odd requests at every door: refused, nothing stored, and a call goes on beside them all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from urllib.parse import urlencode

import httpx
import pytest
from sqlmodel import Session, select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from models.tables import Call
from telephony.webhooks import build_router
from tests.conversations.conftest import Line
from tests.edge.conftest import House, open_house
from tests.edge.odd import OddCall, document, verbs
from tests.telephony.signing import (
    ACCOUNT,
    CALL,
    CONFIG,
    FORM_TYPE,
    PUBLIC_URL,
    TOKEN,
    call_form,
    signature,
    signed,
    with_body_hash,
)  # fmt: skip

DOORS = ("voice", "resume", "status", "sms")
JSON_TYPE = {"content-type": "application/json"}
ODD_SIDS = {
    "empty": "", "short": "C", "long": "C" * 65, "a path": "../../etc/passwd", "sql": "CA' or 1=1 --",
    "markup": "<Hangup/>", "lines": "CA\r\nX: y", "null": "CA\x00", "letters": "ÇA", "60 kB": "C" * 60_000,
}  # fmt: skip
FORM = call_form(CallStatus="completed", MessageSid="SM1", Body="hello")


def wrong_headers(path: str) -> dict[str, dict[str, str]]:
    """Signatures that are genuine for something else, or not at all."""
    url, other = PUBLIC_URL + path, PUBLIC_URL + "/twilio/other"
    of = {
        "none": {},
        "empty": {"x-twilio-signature": ""},
        "not base64": {"x-twilio-signature": "!?" * 14},
        "very long": {"x-twilio-signature": "A" * 8_000},
        "another token": signed(url, FORM, token="another"),
        "another address": signed(other, FORM),
        "another scheme": signed("http" + url.removeprefix("https"), FORM),
        "the socket's scheme": signed("wss" + url.removeprefix("https"), FORM),
        "another port": signed(url.replace(".org", ".org:8080"), FORM),
        "a slash more": signed(url + "/", FORM),
        "a query more": signed(url + "?a=1", FORM),
        "another letter case": signed(url.replace("phone.", "Phone."), FORM),
        "a field fewer": signed(url, {key: value for key, value in FORM.items() if key != "From"}),
        "a field changed": signed(url, {**FORM, "From": "+15555550199"}),
        "no fields": signed(url),
        "an unknown shared key": {
            **signed(url, FORM),
            "x-twilio-webhooks-signature-settings": "key=unknown,algorithm=HMAC_SHA256",
        },
        "the token as a shared key": {
            **signed(url, FORM),
            "x-twilio-webhooks-signature-settings": f"key={TOKEN},algorithm=HMAC_SHA1",
        },
        "believes the host": {
            **signed("http://evil.example" + path, FORM),
            "host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http",
        },
    }  # fmt: skip
    return {name: {**headers, **FORM_TYPE} for name, headers in of.items()}


@pytest.fixture
async def door(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=house.base, trust_env=False, timeout=60) as client:
        yield client


async def calls_stored(house: House) -> int:
    def work(session: Session) -> int:
        return len(session.exec(select(Call.id)).all())

    return await house.line.services.storage.read(work)


async def test_no_wrong_signature_opens_any_door(house: House, door: httpx.AsyncClient) -> None:
    async with house.beside_a_healthy_call():
        requests = {
            (name, path): door.post(path, data=FORM, headers=headers)
            for path in (f"/twilio/{name}" for name in DOORS)
            for name, headers in wrong_headers(path).items()
        }
        answers = await asyncio.gather(*requests.values())
    assert {key: answer.status_code for key, answer in zip(requests, answers, strict=True)} == dict.fromkeys(
        requests, 403
    )
    assert await house.stored(CALL) is None
    assert await calls_stored(house) == 1, "the healthy call's"


@pytest.mark.parametrize("port", ["", ":443"])
async def test_the_signature_may_carry_the_port(house: House, door: httpx.AsyncClient, port: str) -> None:
    form = call_form(To="+16175550100")
    headers = signed(PUBLIC_URL.replace(".org", ".org" + port) + "/twilio/voice", form)
    assert verbs(document(await door.post("/twilio/voice", data=form, headers=headers))) == [
        "Connect",
        "Redirect",
    ]


async def test_a_replayed_arrival_opens_nothing_new(house: House, door: httpx.AsyncClient) -> None:
    """A captured request can be sent again: it gets the first answer, whose address works once."""
    async with house.beside_a_healthy_call(), OddCall(house.base) as call:
        answer = await call.rings()
        again = await call.rings()
        assert again[0][0].attrib == answer[0][0].attrib
        await call.starts(answer)
        async with OddCall(house.base, call_sid=call.call_sid) as thief:
            await thief.opens(again)
            await thief.sends(thief.start())
            assert await thief.is_shown_out() == 1008
            assert thief.heard == 0
        assert await call.is_on_the_line()
        await call.presses_zero()
        await call.hangs_up()
    assert (await house.closed(call.call_sid)).resumed == 0


def with_sid(sid: str) -> tuple[bytes, Mapping[str, str], int]:
    form = call_form(CallSid=sid)
    return urlencode(form).encode(), {**signed(PUBLIC_URL + "/twilio/voice", form), **FORM_TYPE}, 400


def body_cases() -> dict[str, tuple[bytes, Mapping[str, str], int]]:
    """Bodies at /twilio/voice, with what they are answered. The signature fits wherever one can."""
    url = PUBLIC_URL + "/twilio/voice"
    form, good = urlencode(call_form()).encode(), signed(url, call_form())
    big = urlencode(call_form(Body="x" * 66_000)).encode()
    return {
        "too big": (big, {**signed(url, call_form(Body="x" * 66_000)), **FORM_TYPE}, 413),
        "a field twice": (form + b"&From=%2B15555550199", {**good, **FORM_TYPE}, 403),
        "the same field twice": (form + b"&CallerCity=", {**good, **FORM_TYPE}, 403),
        "no utf-8": (form + b"&A=%ff%fe", {**good, **FORM_TYPE}, 403),
        "raw bytes": (bytes(range(256)), {**good, **FORM_TYPE}, 403),
        "no form": (b"hello", {**good, **FORM_TYPE}, 403),
        "empty": (b"", {**signed(url), **FORM_TYPE}, 403),
        "a thousand fields": (b"&".join(b"f%d=1" % n for n in range(1_000)), {**good, **FORM_TYPE}, 403),
        "text": (form, {**good, "content-type": "text/plain"}, 415),
        "xml": (form, {**good, "content-type": "application/xml"}, 415),
        "multipart": (form, {**good, "content-type": "multipart/form-data; boundary=x"}, 415),
        "json without its hash": (json.dumps(call_form()).encode(), {**signed(url), **JSON_TYPE}, 403),
        **{f"CallSid {name}": with_sid(sid) for name, sid in ODD_SIDS.items()},
    }  # fmt: skip


async def test_odd_bodies_are_refused(house: House, door: httpx.AsyncClient) -> None:
    cases = body_cases()
    async with house.beside_a_healthy_call():
        answers = await asyncio.gather(
            *(
                door.post("/twilio/voice", content=body, headers=dict(headers))
                for body, headers, _ in cases.values()
            )
        )
    assert {name: answer.status_code for name, answer in zip(cases, answers, strict=True)} == {
        name: status for name, (_, _, status) in cases.items()
    }
    without = {key: value for key, value in call_form().items() if key != "CallSid"}
    headers = signed(PUBLIC_URL + "/twilio/voice", without)
    assert (await door.post("/twilio/voice", data=without, headers=headers)).status_code == 400
    assert await calls_stored(house) == 1, "the healthy call's"


async def test_other_methods_and_addresses_are_no_doors(house: House, door: httpx.AsyncClient) -> None:
    async with house.beside_a_healthy_call():
        for path in (f"/twilio/{name}" for name in DOORS):
            for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
                assert (await door.request(method, path)).status_code == 405
            headers = signed(PUBLIC_URL + path, FORM)
            assert (await door.post(path + "/", data=FORM, headers=headers)).status_code in (307, 404)
        for path in (
            "/",
            "/twilio",
            "/twilio/../metrics",
            "/metrics",
            "/fhir/metadata",
            "/docs",
            "/openapi.json",
        ):
            assert (await door.get(path)).status_code == 404


async def test_slow_bodies_and_a_crowd_of_connections_keep_no_caller_waiting(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(line, caplog, body_limit_s=1.5) as house:
        await a_crowd(house)


async def a_crowd(house: House) -> None:
    port = int(house.base.rpartition(":")[2])
    head = b"POST /twilio/voice HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"

    async def connection(first: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)
        try:
            async with asyncio.timeout(60):
                return await reader.read()
        finally:
            writer.close()

    crowd = [connection(head) for _ in range(150)]  # heads that never end
    crowd += [
        connection(head + b"Content-Length: 500\r\n\r\nFrom=") for _ in range(150)
    ]  # bodies that never end
    waiting = asyncio.gather(*crowd)
    async with house.beside_a_healthy_call():
        said = await waiting
    assert said[:150] == [b""] * 150, "closed without a word"
    assert all(each.startswith(b"HTTP/1.1 408") for each in said[150:])


async def test_a_shared_key_signs_as_well_as_the_token(house: House) -> None:
    """Twilio's other way to sign: a key by name, HMAC-SHA256."""
    from fastapi import FastAPI

    app, keyed = FastAPI(), replace(CONFIG, signing_keys={"SK1": "the key's secret"})
    app.include_router(build_router(keyed, house.answering))
    transport = httpx.ASGITransport(app)
    form, url = call_form(), PUBLIC_URL + "/twilio/voice"
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as door:
        for key, algorithm, secret, status in (
            ("SK1", "HMAC_SHA256", "the key's secret", 200),
            ("SK1", "HMAC_SHA256", "another secret", 403),
            ("SK1", "HMAC_SHA256", TOKEN, 403),
            ("SK2", "HMAC_SHA256", "the key's secret", 403),
            ("SK1", "none", "the key's secret", 403),
            ("SK1", "", "the key's secret", 403),
        ):
            made_with = algorithm if algorithm.startswith("HMAC") else "HMAC_SHA256"
            signed_so = {
                "x-twilio-signature": str(RequestValidator(secret).compute_signature(url, form, made_with)),
                "x-twilio-webhooks-signature-settings": f"key={key},algorithm={algorithm}",
            }
            assert (await door.post("/twilio/voice", data=form, headers=signed_so)).status_code == status


async def test_a_json_body_counts_only_with_its_own_hash(house: House, door: httpx.AsyncClient) -> None:
    body = json.dumps({"AccountSid": ACCOUNT, "CallSid": CALL, "CallStatus": "ringing"}).encode()
    target = with_body_hash("/twilio/status", body)
    headers = {"x-twilio-signature": signature(PUBLIC_URL + target), "content-type": "application/json"}
    assert (await door.post(target, content=body, headers=headers)).status_code == 204
    for changed in (body + b" ", b"{}", b"", body.replace(b"ringing", b"failed")):
        assert (await door.post(target, content=changed, headers=headers)).status_code == 403
    form_headers = {**headers, **FORM_TYPE}
    assert (await door.post(target, content=urlencode(FORM), headers=form_headers)).status_code == 403
