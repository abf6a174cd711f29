"""Conferences and recordings as the official client sees them, and what their members hear."""

from __future__ import annotations

import io
import wave
from typing import Any

import httpx
import numpy as np
import pytest
from twilio.base.exceptions import TwilioRestException  # type: ignore[import-untyped]

from telephony.double import Exchange, RestSide
from tests.carrier.conftest import Api
from tests.carrier.people import BUSY, DOCTOR, NURSE, OURS, Cued, heard, until
from tests.telephony.pages import Pages
from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN

WAIT = "<Response><Pause length='600'/></Response>"
EVENTS = "start end join leave mute hold"


async def invite(api: Api, number: str, **more: Any) -> Any:
    return await api.ask(
        lambda twilio: twilio.conferences("Room 1").participants.create(to=number, from_=OURS, **more)
    )


async def test_two_are_called_into_a_conference_and_hear_each_other(
    api: Api, exchange: Exchange, pages: Pages, nurse: Cued, doctor: Cued
) -> None:
    first = await invite(
        api, NURSE, label="nurse", end_conference_on_exit=True,
        conference_status_callback=f"{PUBLIC_URL}/conference", conference_status_callback_event=[EVENTS],
    )  # fmt: skip
    second = await invite(api, DOCTOR)
    room = exchange.conferences[first.conference_sid]
    assert (first.status, second.conference_sid) == ("queued", first.conference_sid)
    await until(lambda: room.status == "in-progress")
    there = await api.ask(lambda twilio: twilio.conferences(room.sid).participants.list())
    assert {each.call_sid for each in there} == {first.call_sid, second.call_sid}
    assert [each.status for each in there] == ["connected", "connected"]
    found = await api.ask(
        lambda twilio: twilio.conferences.list(friendly_name="Room 1", status="in-progress")
    )
    assert [each.sid for each in found] == [room.sid]
    results = [exchange.calls[each.call_sid].result for each in (first, second)]
    nurse.says("nurse")
    doctor.says("doctor")
    await until(lambda: heard(results[0].agent_pcm) and heard(results[1].agent_pcm))
    assert [heard(each.agent_pcm) for each in results] == [{"doctor"}, {"nurse"}]
    await api.ask(lambda twilio: twilio.calls(first.call_sid).update(status="completed"))
    await exchange.settled()
    over = await api.ask(lambda twilio: twilio.conferences(room.sid).fetch())
    assert (over.status, over.call_sid_ending_conference) == ("completed", first.call_sid)
    assert over.reason_conference_ended == "participant-with-end-conference-on-exit-left"
    assert [result.status for result in results] == ["completed", "completed"]
    names = [form["StatusCallbackEvent"] for form in sorted(pages.forms("conference"), key=sequence)]
    assert names[:3] == ["participant-join", "participant-join", "conference-start"]
    assert sorted(names[3:]) == ["conference-end", "participant-leave", "participant-leave"]
    assert all(form["ConferenceSid"] == room.sid for form in pages.forms("conference"))


def sequence(form: Any) -> int:
    return int(form["SequenceNumber"])


async def test_on_hold_and_muted_and_removed(api: Api, exchange: Exchange, nurse: Cued) -> None:
    first, second = await invite(api, NURSE, muted=True), await invite(api, DOCTOR, label="doctor")
    room = exchange.conferences[first.conference_sid]
    await until(lambda: room.status == "in-progress")
    held = await api.ask(
        lambda twilio: twilio.conferences(room.sid).participants("doctor").update(hold=True, muted=True)
    )
    assert (held.call_sid, held.hold, held.muted) == (second.call_sid, True, True)
    on_hold = await api.ask(lambda twilio: twilio.conferences(room.sid).participants.list(hold=True))
    assert [each.call_sid for each in on_hold] == [second.call_sid]
    nurse.says("nurse")
    nurse_result = exchange.calls[first.call_sid].result
    await until(lambda: nurse_result.utterances and nurse_result.utterances[0].speech_ended_ms)
    assert await api.ask(lambda twilio: twilio.conferences(room.sid).participants("doctor").delete())
    await until(lambda: exchange.calls[second.call_sid].progress.is_over)
    assert heard(exchange.calls[second.call_sid].result.agent_pcm) == set()  # the nurse is muted
    with pytest.raises(TwilioRestException) as refusal:
        await api.ask(lambda twilio: twilio.conferences(room.sid).participants("doctor").fetch())
    assert refusal.value.code == 20404
    ended = await api.ask(lambda twilio: twilio.conferences(room.sid).update(status="completed"))
    assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
    await exchange.settled()
    assert nurse_result.status == "completed"


async def test_whom_a_conference_calls_may_be_busy(api: Api, exchange: Exchange) -> None:
    busy = await invite(api, BUSY)
    await exchange.settled()
    assert exchange.calls[busy.call_sid].progress.status == "busy"
    assert await api.ask(lambda twilio: twilio.conferences(busy.conference_sid).participants.list()) == []
    with pytest.raises(TwilioRestException) as refusal:
        await api.ask(
            lambda twilio: twilio.conferences("CF" + "9" * 32).participants.create(to=NURSE, from_=OURS)
        )
    assert refusal.value.code == 20404


async def test_a_call_is_recorded_but_for_the_pause(
    api: Api, exchange: Exchange, rest: RestSide, pages: Pages, nurse: Cued
) -> None:
    call = await api.ask(lambda twilio: twilio.calls.create(to=NURSE, from_=OURS, twiml=WAIT))
    live = exchange.calls[call.sid]
    await until(lambda: live.progress.status == "in-progress")
    tape = await api.ask(lambda twilio: twilio.calls(call.sid).recordings.create(
        recording_channels="dual", recording_status_callback=f"{PUBLIC_URL}/tape"
    ))  # fmt: skip
    assert (tape.status, tape.channels, tape.duration) == ("in-progress", 2, "-1")
    nurse.says("nurse")
    await until(lambda: live.result.utterances and live.result.utterances[0].speech_ended_ms)

    async def change(**fields: str) -> str:
        update = await api.ask(
            lambda twilio: twilio.calls(call.sid).recordings("Twilio.CURRENT").update(**fields)
        )
        return str(update.status)

    assert await change(status="paused", pause_behavior="skip") == "paused"
    before, paused_at = recorded_bytes(exchange, tape.sid), len(live.result.agent_mulaw)
    await until(lambda: len(live.result.agent_mulaw) > paused_at + 8_000)
    assert recorded_bytes(exchange, tape.sid) == before
    resumed_at = len(live.result.agent_mulaw)
    assert await change(status="in-progress") == "in-progress"
    assert await change(status="stopped") == "stopped"
    most = before + len(live.result.agent_mulaw) - resumed_at
    with pytest.raises(TwilioRestException) as refusal:
        await change(status="paused")
    assert refusal.value.code == 20404  # none is current any more
    await api.ask(lambda twilio: twilio.calls(call.sid).update(status="completed"))
    await exchange.settled()
    assert [form["RecordingStatus"] for form in pages.forms("tape")] == ["completed"]
    media = f"{rest.url}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{tape.sid}.wav"
    async with httpx.AsyncClient(auth=(ACCOUNT, TOKEN), trust_env=False) as client:
        content = (await client.get(media)).content
    with wave.open(io.BytesIO(content)) as file:
        assert file.getnchannels() == 2
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    assert heard(both[:, 0].tobytes()) == {"nurse"}
    assert before <= len(both) <= most


def recorded_bytes(exchange: Exchange, sid: str) -> int:
    return len(exchange.recordings[sid].wav()) // 4 - 11  # two channels of 16 bits, after the header


async def test_a_call_that_is_over_cannot_be_recorded(api: Api, exchange: Exchange) -> None:
    call = await api.ask(lambda twilio: twilio.calls.create(to=BUSY, from_=OURS, twiml=WAIT))
    await exchange.settled()
    with pytest.raises(TwilioRestException) as refusal:
        await api.ask(lambda twilio: twilio.calls(call.sid).recordings.create())
    assert refusal.value.code == 21220
