"""Parts fail; the caller is still served, and nothing is claimed that was not done."""

from __future__ import annotations

from typing import Any

import pytest

from models.domain import OpenTask, PageStaff, RequestRefill, TransferCall
from models.errors import BackendError, StorageError, WorkerError
from tests.conversations.conftest import MARIA, STRANGER, KeyboardCall, Line


def done(call: KeyboardCall, kind: type) -> list[object]:
    return [action for action, _ in call.keyboard.conversation.done if isinstance(action, kind)]


async def dead(*_: object, **__: object) -> Any:
    raise WorkerError("mind: died")


async def test_without_the_intent_model_danger_and_plain_wishes_are_still_heard(line: Line) -> None:
    line.services.mind = dead
    call = await line.call(STRANGER)
    assert "911" in await call.says("i have chest pain")
    assert done(call, PageStaff)
    other = await line.call(STRANGER)
    await other.says("i want to speak to a person")
    assert done(other, TransferCall)


async def test_a_pharmacy_that_fails_is_an_honest_sentence_and_a_task(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> Any:
        raise BackendError("the pharmacy is down")

    monkeypatch.setattr(line.services.backends.pharmacy, "request_refill", broken)
    call = await line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one")
    reply = await call.all_of("no", "main street pharmacy", "yes")
    assert done(call, RequestRefill)
    assert "sent this" not in reply
    assert done(call, OpenTask)


async def test_a_chart_that_cannot_be_read_does_not_end_the_call(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> Any:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(line.services.backends.directory, "names_at", broken)
    monkeypatch.setattr(line.services.backends.directory, "view", broken)
    call = await line.call(MARIA)
    reply = await call.all_of(
        "i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one"
    )
    assert reply
    assert not done(call, RequestRefill)


async def test_a_database_that_refuses_turns_does_not_silence_the_agent(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.call(STRANGER)

    async def full(*_: object) -> Any:
        raise StorageError("the disk is full")

    monkeypatch.setattr(line.services.storage, "write", full)
    assert "Monday" in await call.says("what are your opening hours")
    assert "911" in await call.says("i have chest pain")
