"""One database for all tests of the room; every test uses calls of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, Protocol

import httpx
import pytest
from sqlmodel import Session, col, select
from typing_extensions import TypeVar

from ehr_writeback import Dispatcher, DispatcherConfig, WritebackConfig, enqueue
from ehr_writeback.faulty_server import Fault, FaultyFhirServer, SenderDied
from fhir.client import FhirClient, FixedToken
from fhir.errors import FhirError
from models.calls import open_call
from models.crypto import KeyRing
from models.domain import CallRecord
from models.storage import Storage
from models.tables import LedgerRow, OutboxRow, StaffTask
from tests.ehr_writeback.records import ENDED

CONFIG = WritebackConfig(system_url="https://cedar.example", practice_name="Cedar Family Practice")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    folder = tmp_path_factory.mktemp("writeback")
    opened = Storage.open(f"sqlite:///{folder}/calls.db", KeyRing.load_or_create(folder / "keys.json"))
    yield opened
    opened.close()


class ChartServer(Protocol):
    """A FHIR server that tests write to: where it is, and how it is reached."""

    @property
    def base_url(self) -> str: ...

    def client(self) -> httpx.AsyncClient: ...


S = TypeVar("S", bound=ChartServer, default=FaultyFhirServer)


class MovingClock:
    def __init__(self) -> None:
        self.now = ENDED + timedelta(seconds=1)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Bench(Generic[S]):
    """A call, a chart server, and dispatchers that may die. Each bench has a target of its own."""

    storage: Storage
    server: S
    clock: MovingClock
    target: str
    config: WritebackConfig = CONFIG
    practitioner_ref: str = ""

    def dispatcher(self) -> Dispatcher:
        client = FhirClient(self.server.base_url, FixedToken("secret"), self.server.client(), now=self.clock)
        config = DispatcherConfig(target=self.target, practitioner_ref=self.practitioner_ref)
        return Dispatcher(self.storage, client, self.clock, config=config, random=lambda: 0.5)

    def end_call(self, record: CallRecord) -> CallRecord:
        """Store a call under an id of its own and promise its write-back."""
        record = replace(record, call_id=f"{record.call_id}-{next(_numbers)}")

        def work(session: Session) -> None:
            open_call(
                session, record.call_id, caller_number="+16175550123", called_number="", at=record.started
            )
            enqueue(session, record, self.target, self.config)

        self.storage.write_now(work)
        return record

    async def settle(self, hours: float = 60.0) -> int:
        """Dispatch until nothing is open, starting anew after each death; returns the deaths."""
        deaths, dispatcher = 0, self.dispatcher()
        end = self.clock.now + timedelta(hours=hours)
        while self.clock.now < end and self.open_rows():
            try:
                await dispatcher.reconcile()
                while await dispatcher.drain_once():
                    pass
            except BaseExceptionGroup as group:
                if group.split(SenderDied)[1] is not None:
                    raise
                deaths, dispatcher = deaths + 1, self.dispatcher()
            except SenderDied:
                deaths, dispatcher = deaths + 1, self.dispatcher()
            except FhirError:
                pass  # the server did not say what it offers; the loop asks again
            self.clock.forward(self._pause_s())
        return deaths

    def _pause_s(self) -> float:
        """To the next instant at which anything may happen."""
        rows = self.open_rows()
        due = [max(row.next_at, row.lease_until or row.next_at) for row in rows]
        return max(1.0, (min(due) - self.clock.now).total_seconds()) if due else 1.0

    def rows(self) -> list[OutboxRow]:
        kind = f"writeback:{self.target}"
        query = select(OutboxRow).where(col(OutboxRow.kind) == kind)
        return self.storage.read_now(lambda session: list(session.exec(query).all()))

    def open_rows(self) -> list[OutboxRow]:
        return [row for row in self.rows() if row.state in ("pending", "sent")]

    def ledger(self) -> dict[str, LedgerRow]:
        query = select(LedgerRow).where(col(LedgerRow.target) == self.target)
        rows = self.storage.read_now(lambda session: list(session.exec(query).all()))
        return {f"{row.kind}/{row.n}" if row.n else row.kind: row for row in rows}

    def states(self) -> dict[str, str]:
        return {key: row.state for key, row in self.ledger().items()}

    def staff_tasks(self, call_id: str) -> list[StaffTask]:
        query = select(StaffTask).where(col(StaffTask.call_id) == call_id)
        return self.storage.read_now(lambda session: list(session.exec(query).all()))


def make_bench(storage: Storage, server: S, config: WritebackConfig = CONFIG) -> Bench[S]:
    return Bench(storage, server, MovingClock(), target=f"server-{next(_numbers)}", config=config)


__all__ = ["CONFIG", "Bench", "Fault", "make_bench"]
