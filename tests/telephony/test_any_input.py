"""Whatever comes over the wire: the codec raises `ProtocolError` and nothing else, the doors answer 4xx."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import ProtocolError
from telephony.codec import MediaCodec
from tests.telephony.agents import Desk
from tests.telephony.serving import app_of
from tests.telephony.signing import CALL, FORM_TYPE, PUBLIC_URL, call_form, signed, with_body_hash

STREAM = "MZ" + "1" * 32
START = {"streamSid": STREAM, "accountSid": "AC1", "callSid": "CA1"}
DOORS = ("/twilio/voice", "/twilio/resume", "/twilio/status", "/twilio/sms")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "clear", ""]) | st.text(
    max_size=5
)
inside = st.dictionaries(
    st.sampled_from([
        "streamSid", "accountSid", "callSid", "customParameters", "mediaFormat", "track", "chunk",
        "timestamp", "payload", "digit", "name",
    ]),
    anything,
)  # fmt: skip


@st.composite
def almost_messages(draw: st.DrawFn) -> str:
    """Right in outline, wrong in any part."""
    event = draw(names)
    body: dict[str, Any] = {"event": event, "streamSid": draw(st.just(STREAM) | anything)}
    body |= draw(st.dictionaries(st.sampled_from(["sequenceNumber", "protocol"]), anything))
    body[event or "media"] = draw(inside | anything)
    return json.dumps(body)


def receive(codec: MediaCodec, message: str | bytes) -> None:
    try:
        codec.receive(message)
    except ProtocolError:
        return


def started() -> MediaCodec:
    codec = MediaCodec()
    codec.receive(json.dumps({"event": "start", "streamSid": STREAM, "start": START}))
    return codec


@given(st.lists(st.text() | st.binary() | almost_messages() | anything.map(json.dumps), max_size=6))
def test_the_codec_raises_nothing_but_protocol_errors(messages: list[str | bytes]) -> None:
    for codec in (MediaCodec(), started()):
        for message in messages:
            receive(codec, message)


@pytest.mark.parametrize("depth", [900, 1_000, 1_020, 1_024, 10_000, 30_000])
@pytest.mark.parametrize(
    "message",
    [
        "%s",
        '{"event":%s}',
        '{"event":"media","streamSid":"' + STREAM + '","media":%s}',
        '{"event":"media","streamSid":"' + STREAM + '","media":{"payload":%s,"timestamp":%s}}',
        '{"event":"start","start":{"streamSid":"M","accountSid":"A","callSid":"C","mediaFormat":{"encoding":%s}}}',
        '{"event":"start","start":{"streamSid":"M","accountSid":"A","callSid":"C","customParameters":{"a":%s}}}',
    ],
)
def test_nested_without_end_is_a_protocol_error_too(message: str, depth: int) -> None:
    nested = "[" * depth + "]" * depth
    for codec in (MediaCodec(), started()):
        with pytest.raises(ProtocolError):
            codec.receive(message.replace("%s", nested))


def test_a_lone_surrogate_is_a_protocol_error() -> None:
    for message in ("\ud800", '{"event":"\ud800"}', '{"event":"\\ud800"}'):
        with pytest.raises(ProtocolError):
            MediaCodec().receive(message)


async def answer_to(path: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(app_of(Desk()), raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as door:
        return await door.post(path, content=body, headers=headers)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(DOORS),
    st.binary(max_size=400) | anything.map(lambda value: json.dumps(value).encode()),
    st.sampled_from(
        ["application/x-www-form-urlencoded", "application/json", "text/plain", "", "json;charset=x"]
    ),
    st.booleans(),
)
async def test_the_doors_answer_any_body_with_4xx(path: str, body: bytes, kind: str, hashed: bool) -> None:
    """Unsigned, and as good as signed: with a JSON body's own hash under a genuine signature."""
    target = with_body_hash(path, body) if hashed else path
    headers = {**signed(PUBLIC_URL + target), "content-type": kind}
    assert 400 <= (await answer_to(target, body, headers)).status_code < 500


fields = st.dictionaries(
    st.sampled_from(
        ["From", "To", "CallStatus", "ForwardedFrom", "Body", "MessageSid", "SequenceNumber", "Digits"]
    )
    | st.text(min_size=1, max_size=10),
    st.text(max_size=60),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(DOORS), fields, st.text(max_size=80) | st.just(CALL))
async def test_a_genuine_form_with_any_values_is_served_or_a_bad_request(
    path: str, changes: dict[str, str], call_sid: str
) -> None:
    form = {**call_form(CallStatus="ringing"), **changes, "CallSid": call_sid}
    form["AccountSid"] = call_form()["AccountSid"]
    headers = {**signed(PUBLIC_URL + path, form), **FORM_TYPE}
    answer = await answer_to(path, urlencode(form).encode(), headers)
    assert answer.status_code in (200, 204, 400)


@pytest.mark.parametrize("depth", [900, 1_000, 10_000])
async def test_a_json_body_with_depth_is_refused(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    account = orjson.dumps(call_form()["AccountSid"])
    body = b'{"AccountSid":' + account + b',"CallSid":"CA1","CallStatus":' + nested + b"}"
    target = with_body_hash("/twilio/status", body)
    headers = {**signed(PUBLIC_URL + target), "content-type": "application/json"}
    assert (await answer_to(target, body, headers)).status_code == 403
