"""Speech workers, the intent model, the voice and at last the supervisor are killed or hang in mid-call."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import psutil
import pytest
from sqlmodel import select

from agent.demo import double_for
from agent.demo_report import percentile
from agent.local_server import LocalServer, demo_settings, running_server
from agent.preparing import keyring_of
from agent.supervisor import worker_names
from agent.workers import WorkerClient
from ehr_writeback.planned import NOTE
from models import records
from models.storage import Storage
from models.tables import LedgerRow
from telephony.double import CallEvent, CallResult, Kind
from telephony.double.result import Ending
from tests.survival.callers import PEOPLE, Attentive, Clips, Person
from tests.survival.killing import kill, part
from tests.survival.test_kills import closed

pytestmark = pytest.mark.slow(about_s=135)

LATER = "2026-11-24T10:15:00-05:00"  # of the demo's day, ten minutes on
MID_WORD_S = 0.4
BETWEEN_S = 6.0
BACK_LIMIT_S = 60.0
BLOWS = (  # (what it waits for, which parts, the signal)
    (Kind.CALLER_SPEAKING, ("ear-1",), signal.SIGKILL),
    (Kind.AGENT_SPEAKING, ("mouth",), signal.SIGKILL),
    (Kind.CALLER_SPEAKING, ("mind",), signal.SIGKILL),
    (Kind.CALLER_SPEAKING, ("ear-1", "ear-2"), signal.SIGKILL),
    (Kind.AGENT_SPEAKING, ("mouth",), signal.SIGSTOP),
    (Kind.CALLER_SPEAKING, ("ear-2",), signal.SIGSTOP),
)
WANTED = sum(len(names) for _, names, _ in BLOWS)


@dataclass
class Blows:
    """Observes every call, and strikes when the awaited thing happens in one of them."""

    server: LocalServer
    seen: dict[Kind, asyncio.Event] = field(default_factory=lambda: {kind: asyncio.Event() for kind in Kind})
    struck: list[str] = field(default_factory=list)

    def __call__(self, event: CallEvent) -> None:
        self.seen[event.kind].set()

    async def run(self) -> None:
        for kind, names, number in BLOWS:
            for name in names:
                await up_again(self.server, name)
            self.seen[kind].clear()
            await self.seen[kind].wait()
            await asyncio.sleep(MID_WORD_S)
            for name in names:
                await kill(self.server, name, number)
                self.struck.append(f"{name} {number.name}")
            await asyncio.sleep(BETWEEN_S)


async def up_again(server: LocalServer, name: str) -> None:
    """Returns once the worker has its models: one that has hardly begun to start is not struck again."""
    client = WorkerClient(server.settings.run_dir / f"{name}.sock", limit_s=2.0)
    while not await client.ready():
        await asyncio.sleep(0.2)
    await client.close()


@dataclass
class Struck:
    results: dict[Person, CallResult]
    stored: dict[Person, records.StoredCall]
    blows: list[str]
    back: list[str]  # the workers that answer again
    orphans: list[str]  # parts that outlived their supervisor
    cut: records.StoredCall  # the call during which the supervisor was killed
    notes: int  # of that call


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Struck]:
    folder = tmp_path_factory.mktemp("parts")
    clips = Clips(folder / "clips", {words for person in PEOPLE for words in person.words})
    chosen = demo_settings(folder / "data", stt="stand-in", stand_in_clips=clips.list, ears=2)
    storage: Storage | None = None
    try:
        with running_server(chosen) as server:
            storage = Storage.open(chosen.database, keyring_of(chosen))
            results, stored, blows, back = asyncio.run(under_blows(server, storage, clips))
            call_sid, orphans = asyncio.run(without_supervisor(server, storage, clips))
        with running_server(replace(chosen, now=LATER)):
            cut = asyncio.run(closed(storage, call_sid))
        mine = select(LedgerRow).where(LedgerRow.call_id == call_sid, LedgerRow.kind == NOTE)
        notes = storage.read_now(lambda session: len(session.exec(mine).all()))
        yield Struck(results, stored, blows, back, orphans, cut, notes)
    finally:
        if storage:
            storage.close()


async def under_blows(
    server: LocalServer, storage: Storage, clips: Clips
) -> tuple[dict[Person, CallResult], dict[Person, records.StoredCall], list[str], list[str]]:
    blows = Blows(server)
    striking = asyncio.create_task(blows.run())
    placed = (call(server, storage, clips, person, blows) for person in PEOPLE)
    results = dict(zip(PEOPLE, await asyncio.gather(*placed), strict=True))
    while len(blows.struck) < WANTED:  # these calls were too short for all of them
        await call(server, storage, clips, PEOPLE[0], blows)
    striking.cancel()
    replies_s = [ms / 1_000 for result in results.values() for ms in result.reply_times_ms]
    print(
        f"\n{', '.join(blows.struck)}; replies p50 {percentile(replies_s, 50):.1f} s, {max(replies_s):.1f} s"
    )
    stored = {person: await closed(storage, result.call_sid) for person, result in results.items()}
    return results, stored, blows.struck, await answering_again(server)


async def call(
    server: LocalServer, storage: Storage, clips: Clips, person: Person, blows: Blows
) -> CallResult:
    call_sid = "CA" + secrets.token_hex(16)
    caller = Attentive(person, call_sid, clips, storage).caller()
    return await double_for(server, person.number, blows).place_call(caller, call_sid=call_sid)


async def answering_again(server: LocalServer) -> list[str]:
    """The workers that have their models, once all have or time is up."""
    names = worker_names(server.settings)
    clients = {name: WorkerClient(server.settings.run_dir / f"{name}.sock", limit_s=2.0) for name in names}
    ready: list[str] = []
    try:
        async with asyncio.timeout(BACK_LIMIT_S):
            while len(ready) < len(names):
                ready = [name for name, client in clients.items() if await client.ready()]
                await asyncio.sleep(0.2)
    except TimeoutError:
        pass
    for client in clients.values():
        await client.close()
    return ready


async def without_supervisor(server: LocalServer, storage: Storage, clips: Clips) -> tuple[str, list[str]]:
    """A call during which the supervisor dies; its id, and the parts that are left a moment later."""
    blows, person = Blows(server), PEOPLE[0]
    calling = asyncio.create_task(call(server, storage, clips, person, blows))
    await blows.seen[Kind.AGENT_SPOKE].wait()
    parts = [found for name in ("web", *worker_names(server.settings)) if (found := part(server, name))]
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(60)
    _, left = await asyncio.to_thread(psutil.wait_procs, parts, 60)
    return (await calling).call_sid, [str(process.pid) for process in left]


def test_every_part_was_struck_and_all_are_back(struck: Struck) -> None:
    assert len(struck.blows) == WANTED
    assert struck.back == ["ear-1", "ear-2", "mind", "mouth"]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_no_call_is_lost(struck: Struck, person: Person) -> None:
    """It is served to its end, or a person has it."""
    result, call = struck.results[person], struck.stored[person]
    served = (result.ended, call.disposition) == (Ending.AGENT_HUNG_UP, "completed")
    put_through = (result.dialled != [], call.disposition) == (True, "transferred")
    assert served or put_through, (result.ended, result.dialled, call.disposition)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_every_caller_is_answered_every_time(struck: Struck, person: Person) -> None:
    unanswered = [said.label for said in struck.results[person].utterances if said.reply_heard_ms is None]
    assert unanswered == []


def test_no_part_outlives_the_supervisor(struck: Struck) -> None:
    assert struck.orphans == []


def test_a_call_that_lost_its_whole_server_is_closed_with_a_note_by_the_next_one(struck: Struck) -> None:
    assert struck.cut.disposition == "abandoned"
    assert struck.cut.turns[0].agent_text
    assert struck.notes == 1
