"""Callers who are put through, on audio time: whom they reach, what both hear, what the server is told."""

from __future__ import annotations

import asyncio

import pytest

from telephony.double import (
    Answer,
    Caller,
    CallResult,
    Ending,
    Manner,
    Staff,
)
from tests.carrier.people import DOCTOR, NURSE, heard, person, until
from tests.telephony.pages import Pages
from tests.telephony.serving import double_nearby

pytestmark = pytest.mark.audio_time

TO_NURSE = f"<Number>{NURSE}</Number>"


async def ring(pages: Pages, caller: Caller, *people: Staff) -> CallResult:
    """``people``: the nurse, and the doctor."""
    manner = Manner(people=dict(zip((NURSE, DOCTOR), people, strict=False)), unhurried=False)
    return await double_nearby(pages.app(), manner=manner).place_call(caller)


async def test_both_hear_each_other_until_the_nurse_hangs_up(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [f"<Dial action='/after'>{TO_NURSE}</Dial>"]
    pages.documents["after"] = ["<Say>Goodbye</Say>"]
    nurse = Staff(ringing_s=0.2, does=person("say:nurse", "wait:1.5", "hangup"))
    result = await ring(pages, person("say:caller", "wait:5"), nurse)
    assert heard(result.agent_pcm) == {"nurse"}
    (leg,) = result.legs
    assert heard(leg.agent_pcm) == {"caller"}
    assert (leg.number, leg.status, leg.ended) == (NURSE, "completed", Ending.CALLED_HUNG_UP)
    after = pages.forms("after")[0]
    assert (after["DialCallStatus"], after["DialBridged"]) == ("completed", "true")
    assert (after["DialCallSid"], int(after["DialCallDuration"]) >= 1) == (leg.call_sid, True)
    assert result.said == ["Goodbye"]


async def test_the_nurse_is_told_when_the_caller_hangs_up(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [
        f"<Dial><Number statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>"
        f"{NURSE}</Number></Dial>"
    ]
    nurse = Staff(does=person("say:nurse", "wait:9"))
    result = await ring(pages, person("say:caller", "hangup"), nurse)
    assert (result.ended, result.status) == (Ending.CALLER_HUNG_UP, "completed")
    assert [(leg.ended, leg.status) for leg in result.legs] == [(Ending.OTHER_HUNG_UP, "completed")]
    legs = sorted(pages.forms("leg"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in legs] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in legs} == {result.call_sid}
    assert {form["Direction"] for form in legs} == {"outbound-dial"}


async def test_a_caller_who_gives_up_while_it_rings(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [f"<Dial>{TO_NURSE}</Dial>"]
    result = await ring(pages, person("wait:1", "hangup"), Staff(ringing_s=5.0))
    assert [leg.status for leg in result.legs] == ["canceled"]


async def test_a_conversation_ends_at_its_time_limit(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [f"<Dial action='/after' timeLimit='2'>{TO_NURSE}</Dial>"]
    pages.documents["after"] = ["<Hangup/>"]
    result = await ring(pages, person("say:caller", "wait:60"), Staff(does=person("say:nurse", "wait:60")))
    assert (result.legs[0].status, result.legs[0].ended) == ("completed", Ending.OTHER_HUNG_UP)
    assert heard(result.legs[0].agent_pcm) == {"caller"}
    assert pages.forms("after")[0]["DialCallStatus"] == "completed"


@pytest.mark.parametrize(
    ("key", "bridged", "status"), [("1", "true", "completed"), ("2", "false", "completed")]
)
async def test_a_whisper_is_heard_by_the_nurse_alone_and_answered_by_a_key(
    pages: Pages, key: str, bridged: str, status: str
) -> None:
    """Who answers and does not take the call counts as completed, and as not bridged."""
    pages.documents["twilio/voice"] = [
        f"<Dial action='/after'><Number url='/whisper'>{NURSE}</Number></Dial>"
    ]
    pages.documents["whisper"] = [
        "<Gather action='/taken' numDigits='1' timeout='3'><Say>doctor</Say></Gather><Hangup/>"
    ]
    pages.documents["taken"] = ["<Say>doctor</Say>" if key == "1" else "<Hangup/>"]
    pages.documents["after"] = ["<Hangup/>"]
    nurse = Staff(does=person(f"press:{key}", "say:nurse", "wait:1", "hangup"))
    result = await ring(pages, person("wait:9"), nurse)
    after = pages.forms("after")[0]
    assert (after["DialBridged"], after["DialCallStatus"]) == (bridged, status)
    assert heard(result.agent_pcm) == ({"nurse"} if bridged == "true" else set())
    assert "doctor" in heard(result.legs[0].agent_pcm)
    assert pages.forms("taken")[0]["Digits"] == key
    assert pages.forms("whisper")[0]["CallSid"] == result.legs[0].call_sid


async def test_the_first_who_answers_has_the_call(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [f"<Dial>{TO_NURSE}<Number>{DOCTOR}</Number></Dial>"]
    doctor = Staff(does=person("say:doctor", "wait:1", "hangup"))
    result = await ring(pages, person("wait:9"), Staff(ringing_s=5.0), doctor)
    assert heard(result.agent_pcm) == {"doctor"}
    assert {leg.number: leg.status for leg in result.legs} == {NURSE: "canceled", DOCTOR: "completed"}


async def test_a_conference_that_ends_goes_on_with_the_callers_document(pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Dial action='/after'><Conference>Room 8</Conference></Dial>"]
    pages.documents["after"] = ["<Say>Back again</Say>"]
    double = double_nearby(pages.app())
    exchange = double.exchange
    call = asyncio.create_task(double.place_call(person("wait:9")))
    await until(lambda: exchange.conferences)
    (room,) = exchange.conferences.values()
    await until(lambda: room.inside)
    room.end()
    result = await call
    assert (result.said, result.ended) == (["Back again"], Ending.DIALLED)
    assert pages.forms("after")[0]["DialCallStatus"] == "answered"


async def test_who_hangs_up_in_a_conference_leaves_it(pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Dial action='/after'><Conference>Room 9</Conference></Dial>"]
    double = double_nearby(pages.app())
    result = await double.place_call(person("wait:0.3", "hangup"))
    (room,) = double.exchange.conferences.values()
    assert (result.ended, room.reason_ended) == (Ending.CALLER_HUNG_UP, "last-participant-left")
    assert not pages.forms("after")  # nobody is there to go on with


async def test_a_dialled_persons_document_must_not_dial(pages: Pages) -> None:
    pages.documents["twilio/voice"] = [f"<Dial><Number url='/whisper'>{NURSE}</Number></Dial>"]
    pages.documents["whisper"] = [f"<Dial>{DOCTOR}</Dial>"]
    result = await ring(pages, person("wait:9"), Staff(does=person("wait:9")))
    assert result.legs[0].ended is Ending.ERROR
    assert result.legs[0].ended_detail.startswith("13201")


async def test_a_number_that_is_none_cannot_be_reached(pages: Pages) -> None:
    pages.documents["twilio/voice"] = ["<Dial action='/after'>front desk</Dial>"]
    pages.documents["after"] = ["<Hangup/>"]
    await ring(pages, person("wait:9"), Staff(Answer.ANSWER))
    assert pages.forms("after")[0]["DialCallStatus"] == "failed"
