"""Two of the twelve call by voice at the same time: `firstring call`, flite's rms, caller ID known."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.local_server import demo_settings, running_server
from agent.preparing import backends_of, keyring_of
from agent.settings import Settings, clock_of
from agent.supervisor import environment_of
from models import records
from models.desk import open_tasks
from models.domain import CancelVisit, Disposition, IdentityLevel, MoveVisit, RefillAnswered, VisitBooked
from models.storage import Storage
from tests.charts.conftest import Person, chart_files, person_of
from tests.charts.test_refill_outcomes import OUTCOMES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CALL_LIMIT_S = 420
CALLERS = ((0, "carbamazepine"), (5, "hydrochlorothiazide"))  # chart, medicine


@dataclass(frozen=True)
class Voices:
    settings: Settings
    calls: dict[int, dict[str, Any]]  # what `firstring call --json` printed, by chart


def steps(person: Person, medicine: str) -> list[str]:
    said = (
        "I would like to make an appointment",
        f"{person.given} {person.family}",
        f"{person.born:%B} {person.born.day}, {person.born.year}",
        "a follow up visit",
        "next week in the morning",
        "the first one",
        "yes",
        "I need to move my appointment",
        "next week in the afternoon",
        "the first one",
        "yes",
        "please cancel my appointment",
        "yes",
        f"I need a refill of my {medicine}",
        "no",
        "Main Street Pharmacy",
        "yes",
        "no that is all",
    )
    return [f"say:{words}" for words in said]


@pytest.fixture(scope="module")
def voices(practice_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voices]:
    folder = shutil.copytree(practice_folder, tmp_path_factory.mktemp("voices") / "data")
    with running_server(demo_settings(folder)) as server:

        def place(caller: tuple[int, str]) -> tuple[int, dict[str, Any]]:
            person = person_of(chart_files()[caller[0]])
            return caller[0], _place(server.settings, person, steps(person, caller[1]))

        with ThreadPoolExecutor(len(CALLERS)) as pool:
            yield Voices(server.settings, dict(pool.map(place, CALLERS)))


def _place(settings: Settings, person: Person, lines: list[str]) -> dict[str, Any]:
    to = f"http://127.0.0.1:{settings.port}"
    command = [
        sys.executable,
        "-m",
        "agent.cli",
        "call",
        "--json",
        "--to",
        to,
        "--from",
        person.phone,
        *lines,
    ]
    environment = {**os.environ, **environment_of(settings, settings.private_port), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=CALL_LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize(("number", "medicine"), CALLERS)
async def test_book_move_cancel_and_refill_by_voice(voices: Voices, number: int, medicine: str) -> None:
    person = person_of(chart_files()[number])
    storage = Storage.open(voices.settings.database, keyring_of(voices.settings))
    try:
        sid = voices.calls[number]["call_sid"]
        call = await storage.read(lambda session: records.call_record(session, sid))
        heard = [turn.caller_text for turn in call.turns]
        assert call.identity is IdentityLevel.L1, heard
        assert any(isinstance(done.result, VisitBooked) for done in call.done), heard
        assert [type(done.action) for done in call.done].count(MoveVisit) == 1, heard
        assert [type(done.action) for done in call.done].count(CancelVisit) == 1, heard
        (answer,) = [done.result for done in call.done if isinstance(done.result, RefillAnswered)]
        assert answer.outcome is OUTCOMES[medicine][0]
        assert answer.task_ref in {task.resource_ref for task in await storage.read(open_tasks)}
        assert call.disposition is Disposition.COMPLETED

        chart = backends_of(voices.settings, storage, clock_of(voices.settings)).chart
        visits = await chart.search("Appointment", [("patient", f"Patient/{person.patient_id}")])
        assert visits.total
        assert "booked" not in {visit.body["status"] for visit in visits.found}
        notes = await chart.search("DocumentReference", [("patient", f"Patient/{person.patient_id}")])
        assert notes.total == 1
    finally:
        storage.close()
