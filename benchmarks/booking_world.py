"""The practice of one booking dialogue: its providers, its openings, and the caller as the one patient."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlmodel import Session

from agent import settings as settings_module
from agent.chart_app import chart_transport
from agent.first_run import make_data_dir
from agent.local_server import demo_settings
from agent.preparing import backends_of, keyring_of
from agent.services import Services, assemble
from agent.settings import Settings, with_secrets
from agent.workers import local
from backends.embedded import EmbeddedBackends
from backends.publishing import publish_openings
from benchmarks.booking_caller import WEEKDAYS, ZONE, Scene, spoken_name
from models.domain import Remote
from models.storage import Storage
from voice.ears import Ears
from voice.mouth import Mouth

NUMBER = "+16175550123"
CHART = "http://chart/fhir"
DAYS = 15


def empty_practice(folder: Path) -> Path:
    """A data folder with keys and an empty database: practices are copied from it."""
    chosen = demo_settings(folder / "empty")
    make_data_dir(chosen)
    Storage.open(chosen.database, keyring_of(chosen)).close()
    return folder


async def _published(scene: Scene, practices: Path) -> Path:
    """The practice of this scene, all its openings free, or all taken where the scene names but one.

    One for all scenes that share it.
    """
    practice, day = practice_file(scene), scene.now.date()
    ready = practices / hashlib.sha256(f"{practice} {day} {scene.only_time}".encode()).hexdigest()[:16]
    if ready.exists():
        return ready
    shutil.copytree(practices / "empty", ready)
    (ready / "practice.toml").write_text(practice)
    chosen = _settings(scene, ready)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        backends = backends_of(chosen, storage, settings_module.clock_of(chosen))
        await publish_openings(backends.chart, backends.practice, day, DAYS)
        if scene.only_time:
            await storage.write(lambda session: _set_all(backends, session, "busy"))
    finally:
        storage.close()
    return ready


def _settings(scene: Scene, folder: Path) -> Settings:
    file = folder / "practice.toml"
    return with_secrets(
        demo_settings(folder, practice_file=file, demo_practice=False, now=scene.now.isoformat())
    )


@contextlib.asynccontextmanager
async def open_scene(scene: Scene, practices: Path, folder: Path, mind: Remote) -> AsyncIterator[Services]:
    """The practice of this dialogue, at the hour that the dialogue begins."""
    shutil.copytree(await _published(scene, practices), folder)
    chosen = _settings(scene, folder)
    storage = Storage.open(chosen.database, keyring_of(chosen))
    try:
        backends = backends_of(chosen, storage, settings_module.clock_of(chosen))
        await _fill(scene, backends)
        transport = chart_transport(backends, chosen.fhir_token)
        async with httpx.AsyncClient(transport=transport) as http:
            yield assemble(chosen, storage, CHART, http, Ears([local(None)]), Mouth(None), mind)
    finally:
        storage.close()


async def _fill(scene: Scene, backends: EmbeddedBackends) -> None:
    """The patient; every time of the days ahead is free, but what the dialogue found taken."""
    await backends.chart.create(
        {
            "resourceType": "Patient",
            "active": True,
            "name": [{"use": "official", "given": [scene.given_name], "family": "Parker"}],
            "birthDate": "1981-03-05",
            "telecom": [{"system": "phone", "value": NUMBER}],
        }
    )
    await backends.chart.storage.write(lambda session: _take(scene, backends, session))


def _take(scene: Scene, backends: EmbeddedBackends, session: Session) -> None:
    wanted = {_slot(scene, one.provider, one.start) for one in scene.wanted[: 1 if scene.only_time else None]}
    taken = {_slot(scene, one.provider, one.start) for one in scene.taken}
    free = [slot["id"] for slot in backends.chart.store.all(session, "Slot", ("status", "free"))]
    if scene.only_time:
        backends.scheduling.openings.set_status(session, sorted(wanted), "free")
    elif scene.only_day:
        days = {f"{one.start.astimezone(ZONE):%Y%m%d}" for one in scene.wanted}
        taken |= {name for name in free if not any(day in name for day in days)}
    backends.scheduling.openings.set_status(session, sorted(taken - wanted), "busy")


def _set_all(backends: EmbeddedBackends, session: Session, status: str) -> None:
    every = [str(slot["id"]) for slot in backends.chart.store.all(session, "Slot")]
    backends.scheduling.openings.set_status(session, every, status)


def _slot(scene: Scene, provider: str, start: datetime) -> str:
    place = scene.providers.index(provider) if provider in scene.providers else 0
    return f"p{place}-{start.astimezone(UTC):%Y%m%dT%H%M}"


def practice_file(scene: Scene) -> str:
    """A ``practice.toml`` with one kind of visit, open from six to midnight every day."""
    minutes = 15 if any(one.start.minute % 30 for one in scene.wanted) else 30
    opens = "00:30" if scene.source == "STAR" else "06:00"
    hours = "\n".join(f'{day} = ["{opens}-23:30"]' for day in WEEKDAYS)
    providers = "\n".join(_provider(at, name) for at, name in enumerate(scene.providers))
    return f"""
[practice]
name = "Elm Street Office"
phone = "+16175550100"
timezone = "{ZONE.key}"
address = "4 Elm Street"
slot_minutes = {minutes}

[hours]
{hours}
{providers}
[[visit_types]]
code = "visit"
name = "visit"
minutes = {minutes}
lead_min = 0
spoken = ["appointment", "checkup"]
"""


def _provider(at: int, name: str) -> str:
    spoken = spoken_name(name)
    short = spoken.removeprefix("Doctor ")
    full = " ".join(word for word in name.split(",")[0].split() if len(word.strip(".")) > 1)
    forms = dict.fromkeys((spoken.lower(), short.lower(), full.lower(), full.lower().removeprefix("dr. ")))
    quoted = ", ".join(f'"{form}"' for form in forms)
    return f'\n[[providers]]\nid = "p{at}"\nname = "{spoken}"\nfamily = "{short}"\nspoken = [{quoted}]\n'
