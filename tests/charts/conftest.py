"""Charts that Synthea made, read where they are; nothing of them is copied into the project."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from agent import load_charts
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import prepare_tool
from backends.embedded import EmbeddedBackends
from backends.foreign_file import read_file
from backends.foreign_load import ChartLoader
from backends.practice import Practice, load_practice
from intents.understand import MindService
from models.domain import RefillAnswered
from models.keyring import KeyRing
from models.storage import Storage
from tests.conversations.conftest import Line, _line

CHARTS = Path(__file__).parents[3] / "shared" / "evaldata" / "synthea_r4"
COUNT = 12
NOW = datetime.fromisoformat("2026-11-24T10:05:00-05:00")
SYSTEM = "https://demo.example"


def chart_files() -> list[Path]:
    """The charts in the order of their names; skips the test where they are absent."""
    files = sorted(CHARTS.glob("*.json"))
    if not files:
        pytest.skip(f"evaluation data not here: {CHARTS}")
    assert len(files) == COUNT
    return files


@dataclass(frozen=True)
class Person:
    """What a caller of one of these charts knows about themselves."""

    patient_id: str
    given: str
    family: str
    born: date
    phone: str  # E.164

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".lower()


def person_of(path: Path) -> Person:
    entries = json.loads(path.read_text(encoding="utf-8"))["entry"]
    found: dict[str, Any] = next(
        entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Patient"
    )
    digits = "".join(letter for letter in found["telecom"][0]["value"] if letter.isdigit())
    name = found["name"][0]
    born = date.fromisoformat(found["birthDate"])
    return Person(found["id"], name["given"][0], name["family"], born, f"+1{digits}")


def assert_noted(note: dict[str, Any], person: Person, order_id: str, answer: RefillAnswered) -> None:
    """The call's note is this person's, tells of this order and its outcome, and names none of the others."""
    text = base64.b64decode(note["content"][0]["attachment"]["data"]).decode()
    assert note["subject"]["reference"] == f"Patient/{person.patient_id}"
    assert note["status"] == "current"
    assert f"order {order_id}, " in text
    assert f"protocol result {answer.outcome.value}" in text
    others = {one.family for one in map(person_of, chart_files())} - {person.family}
    assert [name for name in others if name in text] == []


@pytest.fixture(scope="session")
def loaded_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the twelve charts, loaded as the practice's own patients."""
    files = chart_files()
    folder = tmp_path_factory.mktemp("charts")
    storage = _storage(folder)
    backends = _backends(storage)
    loader = ChartLoader(backends.chart, backends.practice, own_patients=True)
    for path in files:
        loaded = asyncio.run(loader.load(read_file(path)))
        assert not loaded.skipped, path.name
    storage.close()
    return folder


@pytest.fixture
def charts(loaded_folder: Path, tmp_path: Path) -> Iterator[EmbeddedBackends]:
    storage = _storage(shutil.copytree(loaded_folder, tmp_path / "db"))
    yield _backends(storage)
    storage.close()


def _storage(folder: Path) -> Storage:
    return Storage.open(f"sqlite:///{folder}/chart.db", KeyRing.load_or_create(folder / "keys.json"))


def _backends(storage: Storage) -> EmbeddedBackends:
    practice: Practice = load_practice()
    return EmbeddedBackends(storage, storage.keyring, practice, lambda: NOW, SYSTEM)


@pytest.fixture(scope="session")
def mind() -> MindService:
    service = MindService()
    service.load()
    return service


@pytest.fixture(scope="session")
def practice_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo practice's data folder with the twelve charts loaded by the command."""
    files = chart_files()
    folder = tmp_path_factory.mktemp("practice") / "data"
    chosen = demo_settings(folder)
    prepare_tool(chosen)
    shown: list[Any] = []
    loading = load_charts.run(chosen, [CHARTS], shown.append, own_patients=True, as_json=True)
    assert asyncio.run(loading) == 0
    assert shown[-1]["total"]["new_patients"] == len(files)
    return folder


@pytest.fixture
async def line(
    practice_folder: Path, tmp_path: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Line]:
    """The practice of the twelve on a Tuesday morning, called by keyboard."""
    async with await _line(practice_folder, tmp_path, mind, monkeypatch, DEMO_NOW) as services:
        yield Line(services)
