"""From a call to the console and back to the chart: staff hear of it, take it, and the chart knows."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import FastAPI

from console import Ports, add_pages, build_router
from console.happenings import Happenings
from models import records
from models.tables import StaffUser
from tests.console.browser import PASSWORD_HASH, browser
from tests.conversations.conftest import MARIA, STRANGER, Line
from tests.conversations.test_calls import identified_as_maria

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


async def test_a_refill_that_staff_take_and_answer_on_the_console_is_answered_in_the_chart(
    line: Line,
) -> None:
    call, services = await line.call(MARIA), line.services
    await identified_as_maria(call, "hi i need a refill of my lisinopril")
    await call.all_of("no", "main street pharmacy", "yes that's right", "no that's all")
    record = await call.hangs_up()
    nurse = StaffUser(name="ann", password_hash=PASSWORD_HASH, roles="nurse", created_at=services.clock())
    await services.storage.write(lambda session: session.add(nurse))
    app = FastAPI()
    ports = Ports(task_moved=services.task_moved)
    add_pages(app, build_router(services.storage, services.clock, ports=ports, second_factor=False))
    [task] = await services.storage.read(lambda session: records.tasks_of(session, record.call_id))

    async def in_the_chart() -> tuple[str, str]:
        while await services.dispatcher.drain_once():
            pass
        [found] = [each for each in await call.chart("Task") if task.resource_ref.endswith(each["id"])]
        return found["status"], found.get("owner", {}).get("display", "")

    async with browser(app, "ann") as ann:
        assert "Refill review" in (await ann.get("/inbox")).text
        assert (await ann.post(f"/tasks/{task.id}/claim")).status_code == 303
        assert await in_the_chart() == ("in-progress", "ann")
        assert (await ann.post(f"/tasks/{task.id}/resolve", data={"outcome": "sent"})).status_code == 303
        assert await in_the_chart() == ("completed", "ann")
