"""Chromium as staff have it on their desks: which one, and how a page of ours is opened in it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.peers.installed import ROOT

WITHOUT = 75  # the exit code of scripts/browser.sh when no browser can be had
FLAGS = ("--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none", "--hide-scrollbars")
LIMIT_MS = 30_000  # for anything that a page is waited for: machines are slow and shared


def program() -> str:
    """The path of Chromium. Skips where none can be had, and says why; on a bare Debian that is a failure."""
    done = subprocess.run(
        [ROOT / "scripts" / "browser.sh"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )
    if done.returncode == WITHOUT:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    return (ROOT / ".peers" / "chromium").read_text().strip()


@contextlib.asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True)
class Look:
    """How somebody looks at the pages. Zoom of 200 % halves the window as the page measures it."""

    name: str
    scheme: str = "light"
    width: int = 1280
    height: int = 900
    zoom: int = 1

    @property
    def window(self) -> tuple[int, int]:
        return self.width // self.zoom, self.height // self.zoom


LIGHT, DARK = Look("light"), Look("dark", "dark")
LIGHT_ZOOMED, DARK_ZOOMED = Look("light, 200 %", zoom=2), Look("dark, 200 %", "dark", zoom=2)
LIGHT_PHONE, DARK_PHONE = Look("phone, light", "light", 320, 640), Look("phone, dark", "dark", 320, 640)
LOOKS = (LIGHT, DARK, LIGHT_ZOOMED, DARK_ZOOMED, LIGHT_PHONE, DARK_PHONE)


@dataclass
class Window:
    """A page of the console in a context of its own, and what its browser complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    async def look(self, look: Look) -> None:
        width, height = look.window
        await self.page.emulate_media(color_scheme="dark" if look.scheme == "dark" else "light")
        await self.page.set_viewport_size({"width": width, "height": height})


async def open_window(context: BrowserContext) -> Window:
    context.set_default_timeout(LIMIT_MS)
    window = Window(await context.new_page())
    window.page.on("pageerror", lambda error: window.complaints.append(f"script: {error}"))
    window.page.on(
        "console", lambda said: window.complaints.append(said.text) if said.type == "error" else None
    )
    window.page.on("request", lambda request: window.hosts.add(request.url.split("/")[2]))
    return window
