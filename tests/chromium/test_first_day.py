"""The whole product with a coordinator at the screen: a caller says a danger sign, and it is taken care of.

A real server, its own recogniser, the carrier's double with a caller and a front desk, and Chromium.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from agent.demo import CALLED_NUMBER
from agent.demo_calls import clip_path
from agent.local_server import LocalServer, demo_settings, running_server
from agent.settings import own_secret
from telephony.double import Caller, CallResult, Double, Manner, Staff, parse_steps
from tests.calls.test_put_through import holds
from tests.chromium.browser import Window, open_window, running_chromium

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=120)]

ROBERT, DESK = "+16175550131", "+16175550100"  # a patient; the fictional practice's own number
SAYS = ("robert-dizzy", "robert-name", "robert-dob", "robert-since", "robert-chest")
STAFF_SAYS = "robert-dizzy"
PASSWORD = "three grey herons fish"
LIMIT_MS = 240_000  # until a caller has spoken and was understood, on a machine that does much else
NEW_WORDS = "Now my chest feels tight and I cannot breathe"
AMENDED = "Spoke with him until the ambulance was there."


@dataclass
class Day:
    server: LocalServer
    window: Window
    call: asyncio.Task[CallResult]
    call_sid: str

    @property
    def page(self) -> Page:
        return self.window.page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Day]:
    """The administrator of a new installation has signed in for the first time; then somebody calls."""
    folder = tmp_path_factory.mktemp("day")
    settings = demo_settings(folder / "data", second_factor=True)
    with running_server(settings) as server:
        async with running_chromium() as chromium:
            window = await first_sign_in(chromium, server)
            sid = "CA" + secrets.token_hex(16)
            call = asyncio.create_task(rings(server, sid))
            yield Day(server, window, call, sid)
            call.cancel()


async def first_sign_in(chromium: Browser, server: LocalServer) -> Window:
    """With the one-time password that the server says once: own password, second factor, Home."""
    log = (server.settings.data_dir / "server.log").read_text()
    found = re.search(r"one-time password (\S+)", log)
    assert found, log
    window = await open_window(await chromium.new_context(base_url=server.private_url))
    page = window.page
    await page.goto("/")
    await page.get_by_label("Name").fill("admin")
    await page.get_by_label("Password").fill(found[1])
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_role("button", name="Keep this password").click()
    secret = (await page.locator("main kbd").inner_text()).replace(" ", "")
    await page.get_by_label("The six digits").fill(pyotp.TOTP(secret).now())
    await page.get_by_role("button", name="Keep it").click()
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.get_by_text("Nobody is on the line.")).to_be_visible()
    return window


async def rings(server: LocalServer, call_sid: str) -> CallResult:
    """The caller comes to it and stays; whoever is at the front desk takes the call and talks."""
    settings = server.settings
    desk = Caller(parse_steps(["wait:2", "press:1", f"wav:{clip_path(STAFF_SAYS)}", "wait:4", "hangup"]))
    double = Double(
        server.base_url, settings.public_url, settings.twilio_auth_token, settings.twilio_account_sid,
        ROBERT, CALLED_NUMBER, manner=Manner(people={DESK: Staff(ringing_s=0.5, does=desk)}),
    )  # fmt: skip
    caller = Caller(
        parse_steps([*(f"wav:{clip_path(clip)}" for clip in SAYS), "wait:240", "hangup"]), quiet_s=0.8
    )
    return await double.place_call(caller, call_sid=call_sid)


async def test_the_danger_comes_to_the_open_page_and_is_claimed_with_one_click(day: Day) -> None:
    """The page is not loaded again by us: it hears of it."""
    take = day.page.get_by_role("button", name="I’ll take it").first
    await expect(take).to_be_visible(timeout=LIMIT_MS)
    await expect(day.page.get_by_text("Somebody is needed now").first).to_be_visible()
    await expect(day.page).to_have_title(re.compile(r"^\(\d+!\)"))
    await take.click()
    await day.page.wait_for_url("**/tasks/*")
    await expect(day.page.locator("dl")).to_contain_text("You")
    assert not day.call.done(), "the caller is still on the line"


async def test_the_call_is_taken_over_at_the_front_desks_telephone(day: Day) -> None:
    await day.page.goto(f"/calls/{day.call_sid}/live")
    await day.page.get_by_role("button", name="Take over").click()
    await expect(day.page.get_by_text("This call has ended.")).to_be_visible(timeout=LIMIT_MS)
    result = await asyncio.wait_for(day.call, LIMIT_MS / 1000)
    (leg,) = result.legs
    assert (leg.number, leg.status) == (DESK, "completed")
    assert holds(result.agent_mulaw, STAFF_SAYS), "the caller heard the front desk"


async def test_the_note_is_corrected_and_signed(day: Day) -> None:
    page = day.page
    await page.goto(f"/calls/{day.call_sid}")
    await page.get_by_role("link", name=re.compile("^Correct")).last.click()
    words = page.get_by_label("What the caller said").first
    await words.fill(NEW_WORDS)
    await page.get_by_role("button", name="Save the words").click()
    await expect(page.get_by_text(f"Corrected: “{NEW_WORDS}”")).to_be_visible()
    await page.get_by_text("Amend or retract").click()
    await page.get_by_label("What the note should say").fill(AMENDED)
    await page.get_by_role("button", name="Amend").click()
    await page.get_by_role("button", name="Sign: reviewed by admin").click()
    note = await signed_note(day)
    text = base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
    assert note["authenticator"]["display"] == "admin"
    assert NEW_WORDS in text
    assert AMENDED in text


async def signed_note(day: Day, limit_s: float = 60.0) -> dict[str, Any]:
    """The call's note in the chart, once it is final."""
    token = own_secret(day.server.settings, "fhir-token")
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        asyncio.timeout(limit_s),
        httpx.AsyncClient(base_url=f"{day.server.private_url}/fhir", headers=headers) as chart,
    ):
        while True:
            found = (await chart.get("/DocumentReference", params={"_count": "50"})).json().get("entry", [])
            final = [one["resource"] for one in found if one["resource"].get("docStatus") == "final"]
            if final:
                newest: dict[str, Any] = final[-1]
                return newest
            await asyncio.sleep(0.3)


async def test_the_browser_had_nothing_to_complain_of(day: Day) -> None:
    """No script failed, nothing was refused by our own policy, and no other host was asked."""
    assert [said for said in day.window.complaints if "Failed to load resource" not in said] == []
    assert day.window.hosts == {day.server.private_url.removeprefix("http://")}
