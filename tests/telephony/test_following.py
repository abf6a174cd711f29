"""How the double follows documents, on audio time: each verb as the carrier does it."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
import pytest

from telephony.double import Answer, Caller, CallResult, Ending, Manner, Staff, parse_steps
from tests.telephony.pages import Pages
from tests.telephony.serving import double_nearby

pytestmark = pytest.mark.audio_time


@pytest.fixture
def pages() -> Pages:
    return Pages()


async def ring(pages: Pages, *steps: str, answer: Answer = Answer.ANSWER, **more: Any) -> CallResult:
    manner = Manner(**{"unhurried": False, "staff": Staff(answer), "longest_s": 60.0, **more})
    caller = Caller(parse_steps(steps), quiet_s=0.1, patience_s=2.0)
    return await double_nearby(pages.app(), manner=manner).place_call(caller)


async def tone(text: str) -> bytes:
    samples = np.sin(np.arange(1_600) * 2 * np.pi * 500 / 8_000) * 5_000
    return samples.astype("<i2").tobytes()


async def test_redirects_say_and_the_end_of_a_document(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [
        "<Say>Hello &amp; welcome</Say><Redirect>../next?a=1</Redirect><Say>never</Say>"
    ]
    pages.documents["next"] = ["<Pause length='5'/><Say>Bye</Say>"]
    result = await ring(pages, "wait:5")
    assert result.ended is Ending.ERROR  # a query is part of the signed address
    pages.documents["twilio/voice"] = [
        "<Say>Hello &amp; welcome</Say><Redirect>../next</Redirect><Say>never</Say>"
    ]
    result = await ring(pages, "wait:5")
    assert result.said == ["Hello & welcome", "Bye"]
    assert (result.ended, len(result.documents)) == (Ending.AGENT_HUNG_UP, 2)
    assert [form["CallStatus"] for form in pages.forms("next")] == ["in-progress"]
    first = pages.forms("twilio/voice")[-1]
    assert (first["CallStatus"], first["Direction"], first["CallerCity"]) == ("ringing", "inbound", "")
    assert pages.forms("twilio/status")[-1]["CallStatus"] == "completed"


async def test_hangup_and_reject(pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Hangup/><Say>never</Say>", "<Reject reason='busy'/>"]
    assert (await ring(pages, "wait:5")).ended is Ending.AGENT_HUNG_UP
    rejected = await ring(pages, "wait:5")
    assert (rejected.ended, rejected.ended_detail, rejected.said) == (Ending.REJECTED, "busy", [])


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Answer.ANSWER, "completed"),
        (Answer.DECLINE, "busy"),
        (Answer.RING_OUT, "no-answer"),
        (Answer.UNREACHABLE, "failed"),
    ],
)
async def test_a_dial_tells_its_action_how_it_went(pages: Pages, answer: Answer, status: str) -> None:
    pages.documents["twilio/voice"] = ["<Dial action='/after'><Number>+15555550199</Number></Dial>"]
    pages.documents["after"] = ["<Hangup/>"] if status != "completed" else ["<Say>Goodbye</Say>"]
    result = await ring(pages, "wait:5", answer=answer)
    assert result.dialled == ["+15555550199"]
    assert pages.forms("after")[0]["DialCallStatus"] == status
    assert result.ended is (Ending.DIALLED if status == "completed" else Ending.AGENT_HUNG_UP)
    assert [leg.status for leg in result.legs] == [status]


@pytest.mark.parametrize(
    ("attributes", "pressed", "digits"),
    [("numDigits='2'", "12", "12"), ("finishOnKey='*'", "7#*", "7#"), ("timeout='0.3'", "45", "45")],
)
async def test_a_gather_takes_keys(pages: Pages, attributes: str, pressed: str, digits: str) -> None:
    pages.documents["twilio/voice"] = [
        f"<Gather action='/keys' {attributes}><Say>Keys, please</Say></Gather>"
    ]
    pages.documents["keys"] = ["<Hangup/>"]
    result = await ring(pages, f"press:{pressed}", "wait:5")
    assert result.ended is Ending.AGENT_HUNG_UP
    assert pages.forms("keys")[0]["Digits"] == digits


async def test_a_gather_without_keys_goes_on(pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Gather timeout='0.1'><Say>Keys?</Say></Gather><Say>None then</Say>"]
    assert (await ring(pages, "wait:5")).said == ["Keys?", "None then"]


async def test_what_is_played_and_said_is_heard(pages: Pages) -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(await tone("beep"))
    pages.sound = buffer.getvalue()
    pages.documents["twilio/voice"] = ["<Play>/beep.wav</Play><Pause length='0.6'/><Say>Hello</Say>"]
    caller = Caller(parse_steps(["say:good morning", "wait:5"]), synthesise=tone, quiet_s=0.1, patience_s=2.0)
    result = await double_nearby(pages.app()).place_call(caller)
    assert [segment.end_ms - segment.start_ms for segment in result.segments] == [200, 200]
    assert [utterance.label for utterance in result.utterances] == ["good morning"]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("<Redirect/>", "loop of redirects"),
        ("<Redirect>https://elsewhere.example.org/x</Redirect>", "not under the public address"),
        ("<Connect/>", "<Connect> without <Stream>"),
        ("<Connect><Stream url='wss://phone.example.org/x?token=1'/></Connect>", "31920"),
        ("<Connect><Stream url='wss://elsewhere.example.org/x'/></Connect>", "not under the public address"),
        ("<Pause length='long'/>", "12200"),
        ("<Play>/nothing.wav</Play>", "405"),
        ("</Response><Response>", "12100"),
    ],
)
async def test_a_fault_that_would_end_a_real_call_ends_this_one(
    pages: Pages, document: str, fault: str
) -> None:
    pages.documents["twilio/voice"] = [document]
    result = await ring(pages, "wait:8")
    assert result.ended is Ending.ERROR
    assert fault in result.ended_detail
    assert result.warnings == [result.ended_detail]


async def test_a_fault_that_the_carrier_only_logs_is_a_warning(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [
        "<Sing/><Connect><Stream url='wss://phone.example.org/x'/></Connect><Say>on</Say>"
    ]
    result = await ring(pages, "wait:5")
    assert result.said == ["on"]
    assert [warning[:5] for warning in result.warnings] == ["12200", "31920"]
