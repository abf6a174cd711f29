"""What Chromium keeps of the staff's pages."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.async_api import Page, async_playwright

from console import cookies
from tests.canaries.planted import FAMILY
from tests.chromium.browser import FLAGS, LIMIT_MS, program

STORES = """async () => {
  const kept = {local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie};
  kept.databases = (await indexedDB.databases()).map(each => each.name);
  kept.workers = (await navigator.serviceWorker.getRegistrations()).map(each => each.scope);
  kept.caches = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      kept.caches.push([name, request.url, await (await cache.match(request)).text()]);
    }
  }
  return kept;
}"""


async def kept_by_a_browser(
    profile: Path, base: str, cookie: str, paths: list[str]
) -> tuple[str, dict[str, bytes]]:
    """Opens the pages, looks the patient up and opens their page. What was seen, and what scripts could read
    afterwards; the profile itself is complete once this has returned."""
    seen, kept, asked = "", {}, []
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            str(profile), executable_path=program(), args=list(FLAGS), base_url=base
        )
        context.set_default_timeout(LIMIT_MS)
        await context.add_cookies([{"name": cookies.PLAIN, "value": cookie, "url": base}])
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for path in paths:
            await page.goto(path)
            seen += await page.content()
            kept[f"stores at {path}"] = json.dumps(await page.evaluate(STORES)).encode()
        seen += await _look_up(page)
        kept["stores at the patient"] = json.dumps(await page.evaluate(STORES)).encode()
        kept["addresses"] = "\n".join(asked).encode()
        await context.close()
    return seen, kept


async def _look_up(page: Page) -> str:
    """The patient by name: the only one who fits, so their page opens."""
    await page.goto("/patients")
    await page.locator("form[action='/patients'] input[name='name']").fill(FAMILY)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/patients/*")
    return await page.content()
