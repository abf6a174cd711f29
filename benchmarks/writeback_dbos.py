"""The same outbox, carried by DBOS workflows in place of our own loop: to compare the two (docs/adr/0001).

Needs ``pip install dbos==3.4.0``. The rows of the outbox stay the truth; a workflow for each call, named by
it, leases the call, carries it and sleeps until its next attempt. DBOS has a database of its own.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import Engine, create_engine, event, make_url
from sqlmodel import Session, col, select

from benchmarks.writeback_calls import TARGET
from benchmarks.writeback_sending import FetchedToken, Sending, utc_now
from ehr_writeback import ledger
from ehr_writeback.courier import Courier
from ehr_writeback.delivery import Delivery
from ehr_writeback.memory import Memory
from ehr_writeback.outbox import outbox_kind
from ehr_writeback.sender import Sender
from ehr_writeback.statements import OPEN_STATES
from fhir import codes
from fhir.capability import read_capabilities
from fhir.client import FhirClient
from fhir.errors import FhirError
from models.crypto import KeyRing
from models.storage import Storage
from models.tables import OutboxRow

QUEUE, AT_ONCE, POLL_S = "writeback", 8, 2.0
EXECUTOR = VERSION = "writeback"
OWN_NAME = "dbos"


@dataclass
class Work:
    """What workflows share; client and courier are made in the event loop that DBOS runs them in."""

    sending: Sending
    storage: Storage
    memory: Memory = field(default_factory=Memory)
    courier: Courier | None = None

    async def ready_courier(self) -> Courier:
        if self.courier is None:
            http = httpx.AsyncClient(timeout=self.sending.limit_s, trust_env=False)
            token = FetchedToken(self.sending.base_url, http)
            client = FhirClient(self.sending.base_url, token, http, limit_s=self.sending.limit_s, now=utc_now)
            sender = Sender(client, read_capabilities(await client.metadata()))
            self.courier = Courier(
                storage=self.storage, sender=sender, clock=utc_now, memory=self.memory, target=TARGET,
                lease_s=self.sending.lease_s, random=lambda: (self.sending.hurry - 0.75) * 2,
            )  # fmt: skip
        return self.courier

    async def round(self, call_id: str) -> float | None:
        """Carries the call once; seconds until it is due again, None when nothing of it is open."""
        try:
            courier = await self.ready_courier()
        except FhirError:
            return 1.0
        now, lease_s = utc_now(), self.sending.lease_s
        jobs = await self.storage.write(lambda session: ledger.lease(session, TARGET, call_id, now, lease_s))
        if jobs:
            await courier.deliver(Delivery(jobs, now))
        return await self.storage.read(lambda session: _due_in_s(session, call_id, utc_now()))


_work: Work | None = None


@DBOS.workflow()  # type: ignore[untyped-decorator]
async def deliver_call(call_id: str) -> None:
    while (wait_s := await deliver_round(call_id)) is not None:
        await DBOS.sleep_async(wait_s)


@DBOS.step()  # type: ignore[untyped-decorator]
async def deliver_round(call_id: str) -> float | None:
    assert _work is not None
    return await _work.round(call_id)


def send_by_dbos(sending: Sending) -> None:
    """Until it is killed."""
    asyncio.run(_send(sending))


async def _send(sending: Sending) -> None:
    global _work
    codes.warm()
    storage = Storage.open(sending.database_url, KeyRing.load_or_create(sending.keys))
    _work = Work(sending, storage)
    started = await asyncio.to_thread(launch, sending.database_url)
    assert started
    seen: set[str] = set()
    while True:
        for call_id in await storage.read(_open_calls):
            if call_id not in seen:
                seen.add(call_id)
                with SetWorkflowID(call_id):
                    await DBOS.enqueue_workflow_async(QUEUE, deliver_call, call_id)
        await asyncio.sleep(POLL_S)


def launch(database_url: str) -> bool:
    config: dict[str, Any] = {
        "name": "firstring", "executor_id": EXECUTOR, "application_version": VERSION,
        "system_database_engine": own_engine(database_url), "run_admin_server": False,
        "log_level": "CRITICAL", "enable_otlp": False,
    }  # fmt: skip
    DBOS(config=DBOSConfig(**config))
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=0.1)
    return True


def own_engine(database_url: str) -> Engine:
    """A database of its own: a file beside ours with a write-ahead log, or another one on the server."""
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        with create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
            names = connection.exec_driver_sql("SELECT datname FROM pg_database").scalars().all()
            if OWN_NAME not in names:
                connection.exec_driver_sql(f"CREATE DATABASE {OWN_NAME}")
        return create_engine(url.set(database=OWN_NAME), pool_size=20)
    engine = create_engine(f"{url}.dbos", connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _open_calls(session: Session) -> list[str]:
    query = select(col(OutboxRow.call_id)).where(
        col(OutboxRow.kind) == outbox_kind(TARGET), col(OutboxRow.state).in_(OPEN_STATES)
    )
    return list(session.exec(query.distinct()).all())


def _due_in_s(session: Session, call_id: str, now: datetime) -> float | None:
    query = select(col(OutboxRow.next_at), col(OutboxRow.lease_until)).where(
        col(OutboxRow.kind) == outbox_kind(TARGET),
        col(OutboxRow.call_id) == call_id,
        col(OutboxRow.state).in_(OPEN_STATES),
    )
    due = [max(next_at, lease or next_at) for next_at, lease in session.exec(query).all()]
    if not due:
        return None
    return max(0.05, (min(due) - now) / timedelta(seconds=1))
