"""Callers for whom there is no room: never silence, always the emergency sentence, a person or a call."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from agent import excess, web
from agent.admission import Admission, Limits
from agent.answering import Answering
from dialog.wording import EMERGENCY
from models import desk, records
from models.domain import LineMode, PracticeLine, TaskKind
from models.errors import StorageError
from telephony import twiml
from telephony.double import Answer, CallResult, Staff
from telephony.handlers import ArrivingCall
from tests.carrier.people import heard
from tests.conversations.conftest import Line
from tests.conversations.staffed import CALL, FRONT, OURS, Staffed, staff, staffed, waits

AGENT = "The agent answers."
CALLER = "+16175550136"


class Ringing(Answering):
    """A practice whose calls end where the agent would have them."""

    def _connect(self, call_sid: str, parameters: Mapping[str, str] | None = None) -> str:
        return twiml.say_and_hang_up(AGENT)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy this machine is is not asked here; a database that hangs is a test of its own, below."""
    monkeypatch.setattr(excess, "NOTE_LIMIT_S", 60.0)


def full(line: Line) -> None:
    """One call at once, and it is on the line."""
    line.services.admission = Admission(Limits(most_calls=1))
    line.services.admission.answered("CA" + "0" * 32)


async def rings(practice: Staffed, *, forwarded_from: str = "") -> CallResult:
    return await practice.double.place_call(waits(), call_sid=CALL, forwarded_from=forwarded_from)


async def tasks(practice: Staffed) -> list[tuple[str, str]]:
    found = await practice.read(lambda session: desk.tasks_of(session, CALL))
    return [(task.kind, task.callback_number) for task in found]


async def test_the_practices_own_telephone_takes_the_call(line: Line) -> None:
    full(line)
    async with staffed(line, {FRONT: staff("say:nurse", "hangup")}, kind=Ringing) as practice:
        result = await rings(practice)
        assert [leg.number for leg in result.legs] == [FRONT]
        assert result.said == [excess.CONNECTING]
        assert EMERGENCY in excess.CONNECTING
        assert "nurse" in heard(result.agent_pcm)
        assert await tasks(practice) == [], "a person has spoken with them"
        assert await practice.read(lambda session: records.load_call(session, CALL)) is None


@pytest.mark.parametrize("answer", [Answer.RING_OUT, Answer.DECLINE, Answer.UNREACHABLE])
async def test_whom_nobody_answers_is_called_back(line: Line, answer: Answer) -> None:
    full(line)
    async with staffed(line, {FRONT: Staff(answer)}, kind=Ringing) as practice:
        result = await rings(practice)
        assert result.said == [excess.CONNECTING, excess.CALL_BACK]
        assert await tasks(practice) == [(TaskKind.SAME_DAY_CALLBACK, CALLER)]


async def test_the_carrier_asks_twice_and_there_is_one_task(line: Line) -> None:
    full(line)
    form = {"CallSid": CALL, "From": CALLER, "To": OURS, "DialCallStatus": "no-answer"}
    async with staffed(line, {}, kind=Ringing) as practice:
        for _ in range(2):
            assert excess.CALL_BACK in await practice.answering.doors()["busy"].work("dialled", form)
        assert len(await tasks(practice)) == 1


async def test_a_line_that_the_practice_did_not_answer_is_not_rung_again(line: Line) -> None:
    full(line)
    ours = PracticeLine(OURS, "main line", mode=LineMode.OVERFLOW, ring_s=5)
    line.services.practice = replace(line.services.practice, lines=(ours,))
    async with staffed(line, {FRONT: Staff(Answer.RING_OUT)}, kind=Ringing) as practice:
        result = await rings(practice)
        assert [leg.number for leg in result.legs] == [FRONT]
        assert result.said == [excess.CALL_BACK]


async def test_a_call_that_the_practice_forwarded_is_not_sent_in_a_circle(line: Line) -> None:
    full(line)
    async with staffed(line, {FRONT: staff("hangup")}, kind=Ringing) as practice:
        result = await rings(practice, forwarded_from=FRONT)
        assert (result.said, result.legs) == ([excess.CALL_BACK], [])


async def test_a_withheld_number_is_promised_nothing(line: Line) -> None:
    full(line)
    form = {"CallSid": CALL, "From": "+266696687", "To": OURS, "DialCallStatus": "busy"}
    async with staffed(line, {}, kind=Ringing) as practice:
        document = await practice.answering.doors()["busy"].work("dialled", form)
        assert excess.NOBODY in document.replace("&apos;", "'")
        assert EMERGENCY in document
        assert await tasks(practice) == []


@pytest.mark.parametrize("trouble", ["refuses", "hangs"])
async def test_without_a_database_they_are_answered_all_the_same(
    line: Line, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    full(line)

    async def unusable(work: object) -> None:
        if trouble == "hangs":
            await asyncio.Event().wait()
        raise StorageError("the disk is full")

    async with staffed(line, {}, kind=Ringing) as practice:
        monkeypatch.setattr(excess, "NOTE_LIMIT_S", 0.5)
        monkeypatch.setattr(line.services.storage, "read", unusable)
        monkeypatch.setattr(line.services.storage, "write", unusable)
        arriving = ArrivingCall(CALL, CALLER, OURS)
        document = await practice.answering.arriving(arriving)
        assert f">{FRONT}</Dial>" in document
        assert EMERGENCY in document
        form = {"CallSid": CALL, "From": CALLER, "To": OURS, "DialCallStatus": "busy"}
        after = await practice.answering.doors()["busy"].work("dialled", form)
        assert excess.CALL_BACK not in after, "nothing is said to be done that is not"
        assert EMERGENCY in after


async def test_a_call_that_was_answered_is_taken_up_again_however_full_it_is(line: Line) -> None:
    async with staffed(line, {}, kind=Ringing) as practice:
        await practice.answering.arriving(ArrivingCall(CALL, CALLER, OURS))
        full(line)
        assert AGENT in await practice.answering.resuming(CALL, {})


async def test_once_there_is_room_the_agent_answers(line: Line) -> None:
    full(line)
    async with staffed(line, {FRONT: staff("hangup")}, kind=Ringing) as practice:
        line.services.admission.begun("CA" + "0" * 32)  # and over
        assert (await rings(practice)).said == [AGENT]


async def test_who_comes_before_the_models_are_loaded_hears_the_emergency_sentence_too(line: Line) -> None:
    """The edge says it, see tests/telephony/test_webhooks.py."""
    assert web.answering_of(line.services).config.unheard == EMERGENCY
