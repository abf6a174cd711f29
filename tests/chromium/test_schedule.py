"""The schedule's forms in Chromium: a booking by keyboard alone, and no fault in what comes between."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.chromium import axe
from tests.chromium.browser import DARK_PHONE, LIGHT, Window, open_window
from tests.chromium.site import Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=40)]
LINES = "provider,date,from,to\ndr-chen,2026-04-30,09:00,12:00\ndr-who,2026-03-10,9,10\n"


async def faultless(window: Window) -> None:
    for look in (LIGHT, DARK_PHONE):
        await window.look(look)
        assert await axe.violations(window.page) == []
    assert await axe.beyond_the_edge(window.page) == []
    await window.look(LIGHT)


async def sent(page: Page, words: str) -> None:
    """Enter sends the form, and the page that follows says this."""
    await page.keyboard.press("Enter")
    await page.get_by_text(words).first.wait_for()


async def test_somebody_is_booked_by_keyboard_alone(site: Site, chromium: Browser) -> None:
    window = await open_window(await site.context(chromium))
    page = window.page
    await page.goto("/schedule/book?provider=dr-chen")
    fields = (("Name", "Lopez"), ("Date of birth", "03051981"), ("Kind of visit", "follow-up"))
    for label, keys in fields:  # a date field takes digits, a list the first letters of what is chosen
        await page.get_by_label(label).focus()
        await page.keyboard.type(keys)
    await page.get_by_role("button", name="Look").focus()
    await sent(page, "Maria Lopez, born 1981-03-05")
    await faultless(window)
    await page.get_by_role("radio").nth(1).focus()
    await page.keyboard.press("Space")
    await page.get_by_label("Reason, if any").focus()
    await sent(page, "booked at the desk")
    assert await page.get_by_role("link", name="Maria Lopez").count() == 1
    assert window.complaints == []


async def test_what_is_looked_at_before_it_is_done_has_no_fault(site: Site, chromium: Browser) -> None:
    window = await open_window(await site.context(chromium))
    page = window.page
    await page.goto("/schedule/block?provider=dr-chen")
    await page.get_by_label("Why (of a block)").fill("jury duty")
    await sent(page, "published there")
    await faultless(window)
    await page.goto("/schedule/publish?provider=dr-chen")
    await page.get_by_label("From").fill("17:00")
    await page.get_by_label("Until").fill("19:00")
    await sent(page, "New on each day")
    await faultless(window)
    await page.goto("/schedule/import")
    await page.get_by_role("textbox", name="Lines").fill(LINES)
    await page.keyboard.press("Tab")
    await sent(page, "1 line is faulty")
    await faultless(window)
    assert window.complaints == []
