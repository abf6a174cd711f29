"""A real server, real calls, a day's staff pages, errors and a crash: the canaries come out nowhere.

Searched: its log, figures, traces, every file of its folders as it lies on the disk, what it answers
strangers, addresses, arguments and environments of its processes, and all that a browser keeps. With BUDGET
(`make check-long`) more calls and pages, and a line in benchmarks/results/canaries.jsonl.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio
from sqlmodel import Session

from agent import settings as settings_module
from agent.local_server import LocalServer, demo_settings, running_server
from agent.preparing import keyring_of
from benchmarks.machine import commit, size
from console import cookies, sessions
from console.roles import Role, written_roles
from models import records
from models.storage import Storage
from models.tables import StaffUser
from tests.canaries import rounds
from tests.canaries.callers import WORDS, CanaryCall
from tests.canaries.planted import COMPLAINT, FAMILY, chart, hits
from tests.canaries.rounds import Clicking
from tests.canaries.surfaces import Surfaces, collector, leaks, of_folder, of_processes
from tests.console.browser import PASSWORD_HASH
from tests.edge.odd import OddCall
from tests.survival.callers import Clips

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow(about_s=60)]

STAGES = {"recognise", "understand", "decide", "store", "act", "speak"}
STRANGER = "+16175550199"
BUDGET = int(os.environ.get("BUDGET", "0"))
CALLS_EACH = max(1, BUDGET // 20)
RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results" / "canaries.jsonl"


@dataclass
class Day:
    """A served practice whose patient is the canary, after their calls."""

    server: LocalServer
    storage: Storage
    folder: Path
    traced: list[bytes]
    cookie: str = ""
    calls: list[records.StoredCall] = field(default_factory=list)
    searched: dict[str, int] = field(default_factory=dict)  # surface -> bytes
    found: list[str] = field(default_factory=list)

    def leaks(self, surface: str, told: Surfaces) -> list[str]:
        """What leaks there; it is kept for the results too."""
        self.searched[surface] = sum(map(len, told.values()))
        found = leaks(told)
        self.found += found
        return found

    @property
    def data(self) -> Path:
        return self.server.settings.data_dir

    def chart_token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {settings_module.own_secret(self.server.settings, 'fhir-token')}"}

    def odd(self, token: str = "") -> OddCall:
        chosen = self.server.settings
        return OddCall(
            self.server.base_url, account=chosen.twilio_account_sid, public=chosen.public_url,
            token=token or chosen.twilio_auth_token,
        )  # fmt: skip

    def http(self, base: str, **more: object) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=base, trust_env=False, timeout=60, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def server_and_traces(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[LocalServer, Path, list[bytes], Clips]]:
    folder = tmp_path_factory.mktemp("canaries")
    temporary = folder / "tmp"
    temporary.mkdir()
    clips = Clips(folder / "clips", WORDS)
    patch = pytest.MonkeyPatch()
    patch.setenv("TMPDIR", str(temporary))
    patch.setenv("NO_PROXY", "127.0.0.1")
    patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "500")
    with collector() as (endpoint, traced), patch.context():
        chosen = demo_settings(
            folder / "data", stt="stand-in", stand_in_clips=clips.list, otel_endpoint=endpoint
        )
        with running_server(chosen) as server:
            yield server, folder, traced, clips
    patch.undo()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def day(server_and_traces: tuple[LocalServer, Path, list[bytes], Clips]) -> AsyncIterator[Day]:
    server, folder, traced, clips = server_and_traces
    storage = await asyncio.to_thread(Storage.open, server.settings.database, keyring_of(server.settings))
    day = Day(server, storage, folder, traced)
    async with day.http(server.private_url, headers=day.chart_token()) as http:
        assert (await http.post("/fhir", json=chart())).status_code == 200
    day.cookie = await storage.write(signed_in)
    for _ in range(CALLS_EACH):
        patient = CanaryCall(server, storage, clips)
        stranger = CanaryCall(server, storage, clips, opening=COMPLAINT, number=STRANGER)
        day.calls += await asyncio.gather(patient.place(), stranger.place())
    yield day
    storage.close()


def signed_in(session: Session) -> str:
    """Somebody with every role; their session's cookie."""
    now = settings_module.clock_of(settings_module.Settings())()
    session.add(
        StaffUser(
            name="kim", password_hash=PASSWORD_HASH, roles=written_roles(frozenset(Role)), created_at=now
        )
    )
    session.flush()
    return sessions.start(session, "kim", now, second_factor=True)


async def test_the_calls_were_real(day: Day) -> None:
    """Else nothing could have leaked."""
    said = [" ".join(turn.caller_text for turn in call.turns) for call in day.calls]
    assert all(hits(words) for words in said), said
    assert day.calls[0].state
    assert day.calls[0].state["patient_id"], "the canary is known as a patient"
    assert [flag[0] for flag in (day.calls[1].state or {})["red_flags"]] == ["RF01"]
    assert FAMILY.lower() in str(day.calls[1].state).lower(), "their words stand in the record"


async def test_answers_to_the_carrier_and_to_strangers_hold_none(day: Day) -> None:
    async with day.odd() as good, day.odd("wrong") as forged:
        told = await rounds.webhooks(good, forged)
        await good.hangs_up()
    for base in (day.server.base_url, day.server.private_url):
        async with day.http(base) as http:
            told |= {f"{base} {place}": said for place, said in (await rounds.strangers(http)).items()}
    async with day.http(day.server.private_url, cookies={cookies.PLAIN: day.cookie}) as http:
        found = (await rounds.strangers(http)).items()
        told |= {f"signed in: {place}": said for place, said in found if not place.endswith("200")}
    assert len(told) > 60
    assert day.leaks("answers", told) == []


async def test_no_address_or_title_of_a_page_holds_one(day: Day) -> None:
    """Proxies write addresses down, browsers keep them with the titles."""
    async with day.http(day.server.private_url, cookies={cookies.PLAIN: day.cookie}) as http:
        clicking = Clicking(http)
        await clicking.posts("/patients", name=FAMILY, born="")
        await clicking.follow(*(f"/calls/{call.call_id}" for call in day.calls), "/patients", "/")
    shown = [path for path, page in clicking.seen.items() if hits(page)]
    assert f"/calls/{day.calls[0].call_id}" in shown, "the pages do show the patient"
    assert any(path.startswith("/patients/") for path in shown)
    assert len(clicking.seen) > 25
    addresses = {
        f"address {number}": address.encode() for number, address in enumerate(sorted(clicking.addresses))
    }
    assert day.leaks("addresses of pages", addresses) == []
    assert day.leaks("titles of pages", clicking.titles) == []


async def test_a_browser_keeps_none(day: Day) -> None:
    """Its storage as scripts see it, and then its whole profile as it lies on the disk."""
    from tests.canaries.browser import kept_by_a_browser

    profile = day.folder / "profile"
    paths = ["/", "/patients", *(f"/calls/{call.call_id}" for call in day.calls), "/inbox", "/refills"]
    looked, kept = await kept_by_a_browser(profile, day.server.private_url, day.cookie, paths)
    assert hits(looked), "the pages did show the patient"
    assert day.leaks("a browser's stores", kept) == []
    assert (profile / "Default").is_dir()
    assert day.leaks("a browser's profile on disk", of_folder(profile)) == []


async def test_log_figures_traces_disk_and_processes_hold_none(day: Day) -> None:
    async with day.http(day.server.private_url) as http:
        figures = (await http.get("/metrics")).text
    traced = b"".join(day.traced)
    counted = set(re.findall(r'firstring_stage_seconds_count\{stage="(\w+)"\} [1-9]', figures))
    assert counted == STAGES, "the calls were measured"
    assert all(stage.encode() in traced for stage in STAGES), "and traced"
    assert all(call.call_id.encode() in traced for call in day.calls)
    files = of_folder(day.data) | of_folder(day.folder / "tmp")
    assert {"server.log", "firstring.db"} <= set(files)
    assert day.leaks("figures", {"/metrics": figures.encode()}) == []
    assert day.leaks("traces", {"collector": traced}) == []
    assert day.leaks("log and files on disk", files) == []
    processes = of_processes(psutil.Process(day.server.process.pid))
    assert day.leaks("arguments and environments", processes) == []


async def test_a_crash_leaves_no_memory_on_the_disk(day: Day) -> None:
    """A process that aborts would have its memory written beside its working folder. Last: it ends them."""
    parts = psutil.Process(day.server.process.pid).children(recursive=True)
    assert all(part.rlimit(psutil.RLIMIT_CORE) == (0, 0) for part in parts)
    for part in parts:
        part.send_signal(signal.SIGABRT)
    await asyncio.to_thread(psutil.wait_procs, parts, 60)
    for folder in (Path.cwd(), day.data, day.folder / "tmp"):
        assert not [path for path in folder.iterdir() if path.name.startswith("core")]
    assert leaks({"server.log": (day.data / "server.log").read_bytes()}) == []


async def test_results_are_kept(day: Day) -> None:
    if not BUDGET:
        pytest.skip("BUDGET is not set: nothing is written down")
    told = {
        "date": date.today().isoformat(), "commit": commit(), "machine": size(), "calls": len(day.calls),
        "recogniser": "stand-in", "bytes_searched": day.searched, "leaks": len(day.found),
    }  # fmt: skip
    line = json.dumps(told)
    await asyncio.to_thread(_append, line)


def _append(line: str) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(line + "\n")
