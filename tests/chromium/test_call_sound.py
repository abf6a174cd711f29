"""A recording in Chromium: it plays from a turn by keyboard, the words follow, a form does not stop it."""

from __future__ import annotations

import asyncio
import math

import pytest
from playwright.async_api import Browser, expect
from sqlmodel import Session

from models.recordings import Recording, RecordingState
from models.sealed_file import FRAME_BYTES, SealedFile
from models.tables import Call
from tests.chromium import axe
from tests.chromium.browser import open_window
from tests.chromium.keys import Fingers
from tests.chromium.site import Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=25)]

CALL = "CA-refill"
SECONDS = 120
AT = "document.getElementById('sound').currentTime"


def hum() -> bytes:
    """Both sides, a low tone in G.711 mu-law."""
    second = bytes(0x20 + round(8 * math.sin(n / 8)) for n in range(8_000) for _ in range(2))
    return second * SECONDS


def record(site: Site) -> None:
    file = SealedFile(site.services.settings.data_dir / "recordings" / "a.rec", CALL, site.storage.keyring)
    sound = hum()
    for at in range(0, len(sound), FRAME_BYTES):
        file.append(sound[at : at + FRAME_BYTES])
    file.close()

    def work(session: Session) -> None:
        began = session.get_one(Call, CALL).started
        row = Recording(call_id=CALL, file="a.rec", started=began, updated=began)
        row.state, row.duration_ms = RecordingState.COMPLETE, SECONDS * 1_000
        session.add(row)

    site.storage.write_now(work)


async def test_the_recording_plays_from_a_turn_and_the_words_follow(site: Site, chromium: Browser) -> None:
    await asyncio.to_thread(record, site)
    context = await site.context(chromium)
    page = (await open_window(context)).page
    await page.goto(f"/calls/{CALL}")
    turn = page.locator("#turn-1 .agent")
    await turn.get_by_role("button", name="Play from 0:20").focus()
    await page.keyboard.press("Enter")
    await expect(turn.locator(".heard-now")).to_be_visible()
    await expect(page.locator(".playing")).to_have_count(1)
    assert 20 <= await page.evaluate(AT) < 60
    await page.get_by_role("link", name="Correct turn 1").click()
    await expect(page.get_by_label("What the caller said")).to_be_focused()
    assert not await page.evaluate("document.getElementById('sound').paused")
    assert await axe.violations(page) == []
    await page.get_by_role("button", name="Save the words").click()
    await page.wait_for_url(f"**/calls/{CALL}#turn-1")
    await page.wait_for_function(f"{AT} >= 20")  # where they were
    await page.get_by_role("button", name="Mark for teaching").focus()
    fingers = Fingers(page)
    for _ in range(20):  # back from there, under the player that stays in sight
        await page.keyboard.press("Shift+Tab")
        await fingers.focused()
    await context.close()
