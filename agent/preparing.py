"""What a database must hold before it serves: an administrator, and the demo practice where it is wanted."""

from __future__ import annotations

import asyncio
import fcntl
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent import settings as settings_module
from agent.danger_phrases import checked_book
from agent.first_run import make_data_dir
from agent.formulary_build import use_site_table
from agent.reference_settings import providers_of
from agent.settings import Settings
from backends.embedded import EmbeddedBackends
from backends.practice import Practice
from backends.practice_book import PracticeBook
from backends.protocols import ProtocolBook
from backends.questionnaires import FOLDER, SHIPPED, load_documents
from backends.seed import seed_demo
from backends.spanish_prompts import signed_prompts
from models.domain import Clock, SpanishPrompts
from models.engines import only_one, parse_url
from models.keyfile import KeyRingError
from models.keyring import KeyRing
from models.storage import Storage
from voice import spanish

if TYPE_CHECKING:
    from ehr_writeback import WritebackConfig

SYSTEM_URL = "urn:firstring:install"
SEED_LOCK = 0x46697274  # of processes that share a PostgreSQL
KEYS_FIX = (
    "Restore DATA_DIR/secrets/keys from the backup. Only if there is none, and the data may be lost: "
    "move the database file away, and start anew."
)


def keyring_of(chosen: Settings) -> KeyRing:
    """The key ring, made at the first start. Raises KeyRingError when it is lost or damaged."""
    path = chosen.secrets_folder / "keys"
    if keys_lost(chosen):  # new keys would hide the loss, and mix with the old data
        raise KeyRingError(f"the key file {path} is gone, and the database is there", fix=KEYS_FIX)
    return KeyRing.load_or_create(path)


def keys_lost(chosen: Settings) -> bool:
    """Whether an SQLite database is there without its keys, which are always made before it.

    The database is looked for first: another process may be making both just now.
    """
    url = parse_url(chosen.database)
    database = Path(str(url.database)) if url.get_backend_name() == "sqlite" else None
    there = database is not None and database.exists() and database.stat().st_size > 0
    return there and not (chosen.secrets_folder / "keys").exists()


def practice_book(chosen: Settings, storage: Storage | None = None) -> PracticeBook:
    """The practice's file, and over it what staff have changed in ``storage``. PRACTICE_TIMEZONE goes before.

    Raises SettingsError naming what is wrong in the practice's file.
    """

    def adjust(practice: Practice) -> Practice:
        return replace(practice, timezone=chosen.practice_timezone or practice.timezone)

    book = checked_book(chosen.practice_file, adjust)
    if storage is not None:
        storage.read_now(book.take_up)
    return book


def practice_of(chosen: Settings) -> Practice:
    """As its file says. Raises SettingsError naming what is wrong there."""
    return practice_book(chosen).practice


def writeback_config(chosen: Settings, practice_name: str) -> WritebackConfig:
    """What calls act on by FHIR_READ stands on the server that notes are written to."""
    from ehr_writeback import WritebackConfig  # ears and tools prepare too: they write nothing back

    return WritebackConfig(
        system_url=SYSTEM_URL,
        practice_name=practice_name,
        organization_ref=chosen.fhir_organization,
        location_ref=chosen.fhir_location,
        task_owner_ref=chosen.fhir_task_owner,
        page_recipient_ref=chosen.fhir_page_recipient,
        provider_refs=providers_of(chosen),
        same_server=not chosen.fhir_base_url,
        visits_there="appointments" in chosen.read_parts,
        orders_there="medicines" in chosen.read_parts,
    )


def protocol_book(chosen: Settings, storage: Storage | None = None) -> ProtocolBook:
    """The files of questionnaires, and over them what staff have taken and signed in ``storage``.

    Raises SettingsError naming the file and what is wrong in it.
    """
    live = chosen.practice_file is not None and not chosen.unsigned_checkins
    book = ProtocolBook(load_documents(SHIPPED), load_documents(chosen.data_dir / FOLDER), live=live)
    if storage is not None:
        storage.read_now(book.take_up)
    return book


def spanish_of(chosen: Settings) -> SpanishPrompts | None:
    """The signed Spanish wordings, where this machine has a voice for them. Raises SettingsError."""
    signed = signed_prompts(chosen.data_dir)
    return signed if signed and spanish.can_speak() else None


def backends_of(chosen: Settings, storage: Storage, clock: Clock) -> EmbeddedBackends:
    use_site_table(chosen)
    return backends_on(practice_book(chosen, storage), protocol_book(chosen, storage), storage, clock)


def backends_on(
    book: PracticeBook, protocols: ProtocolBook, storage: Storage, clock: Clock
) -> EmbeddedBackends:
    """They follow the books: what staff change counts for them at once."""
    return EmbeddedBackends(storage, storage.keyring, book.live, clock, SYSTEM_URL, protocols.running)


async def first_administrator(storage: Storage, clock: Clock, *, demo: bool = False) -> str | None:
    """Makes the administrator and returns the one-time password; None when there is one.

    Of a ``demo`` practice it sees the calls too, and decides about refills: there is nobody else, and no
    patient is real.
    """
    from console.roles import Role
    from console.users import create_admin

    also = frozenset({Role.COORDINATOR, Role.PRESCRIBER}) if demo else frozenset()
    return await storage.write(lambda session: create_admin(session, at=clock(), also=also))


def ensure_demo(chosen: Settings) -> None:
    """The demo practice's chart, seeded once however many processes ask for it together."""
    make_data_dir(chosen)
    with (chosen.data_dir / "seed.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        storage = Storage.open(chosen.database, keyring_of(chosen))
        try:
            clock = settings_module.clock_of(chosen)
            backends = backends_of(chosen, storage, clock)
            with only_one(storage.engines.reading, SEED_LOCK):
                asyncio.run(seed_demo(backends.chart, backends.practice, clock(), SYSTEM_URL))
        finally:
            storage.close()


def prepare_tool(chosen: Settings) -> None:
    """For tools that need no carrier: the data folder, and the demo practice's chart if it is that."""
    make_data_dir(chosen)
    if chosen.practice_file is None:
        ensure_demo(chosen)
