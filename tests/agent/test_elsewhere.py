"""The carrier tells any process that a call is over; the one that leads it hears the last words first."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from agent.elsewhere import LEAVE_TO_IT_S, Elsewhere

pytestmark = pytest.mark.audio_time
OURS, THEIRS = "here:1:aa", "another-machine:1:bb"


def elsewhere(owner: str, closed: list[str], *, siblings: bool = True) -> Elsewhere:
    async def read(_work: object) -> Any:
        return SimpleNamespace(ended=None, owner=owner)

    async def close(call_id: str) -> None:
        closed.append(call_id)

    services: Any = SimpleNamespace(
        settings=SimpleNamespace(siblings=siblings), storage=SimpleNamespace(read=read), owner=OURS
    )
    return Elsewhere(services, close)


async def test_a_call_that_another_process_leads_is_left_to_it_for_a_while() -> None:
    closed: list[str] = []
    assert await elsewhere(THEIRS, closed).closes("CA1")
    await asyncio.sleep(LEAVE_TO_IT_S - 1)
    assert closed == []
    await asyncio.sleep(2)
    assert closed == ["CA1"], "what it leaves undone is done"


@pytest.mark.parametrize(("owner", "siblings"), [(OURS, True), ("", True), (THEIRS, False)])
async def test_any_other_call_is_closed_by_whoever_is_told(owner: str, siblings: bool) -> None:
    assert not await elsewhere(owner, [], siblings=siblings).closes("CA1")
