"""Lines that the practice answers itself: always ours, overflow, after hours; and no call in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from agent.answering import Answering
from models import records
from models.domain import LineMode, PracticeLine
from telephony import twiml
from telephony.double import Answer, CallResult, Staff
from tests.carrier.people import heard
from tests.conversations.conftest import Line
from tests.conversations.staffed import CALL, FRONT, OURS, Staffed, staff, staffed, waits

OTHER = "+16175550191"
AGENT = "The agent answers."


class Ringing(Answering):
    """A practice whose calls end where the agent would have them."""

    def _connect(self, call_sid: str, parameters: Mapping[str, str] | None = None) -> str:
        return twiml.say_and_hang_up(AGENT)


def with_mode(line: Line, mode: LineMode, **more: str) -> None:
    ours = PracticeLine(OURS, "main line", mode=mode, ring_s=5, rings=more.get("rings", ""))
    line.services.practice = replace(line.services.practice, lines=(ours,))


async def rings(practice: Staffed, forwarded_from: str = "") -> CallResult:
    return await practice.double.place_call(waits(), call_sid=CALL, forwarded_from=forwarded_from)


async def is_ours(practice: Staffed) -> bool:
    return await practice.read(lambda session: records.load_call(session, CALL)) is not None


@pytest.mark.parametrize("mode", [LineMode.OVERFLOW, LineMode.AFTER_HOURS])
async def test_while_it_is_open_the_practice_answers_and_the_call_is_none_of_ours(
    line: Line, mode: LineMode
) -> None:
    with_mode(line, mode)
    async with staffed(line, {FRONT: staff("say:nurse", "hangup")}, kind=Ringing) as practice:
        result = await rings(practice)
        assert [leg.number for leg in result.legs] == [FRONT]
        assert "nurse" in heard(result.agent_pcm)
        assert AGENT not in result.said
        assert not await is_ours(practice), "it leaves no record and no note"


@pytest.mark.parametrize("mode", [LineMode.OVERFLOW, LineMode.AFTER_HOURS])
@pytest.mark.parametrize("answer", [Answer.RING_OUT, Answer.DECLINE, Answer.UNREACHABLE])
async def test_whom_nobody_answers_is_answered_by_us(line: Line, mode: LineMode, answer: Answer) -> None:
    with_mode(line, mode)
    async with staffed(line, {FRONT: Staff(answer)}, kind=Ringing) as practice:
        result = await rings(practice)
        assert result.said == [AGENT]
        assert await is_ours(practice)


@pytest.mark.parametrize("mode", list(LineMode))
async def test_at_night_nobody_waits_for_an_empty_office(evening_line: Line, mode: LineMode) -> None:
    with_mode(evening_line, mode)
    async with staffed(evening_line, {FRONT: staff("hangup")}, kind=Ringing) as practice:
        result = await rings(practice)
        assert (result.said, result.legs) == ([AGENT], [])


async def test_a_line_that_is_always_ours_rings_nowhere(line: Line) -> None:
    with_mode(line, LineMode.ALWAYS)
    async with staffed(line, {FRONT: staff("hangup")}, kind=Ringing) as practice:
        assert (await rings(practice)).legs == []


async def test_a_line_may_ring_a_telephone_of_its_own(line: Line) -> None:
    with_mode(line, LineMode.OVERFLOW, rings=OTHER)
    async with staffed(line, {OTHER: staff("say:nurse", "hangup")}, kind=Ringing) as practice:
        assert [leg.number for leg in (await rings(practice)).legs] == [OTHER]


async def test_a_call_that_the_practice_forwarded_to_us_is_not_sent_back(line: Line) -> None:
    with_mode(line, LineMode.OVERFLOW)
    async with staffed(line, {FRONT: staff("hangup")}, kind=Ringing) as practice:
        result = await rings(practice, forwarded_from=FRONT)
        assert (result.said, result.legs) == ([AGENT], [])


async def test_the_number_that_forwarded_says_which_line_it_is(line: Line) -> None:
    second = PracticeLine("+16175550170", "refill line", mode=LineMode.OVERFLOW, ring_s=5)
    first = PracticeLine(OURS, "main line")
    line.services.practice = replace(line.services.practice, lines=(first, second))
    async with staffed(line, {FRONT: staff("hangup")}, kind=Ringing) as practice:
        assert [leg.number for leg in (await rings(practice, "+16175550170")).legs] == [FRONT]
