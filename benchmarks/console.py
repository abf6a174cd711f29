"""How long the server takes for each page of the console, with a year of a practice's calls in the database.

    python -m benchmarks.console [--calls 100000] [--only sqlite]

Every GET row of the console's table is asked for, as somebody who has every role, each time with another
call or task; and the searches of the list of calls. On SQLite and on PostgreSQL, in process: no network takes
part, the client's own millisecond does. Chart and ports are the server's own.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import math
import re
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
from sqlmodel import Session

from agent.chart_app import chart_transport
from agent.first_run import make_data_dir
from agent.local_server import DEMO_NOW, demo_settings
from agent.logs import configure
from agent.preparing import backends_of, keyring_of
from agent.services import Services, assemble
from agent.settings import Settings, with_secrets
from agent.web import private_app
from agent.workers import local
from backends.publishing import publish_openings
from benchmarks.booking_race import CHART, postgresql
from benchmarks.console_bulk import settle
from benchmarks.console_rows import Year
from benchmarks.voice_rows import machine
from console import sessions
from console.cookies import SECURE
from console.roles import Role, written_roles
from console.routes import TABLE
from models import records
from models.domain import TurnRecord
from models.keyring import use_keyring_here
from models.storage import Storage
from models.tables import StaffUser
from voice.ears import Ears
from voice.mouth import Mouth

CALLS, TIMES = 100_000, 40
PAGE_MS, SEARCH_MS, FIRST_LOAD_BYTES = 150.0, 300.0, 200_000
HOST = "https://desk.test"
DAYS = 14
PATIENTS, BUNDLE = 2_000, 250
OPENED_ONCE = {"GET /events": "?once=true"}
NO_PAGE = {"GET /audit.csv": "an export of up to 50,000 entries"}
NOW = datetime.fromisoformat(DEMO_NOW)
# What is searched for: a frequent word, a rare one, several, and words that no call has all of.
SEARCHES: dict[str, dict[str, str]] = {
    "a frequent word": {"words": "refill"},
    "a medicine": {"words": "metformin"},
    "three words": {"words": "need appointment doctor"},
    "two words that rarely meet": {"words": "wheelchair mortgage"},
    "a word that was never said": {"words": "xylophone"},
    "last four digits": {"number": "0037"},
    "words, disposition and wish": {"words": "refill", "ended": "completed", "intent": "refill_request"},
    "low confidence, unreviewed": {"unsure": "yes", "unreviewed": "yes"},
    "danger signs of a month": {"flag": "any", "first": "2026-10-01", "last": "2026-10-31"},
    "a wish, for teaching (none)": {"intent": "office_info", "teaching": "yes"},
    "abandoned, unreviewed, a day": {"ended": "abandoned", "unreviewed": "yes", "last": "2026-03-01"},
}


Values = dict[str, Callable[[int], str]]  # what stands for a part of an address, the n-th time
Spent = tuple[float, float]  # milliseconds by the clock, and of the processor


@dataclass(frozen=True)
class Timing:
    """Of one page or search, in milliseconds. ``own_ms``: the processor's time of this process, median; what
    PostgreSQL's server spends is not in it. ``note``: why it was not measured, or is not judged."""

    what: str
    kind: str
    p50_ms: float = math.nan
    p95_ms: float = math.nan
    own_ms: float = math.nan
    note: str = ""

    def row(self, engine: str) -> str:
        wanted = {"page": PAGE_MS, "search": SEARCH_MS}.get(self.kind)
        times = (self.p50_ms, self.p95_ms, self.own_ms)
        figures = " | ".join("–" if math.isnan(ms) else f"{ms:.0f}" for ms in times)
        if wanted is None or math.isnan(self.p95_ms):
            return f"| {engine} | {self.what} | {figures} | | {self.note} |"
        verdict = "yes" if self.p95_ms <= wanted else "**MISSED**"
        return f"| {engine} | {self.what} | {figures} | <= {wanted:.0f} | {verdict} |"


class Desk:
    """Somebody with every role at an open browser."""

    def __init__(self, services: Services, year: Year, values: Values, times: int) -> None:
        self._year, self._values, self._times = year, values, times
        self._storage = services.storage
        cookie = services.storage.write_now(_sign_in)
        app = private_app(services)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=HOST, cookies={SECURE: cookie}, timeout=600
        )
        self._token = sessions.form_token(cookie)

    async def pages(self) -> AsyncIterator[Timing]:
        """Each row of the table that a GET has."""
        for key in (key for key in TABLE if key.startswith("GET ")):
            path = key.partition(" ")[2]
            missing = [name for name in re.findall(r"{(\w+)}", path) if name not in self._values]
            if missing:
                yield Timing(key, "", note=f"not measured: no {missing[0]} here")
                continue
            yield await self._page(key, path)

    async def _page(self, key: str, path: str) -> Timing:
        times = 2 if key in NO_PAGE else self._times
        taken, status = await self._taken(
            [self._filled(path, n) + OPENED_ONCE.get(key, "") for n in range(times)]
        )
        note = NO_PAGE.get(key, "") or ("" if status in (200, 303) else f"answers {status}")
        return _timing(key, "" if note else "page", taken, note)

    async def searches(self) -> AsyncIterator[Timing]:
        for what, asked in SEARCHES.items():
            answer = await self.client.post("/calls/search", data={**asked, "form_token": self._token})
            assert answer.status_code == 303, answer.text
            address = answer.headers["location"]
            taken, status = await self._taken([address] * self._times)
            assert status == 200
            count = re.search(r'<p class="asked"><strong>([^<]*)', (await self.client.get(address)).text)
            yield _timing(f"search: {what} ({count[1] if count else '?'})", "search", taken)

    async def older(self) -> Timing:
        """Back through the list, page by page: as quick as the first."""
        address, taken = "/calls", list[Spent]()
        for _ in range(self._times):
            answer = await self._get(address, taken)
            found = re.search(r'href="([^"]+)" rel="next"', answer.text)
            if not found:
                break
            address = found[1].replace("&amp;", "&")
        return _timing("GET /calls, older pages", "page", taken)

    async def first_load(self) -> tuple[int, list[str]]:
        """Bytes of the home page with all that it loads, uncompressed; and what it loads from elsewhere."""
        page = await self.client.get("/home")
        found = re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"', page.text)
        own = [path for path in found if path.startswith("/")]
        loaded = [await self.client.get(path) for path in own]
        assert all(answer.status_code == 200 for answer in loaded)
        total = len(page.content) + sum(len(answer.content) for answer in loaded)
        return total, [path for path in found if path not in own]

    async def turns_ms(self) -> str:
        """Median time until a turn is committed, of a call that goes on."""
        storage, taken = self._storage, list[float]()
        call_id = "CAbench"
        opened = partial(records.open_call, call_id=call_id, caller_number="", called_number="", at=NOW)
        await storage.write(opened)
        for number in range(self._times):
            words = f"i need to refill my lisinopril {number} before next tuesday"
            turn = TurnRecord(number, NOW, words, "Which pharmacy?", "refill_request")
            began = time.perf_counter()
            await storage.write(partial(records.save_turn, call_id=call_id, turn=turn, state={}))
            taken.append((time.perf_counter() - began) * 1_000)
        return f"median {statistics.median(taken):.1f} ms"

    async def _taken(self, paths: list[str]) -> tuple[list[Spent], int]:
        status, taken = 0, list[Spent]()
        await self.client.get(paths[0])  # what is made once
        for path in paths:
            answer = await self._get(path, taken)
            status = max(status, answer.status_code)
        return taken, status

    async def _get(self, path: str, taken: list[Spent]) -> httpx.Response:
        began, own = time.perf_counter(), time.process_time()
        answer = await self.client.get(path)
        taken.append(((time.perf_counter() - began) * 1_000, (time.process_time() - own) * 1_000))
        return answer

    def _filled(self, path: str, n: int) -> str:
        return re.sub(r"{(\w+)}", lambda found: self._values[found[1]](n), path)


def _timing(what: str, kind: str, taken: list[Spent], note: str = "") -> Timing:
    wall, own = zip(*taken, strict=True)
    p95 = sorted(wall)[math.ceil(0.95 * len(wall)) - 1]
    return Timing(what, kind, statistics.median(wall), p95, statistics.median(own), note)


def _sign_in(session: Session) -> str:
    roles = written_roles(frozenset(Role))
    session.add(StaffUser(name="bench", password_hash="x", roles=roles, created_at=NOW))
    session.flush()
    return sessions.start(session, "bench", NOW, second_factor=True)


def _values(year: Year, patients: list[str]) -> Values:
    """What stands for the parts of an address; the n-th time another."""
    calls, tasks = year.count, year.task_calls
    return {
        "call_id": lambda n: year.call_id(n * 7919 % calls),
        "task_id": lambda n: year.task_id(tasks[-1 - n * 31 % len(tasks)]),
        "patient_id": lambda n: patients[n * 13 % len(patients)],
        "name": lambda _n: "console.css",
        "section": lambda _n: "hours",
    }


async def measure(
    chosen: Settings, calls: int, patients: int = PATIENTS, times: int = TIMES
) -> AsyncIterator[str]:
    """The rows of the table for one engine, as they are measured."""
    make_data_dir(chosen)
    storage = Storage.open(chosen.database, keyring_of(chosen), server=True)
    try:
        backends = backends_of(chosen, storage, lambda: NOW)
        transport = chart_transport(backends, chosen.fhir_token)
        async with httpx.AsyncClient(transport=transport) as http:
            mind = local(None)
            services = assemble(chosen, storage, CHART, http, Ears([mind]), Mouth(None), mind, backends.clock)
            await publish_openings(services.backends.chart, services.practice, NOW.date(), DAYS)
            known = await _patients(services, patients)
            began = time.perf_counter()
            year = Year(calls, NOW, known)
            await asyncio.to_thread(_fill, storage, year)
            filled_s = time.perf_counter() - began
            desk = Desk(services, year, _values(year, known), times)
            async for row in _rows(storage.engines.writing.dialect.name, desk, filled_s, calls):
                yield row
    finally:
        storage.close()


def _fill(storage: Storage, year: Year) -> None:
    use_keyring_here(storage.keyring)
    year.fill(storage.engines.writing)
    settle(storage.engines.writing)


async def _patients(services: Services, count: int) -> list[str]:
    """Ids of the chart's patients, so many that looking one up among them counts."""
    for first in range(0, count, BUNDLE):
        entries = [
            {"resource": _patient(number), "request": {"method": "POST", "url": "Patient"}}
            for number in range(first, first + BUNDLE)
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        await services.backends.chart.transaction(bundle)
    found = await services.backends.chart.search("Patient", [("_count", "1000")])
    return [str(stored.body["id"]) for stored in found.found]


def _patient(number: int) -> dict[str, object]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    family = "".join(letters[number // 26**place % 26] for place in range(3)).title()
    return {
        "resourceType": "Patient",
        "active": True,
        "name": [{"use": "official", "given": ["Ann"], "family": f"Bench{family}"}],
        "birthDate": f"{1930 + number % 80}-{1 + number % 12:02}-{1 + number % 28:02}",
        "telecom": [{"system": "phone", "value": f"+1617{2_000_000 + number * 37 % 7_000_000:07}"}],
    }


async def _rows(engine: str, desk: Desk, filled_s: float, count: int) -> AsyncIterator[str]:
    yield f"| {engine} | {count:,} calls made in | {filled_s:.0f} s | | | | |"
    async for timing in desk.pages():
        yield timing.row(engine)
    yield (await desk.older()).row(engine)
    async for timing in desk.searches():
        yield timing.row(engine)
    size, elsewhere = await desk.first_load()
    right = "yes" if size <= FIRST_LOAD_BYTES and not elsewhere else "**MISSED**"
    load = f"{size:,} bytes, {len(elsewhere)} from other hosts"
    yield f"| {engine} | home, first load | {load} | | | <= {FIRST_LOAD_BYTES:,}, 0 | {right} |"
    yield f"| {engine} | a turn of 9 words stored, with its index | {await desk.turns_ms()} | | | | |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    configure(logging.ERROR)
    print(f"{machine()}; {chosen.calls:,} calls, {PATIENTS:,} patients, {TIMES} asked for each\n")
    print("| engine | what | p50 ms | p95 ms | own ms | wanted | reached |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        if chosen.only in (None, "sqlite"):
            asyncio.run(_tell(demo_settings(Path(name) / "sqlite"), chosen.calls))
        if chosen.only in (None, "postgresql"):
            with postgresql(Path(name)) as url:
                settings = demo_settings(Path(name) / "postgresql", database_url=url)
                asyncio.run(_tell(settings, chosen.calls))


async def _tell(settings: Settings, calls: int) -> None:
    async for row in measure(with_secrets(settings), calls):
        print(row, flush=True)


if __name__ == "__main__":
    main()
