"""Calls from the console's page: the whole pipeline behind the staff's own door, and who is refused there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from agent import audio_time
from agent.browser_calls import MOST_AT_ONCE
from agent.demo_calls import BOOKING, PERSON
from agent.in_process import open_in_process
from agent.settings import Settings
from dialog.wording import TRANSFER_FAILED
from models.domain import TaskKind
from models.records import TRY_LINE
from telephony.double import parse_steps
from telephony.double.ways import InProcess, NotOpened
from telephony.tokens import LIFETIME_S, TokenError
from tests.calls.browser_line import BrowserLine, browser_line, headers_of, socket_address
from tests.calls.conftest import MARIA, Practice
from tests.console.browser import Browser, browser
from tests.console.test_console import trail

JAMES = BOOKING.number


def by_browser(practice: Practice, work: Callable[[BrowserLine], Awaitable[None]], **changes: Any) -> None:
    """On audio time, at a practice of these settings."""

    async def main() -> None:
        settings: Settings = replace(practice.settings, **changes)
        async with open_in_process(settings, practice.engines) as opened, browser_line(opened) as line:
            await work(line)

    audio_time.run(main())


async def appointments(line: BrowserLine, call_id: str) -> list[dict[str, Any]]:
    page = await line.practice.services.backends.chart.search("Appointment", [])
    return [found.body for found in page.found if call_id in json.dumps(found.body.get("identifier", []))]


# --------------------------------------------------------------------------- calls


def test_a_visit_is_booked_from_the_browser(practice: Practice) -> None:
    async def work(line: BrowserLine) -> None:
        result = await line.call(JAMES, BOOKING.steps)
        await line.practice.services.dispatcher.drain_once()
        row = await line.row(result.call_sid)
        assert (row.line, row.caller_number, row.disposition) == (TRY_LINE, JAMES, "completed")
        assert row.ended
        [booked] = await appointments(line, result.call_sid)
        assert booked["status"] == "booked"
        assert await line.practice.services.written(result.call_sid)
        async with browser(line.app, "kim") as staff:
            said = (await staff.get(f"/try/{result.call_sid}")).text
        assert "Book" in said
        assert ("kim", "try call", f"call/{result.call_sid}") in trail(line.practice.services.storage)

    by_browser(practice, work)


def test_who_wants_a_person_is_told_that_nobody_is_there_and_leaves_a_task(practice: Practice) -> None:
    async def work(line: BrowserLine) -> None:
        result = await line.call(PERSON.number, (*PERSON.steps, *parse_steps(["wait:25", "hangup"])))
        [task] = await line.tasks(result.call_sid)
        assert task.kind == TaskKind.SAME_DAY_CALLBACK
        stored = await line.stored(result.call_sid)
        assert stored.ended
        assert stored.disposition != "transferred"
        assert any(TRANSFER_FAILED in turn.agent_text for turn in stored.turns)

    by_browser(practice, work)


@pytest.mark.parametrize("end", ["hangup", "drop"])
def test_a_call_that_its_browser_ends_or_loses_is_closed_at_once(practice: Practice, end: str) -> None:
    async def work(line: BrowserLine) -> None:
        result = await line.call(MARIA, parse_steps(["wait:2", end]))
        assert (await line.row(result.call_sid)).ended

    by_browser(practice, work)


def test_a_call_ends_with_its_session(practice: Practice) -> None:
    async def work(line: BrowserLine) -> None:
        async with browser(line.app, "kim") as staff:
            rung = await line.ring(staff, MARIA)
            socket = InProcess(line.app).socket(socket_address(rung), headers_of(staff))
            async with socket as opened:
                start = {"streamSid": rung["stream_sid"], "accountSid": "a", "callSid": rung["call_id"]}
                await opened.send(json.dumps({"event": "start", "start": start}))
                assert await opened.receive()
                await staff.post("/sign-out")
                while await opened.receive():
                    pass
        assert (await line.row(rung["call_id"])).ended

    by_browser(practice, work)


# --------------------------------------------------------------------------- who is refused


async def refused(line: BrowserLine, address: str, headers: dict[str, str]) -> None:
    with pytest.raises(NotOpened, match="403"):
        async with InProcess(line.app).socket(address, headers):
            pass


def test_only_the_page_that_rang_comes_to_its_call(practice: Practice) -> None:
    """None of the wrong tries uses the token up, and each is refused before the socket is accepted."""

    async def work(line: BrowserLine) -> None:
        async with browser(line.app, "kim") as kim, browser(line.app, "lee") as lee:
            rung, other = await line.ring(kim, MARIA), await line.ring(kim, JAMES)
            mine, address = headers_of(kim), socket_address(rung)
            call_id, token = rung["call_id"], rung["socket"].rpartition("/")[2]
            await refused(line, address, headers_of(lee))
            await refused(line, address, {"origin": mine["origin"]})
            await refused(line, address, {"cookie": mine["cookie"]})
            await refused(line, address, {**mine, "origin": "https://elsewhere.test"})
            await refused(line, address[:-1] + ("A" if address[-1] != "A" else "B"), mine)
            await refused(line, address.replace(call_id, other["call_id"]), mine)
            await refused(line, address.replace(token, line.practice.answering.tokens.mint(call_id)), mine)
            with pytest.raises(TokenError):
                await line.practice.answering.tokens.redeem(token, call_id)
            async with InProcess(line.app).socket(address, mine):
                await refused(line, address, mine)  # a second time
            await asyncio.sleep(LIFETIME_S)
            await refused(line, socket_address(other), mine)  # too late

    by_browser(practice, work)


def test_a_stream_that_names_another_call_is_shown_out(practice: Practice) -> None:
    async def work(line: BrowserLine) -> None:
        async with browser(line.app, "kim") as kim:
            rung, other = await line.ring(kim, MARIA), await line.ring(kim, JAMES)
            async with InProcess(line.app).socket(socket_address(rung), headers_of(kim)) as socket:
                start = {"streamSid": "MZ1", "accountSid": "a", "callSid": other["call_id"]}
                await socket.send(json.dumps({"event": "start", "start": start}))
                assert await socket.receive() is None
                assert socket.close_code == 1008
        assert not (await line.row(other["call_id"])).ended

    by_browser(practice, work)


async def problem_of(staff: Browser) -> str:
    answer = await staff.post("/try/calls", data={"number": MARIA})
    assert answer.status_code == 503
    return str(answer.json()["problem"])


def test_no_more_calls_than_this_machine_bears_and_none_before_it_is_ready(practice: Practice) -> None:
    async def work(line: BrowserLine) -> None:
        async with browser(line.app, "kim") as staff:
            for _ in range(MOST_AT_ONCE):
                await line.ring(staff, MARIA)
            assert "Other tries" in await problem_of(staff)
            await asyncio.sleep(LIFETIME_S)
            await line.ring(staff, MARIA)
            line.practice.answering.standing.loaded = False
            assert "loading" in await problem_of(staff)

    by_browser(practice, work)


def test_a_number_that_is_no_demo_callers_is_refused(practice: Practice) -> None:
    async def work(line: BrowserLine) -> None:
        async with browser(line.app, "kim") as staff:
            answer = await staff.post("/try/calls", data={"number": "+16175559999"})
            assert answer.status_code == 400
            withheld = await line.ring(staff, "")
        assert (await line.row(withheld["call_id"])).caller_number == ""

    by_browser(practice, work)


@pytest.mark.parametrize("real", [{"demo_practice": False}, {"fhir_base_url": "https://ehr.example/fhir"}])
def test_where_patients_are_real_there_is_no_telephone(practice: Practice, real: dict[str, Any]) -> None:
    async def work(line: BrowserLine) -> None:
        async with browser(line.app, "kim") as staff:
            page = (await staff.get("/try")).text
            answer = await staff.post("/try/calls", data={"number": MARIA})
        assert "patients are real" in page
        assert "<form" not in page.partition("<main")[2]
        assert answer.status_code == 409

    by_browser(practice, work, **real)


def test_a_call_that_is_no_try_is_not_shown_as_one(practice: Practice) -> None:
    async def work(line: BrowserLine) -> None:
        placed = await line.practice.call(MARIA, parse_steps(["wait:1", "hangup"]))
        async with browser(line.app, "kim") as staff:
            assert (await staff.get(f"/try/{placed.result.call_sid}")).status_code == 404

    by_browser(practice, work)
