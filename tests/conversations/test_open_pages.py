"""A danger on a real call reaches the pages that staff have open, while the call still goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from console.happenings import Happenings
from tests.conversations.conftest import STRANGER, Line

WAIT_S = 10.0


async def test_a_danger_is_told_to_open_pages_while_the_caller_is_on_the_line(line: Line) -> None:
    call = await line.call(STRANGER)

    async def signed_in() -> bool:
        return True

    stream = Happenings(call.services.storage, every_s=0.02).stream(None, signed_in)

    async def told() -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            async for text in stream:
                if text.startswith("id: "):
                    data: dict[str, Any] = json.loads(text.split("data: ")[1])
                    return data
        raise AssertionError("the stream ended")

    assert (await told())["alarms"] == 0
    assert "911" in await call.says("i have chest pain")
    happened = await told()
    while not happened["alarms"]:
        happened = await told()
    assert "queue" in happened["kinds"]
