"""Two of the twelve call by voice at the same time: `firstring call`, flite's rms, caller ID known."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from agent.local_server import demo_settings, running_server
from agent.preparing import backends_of, keyring_of
from agent.settings import Settings, clock_of
from agent.supervisor import environment_of
from models import records
from models.desk import open_tasks
from models.domain import (
    BookOpening,
    CallRecord,
    CancelVisit,
    Disposition,
    IdentityLevel,
    MoveVisit,
    RefillAnswered,
)
from models.storage import Storage
from tests.charts.conftest import Person, chart_files, person_of
from tests.charts.test_refill_outcomes import OUTCOMES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CALL_LIMIT_S = 300
TO_BOOK_AND_MOVE = ("next week in the morning", "next week in the afternoon")


@dataclass(frozen=True)
class CallerPlan:
    """One of the twelve, who calls twice at once, as two people of a household might: visit and refill."""

    number: int  # of the chart
    provider: str
    medicine: str
    when: tuple[str, str] = TO_BOOK_AND_MOVE
    asked: bool = False  # says which medicine when asked for it, not at once


CALLERS = (
    CallerPlan(0, "Doctor Chen", "carbamazepine", asked=True),
    CallerPlan(5, "Doctor Patel", "hydrochlorothiazide"),
)


@dataclass(frozen=True)
class Voices:
    settings: Settings
    visits: dict[int, str]  # by chart: the call that books, moves and cancels
    refills: dict[int, str]


def claim(person: Person) -> list[str]:
    born = person.born
    return [f"{person.given} {person.family}", f"{born:%B} {born.day}, {born.year}"]


def visit_steps(plan: CallerPlan, person: Person) -> list[str]:
    first, then = plan.when
    return [
        f"I would like to make an appointment with {plan.provider}",
        *claim(person),
        *("a follow up visit", first, "the first one", "yes"),
        *("I need to move my appointment", then, "the first one", "yes"),
        *("please cancel my appointment", "yes", "no that is all"),
    ]


def refill_steps(plan: CallerPlan, person: Person) -> list[str]:
    at_once, later = ("", [plan.medicine]) if plan.asked else (f" of my {plan.medicine}", [])
    return [
        f"I need a refill{at_once}",
        *claim(person),
        *later,
        "no",
        "Main Street Pharmacy",
        "yes",
        "no that is all",
    ]


STEPS = (visit_steps, refill_steps)


@pytest.fixture(scope="module")
def voices(practice_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voices]:
    folder = shutil.copytree(practice_folder, tmp_path_factory.mktemp("voices") / "data")
    people = [person_of(chart_files()[plan.number]) for plan in CALLERS]
    said = [make(plan, person) for make in STEPS for plan, person in zip(CALLERS, people, strict=True)]
    with running_server(demo_settings(folder)) as server, ThreadPoolExecutor(len(said)) as pool:
        sids = list(pool.map(partial(_place, server.settings), people * len(STEPS), said))
        numbers = [plan.number for plan in CALLERS]
        visits, refills = sids[: len(CALLERS)], sids[len(CALLERS) :]
        yield Voices(
            server.settings,
            dict(zip(numbers, visits, strict=True)),
            dict(zip(numbers, refills, strict=True)),
        )


def _place(settings: Settings, person: Person, said: list[str]) -> str:
    """Places a call as a user would; its SID."""
    to = f"http://127.0.0.1:{settings.port}"
    lines = [f"say:{words}" for words in said]
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
    sid: str = json.loads(done.stdout)["call_sid"]
    return sid


@pytest.fixture
def storage(voices: Voices) -> Iterator[Storage]:
    opened = Storage.open(voices.settings.database, keyring_of(voices.settings))
    yield opened
    opened.close()


async def record(storage: Storage, sid: str) -> CallRecord:
    """The call as stored, once it is closed."""
    for _ in range(100):
        stored = await storage.read(lambda session: records.load_call(session, sid))
        if stored and stored.ended:
            break
        await asyncio.sleep(0.1)
    return await storage.read(lambda session: records.call_record(session, sid))


def told(call: CallRecord) -> str:
    return "\n".join(f"{turn.caller_text} | {turn.agent_text}" for turn in call.turns)


@pytest.mark.parametrize("plan", CALLERS, ids=lambda plan: str(plan.number))
async def test_a_visit_is_booked_moved_and_cancelled_by_voice(
    voices: Voices, storage: Storage, plan: CallerPlan
) -> None:
    call = await record(storage, voices.visits[plan.number])
    assert (call.identity, call.disposition) == (IdentityLevel.L1, Disposition.COMPLETED), told(call)
    kinds = [type(done.action) for done in call.done]
    assert [kinds.count(kind) for kind in (BookOpening, MoveVisit, CancelVisit)] == [1, 1, 1], told(call)
    chart = backends_of(voices.settings, storage, clock_of(voices.settings)).chart
    patient = f"Patient/{person_of(chart_files()[plan.number]).patient_id}"
    visits = await chart.search("Appointment", [("patient", patient)])
    assert visits.total
    assert "booked" not in {visit.body["status"] for visit in visits.found}


@pytest.mark.parametrize("plan", CALLERS, ids=lambda plan: str(plan.number))
async def test_a_refill_is_asked_for_by_voice(voices: Voices, storage: Storage, plan: CallerPlan) -> None:
    call = await record(storage, voices.refills[plan.number])
    assert (call.identity, call.disposition) == (IdentityLevel.L1, Disposition.COMPLETED), told(call)
    (answer,) = [done.result for done in call.done if isinstance(done.result, RefillAnswered)]
    assert answer.outcome is OUTCOMES[plan.medicine][0]
    assert answer.task_ref in {task.resource_ref for task in await storage.read(open_tasks)}


@pytest.mark.parametrize("plan", CALLERS, ids=lambda plan: str(plan.number))
async def test_each_call_left_one_note(voices: Voices, storage: Storage, plan: CallerPlan) -> None:
    chart = backends_of(voices.settings, storage, clock_of(voices.settings)).chart
    patient = f"Patient/{person_of(chart_files()[plan.number]).patient_id}"
    for _ in range(100):
        notes = await chart.search("DocumentReference", [("patient", patient)])
        if notes.total >= len(STEPS):
            break
        await asyncio.sleep(0.2)
    assert notes.total == len(STEPS)
