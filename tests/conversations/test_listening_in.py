"""Staff listen in on a live call: both sides are in what their browser gets, which ends when it must."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import numpy as np
import pytest

from agent.answering import Answering
from console import live_sound
from tests.carrier.people import heard
from tests.console.browser import browser
from tests.console.test_console import trail, words
from tests.conversations.conftest import STRANGER, Line
from tests.conversations.staffed import CALL, staffed
from tests.conversations.test_staff_orders import PAGE, SURE, console_of, going_on

SOUND = f"{PAGE}/sound"
HEADER_BYTES = 44
TALKS = ("wait:1", "say:caller", "wait:60")
LIMIT_S = 30.0


def pcm_of(answer: httpx.Response) -> bytes:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.content[:4] == b"RIFF"
    assert answer.content[8:16] == b"WAVEfmt "
    return answer.content[HEADER_BYTES:]


async def until_listening(line: Line) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not line.services.live.listeners(CALL):
            await asyncio.sleep(0.01)


async def test_caller_and_agent_are_heard_until_the_call_ends(line: Line) -> None:
    async with staffed(line, {}, kind=Answering) as practice:
        app = await console_of(line)
        async with going_on(practice, *TALKS) as call, browser(app, "kim") as kim:
            assert f'src="{SOUND}"' in (await kim.get(PAGE)).text
            listening = asyncio.create_task(kim.get(SOUND))
            await until_listening(line)
            await asyncio.sleep(2)
            await kim.post(f"{PAGE}/end", data=SURE)
            await asyncio.wait_for(call, LIMIT_S)
            pcm = pcm_of(await asyncio.wait_for(listening, LIMIT_S))
        samples = np.frombuffer(pcm, "<i2")
        assert "caller" in heard(pcm[: 2 * 8_000 * 2])
        assert samples.max() > 30_000, "the agent's goodbye"
        assert ("kim", "view", f"call/{CALL}/live/sound") in trail(line.services.storage)


async def test_who_is_signed_out_hears_no_more_and_the_call_goes_on(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sound, "ASK_AGAIN_S", 0.1)
    async with staffed(line, {}, kind=Answering) as practice:
        app = await console_of(line)
        async with going_on(practice) as call, browser(app, "kim") as kim:
            listening = asyncio.create_task(kim.get(SOUND))
            await until_listening(line)
            await kim.post("/sign-out")
            pcm_of(await asyncio.wait_for(listening, LIMIT_S))
            assert not call.done()
            assert not line.services.live.listeners(CALL)


async def test_a_caller_who_was_told_of_no_recording_is_not_listened_to(line: Line) -> None:
    line.services.settings = replace(line.services.settings, record_calls=False)
    async with staffed(line, {}, kind=Answering) as practice:
        app = await console_of(line)
        async with going_on(practice), browser(app, "kim") as kim:
            refused = await kim.get(SOUND)
            assert (refused.status_code, "nobody listens in" in words(refused.text)) == (409, True)
            assert "<audio" not in (await kim.get(PAGE)).text


async def test_a_call_that_another_process_leads_says_that_it_cannot_be_heard_here(line: Line) -> None:
    await line.call(STRANGER, call_id=CALL)
    app = await console_of(line)
    async with browser(app, "kim") as kim:
        refused = await kim.get(SOUND)
        assert refused.status_code == 409
        assert "another process of the server leads it" in words(refused.text)


async def test_a_call_that_has_ended_is_not_heard(line: Line) -> None:
    call = await line.call(STRANGER, call_id=CALL)
    await call.hangs_up()
    app = await console_of(line)
    async with browser(app, "kim") as kim:
        assert "This call has ended." in words((await kim.get(SOUND)).text)
