"""Calls to several numbers of one practice: each is greeted, stored and shown as its own."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from console.call_view import CallView, read_call
from models import records
from telephony.handlers import ArrivingCall
from tests.conversations.conftest import JAMES, MARIA, KeyboardCall, Line
from tests.conversations.test_tidying import answering_of

MAIN, REFILL, ELSEWHERE = "+16175550100", "+16175550170", "+18885550100"


async def ring(line: Line, call_id: str, caller: str, to: str, forwarded_from: str = "") -> KeyboardCall:
    await answering_of(line).arriving(ArrivingCall(call_id, caller, to, forwarded_from))
    return await line.call(caller, call_id=call_id)


async def shown(line: Line, call_id: str) -> CallView:
    now, zone = line.services.clock(), line.services.practice.zone
    return await line.services.storage.read(lambda session: read_call(session, call_id, now, zone))


@pytest.mark.parametrize(
    ("to", "forwarded_from", "name", "greeted"),
    [
        (MAIN, "", "main line", False),
        (REFILL, "", "refill line", True),
        (ELSEWHERE, REFILL, "refill line", True),
        (MAIN, "+442079460958", "main line", False),
    ],
)
async def test_the_line_is_greeted_stored_and_shown(
    line: Line, to: str, forwarded_from: str, name: str, greeted: bool
) -> None:
    call = await ring(line, "CAline", MARIA, to, forwarded_from)
    assert ("You've reached the refill line." in call.heard[0]) is greeted
    context = await call.keyboard.conversation.context()
    assert context.line
    assert context.line.name == name
    view = await shown(line, "CAline")
    assert (view.practice_line, view.forwarded_from) == (name, forwarded_from)


async def test_a_number_that_is_none_of_ours_is_answered_as_the_main_line_with_a_warning(line: Line) -> None:
    with capture_logs() as logs:
        call = await ring(line, "CAother", MARIA, ELSEWHERE)
    assert [(log["event"], log["code"]) for log in logs if log["log_level"] == "warning"] == [
        ("line.unknown", "unknown-line")
    ]
    assert ELSEWHERE not in repr(logs)
    assert (await shown(line, "CAother")).practice_line == "main line"
    assert "Monday" in await call.says("what are your opening hours")


async def test_a_practice_with_one_number_needs_no_lines(line: Line) -> None:
    line.services.practice = replace(line.services.practice, lines=())
    with capture_logs() as logs:
        call = await ring(line, "CAone", MARIA, ELSEWHERE)
    assert not logs
    assert call.heard[0].startswith("Thank you for calling Harbor Street Family Medicine. If this")
    assert (await shown(line, "CAone")).practice_line == ""


async def test_two_lines_called_at_once_stay_apart(line: Line) -> None:
    main, refill = await asyncio.gather(
        ring(line, "CAmain", JAMES, MAIN), ring(line, "CArefill", MARIA, REFILL)
    )
    for said in zip(
        ("i'd like to book a follow up", "james walker", "march third nineteen fifty eight"),
        ("i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one"),
        strict=True,
    ):
        await asyncio.gather(main.says(said[0]), refill.says(said[1]))
    ended = await asyncio.gather(main.hangs_up(), refill.hangs_up())
    assert [record.patient_id for record in ended] == ["pt-1002", "pt-1001"]
    assert [record.caller_number for record in ended] == [JAMES, MARIA]
    assert [(await shown(line, call_id)).practice_line for call_id in ("CAmain", "CArefill")] == [
        "main line", "refill line",
    ]  # fmt: skip


async def test_a_call_taken_up_again_is_still_on_its_line(line: Line) -> None:
    await ring(line, "CAagain", MARIA, REFILL)
    stored = await line.services.storage.read(lambda session: records.require_call(session, "CAagain"))
    assert stored.line == "refill line"
    again = await line.call("", call_id="CAagain")
    context = await again.keyboard.conversation.context()
    assert context.line
    assert context.line.name == "refill line"
    assert "refill line" not in again.heard[0]
