"""A sender that is killed at random instants, and a server that fails: what came of every call.

The server is of `writeback_server`; now and then it is killed and started again too. Everything follows from
a seed but the instants, which the machine's pace shifts.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlmodel import Session, col, func, select

from agent.local_server import free_port
from benchmarks.writeback_calls import TARGET, promise, promised
from benchmarks.writeback_count import Difference, compare
from benchmarks.writeback_sender import process, sender_of
from benchmarks.writeback_sending import Sending, utc_now
from benchmarks.writeback_server import Plan, serve
from ehr_writeback.faulty_server import Mode
from ehr_writeback.outbox import outbox_kind
from models.crypto import KeyRing
from models.storage import Storage
from models.tables import OutboxRow, OutboxState

LIFE_S = (0.01, 1.0)  # of a sender, until it is killed
SERVER_DIES = 0.1  # how likely, after a sender's death
POLL_S = 0.1
HURRIED = {"limit_s": 1.0, "lease_s": 2.5, "in_flight_s": 1.0, "reconcile_s": 1.0, "hurry": 0.05}


@dataclass(frozen=True)
class Chaos:
    """``calls_each`` end before each of ``kills`` senders starts; ``share`` of the requests fare ill."""

    seed: int
    kills: int
    database_url: str
    mode: Mode = Mode.TRANSACTION
    share: float = 0.15
    calls_each: int = 4
    settle_s: float = 600.0
    engine: str = "ours"


@dataclass(frozen=True)
class Result:
    kills: int
    calls: int
    dead_letters: int
    difference: Difference
    took_s: float

    @property
    def good(self) -> bool:
        return self.difference.none and not self.dead_letters


def run(chaos: Chaos, folder: Path) -> Result:
    """Kills, then lets the last sender finish. Raises TimeoutError when it does not in ``settle_s``."""
    began, chance = time.monotonic(), random.Random(chaos.seed)
    plan = Plan(free_port(), folder / "journal", chaos.mode, chaos.share, chaos.seed)
    sending = Sending(chaos.database_url, folder / "keys.json", plan.url, **HURRIED)
    storage = Storage.open(sending.database_url, KeyRing.load_or_create(sending.keys))
    try:
        with _restartable(plan) as restart:
            for number in range(chaos.kills):
                _end_calls(storage, chaos.calls_each, after=number * chaos.calls_each)
                with process(sender_of(chaos.engine), sending):
                    time.sleep(chance.uniform(*LIFE_S))
                if chance.random() < SERVER_DIES:
                    restart()
            with process(sender_of(chaos.engine), sending):
                wait_drained(storage, chaos.settle_s)
        calls = chaos.kills * chaos.calls_each
        difference = compare(promised(range(calls), utc_now()), plan.journal)
        return Result(chaos.kills, calls, dead_letters(storage), difference, time.monotonic() - began)
    finally:
        storage.close()


@contextlib.contextmanager
def _restartable(plan: Plan) -> Iterator[Callable[[], None]]:
    """The server, and what kills it and starts it again, on the same port and with what it held."""
    with contextlib.ExitStack() as life:
        running: list[contextlib.AbstractContextManager[BaseProcess]] = []

        def start() -> None:
            one = process(serve, replace(plan, seed=plan.seed + len(running)))
            one.__enter__()
            running.append(one)

        def stop() -> None:
            running[-1].__exit__(None, None, None)

        def restart() -> None:
            stop()
            start()

        start()
        life.callback(stop)
        yield restart


def _end_calls(storage: Storage, count: int, *, after: int) -> None:
    def work(session: Session) -> None:
        for number in range(after, after + count):
            promise(session, number, utc_now())

    storage.write_now(work)


def wait_drained(storage: Storage, limit_s: float) -> None:
    give_up = time.monotonic() + limit_s
    while open_rows(storage):
        if time.monotonic() > give_up:
            raise TimeoutError(f"{open_rows(storage)} resources are still open")
        time.sleep(POLL_S)


def open_rows(storage: Storage) -> int:
    return _count(storage, OutboxState.PENDING, OutboxState.SENT)


def dead_letters(storage: Storage) -> int:
    return _count(storage, OutboxState.DEAD)


def _count(storage: Storage, *states: OutboxState) -> int:
    query = select(func.count()).where(
        col(OutboxRow.kind) == outbox_kind(TARGET), col(OutboxRow.state).in_(states)
    )
    return storage.read_now(lambda session: session.exec(query).one())
