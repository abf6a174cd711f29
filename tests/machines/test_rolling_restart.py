"""Two processes, one PostgreSQL, nginx, no sticky sessions: each process is replaced while callers talk.

A long check: BUDGET calls, 20 at most; the result is appended to benchmarks/results.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from agent.demo_report import percentile
from agent.preparing import keyring_of
from benchmarks.voice_rows import machine
from ehr_writeback.planned import NOTE
from models.storage import Storage
from models.tables import Call, LedgerRow
from tests.machines.balancer import running_nginx
from tests.machines.rolling import DRAIN_S, Process, Rolled, clips_of, rolling_restart, two_processes

pytestmark = [
    pytest.mark.slow(about_s=90),
    pytest.mark.skipif("BUDGET" not in os.environ, reason="a long check, for a quiet machine"),
]

RESULTS = Path(__file__).parent.parent.parent / "benchmarks" / "results" / "rolling_restart.md"
CALLS = min(20, int(os.environ.get("BUDGET", "6")))


@pytest.fixture(scope="module")
def storage_and_rolled(
    shared_database: str, nginx: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Storage, Rolled]]:
    folder = tmp_path_factory.mktemp("rolling")
    clips = clips_of(folder)
    processes = [Process(settings) for settings in two_processes(folder, shared_database, clips)]
    with contextlib.ExitStack() as ending:
        for process in processes:
            ending.callback(process.stop)
        with ThreadPoolExecutor(2) as threads:  # both at once, on an empty database
            list(threads.map(Process.start, processes))
        storage = Storage.open(shared_database, keyring_of(processes[0].settings))
        ending.callback(storage.close)
        behind = [process.settings for process in processes]
        balancer = ending.enter_context(running_nginx(nginx, folder / "nginx", behind))
        assert processes[0].server
        balanced = balancer.before(processes[0].server)
        rolled = asyncio.run(rolling_restart(balanced, processes, storage, clips, CALLS))
        print(f"\n{told(rolled)}")
        if "BUDGET" in os.environ:
            note_result(told(rolled))
        yield storage, rolled


def told(rolled: Rolled) -> str:
    gaps_s = rolled.gaps_s
    return (
        f"{CALLS} calls, moved {rolled.moved} times (drain {DRAIN_S} s), dropped {len(rolled.dropped)}; "
        f"silence p50 {percentile(gaps_s, 50):.1f} s, longest {max(gaps_s, default=0):.1f} s"
    )


def note_result(line: str) -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    RESULTS.parent.mkdir(exist_ok=True)
    with RESULTS.open("a") as file:
        file.write(
            f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {commit.stdout.strip()}, {machine()}, "
            f"stand-in recogniser, double as carrier: {line}\n"
        )


@pytest.fixture(scope="module")
def rolled(storage_and_rolled: tuple[Storage, Rolled]) -> Rolled:
    return storage_and_rolled[1]


@pytest.fixture(scope="module")
def storage(storage_and_rolled: tuple[Storage, Rolled]) -> Storage:
    return storage_and_rolled[0]


def test_no_call_is_dropped(rolled: Rolled) -> None:
    for result in rolled.dropped:
        print(*rolled.story(result), sep="\n")
    assert [(result.ended, result.dialled, result.warnings) for result in rolled.dropped] == []
    assert Counter(call.disposition for call in rolled.stored) == {"completed": CALLS}


def test_calls_are_led_by_both_processes_and_go_on_with_another(rolled: Rolled) -> None:
    assert len({owner.rpartition(":")[0] for owner in rolled.owners}) == 2
    assert rolled.moved >= CALLS, "each call lost its process at least once"


def test_every_turn_that_was_answered_is_stored_once(rolled: Rolled) -> None:
    for call in rolled.stored:
        assert [turn.number for turn in call.turns] == list(range(len(call.turns)))


def test_every_call_has_one_note(rolled: Rolled, storage: Storage) -> None:
    query = select(LedgerRow.call_id).where(LedgerRow.kind == NOTE)
    asyncio.run(_noted(storage))
    notes = storage.read_now(lambda session: Counter(session.exec(query).all()))
    assert notes == dict.fromkeys((call.call_id for call in rolled.stored), 1)


async def _noted(storage: Storage) -> None:
    """Returns once each call has its note in the chart."""
    noted, calls = select(LedgerRow.call_id).where(LedgerRow.kind == NOTE), select(Call.id)
    async with asyncio.timeout(60):
        while await storage.read(
            lambda session: set(session.exec(calls).all()) - set(session.exec(noted).all())
        ):
            await asyncio.sleep(0.3)
