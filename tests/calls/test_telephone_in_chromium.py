"""The browser's telephone in a real browser: a recorded voice is its microphone, and a real server answers.

When the voice must speak is found out first: the same caller rings on audio time, and waits for the agent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Page, async_playwright
from sqlmodel import Session, select

from agent import audio_time
from agent.demo import resources_of
from agent.demo_calls import BOOKING, clip_path
from agent.in_process import open_in_process
from agent.local_server import LocalServer, running_server
from agent.preparing import keyring_of
from agent.settings import clock_of, own_secret
from console import cookies, sessions
from models.records import TRY_LINE, StoredCall, require_call
from models.storage import Storage
from models.tables import Call, StaffUser
from telephony.double import CallResult, Step, parse_steps
from telephony.double.sound import to_mulaw, to_samples, write_wav
from tests.calls.browser_line import browser_line
from tests.calls.conftest import Practice
from tests.chromium.browser import FLAGS, LIMIT_MS, program
from tests.console.browser import PASSWORD_HASH

pytestmark = [
    pytest.mark.slow(about_s=150),
    # The voice speaks when it spoke on audio time: beside other tests the recogniser comes too late for it.
    pytest.mark.skipif("BUDGET" not in os.environ, reason="a long check, for a quiet machine"),
]

CLIPS = ("wants-visit", "name", "dob", "type", "when", "second", "yes")
STEPS = parse_steps([f"wav:{clip_path(f'james-{clip}')}" for clip in CLIPS])
LATER_S = 3.5  # than on audio time, where recognising takes none; soon enough not to be asked again
CALL_LIMIT_MS = 200_000


def microphone(call: CallResult) -> NDArray[np.int16]:
    """What the caller said, each time a little later."""
    track, at = to_samples(bytes(call.caller_mulaw)), 0
    pieces: list[NDArray[np.int16]] = []
    for said in call.utterances:
        begins = int(said.started_ms) * 8
        pieces += [track[at:begins], np.zeros(int(LATER_S * 8_000), np.int16)]
        at = begins
    return np.concatenate([*pieces, track[at:]])


def rehearsed(practice: Practice, steps: tuple[Step, ...]) -> CallResult:
    async def main() -> CallResult:
        async with (
            open_in_process(practice.settings, practice.engines) as opened,
            browser_line(opened) as line,
        ):
            return await line.call(BOOKING.number, (*steps, *parse_steps(["wait:6", "hangup"])))

    return audio_time.run(main())


@dataclass
class Desk:
    """A signed-in page of the server's console, and what stands in its database."""

    server: LocalServer
    storage: Storage
    page: Page

    async def call(self) -> StoredCall:
        def read(session: Session) -> StoredCall:
            [call_id] = session.exec(select(Call.id).where(Call.line == TRY_LINE)).all()
            return require_call(session, call_id)

        return await self.storage.read(read)

    async def appointments(self, call_id: str) -> list[dict[str, object]]:
        token = own_secret(self.server.settings, "fhir-token")
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{self.server.private_url}/fhir"
        async with httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as chart:
            found = await resources_of(chart, call_id)
        return [resource for resource in found if resource["resourceType"] == "Appointment"]


@contextlib.asynccontextmanager
async def desk(server: LocalServer, sound: Path | None) -> AsyncIterator[Desk]:
    settings = server.settings
    storage = await asyncio.to_thread(Storage.open, settings.database, keyring_of(settings))
    flags = [*FLAGS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    flags += [f"--use-file-for-fake-audio-capture={sound}%noloop"] if sound else []
    try:
        session_id = await storage.write(lambda session: signed_in(session, server))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program(), args=flags)
            context = await browser.new_context(base_url=server.private_url)
            context.set_default_timeout(LIMIT_MS)
            cookie = {"name": cookies.PLAIN, "value": session_id, "url": server.private_url}
            await context.add_cookies([cookie])  # type: ignore[list-item]
            yield Desk(server, storage, await context.new_page())
            await browser.close()
    finally:
        storage.close()


def signed_in(session: Session, server: LocalServer) -> str:
    now = clock_of(server.settings)()
    session.add(StaffUser(name="kim", password_hash=PASSWORD_HASH, roles="front_desk", created_at=now))
    session.flush()
    return sessions.start(session, "kim", now)


def test_a_visit_is_booked_by_the_voice_at_the_microphone(
    practice: Practice, again: Practice, prepared: Path, tmp_path: Path
) -> None:
    sound = tmp_path / "james.wav"
    write_wav(sound, to_mulaw(microphone(rehearsed(practice, STEPS))))

    async def main(server: LocalServer) -> None:
        async with desk(server, sound) as staff:
            page = staff.page
            await page.goto("/try")
            await page.select_option("#number", BOOKING.number)
            await page.click("#call")
            await page.get_by_text("On the line.").wait_for()
            await page.locator("#said .history li", has_text="booked: ").wait_for(timeout=CALL_LIMIT_MS)
            await page.click("#hang-up")
            await page.get_by_text("You have hung up.").wait_for()
            call = await staff.call()
            [booked] = await staff.appointments(call.call_id)
            assert booked["status"] == "booked"
            assert call.turns[0].heard_to == call.turns[0].agent_text, "its marks came back"

    shutil.copytree(prepared / "speech", again.settings.data_dir / "speech")  # takes long to be made
    with running_server(again.settings) as server:
        asyncio.run(main(server))
