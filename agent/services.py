"""What a process serves calls with: storage, backends, speech and understanding, made from settings."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import httpx
from sqlmodel import Session, select

import ehr_writeback
from agent import settings as settings_module
from agent.admission import Admission, Limits
from agent.chart_tokens import token_source
from agent.keeping import Keeper
from agent.left_behind import UNSTORED
from agent.live_calls import LiveCalls
from agent.logs import log
from agent.metrics import NOTE_SECONDS
from agent.missing import Missing
from agent.own_patients import own_patients
from agent.owners import new_owner
from agent.patience import PATIENCE_S, in_time
from agent.perform import Backends
from agent.preparing import (
    SYSTEM_URL,
    backends_of,
    backends_on,
    keyring_of,
    practice_book,
    protocol_book,
    spanish_of,
    writeback_config,
)
from agent.settings import Settings
from agent.speech_elsewhere import speech_clients
from agent.steady_clock import SteadyClock
from agent.supervisor import socket_of, worker_names
from agent.tracing import open_traces
from agent.whom_to_reach import may_call, own_number
from agent.worker_services import mind_service, mouth_voice
from agent.workers import WorkerClient, local
from backends.embedded import EmbeddedBackends
from backends.practice import Practice
from backends.practice_book import PracticeBook
from backends.protocols import ProtocolBook
from backends.reading.backends import ReadingBackends
from backends.reading.looks import LOOK_S
from ehr_writeback.planned import NOTE
from fhir.client import FhirClient
from models.domain import Clock, PracticeFacts, Questionnaire, Remote, SpanishPrompts
from models.errors import BackendError, StorageError
from models.practice import newest_versions
from models.sealed import check_keys
from models.storage import Storage
from models.tables import LedgerRow, StaffTask
from telephony.rest import Carrier
from voice import vad
from voice.ears import Ears
from voice.mouth import Mouth, MouthConfig

if TYPE_CHECKING:
    from agent.traces import Traces

PRACTICE_EVERY_S = 1.0
UNREADABLE_FIX = (
    "Open Settings in the console and save this one again; until then practice.toml counts for it."
)
PROTOCOL_FIX = "Open Protocols in the console and take this one again; until then no patient is asked by it."
ROSTER_FOR = timedelta(seconds=60)
ROSTER_AGAIN = timedelta(seconds=10)  # where it could not be read
CHART_LIMIT_S = 10.0
FHIR_LIMIT_S = 15.0  # of one interaction of the write-back
EAR_LIMIT_S = 10.0  # the ears have a limit of their own for an utterance
MOUTH = "mouth"
LIMITS_S = {"mind": 2.5, MOUTH: 4.0}  # a caller waits for these


@dataclass
class Services:
    settings: Settings
    clock: Clock
    storage: Storage
    book: PracticeBook
    protocols: ProtocolBook
    backends: EmbeddedBackends  # the practice's own database
    dispatcher: ehr_writeback.Dispatcher
    writeback: ehr_writeback.WritebackConfig
    ears: Ears
    mouth: Mouth
    mind: Remote
    chart: FhirClient  # the server that notes go to
    http: httpx.AsyncClient | None = None  # to other servers
    reading: ReadingBackends | None = None  # another system's charts, where calls act on those
    spanish: SpanishPrompts | None = None  # signed, and there is a voice for them
    carrier: Carrier | None = None  # None: no orders are given to it, as in the demo
    workers: list[WorkerClient] = field(default_factory=list)
    traces: Traces | None = None  # None: nobody asks for them
    stopping: bool = False  # the server is to end
    live: LiveCalls = field(init=False)  # that this process leads
    admission: Admission = field(init=False)  # of further ones
    missing: Missing = field(default_factory=Missing)  # of calls' records: could not be kept
    keeper: Keeper = field(init=False)  # of what the database has not taken yet
    owner: str = field(default_factory=new_owner)
    steady_clock: SteadyClock = field(default_factory=SteadyClock)
    _facts: PracticeFacts | None = None
    _facts_at: datetime | None = None
    _refreshing: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.live = LiveCalls(self.storage, self.clock)
        chosen = self.settings
        self.admission = Admission(
            Limits(reply_ms=chosen.reply_limit_ms, most_calls=chosen.most_calls, turn_away=chosen.turn_away)
        )
        self.keeper = Keeper(self.storage, self.settings.data_dir / UNSTORED, self.missing)

    @property
    def acting(self) -> Backends:
        """What calls act on."""
        return self.reading or self.backends

    def task_moved(self, session: Session, task: StaffTask, at: datetime) -> None:
        """The Task in the chart is to follow."""
        ehr_writeback.task_moved(session, task, at, self.writeback)

    @property
    def chart_patience_s(self) -> float:
        """How long a caller waits for the chart: another system's has limits of its own for each look."""
        return PATIENCE_S if self.reading is None else 2 * LOOK_S

    @property
    def practice(self) -> Practice:
        """As staff's newest settings say."""
        return self.book.practice

    @practice.setter
    def practice(self, practice: Practice) -> None:
        self.book.practice = practice

    async def refresh_practice(self) -> None:
        """Take up what staff have changed, here or in another process. A failing database changes nothing.

        Nor does one that hangs, and it is not asked again before it has answered.
        """
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._refresh())
            self._refreshing.add_done_callback(self._refreshed)
        done, _ = await asyncio.wait({self._refreshing}, timeout=PATIENCE_S)
        for each in done:
            each.result()

    def _refreshed(self, _: asyncio.Task[None]) -> None:
        self._refreshing = None

    async def _refresh(self) -> None:
        try:
            changed, asked_otherwise = await self.storage.read(self._take_up)
        except StorageError as problem:
            log.warning("practice.not_refreshed", code=problem.code)
            return
        if asked_otherwise:
            for name in self.protocols.unreadable:
                log.error("protocol.not_read", kind=name, fix=PROTOCOL_FIX)
        if changed:
            for each in self.book.unreadable:
                log.error("practice.setting_not_read", code=each.key, count=each.version, fix=UNREADABLE_FIX)
            if self.carrier is not None:
                self.carrier.may_call = may_call(self.settings, self.practice)

    def _take_up(self, session: Session) -> tuple[bool, bool]:
        newest = newest_versions(session)  # all there is to read where nothing has changed
        asked_otherwise = self.protocols.take_up(session, newest)
        return self.book.take_up(session, newest), asked_otherwise

    async def watch_practice(self) -> None:
        """For ever: what changes between calls counts within a second, such as who is on call."""
        while True:
            await asyncio.sleep(PRACTICE_EVERY_S)
            await self.refresh_practice()

    def questionnaires(self) -> tuple[Questionnaire, ...]:
        """The check-ins that may be asked now."""
        return tuple(self.backends.questionnaires)

    async def practice_facts(
        self, of_call: Practice | None = None, questionnaires: tuple[Questionnaire, ...] | None = None
    ) -> PracticeFacts:
        """The practice as of now; ``of_call``, ``questionnaires``: as a call began, but for who is there now.

        The roster, a long list, is read anew once a minute.
        """
        now, practice = self.clock(), _in_a_call(of_call or self.practice, self.practice)
        if self._facts is None or self._facts_at is None or now - self._facts_at > ROSTER_FOR:
            await self._read_roster(now)
        known = self._facts or practice.facts(now)
        facts = practice.facts(now, roster_names=known.roster_names, medicine_names=known.medicine_names)
        if self.carrier is None:  # who is on call cannot be rung: only the front desk is there
            is_open = practice.is_open(now)
            facts = replace(facts, staff_available=is_open, urgent_available=is_open)
        return replace(
            facts,
            records_calls=self.settings.record_calls,
            spanish_key=self.settings.spanish_key,
            spanish=self.spanish,
            questionnaires=self.questionnaires() if questionnaires is None else questionnaires,
        )

    async def _read_roster(self, now: datetime) -> None:
        """A chart that does not answer costs a call no more than the newest names."""
        try:
            facts = (self.reading or self.backends).facts()
            self._facts, self._facts_at = await in_time(facts, self.chart_patience_s), now
        except (BackendError, StorageError) as problem:
            log.warning("roster.not_read", code=problem.code)
            self._facts_at = now - ROSTER_FOR + ROSTER_AGAIN

    async def models_loaded(self) -> bool:
        """True once every worker that hears and understands has answered that its models are there.

        The mouth is not waited for: this process can speak too, and without any voice a recorded
        sentence passes the caller on, and the call leaves a record.
        """
        needed = [worker for worker in self.workers if worker.name != MOUTH]
        return all(await asyncio.gather(*(worker.ready() for worker in needed)))

    def versions(self) -> dict[str, str]:
        return {"firstring": importlib.metadata.version("firstring"), "speech-to-text": self.settings.stt}

    async def written(self, call_id: str) -> list[str]:
        """References of what the chart server has confirmed for this call."""

        def work(session: Session) -> list[str]:
            rows = session.exec(select(LedgerRow).where(LedgerRow.call_id == call_id)).all()
            return [row.server_ref for row in rows if row.server_ref]

        return await self.storage.read(work)


@contextlib.asynccontextmanager
async def open_services(chosen: Settings) -> AsyncIterator[Services]:
    """Everything a web process needs, over workers that run beside it."""
    clients = {
        name: WorkerClient(socket_of(chosen, name), limit_s=LIMITS_S.get(name, EAR_LIMIT_S))
        for name in worker_names(chosen)
    }
    here = [client for name, client in clients.items() if name.startswith("ear-")]
    elsewhere = speech_clients(chosen)
    ears = Ears(elsewhere, spare=here) if elsewhere else Ears(here)
    mouth = Mouth(clients["mouth"], MouthConfig(voice=mouth_voice(chosen)), chosen.data_dir / "prompts")
    storage = await asyncio.to_thread(Storage.open, chosen.database, keyring_of(chosen), server=True)
    try:
        await asyncio.to_thread(check_keys, storage.engines.reading, storage.keyring)
        base = chosen.fhir_base_url or f"http://127.0.0.1:{chosen.private_port}/fhir"
        async with httpx.AsyncClient(timeout=CHART_LIMIT_S) as http:
            services = assemble(chosen, storage, base, http, ears, mouth, clients["mind"])
            services.workers = list(clients.values())
            services.carrier = carrier_of(chosen, services.practice)
            services.traces = open_traces(chosen.otel_endpoint, instance=services.owner)
            await asyncio.to_thread(vad.load)
            try:
                yield services
            finally:
                await services.keeper.close()
                if services.carrier is not None:
                    services.carrier.close()
                if services.traces is not None:
                    await asyncio.to_thread(services.traces.close)
    finally:
        storage.close()
        for client in clients.values():
            await client.close()
        for other in elsewhere:
            await other.close()


@contextlib.asynccontextmanager
async def open_local(chosen: Settings) -> AsyncIterator[Services]:
    """Services of one process without audio, for the keyboard: the chart is reached in-process."""
    from agent.chart_app import chart_transport

    mind = mind_service(chosen)
    await asyncio.to_thread(mind.load)
    storage = await asyncio.to_thread(Storage.open, chosen.database, keyring_of(chosen))
    try:
        clock = settings_module.clock_of(chosen)
        own = backends_of(chosen, storage, clock)
        transport = None if chosen.fhir_base_url else chart_transport(own, chosen.fhir_token)
        base = chosen.fhir_base_url or "http://chart/fhir"
        async with httpx.AsyncClient(transport=transport, timeout=CHART_LIMIT_S) as http:
            services = assemble(chosen, storage, base, http, Ears([local(None)]), Mouth(None), local(mind))
            try:
                yield services
            finally:
                await services.keeper.close()
    finally:
        storage.close()


def assemble(
    chosen: Settings,
    storage: Storage,
    base: str,
    http: httpx.AsyncClient,
    ears: Ears,
    mouth: Mouth,
    mind: Remote,
    clock: Clock | None = None,
) -> Services:
    """``clock`` None: that of the settings."""
    clock = clock or settings_module.clock_of(chosen)
    book, protocols = practice_book(chosen, storage), protocol_book(chosen, storage)
    backends = backends_on(book, protocols, storage, clock)
    writeback = writeback_config(chosen, book.practice.name)
    tokens = token_source(chosen, base, http, clock)
    client = FhirClient(base, tokens, http, limit_s=FHIR_LIMIT_S, now=clock)
    parts = chosen.read_parts  # with them calls know their patients by the server's own ids
    patients = own_patients(backends.chart) if chosen.fhir_base_url and not parts else None
    sending = ehr_writeback.DispatcherConfig(
        practitioner_ref=chosen.fhir_practitioner,
        in_flight_s=FHIR_LIMIT_S if chosen.fhir_base_url else 0.0,  # our own chart dies with this process
    )
    dispatcher = ehr_writeback.Dispatcher(
        storage, client, clock, config=sending, patients=patients, confirmed=_confirmed
    )
    looking = FhirClient(base, tokens, http, limit_s=LOOK_S, now=clock)
    return Services(
        chosen,
        clock,
        storage,
        book,
        protocols,
        backends,
        dispatcher,
        writeback,
        ears,
        mouth,
        mind,
        client,
        http=http,
        reading=ReadingBackends(backends, looking, SYSTEM_URL, parts) if parts else None,
        spanish=spanish_of(chosen),
    )


def _in_a_call(of_call: Practice, newest: Practice) -> Practice:
    """A call keeps the words it began with; whether somebody is there is always as it is now."""
    return replace(of_call, hours=newest.hours, closures=newest.closures, on_call=newest.on_call)


def _confirmed(kind: str, seconds: float) -> None:
    if kind == NOTE:
        NOTE_SECONDS.observe(seconds)


def carrier_of(chosen: Settings, practice: Practice) -> Carrier | None:
    """Who takes our orders for calls and texts; None where there is no account, or none may be given."""
    if not chosen.orders_carrier:
        return None
    return Carrier(
        chosen.twilio_account_sid,
        chosen.twilio_auth_token,
        api_base=chosen.twilio_api_base,
        own_number=own_number(chosen, practice),
        may_call=may_call(chosen, practice),
    )
