"""The accessibility gate: axe-core over every page of the route table, as people look at them.

`make test` looks at each page twice with a day's rows and once without any; `make check-long` in every look.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from console import routes
from tests.chromium import addresses, axe
from tests.chromium.addresses import Address
from tests.chromium.browser import DARK_PHONE, LIGHT, LIGHT_ZOOMED, LOOKS, Look, Window, open_window
from tests.chromium.rows import places
from tests.chromium.site import Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=80)]

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
FILLED: tuple[Look, ...] = LOOKS if LONG else (LIGHT, DARK_PHONE)
EMPTY: tuple[Look, ...] = LOOKS if LONG else (LIGHT_ZOOMED,)
PLANTED = """
<!doctype html><html><head><title>Faults</title><style>
  .pale {color: #999; background: #fff} button {width: 9px; height: 9px; padding: 0; border: 0; margin: 0}
  .wide {width: 700px}
</style></head><body><main><h1>Faults</h1><p class="pale">pale words</p><input name="unnamed">
<img src="x.png"><p><button aria-label="a"></button><button aria-label="b"></button></p>
<p class="wide">too wide for a telephone, and that goes on and on and on and on and on and on and on</p>
</main></body></html>
"""


class Windows:
    """One window for each person: pages are opened in it one after the other."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self._site = site
        self._browser = browser
        self._open: dict[str | None, Window] = {}
        self._places: dict[str, str] = {}

    async def at(self, address: Address) -> Window:
        if address.needs_rows and not self._places:
            self._places = await self._site.storage.read(places)
        if address.who not in self._open:
            context = await self._site.context(self._browser, address.who)
            self._open[address.who] = await open_window(context)
        window = self._open[address.who]
        answer = await window.page.goto(address.path.format(**self._places))
        assert answer is not None
        assert answer.status == address.status, f"{address}: {answer.status}"
        assert (answer.headers["content-type"]).startswith("text/html")
        return window


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(busy_site: Site, chromium: Browser) -> AsyncIterator[Windows]:
    yield Windows(busy_site, chromium)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def empty(empty_site: Site, chromium: Browser) -> AsyncIterator[Windows]:
    yield Windows(empty_site, chromium)


async def faults(window: Window, looks: tuple[Look, ...]) -> list[str]:
    found = []
    for look in looks:
        await window.look(look)
        found += [f"{look.name}: {fault}" for fault in await axe.violations(window.page)]
        if look.window[0] <= DARK_PHONE.width:
            found += [
                f"{look.name}: beyond the edge: {text}" for text in await axe.beyond_the_edge(window.page)
            ]
    return found


async def test_every_page_has_an_address_and_what_is_none_says_why() -> None:
    without = [key for key in addresses.rows() if "{" in key and key not in addresses.OF_ROWS]
    assert without == [], "tests/chromium/addresses.py: where are these pages?"
    for key in (*addresses.NOT_PAGES, *addresses.OF_ROWS, *addresses.STEPS):
        assert key in routes.TABLE, f"{key} is no row any longer"


@pytest.mark.parametrize("address", addresses.all_addresses(), ids=lambda a: f"{a.path} {a.who}")
async def test_a_page_with_rows_has_no_fault(filled: Windows, address: Address) -> None:
    window = await filled.at(address)
    assert await faults(window, FILLED) == []


@pytest.mark.parametrize(
    "address", [a for a in addresses.all_addresses() if not a.needs_rows], ids=lambda a: f"{a.path} {a.who}"
)
async def test_a_page_before_the_first_call_has_no_fault(empty: Windows, address: Address) -> None:
    window = await empty.at(address)
    assert await faults(window, EMPTY) == []


async def test_the_gate_finds_what_is_planted(chromium: Browser) -> None:
    window = await open_window(await chromium.new_context())
    await window.page.set_content(PLANTED)
    found = " ".join(await faults(window, (DARK_PHONE,)))
    for rule in ("html-has-lang", "color-contrast", "label ", "image-alt", "target-size", "beyond the edge"):
        assert rule in found, rule


async def test_what_is_no_page_is_none(busy_site: Site, chromium: Browser) -> None:
    """So that nothing can hide there."""
    context, ids = await busy_site.context(chromium), await busy_site.storage.read(places)
    for key in addresses.NOT_PAGES:
        path = key.removeprefix("GET ").format(**ids, name="console.css")
        if path == "/events":
            path += "?once=true"
        answer = await context.request.get(path, max_redirects=0)
        shown = answer.headers.get("content-type", "") if answer.status == 200 else ""
        assert not shown.startswith("text/html"), key
    await context.close()
