"""What staff do all day, by keyboard alone: sign in with a second factor, take, close, sign, acknowledge."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlmodel import col, select

from console.second_factor import STEP_S
from models import records
from models.tables import AuditEntry, StaffTask, TaskState
from tests.chromium import axe
from tests.chromium.browser import open_window
from tests.chromium.keys import Fingers
from tests.chromium.site import ALL, HALF, WITHOUT_FACTOR, Site, code
from tests.console.browser import PASSWORD

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=20)]


@pytest_asyncio.fixture(loop_scope="module")
async def page(site: Site, chromium: Browser) -> AsyncIterator[Page]:
    """A window of Kim's, who is signed in."""
    context = await site.context(chromium)
    window = await open_window(context)
    yield window.page
    await context.close()
    assert window.complaints == []


async def deeds(site: Site, actor: str) -> list[tuple[str, str]]:
    query = (
        select(AuditEntry)
        .where(AuditEntry.actor == actor, AuditEntry.action != "view")
        .order_by(col(AuditEntry.id))
    )
    rows = await site.storage.read(lambda s: list(s.exec(query).all()))
    return [(row.action, row.subject) for row in rows]


async def task_of(site: Site, call_id: str) -> StaffTask:
    return (await site.storage.read(lambda s: records.tasks_of(s, call_id)))[0]


async def test_signing_in_with_the_second_factor(site: Site, chromium: Browser) -> None:
    context = await site.context(chromium, None)
    page = (await open_window(context)).page
    await page.goto("/inbox")
    fingers = Fingers(page)
    await fingers.type("Name", HALF)
    await fingers.type("Password", PASSWORD)
    await fingers.press("Sign in")
    await fingers.type("The six digits", code())
    await fingers.press("Go on")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/home")
    await fingers.press("Sign out")
    assert "/sign-in" in page.url
    await context.close()


async def test_setting_up_the_second_factor_and_its_recovery_codes(site: Site, chromium: Browser) -> None:
    import pyotp

    context = await site.context(chromium, WITHOUT_FACTOR)
    page = (await open_window(context)).page
    await page.goto("/")
    secret = (await page.locator("main kbd").inner_text()).replace(" ", "")
    fingers = Fingers(page)
    await fingers.type("The six digits", pyotp.TOTP(secret, interval=STEP_S).now())
    await fingers.press("Keep it")
    await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert await axe.violations(page) == []
    await fingers.press("I have kept them")
    assert page.url.endswith("/home")
    await context.close()


async def test_the_first_step_leads_past_the_menu(page: Page) -> None:
    await page.goto("/home")
    fingers = Fingers(page)
    await page.keyboard.press("Tab")
    assert await fingers.focused() == "To the content"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")


async def test_a_page_is_acknowledged_and_its_danger_is_mine(site: Site, page: Page) -> None:
    await page.goto("/home")
    await Fingers(page).press("I’ll take it")
    danger = await task_of(site, "CA-danger")
    assert page.url.endswith(f"/tasks/{danger.id}")
    assert danger.owner == ALL
    assert await site.storage.read(records.waiting_pages) == []


async def test_a_task_is_claimed_and_resolved(site: Site, page: Page) -> None:
    await page.goto("/home")
    fingers = Fingers(page)
    await fingers.press("Inbox")
    await fingers.press("Claim Billing question")
    task = await task_of(site, "CA-live")
    assert task.owner == ALL
    await fingers.choose("How it ended", "Spoke")
    await fingers.type("Comment, if any", "Paid by card")
    await fingers.press("Done")
    task = await task_of(site, "CA-live")
    assert (task.state, task.outcome) == (TaskState.DONE, "reached")
    assert ("task resolve", f"task/{task.id}") in await deeds(site, ALL)


async def test_a_word_is_corrected_and_the_note_is_signed(site: Site, page: Page) -> None:
    await page.goto("/home")
    fingers = Fingers(page)
    await fingers.press("Calls")
    await page.goto("/calls/CA-booking")
    await fingers.reach("Correct turn 2")
    await page.keyboard.press("Enter")
    await fingers.type("What the caller said", "I would like to see Doctor Chan")
    await fingers.press("Save")
    await expect(page.get_by_text("Corrected: “I would like to see Doctor Chan”")).to_be_visible()
    await fingers.press(f"Sign: reviewed by {ALL}")
    done = await deeds(site, ALL)
    assert ("words correct", "call/CA-booking/turn/2") in done
    assert ("note sign", "call/CA-booking") in done
