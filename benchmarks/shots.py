"""Pictures of every page of the staff console, in light, dark and on a telephone: `make shots`.

What they show is a morning at the fictional practice: real calls through the dialog, with a clock that stands
still. No patient in them exists.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from pathlib import Path
from unittest.mock import patch

from PIL import Image
from playwright.async_api import Page
from sqlmodel import Session, select

from console import second_factor
from intents.understand import MindService
from models import records
from models.chart import ChartResource
from tests.chromium import addresses
from tests.chromium.browser import DARK, LIGHT, LIGHT_PHONE, Look, open_window, running_chromium
from tests.chromium.day import DANGER, LIVE, REFILL, play
from tests.chromium.site import ALL, SECRET, Site, running_site, seed
from tests.console import sample

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "shots"
LOOKS = {"light": LIGHT, "dark": DARK, "phone": LIGHT_PHONE}
TALLEST = 1_800  # px: what is further down is more of the same
NOT_SHOWN = ("GET /try/{call_id}", "GET /unlinked/{call_id}")  # need what this practice has not


def shown() -> dict[str, str]:
    """File name to path, for each page of the route table."""
    found = {}
    for key in addresses.rows():
        address = addresses.of(key)[0]
        if key not in NOT_SHOWN:
            name = key.removeprefix("GET /").replace("/", "-").replace("{", "").replace("}", "")
            found[name] = address.path
    return found


def places(session: Session) -> dict[str, str]:
    """The addresses' ids, out of the day's calls."""
    danger, refill = (records.tasks_of(session, call.call_id)[0].id for call in (DANGER, REFILL))
    calls = {"call_id": DANGER.call_id, "live_id": LIVE.call_id, "patient_id": "pt-1001"}
    visit = session.exec(select(ChartResource).where(ChartResource.resource_type == "Appointment")).first()
    assert visit is not None, "the day books one"
    return calls | {"task_id": danger, "refill_id": refill, "visit_id": visit.resource_id}


async def take(site: Site) -> None:
    ids = await site.storage.read(places)
    async with running_chromium() as chromium:
        for name, path in shown().items():
            key = f"GET {path}"
            who = addresses.STEPS.get(key, ALL)
            context = await site.context(chromium, who)
            window = await open_window(context)
            await window.page.goto(path.format(**ids))
            for look_name, look in LOOKS.items():
                await window.look(look)
                await _keep(window.page, look, FOLDER / f"{name}-{look_name}.webp")
            await context.close()
            print(name, flush=True)


async def _keep(page: Page, look: Look, file: Path) -> None:
    tall = await page.evaluate("document.documentElement.scrollHeight")
    height = max(look.height, min(tall, TALLEST))
    await page.set_viewport_size({"width": look.width, "height": height})
    picture = Image.open(io.BytesIO(await page.screenshot(animations="disabled", caret="hide")))
    picture.convert("RGB").save(file, "WEBP", quality=60, method=6)


async def main() -> None:
    mind = MindService()
    mind.load()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.webp"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        await asyncio.to_thread(seed, data)
        # The picture of a new second factor would be another one each time.
        same = patch.object(second_factor, "new_secret", return_value=SECRET)
        async with running_site(data, clock=lambda: sample.NOW) as site:
            await play(site.services, mind)
            with same:
                await take(site)
    size = sum(file.stat().st_size for file in FOLDER.glob("*.webp"))
    print(f"{size / 2**20:.1f} MB in {FOLDER}")


if __name__ == "__main__":
    asyncio.run(main())
