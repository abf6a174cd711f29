"""Our own client's orders against the double: what they do, and what they refuse to do."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from models.errors import ProtocolError
from telephony.double import Ending, Exchange, Manner, RestSide, Staff
from telephony.rest import (
    Carrier,
    CarrierBusy,
    CarrierError,
    CarrierTimeout,
    NumberNotAllowed,
    NumberOptedOut,
)
from tests.carrier.people import BUSY, DOCTOR, NURSE, OURS, Cued, heard, person, until
from tests.telephony.pages import Pages
from tests.telephony.serving import double_nearby
from tests.telephony.signing import ACCOUNT, CALL, PUBLIC_URL, TOKEN

WAIT = "<Response><Pause length='600'/></Response>"


@contextlib.asynccontextmanager
async def carrier_for(exchange: Exchange) -> AsyncIterator[Carrier]:
    async with RestSide(exchange) as rest:
        carrier = Carrier(
            ACCOUNT, TOKEN, api_base=rest.url, timeout_s=60.0, own_number=OURS, may_call=(NURSE, DOCTOR, BUSY)
        )
        yield carrier
        carrier.close()


@pytest.fixture
async def carrier(exchange: Exchange) -> AsyncIterator[Carrier]:
    async with carrier_for(exchange) as carrier:
        yield carrier


async def test_somebody_is_called(carrier: Carrier, exchange: Exchange, pages: Pages) -> None:
    status_url = f"{PUBLIC_URL}/told"
    call = await carrier.place_call(NURSE, WAIT, status_url=status_url, detect_machine=True)
    assert (call.status, call.direction, call.duration_s) == ("queued", "outbound-api", None)
    await until(lambda: exchange.calls[call.call_sid].progress.status == "in-progress")
    assert await carrier.hang_up(call.call_sid)
    await exchange.settled()
    seen = await carrier.fetch(call.call_sid)
    assert seen is not None
    assert (seen.status, (seen.duration_s or 0) >= 1) == ("completed", True)
    assert len(pages.forms("told")) == 4
    assert await carrier.fetch(CALL) is None


async def test_a_person_who_cannot_do_what_they_should_is_named(exchange: Exchange, tmp_path: Path) -> None:
    clip = tmp_path / "words.wav"
    clip.write_text("no sound")
    exchange.manner = Manner(staff=Staff(does=person(f"wav:{clip}")))
    async with carrier_for(exchange) as carrier:
        call = await carrier.place_call(NURSE, WAIT)
        await until(lambda: exchange.calls[call.call_sid].progress.is_over)
    assert ["words.wav is not a PCM wav file" in warning for warning in exchange.warnings] == [True]


async def test_a_call_is_recorded(carrier: Carrier, exchange: Exchange) -> None:
    call = await carrier.place_call(NURSE, WAIT)
    await until(lambda: exchange.calls[call.call_sid].progress.status == "in-progress")
    recording_sid = await carrier.start_recording(call.call_sid)
    assert recording_sid is not None
    assert await carrier.pause_recording(call.call_sid)
    assert exchange.recordings[recording_sid].status == "paused"
    assert await carrier.resume_recording(call.call_sid, recording_sid)
    assert await carrier.stop_recording(call.call_sid, recording_sid)
    assert not await carrier.stop_recording(call.call_sid, recording_sid)
    await carrier.hang_up(call.call_sid)
    await exchange.settled()
    assert await carrier.start_recording(call.call_sid) is None


async def test_a_participant_is_put_on_hold_and_removed(carrier: Carrier, exchange: Exchange) -> None:
    nurse = await carrier.call_into_conference("Room", NURSE)
    doctor = await carrier.call_into_conference(nurse.conference_sid, DOCTOR, status_url=f"{PUBLIC_URL}/told")
    room = exchange.conferences[nurse.conference_sid]
    await until(lambda: room.status == "in-progress")
    assert await carrier.hold(room.sid, nurse.call_sid, on_hold=True)
    assert room.participants[nurse.call_sid].member.on_hold
    assert await carrier.hold(room.sid, nurse.call_sid, on_hold=False)
    assert await carrier.remove(room.sid, nurse.call_sid)
    await until(lambda: exchange.calls[nurse.call_sid].progress.is_over)
    assert not await carrier.remove(room.sid, nurse.call_sid)
    assert not await carrier.hold(room.sid, nurse.call_sid, on_hold=True)
    assert await carrier.remove(room.sid, doctor.call_sid)
    await exchange.settled()
    assert (room.status, room.reason_ended) == ("completed", "last-participant-kicked")
    with pytest.raises(CarrierError, match="conference"):
        await carrier.call_into_conference("CF" + "9" * 32, NURSE)


async def test_a_caller_in_a_conference_is_joined_by_whom_the_server_calls(
    exchange: Exchange, carrier: Carrier, pages: Pages, nurse: Cued
) -> None:
    """The warm transfer: the caller waits in a conference, and a nurse is called into it."""
    pages.documents["twilio/voice"] = [
        "<Dial action='/after'><Conference endConferenceOnExit='true'>Room 7</Conference></Dial>"
    ]
    caller = Cued()
    double = double_nearby(pages.app(), exchange=exchange)
    call = asyncio.create_task(double.place_call(caller.does))
    participant = await carrier.call_into_conference("Room 7", NURSE, label="nurse")
    called = exchange.calls[participant.call_sid].result
    await until(lambda: exchange.conferences[participant.conference_sid].status == "in-progress")
    nurse.says("nurse")
    caller.says("caller")
    await until(
        lambda: heard(called.agent_pcm) and called.utterances and called.utterances[0].speech_ended_ms
    )
    caller.hangs_up()
    result = await call
    await exchange.settled()
    assert heard(result.agent_pcm) == {"nurse"}
    assert heard(called.agent_pcm) == {"caller"}
    assert exchange.conferences[participant.conference_sid].ended_by == result.call_sid
    assert called.ended is Ending.OTHER_HUNG_UP


async def test_a_text_message_is_sent(carrier: Carrier, exchange: Exchange) -> None:
    sent = await carrier.send_message(NURSE, "Please call us.", status_url=f"{PUBLIC_URL}/text")
    assert sent.status == "queued"
    await exchange.settled()
    assert exchange.inbox.to(NURSE) == ["Please call us."]


async def test_only_known_numbers_are_dialled(carrier: Carrier, exchange: Exchange) -> None:
    for number in ("+19005550100", "5555550301", "", "+15555550301,+19005550100"):
        with pytest.raises(NumberNotAllowed) as refusal:
            await carrier.place_call(number, WAIT)
        with pytest.raises(NumberNotAllowed):
            await carrier.call_into_conference("Room", number)
        assert not number or number not in str(refusal.value)
        assert "STAFF_NUMBER" in refusal.value.fix
    assert not exchange.calls


async def test_texts_go_to_numbers_of_our_own_country(carrier: Carrier, exchange: Exchange) -> None:
    jamaica, premium = "+18765550123", "+19002345678"  # behind +1 too, and what toll fraud lives on
    for number in ("+4470055501", "15555550301", "+1", "+1555x", jamaica, premium):
        with pytest.raises(NumberNotAllowed):
            await carrier.send_message(number, "hello")
    assert not exchange.inbox.messages


async def test_what_the_carrier_would_not_take_is_not_sent(carrier: Carrier, exchange: Exchange) -> None:
    with pytest.raises(ProtocolError, match="1,600"):
        await carrier.send_message(NURSE, "x" * 1_601)
    with pytest.raises(ProtocolError, match="4,000"):
        await carrier.place_call(NURSE, "x" * 4_001)
    assert not exchange.calls


async def test_a_refusal_names_the_carriers_number(exchange: Exchange) -> None:
    async with RestSide(exchange) as rest:
        carrier = Carrier(ACCOUNT, TOKEN, api_base=rest.url, own_number="practice", may_call=[NURSE])
        with pytest.raises(CarrierError, match="400, code 21212"):
            await carrier.place_call(NURSE, WAIT)
        carrier.close()


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, 20429, CarrierBusy),
        (503, 20503, CarrierBusy),
        (500, 20500, CarrierTimeout),
        (400, 21610, NumberOptedOut),
        (400, 21211, CarrierError),
    ],
)
async def test_whether_an_order_may_be_given_again_is_told_by_its_failure(
    status: int, code: int, kind: type[CarrierError]
) -> None:
    """Busy: certainly not taken. Timeout: nobody knows."""
    carrier = Carrier(ACCOUNT, TOKEN, own_number=OURS, may_call=[NURSE])

    def refuse() -> None:
        raise TwilioRestException(status, "/Messages.json", "no", code=code)

    with pytest.raises(CarrierError) as refusal:
        await carrier._client.ask(refuse)
    assert type(refusal.value) is kind
    carrier.close()


async def test_a_carrier_where_nobody_listens_has_taken_nothing() -> None:
    carrier = Carrier(ACCOUNT, TOKEN, api_base="http://127.0.0.1:9", own_number=OURS)
    with pytest.raises(CarrierBusy):
        await carrier.send_message(NURSE, "hello")
    carrier.close()
