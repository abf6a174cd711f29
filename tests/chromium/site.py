"""The staff's listener on a port of this machine: the real application on the demo practice, no engines."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyotp
from playwright.async_api import Browser, BrowserContext
from sqlmodel import Session

import ehr_writeback
from agent import listening
from agent.chart_app import chart_transport
from agent.local_server import demo_settings
from agent.preparing import backends_of, keyring_of, prepare_tool
from agent.services import Services, assemble
from agent.settings import Settings, clock_of, with_secrets
from agent.web import answering_of, private_app
from agent.workers import local
from console import cookies, second_factor, sessions
from console.roles import Role, written_roles
from models import records
from models.domain import Clock
from models.storage import Storage
from models.tables import StaffUser
from tests.console import sample
from tests.console.browser import PASSWORD_HASH
from voice.ears import Ears
from voice.mouth import Mouth

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ALL, AUDITOR = "kim", "ada"
HALF, FRESH, WITHOUT_FACTOR = "lee", "noor", "sam"  # are still signing in


def add_staff(session: Session) -> None:
    """Kim has every role, so that a page shows all that it can."""
    every = written_roles(frozenset(Role))
    for name in (ALL, AUDITOR, HALF, FRESH, WITHOUT_FACTOR):
        roles = Role.AUDITOR if name == AUDITOR else every
        user = StaffUser(name=name, password_hash=PASSWORD_HASH, roles=roles, created_at=sample.NOW)
        user.must_change = name == FRESH
        session.add(user)
    session.flush()
    for name in (ALL, AUDITOR, HALF, FRESH):
        second_factor.set_up(session, name, SECRET, 0)


def code() -> str:
    """What the telephone shows now."""
    return pyotp.TOTP(SECRET).now()


@dataclass
class Site:
    url: str
    services: Services

    @property
    def storage(self) -> Storage:
        return self.services.storage

    async def write_note(self, call_id: str) -> None:
        """What a finished call leaves in the chart."""

        def work(session: Session) -> None:
            record = records.call_record(session, call_id)
            ehr_writeback.enqueue(session, record, config=self.services.writeback)

        await self.storage.write(work)
        await self.services.dispatcher.drain_once()

    async def context(self, browser: Browser, name: str | None = ALL, **options: object) -> BrowserContext:
        """A browser of ``name``, as far signed in as they are; of a stranger for None."""
        context = await browser.new_context(base_url=self.url, **options)  # type: ignore[arg-type]
        if name:
            now, whole = self.services.clock(), name not in (HALF, WITHOUT_FACTOR)
            value = await self.storage.write(
                lambda s: sessions.start(s, name, now, second_factor=whole),
            )
            await context.add_cookies([{"name": cookies.PLAIN, "value": value, "url": self.url}])
        return context


def settings_of(folder: Path) -> Settings:
    return demo_settings(folder, now=sample.NOW.isoformat(), second_factor=True)


def seed(folder: Path) -> None:
    prepare_tool(settings_of(folder))


@contextlib.asynccontextmanager
async def running_site(
    folder: Path, *fill: Callable[[Session], object], clock: Clock | None = None
) -> AsyncIterator[Site]:
    """A seeded practice with its staff and what ``fill`` adds, on the day of tests/console/sample.py.

    ``clock``: instead of one that runs on from there.
    """
    chosen = with_secrets(settings_of(folder))
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    storage = await asyncio.to_thread(Storage.open, chosen.database, keyring_of(chosen), server=True)
    clock = clock or clock_of(chosen)
    chart = chart_transport(backends_of(chosen, storage, clock), chosen.fhir_token)
    try:
        for work in (add_staff, *fill):
            await storage.write(work)
        async with httpx.AsyncClient(transport=chart) as http:
            nobody = local(None)
            services = assemble(
                chosen, storage, "http://chart/fhir", http, Ears([nobody]), Mouth(None), nobody, clock
            )
            async with _serving(services, listener):
                yield Site(url, services)
    finally:
        storage.close()


@contextlib.asynccontextmanager
async def _serving(services: Services, listener: socket.socket) -> AsyncIterator[None]:
    server = listening.server(private_app(services, answering_of(services)))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        services.stopping = True
        server.should_exit = True
        await task
