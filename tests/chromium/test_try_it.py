"""The browser's telephone by hand: keyboard, keypad, what is played and heard, and all that can go wrong.

Behind it is an agent of few words; the whole pipeline is tests/calls/test_telephone_in_chromium.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from agent import listening
from agent.answering import Answering
from agent.web import answering_of, private_app
from models.domain import CallerAudio
from telephony.events import KeyPressed, MarkReached, StreamEvent, StreamStopped
from telephony.media_stream import MediaStream
from tests.chromium import axe
from tests.chromium.browser import DARK_PHONE, FLAGS, LIGHT, LIMIT_MS, program
from tests.chromium.keys import Fingers
from tests.chromium.proxy import Wire, wire_to
from tests.chromium.site import Site
from tests.telephony.agents import tone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=40)]

FAKE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")  # beeps, and is allowed
SILENCE = b"\xff" * 160
LIMIT_S = 60.0
REFUSED = "MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('', '{}'))"


class FewWords(Answering):
    """Says a tone with a mark behind it. Key 1: a long tone, its mark, and a clear; 9: hangs up; 8: fails."""

    loaded = True
    events: list[StreamEvent]

    def ready(self) -> bool:
        return self.loaded

    async def stream(self, media: MediaStream) -> None:
        self.events = []
        await media.send(media.codec.media(tone(0.3)))
        await media.send(media.codec.mark("greeting"))
        async for event in media:
            self.events.append(event)
            if isinstance(event, KeyPressed):
                await self._obey(event.digit, media)

    async def _obey(self, digit: str, media: MediaStream) -> None:
        match digit:
            case "1":
                await media.send(media.codec.media(tone(30.0)[: 8_000 * 3]))
                await media.send(media.codec.mark("cleared"))
                await media.send(media.codec.clear())
            case "8":
                raise RuntimeError
            case "9":
                await media.close()

    @property
    def keys(self) -> str:
        return "".join(event.digit for event in self.events if isinstance(event, KeyPressed))

    @property
    def marks(self) -> list[str]:
        return [event.name for event in self.events if isinstance(event, MarkReached)]

    @property
    def last_sound(self) -> bytes:
        return next((e.mulaw for e in reversed(self.events) if isinstance(e, CallerAudio)), b"")

    async def until(self, what: str) -> None:
        """Waits until it has heard a key, a mark, "voice", "silence" or "stop"."""
        async with asyncio.timeout(LIMIT_S):
            while not self._has(what):
                await asyncio.sleep(0.02)

    def _has(self, what: str) -> bool:
        if what == "stop":
            return any(isinstance(event, StreamStopped) for event in self.events)
        if what in ("voice", "silence"):
            return bool(self.last_sound) and (self.last_sound == SILENCE) is (what == "silence")
        return what in (*self.keys, *self.marks)


@dataclass
class Booth:
    """A page of the telephone, and who is at the other end."""

    page: Page
    agent: FewWords
    wire: Wire
    fingers: Fingers = field(init=False)

    def __post_init__(self) -> None:
        self.fingers = Fingers(self.page)

    async def call(self) -> None:
        await self.page.click("#call")
        await expect(self.page.locator("#state")).to_have_text("On the line.", timeout=LIMIT_MS)

    async def says(self, words: str) -> None:
        await expect(self.page.locator("#state")).to_have_text(words, timeout=LIMIT_MS)

    async def complains(self, words: str) -> None:
        await expect(self.page.locator("#problem")).to_contain_text(words, timeout=LIMIT_MS)
        await expect(self.page.locator("#line")).to_be_hidden()
        await expect(self.page.locator("#call")).to_be_enabled()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent(site: Site) -> FewWords:
    made = answering_of(site.services)
    return FewWords(site.services, made.config, made.tokens)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire(site: Site, agent: FewWords) -> AsyncIterator[Wire]:
    """To the site's pages, with this agent behind the telephone."""
    server = listening.server(private_app(site.services, agent))
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with wire_to(f"http://127.0.0.1:{listener.getsockname()[1]}") as wire:
        yield wire
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def with_microphone() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=[*FLAGS, *FAKE])
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def booth_in(
    browser: Browser, site: Site, wire: Wire, agent: FewWords, script: str = ""
) -> AsyncIterator[Booth]:
    here = Site(wire.url, site.services)
    context = await here.context(browser)
    page = await context.new_page()
    if script:
        await page.add_init_script(script)
    await page.goto("/try")
    yield Booth(page, agent, wire)
    await context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def booth(with_microphone: Browser, site: Site, wire: Wire, agent: FewWords) -> AsyncIterator[Booth]:
    async with booth_in(with_microphone, site, wire, agent) as booth:
        yield booth


async def test_a_call_by_keyboard_alone(booth: Booth) -> None:
    await booth.page.focus("#number")
    await booth.fingers.choose("Call as", "James")
    await booth.page.keyboard.press("Tab")
    assert await booth.fingers.focused() == "Call"
    await booth.page.keyboard.press("Enter")
    await booth.says("On the line.")
    assert await booth.fingers.focused() == "Hang up"
    await booth.agent.until("voice")
    await booth.fingers.reach("5")
    await booth.page.keyboard.press("Enter")
    await booth.agent.until("5")
    await booth.page.keyboard.press("7")
    await booth.page.keyboard.press("#")
    await booth.agent.until("#")
    assert booth.agent.keys == "57#"
    await booth.page.focus("#mute")
    await booth.page.keyboard.press("Space")
    await expect(booth.page.locator("#mute")).to_have_attribute("aria-pressed", "true")
    await booth.agent.until("silence")
    await booth.page.keyboard.press("Space")
    await booth.agent.until("voice")
    await booth.page.keyboard.press("Tab")
    assert await booth.fingers.focused() == "Hang up"
    await booth.page.keyboard.press("Enter")
    await booth.says("You have hung up.")
    await booth.agent.until("stop")
    assert await booth.fingers.focused() == "Call"


async def test_what_is_played_comes_back_as_marks_and_what_is_cleared_too(booth: Booth) -> None:
    await booth.call()
    await booth.agent.until("greeting")
    await booth.page.click("button[value='1']")
    await booth.agent.until("cleared")
    assert booth.agent.marks == ["greeting", "cleared"]


async def test_the_page_has_no_fault_while_one_speaks(booth: Booth) -> None:
    await booth.call()
    for look in (LIGHT, DARK_PHONE):
        width, height = look.window
        await booth.page.emulate_media(color_scheme="dark" if look is DARK_PHONE else "light")
        await booth.page.set_viewport_size({"width": width, "height": height})
        assert await axe.violations(booth.page) == []
        assert await axe.beyond_the_edge(booth.page) == []


async def test_a_second_call_follows_a_first(booth: Booth) -> None:
    for _ in range(2):
        await booth.call()
        await booth.agent.until("greeting")
        await booth.page.click("#hang-up")
        await booth.agent.until("stop")


async def test_firstring_ends_the_call(booth: Booth) -> None:
    await booth.call()
    await booth.page.click("button[value='9']")
    await booth.says("Firstring has ended the call.")
    await expect(booth.page.locator("#whole")).to_be_visible()


async def test_a_page_that_is_left_hangs_up(booth: Booth) -> None:
    await booth.call()
    await booth.agent.until("voice")
    await booth.page.goto("/home")
    await booth.agent.until("stop")


# --------------------------------------------------------------------------- what can go wrong


async def test_a_server_that_fails_is_said_to(booth: Booth) -> None:
    await booth.call()
    await booth.page.click("button[value='8']")
    await booth.complains("Something went wrong in the server")


async def test_a_lost_connection_is_said_to_be(booth: Booth) -> None:
    await booth.call()
    booth.wire.cut()
    await booth.complains("The connection was lost")


async def test_a_busy_server_says_what_it_is_busy_with(booth: Booth) -> None:
    booth.agent.loaded = False
    try:
        await booth.page.click("#call")
        await booth.complains("The speech models are still loading")
    finally:
        booth.agent.loaded = True


async def test_who_is_signed_out_meanwhile_is_told(booth: Booth) -> None:
    await booth.page.evaluate("document.querySelector('#ring [name=form_token]').value = 'another'")
    await booth.page.click("#call")
    await booth.complains("This form is not of this session")


async def test_a_microphone_that_is_refused_and_one_that_is_not_there(
    chromium: Browser, site: Site, wire: Wire, agent: FewWords
) -> None:
    async with booth_in(chromium, site, wire, agent) as booth:
        await booth.page.click("#call")
        await expect(booth.page.locator("#problem")).to_contain_text("microphone", timeout=LIMIT_MS)
        await booth.page.context.grant_permissions(["microphone"])
        await booth.page.click("#call")
        await booth.complains("There is no microphone")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("Object.defineProperty(window, 'isSecureContext', {value: false})", "plain http"),
        ("delete window.AudioWorkletNode", "AudioWorklet"),
        ("delete Navigator.prototype.mediaDevices", "AudioWorklet"),
        (REFUSED.format("NotAllowedError"), "The microphone was refused"),
        (REFUSED.format("NotReadableError"), "another program may be using it"),
        (REFUSED.format("AbortError"), "The microphone cannot be had (AbortError)"),
    ],
)
async def test_a_browser_that_cannot_is_told_why(
    with_microphone: Browser, site: Site, wire: Wire, agent: FewWords, script: str, words: str
) -> None:
    async with booth_in(with_microphone, site, wire, agent, script) as booth:
        await booth.page.click("#call")
        await booth.complains(words)
