"""Callers whom we cannot serve: the practice's telephone; nobody there: a call back; never a circle."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from agent import excess
from agent.excess import CALL_BACK, NOBODY, UNSERVED_SUMMARY
from dialog.wording import EMERGENCY
from models import desk
from models.domain import CallTransferred, LineMode, PracticeLine, TaskKind, TransferCall
from models.errors import StorageError
from models.records import save_done
from telephony.config import UNSERVED
from telephony.double import Answer, Staff
from telephony.handlers import ArrivingCall
from tests.conversations.conftest import Line
from tests.conversations.staffed import CALL, FRONT, OURS, Staffed, staff, staffed
from tests.conversations.test_no_room import AGENT, CALLER, Ringing, rings, tasks

RINGS_OUT = {FRONT: Staff(Answer.RING_OUT)}
CALLED_BACK = [(TaskKind.SAME_DAY_CALLBACK, CALLER)]


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How busy this machine is is not asked here."""
    monkeypatch.setattr(excess, "NOTE_LIMIT_S", 60.0)


@asynccontextmanager
async def loading(line: Line, people: dict[str, Staff]) -> AsyncIterator[Staffed]:
    """A practice whose models are not loaded, and may never be."""
    async with staffed(line, people, kind=Ringing) as practice:
        practice.answering.standing.loaded = False
        yield practice


def without_database(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unusable(work: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(line.services.storage, "read", unusable)
    monkeypatch.setattr(line.services.storage, "write", unusable)


async def nothing_under_way(*_: object) -> None:
    """As without orders to the carrier."""


def form(**more: str) -> dict[str, str]:
    return {"CallSid": CALL, "From": CALLER, "To": OURS, **more}


@pytest.mark.parametrize("answer", [Answer.RING_OUT, Answer.DECLINE, Answer.UNREACHABLE])
async def test_who_comes_while_models_load_and_reaches_nobody_is_called_back(
    line: Line, answer: Answer
) -> None:
    async with loading(line, {FRONT: Staff(answer)}) as practice:
        result = await rings(practice)
        assert [leg.number for leg in result.legs] == [FRONT]
        assert result.said == [CALL_BACK]
        assert await tasks(practice) == CALLED_BACK
        (task,) = await practice.read(lambda session: desk.tasks_of(session, CALL))
        assert task.summary == UNSERVED_SUMMARY, "the lines were not busy"


async def test_whom_the_practice_has_answered_is_not_called_back(line: Line) -> None:
    async with loading(line, {FRONT: staff("say:nurse", "hangup")}) as practice:
        assert (await rings(practice)).said == []
        assert await tasks(practice) == []


async def test_a_call_that_the_practice_forwarded_is_not_sent_back_to_it(line: Line) -> None:
    async with loading(line, {FRONT: staff("hangup")}) as practice:
        result = await rings(practice, forwarded_from=FRONT)
        assert (result.legs, result.said) == ([], [CALL_BACK])
        assert await tasks(practice) == CALLED_BACK


@pytest.mark.parametrize(("forwarded_from", "rung"), [("", [FRONT]), (FRONT, [])])
async def test_without_a_database_they_hear_what_can_be_said(
    line: Line, monkeypatch: pytest.MonkeyPatch, forwarded_from: str, rung: list[str]
) -> None:
    async with staffed(line, RINGS_OUT, kind=Ringing) as practice:
        without_database(line, monkeypatch)
        result = await rings(practice, forwarded_from=forwarded_from)
        assert [leg.number for leg in result.legs] == rung
        assert result.said == [NOBODY], "nothing is said to be done that is not"
        assert EMERGENCY in NOBODY


async def test_a_line_that_the_practice_did_not_answer_is_not_rung_again_while_models_load(
    line: Line,
) -> None:
    """They were loaded when it began to ring."""
    ours = PracticeLine(OURS, "main line", mode=LineMode.OVERFLOW, ring_s=5)
    line.services.practice = replace(line.services.practice, lines=(ours,))
    async with loading(line, RINGS_OUT) as practice:
        unanswered = practice.answering.doors()["line"]
        assert CALL_BACK in await unanswered.work("unanswered", form(DialCallStatus="no-answer"))
        assert await tasks(practice) == CALLED_BACK
        assert UNSERVED in unanswered.otherwise, "nor when the database is late"


async def test_a_call_that_nobody_knows_is_called_back_when_nobody_is_there(line: Line) -> None:
    async with staffed(line, {}, kind=Ringing) as practice:
        assert f">{FRONT}</Dial>" in await practice.answering.resuming(CALL, form())
        assert CALL_BACK in await practice.answering.resuming(CALL, form(DialCallStatus="no-answer"))
        assert await tasks(practice) == CALLED_BACK


async def test_a_call_that_nobody_knows_is_not_sent_back_to_who_forwarded_it(line: Line) -> None:
    async with staffed(line, {}, kind=Ringing) as practice:
        assert CALL_BACK in await practice.answering.resuming(CALL, form(ForwardedFrom=FRONT))
        assert await tasks(practice) == CALLED_BACK


async def test_who_wants_a_person_is_not_put_through_to_the_line_that_forwarded_the_call(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the carrier's REST side a transfer is a plain ring. The agent says that nobody is there."""
    async with staffed(line, {}, kind=Ringing) as practice:
        monkeypatch.setattr(practice.answering.reaching, "resumed", nothing_under_way)
        await practice.answering.arriving(ArrivingCall(CALL, CALLER, OURS, FRONT))
        await line.services.storage.write(
            lambda session: save_done(session, CALL, 0, TransferCall("a1", "asked"), CallTransferred())
        )
        assert AGENT in await practice.answering.resuming(CALL, form(ForwardedFrom=FRONT))
        assert f">{FRONT}</Dial>" in await practice.answering.resuming(CALL, form())
