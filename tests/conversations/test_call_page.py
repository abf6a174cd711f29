"""The console's page of a call that was really played: its words lie in its sound where they were spoken."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from agent.web import console_ports
from console import add_pages, build_router
from models.tables import StaffUser, Turn
from telephony.events import StreamStopped
from tests.console.browser import PASSWORD_HASH, Browser, browser
from tests.conversations.conftest import MARIA, Line
from tests.conversations.phone import AGENT, CALL, QUIET, SteadyMouth, TruePhone, played, tracks
from tests.conversations.test_recording import ToldEar, sends, speech
from voice import espeak
from voice.ears import Ears

pytestmark = pytest.mark.audio_time
spoken_call = pytest.mark.skipif(not espeak.available(), reason="libespeak-ng is not installed")
WORDS = "I need my lisinopril refilled"


@pytest.fixture
async def kim(line: Line) -> AsyncIterator[Browser]:
    services = line.services
    person = StaffUser(name="kim", password_hash=PASSWORD_HASH, roles="nurse", created_at=services.clock())
    await services.storage.write(lambda session: session.add(person))
    app = FastAPI()
    ports = console_ports(services)
    add_pages(app, build_router(services.storage, services.clock, ports=ports, second_factor=False))
    async with browser(app) as signed_in:
        yield signed_in


async def a_call(line: Line) -> None:
    """Two seconds of silence, then the caller's sentence, then time for the answer."""
    line.services.mouth = SteadyMouth()  # type: ignore[assignment]
    line.services.ears = Ears([ToldEar(WORDS)])
    phone = TruePhone()

    async def caller() -> None:
        await sends(phone, QUIET * 8 * 5_000 + speech("I need my lisinopril refilled.") + QUIET * 8 * 4_000)
        phone.happens(StreamStopped())

    await played(line, phone, caller())
    await asyncio.sleep(0)


def turn(line: Line, number: int) -> Turn:
    def read(session: Session) -> Turn:
        return session.exec(select(Turn).where(Turn.call_id == CALL, Turn.number == number)).one()

    return line.services.storage.read_now(read)


@spoken_call
async def test_a_turn_knows_where_it_was_spoken_and_how_long_its_answer_took(line: Line) -> None:
    await a_call(line)
    left, right = tracks(line)
    spoken = turn(line, 1)
    assert spoken.caller_text == WORDS
    times = spoken.timings or {}
    first, last = len(left) - len(left.lstrip(QUIET)), len(left.rstrip(QUIET))
    assert first / 8 - 50 <= times["spoke_from_ms"] <= first / 8 + 1_000
    assert last / 8 <= times["spoke_to_ms"] <= last / 8 + 2_000
    answered = right.index(AGENT, round(times["spoke_to_ms"] * 8) - 8 * 20)
    assert abs(answered / 8 - times["reply_at_ms"]) <= 60
    assert times["reply_ms"] == pytest.approx(times["reply_at_ms"] - times["spoke_to_ms"], abs=1)
    assert {"recognise_ms", "understand_ms", "decide_ms"} <= set(times)
    assert "reply_at_ms" in (turn(line, 0).timings or {}), "the greeting was said too"


@spoken_call
async def test_the_page_plays_each_turn_from_where_it_was_heard(line: Line, kim: Browser) -> None:
    await a_call(line)
    html = (await kim.get(f"/calls/{CALL}?timings=1")).text
    box = re.search(r'<div class="caller[^"]*" data-from="([\d.]+)" data-to="([\d.]+)">', html)
    assert box, html
    whole = (await kim.get(f"/calls/{CALL}/audio")).content
    left, right = tracks(line)
    assert (whole[-2 * len(left) :][0::2], whole[-2 * len(left) :][1::2]) == (left, right)
    head = len(whole) - 2 * len(left)
    first, after = (head + round(float(second) * 16_000) for second in box.groups())
    part = await kim.get(f"/calls/{CALL}/audio", headers={"Range": f"bytes={first}-{after - 1}"})
    assert part.status_code == 206
    assert len(part.content[first % 2 :: 2].strip(QUIET)) > 8 * 700, "the caller's sentence lies there"
    assert re.search(r"Turn 1: words .+ meaning .+ decision .+ first sound", html)


async def a_written_call(line: Line) -> str:
    call = await line.call(MARIA)
    await call.all_of("I need my lisinopril refilled", "Maria Lopez", "March 5 1981")
    record = await call.hangs_up()
    assert record.patient_id
    return record.call_id


async def test_the_note_is_read_signed_and_not_signed_in_a_version_that_was_not_read(
    line: Line, kim: Browser
) -> None:
    call_id = await a_written_call(line)
    html = (await kim.get(f"/calls/{call_id}")).text
    note = html.partition('class="note"')[2].partition("</div>")[0]
    assert "TELEPHONE ENCOUNTER" in note
    assert 'lisinopril refilled" <a href="#turn-1">[t1]</a>' in note.replace("&#34;", '"')
    assert "All of it is in the chart." in html
    assert html.count('name="version" value="1"') == 3
    words = {"words": "I need my losartan refilled"}
    assert (await kim.post(f"/calls/{call_id}/turns/1/words", data=words)).status_code == 303
    late = await kim.post(f"/calls/{call_id}/note/sign", data={"version": "1"})
    assert (late.status_code, "The note has changed" in late.text) == (409, True)
    for _ in range(2):  # a double click
        answer = await kim.post(f"/calls/{call_id}/note/sign", data={"version": "2"})
        assert answer.status_code == 303
    html = (await kim.get(f"/calls/{call_id}")).text
    assert "I need my losartan refilled" in html.partition('class="note"')[2]
    assert re.search(r"signed</span> By <bdi>kim, ", html)
    assert "/note/sign" not in html


async def test_a_retracted_note_says_who_and_why_and_is_not_signed(line: Line, kim: Browser) -> None:
    call_id = await a_written_call(line)
    for _ in range(2):
        data = {"version": "1", "words": "Another Maria"}
        assert (await kim.post(f"/calls/{call_id}/note/retract", data=data)).status_code == 303
    html = (await kim.get(f"/calls/{call_id}")).text
    assert re.search(r"retracted</span> By <bdi>kim, .*</bdi>: <bdi>Another Maria</bdi>", html)
    assert "/note/" not in html
