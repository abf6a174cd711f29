"""A call is followed in a browser, by keyboard: what is said appears and disturbs nobody; it is heard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlmodel import Session

import dialog
from agent.listening_in import Listeners
from models import call_orders, records
from models.domain import CallStarted, Context, Disposition, TurnRecord
from models.records import CallEnding
from tests.chromium import axe
from tests.chromium.browser import open_window
from tests.chromium.keys import Fingers
from tests.chromium.site import ALL, Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=25)]

CALL = "CA-followed"
PATH = f"/calls/{CALL}/live"
LIVE_TAGS = "[data-call]"


def heard_at(site: Site) -> datetime:
    """A while ahead: however slow this machine is, the call is not taken for one that is gone."""
    return site.services.clock() + timedelta(minutes=10)


async def begins(site: Site) -> None:
    """A caller has been greeted."""
    facts, now = await site.services.practice_facts(), heard_at(site)
    decided = dialog.decide(dialog.start(CALL), CallStarted(), Context(now, facts))
    state, greeting = dialog.to_json(decided.state), " ".join(each.text for each in decided.say)

    def work(session: Session) -> None:
        records.open_call(session, CALL, caller_number="+16175550199", called_number="+16175550100", at=now)
        records.save_turn(session, CALL, TurnRecord(0, now, "", greeting), state)

    await site.storage.write(work)


async def says(site: Site, number: int, words: str, reply: str) -> None:
    state = (await site.storage.read(lambda s: records.require_call(s, CALL))).state
    turn = TurnRecord(number, heard_at(site), words, reply, confidence=0.9)
    await site.storage.write(lambda s: records.save_turn(s, CALL, turn, state or {}))


@pytest_asyncio.fixture(loop_scope="module")
async def page(site: Site, chromium: Browser) -> AsyncIterator[Page]:
    context = await site.context(chromium)
    window = await open_window(context)
    yield window.page
    await context.close()
    assert window.complaints == []


@contextlib.asynccontextmanager
async def sounding(site: Site) -> AsyncIterator[Listeners]:
    """This process leads the call, and a tone is heard on it."""
    listeners = Listeners()
    frame = (np.sin(np.arange(160) * 2 * np.pi * 500 / 8_000) * 8_000).astype("<i2").tobytes()

    async def play() -> None:
        while True:
            listeners.hear(frame)
            await asyncio.sleep(0.02)

    with site.services.live.led(CALL, lambda order: None, listeners):
        playing = asyncio.create_task(play())
        try:
            yield listeners
        finally:
            playing.cancel()


async def test_a_call_is_followed_taken_over_and_heard_on_its_page(site: Site, page: Page) -> None:
    await begins(site)
    async with sounding(site) as listeners:
        await page.goto(PATH)
        await expect(page.get_by_text("How can I help?").first).to_be_visible()
        assert await axe.violations(page) == []
        fingers = Fingers(page)
        await fingers.reach("Listen in")
        await page.keyboard.press("Enter")
        await expect(page.locator("#news")).to_have_text("You hear the call.")
        assert listeners
        await page.get_by_label("Telephone to ring").focus()
        await says(site, 1, "I want to ask about my bill", "Of course.")
        await expect(page.locator("#turn-1")).to_contain_text("I want to ask about my bill")
        assert await page.evaluate("document.activeElement.name") == "contact", (
            "whoever chooses is not disturbed"
        )
        await fingers.reach("Stop listening")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Listen in")).to_be_visible()
        async with asyncio.timeout(10):
            while listeners:
                await asyncio.sleep(0.05)
        await fingers.press("Take over")
        await expect(page.locator("#live-deeds")).to_contain_text(f"{ALL} asks for the call")
        await expect(page.get_by_role("button", name="Take over")).to_have_count(0)
    [order] = await site.storage.read(lambda s: call_orders.orders_of(s, CALL))
    assert (order.who, order.kind, order.contact) == (ALL, "take-over", "front desk")
    ended, ending = site.services.clock(), CallEnding(Disposition.TRANSFERRED)
    await site.storage.write(lambda s: records.close_call(s, CALL, ended, ending))
    await expect(page.get_by_text("This call has ended.")).to_be_visible()
    await expect(page.locator(LIVE_TAGS)).to_have_count(0)
