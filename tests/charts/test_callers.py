"""Each of the twelve calls, caller ID known: books, moves and cancels a visit, and asks for a refill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import dialog
from agent.local_server import DEMO_NOW
from backends.fhir_time import instant
from models.desk import open_tasks
from models.domain import (
    CancelVisit,
    Disposition,
    IdentityLevel,
    MoveVisit,
    RefillAnswered,
    RequestRefill,
    VisitBooked,
)
from tests.charts.conftest import Person, assert_noted, chart_files, person_of
from tests.charts.test_refill_outcomes import OUTCOMES
from tests.conversations.conftest import KeyboardCall, Line

pytestmark = pytest.mark.busy(about_s=40)

ROOT = Path(__file__).resolve().parents[2]

# What each asks for, in the words of people, and what it is.
ASKS = (
    ("klonopin", "clonazepam"),
    ("epi pen", "epinephrine"),
    ("albuterol", "albuterol"),
    ("astemizole", "astemizole"),
    ("vitamin b twelve", "cyanocobalamin"),
    ("terfenadine", "terfenadine"),
    ("epinephrine", "epinephrine"),
    ("errin", "norethindrone"),
    ("warfarin", "warfarin"),
    ("hydrochlorothiazide", "hydrochlorothiazide"),
    ("benadryl", "diphenhydramine"),
    ("levothyroxine", "levothyroxine"),
)


def spoken(day: date) -> str:
    return f"{day:%B} {day.day} {day.year}".lower()


async def slot_states(call: KeyboardCall, start: str) -> set[str]:
    """The states of all providers' slots at one instant, by provider's schedule."""
    slots = await call.chart("Slot", start=start)
    return {slot["status"] for slot in slots}


async def booked(call: KeyboardCall, person: Person) -> list[dict[str, Any]]:
    visits = await call.chart("Appointment", patient=f"Patient/{person.patient_id}")
    return [visit for visit in visits if visit["status"] == "booked"]


@pytest.mark.parametrize("number", range(len(ASKS)))
async def test_a_visit_and_a_refill(line: Line, number: int) -> None:
    person = person_of(chart_files()[number])
    call = await line.call(person.phone)
    await call.all_of("i would like to make an appointment", person.name, spoken(person.born))
    await call.all_of("a follow up visit", "next week in the morning", "the first one", "yes")
    (first,) = await booked(call, person)
    assert instant(first["start"]).date() >= date(2026, 11, 30)
    assert "busy" in await slot_states(call, first["start"])

    await call.all_of("i need to move my appointment", "next week in the afternoon", "the first one", "yes")
    (moved,) = await booked(call, person)
    assert moved["start"] != first["start"]
    assert await slot_states(call, first["start"]) == {"free"}, "the time given up is free again"
    assert "busy" in await slot_states(call, moved["start"])

    await call.all_of("please cancel my appointment", "i feel better", "yes")
    assert not await booked(call, person)
    assert await slot_states(call, moved["start"]) == {"free"}

    said, medicine = ASKS[number]
    await refill(call, person, said, medicine)
    record = await call.hangs_up()
    assert record.disposition is Disposition.COMPLETED
    assert record.identity is IdentityLevel.L1
    kinds = [type(done.action) for done in record.done]
    assert [kinds.count(kind) for kind in (MoveVisit, CancelVisit, RequestRefill)] == [1, 1, 1]
    assert sum(isinstance(done.result, VisitBooked) for done in record.done) >= 1
    notes = await call.chart("DocumentReference", patient=f"Patient/{person.patient_id}")
    (note,) = notes
    (asked,) = [done for done in record.done if isinstance(done.action, RequestRefill)]
    assert isinstance(asked.action, RequestRefill)
    assert isinstance(asked.result, RefillAnswered)
    assert record.patient_id == person.patient_id
    assert_noted(note, person, asked.action.order_id, asked.result)


async def refill(call: KeyboardCall, person: Person, said: str, medicine: str) -> None:
    """Asks, and judges what the pharmacy, the staff's list and the chart have of it."""
    reply = await call.says(f"i need a refill of my {said}")
    if "spell its name" in reply:  # another medicine of this chart sounds or looks like it
        await call.says(" ".join(said))
    await call.all_of("no", "main street pharmacy", "yes")
    (answered,) = [
        result for _, result in call.keyboard.conversation.done if isinstance(result, RefillAnswered)
    ]
    outcome, _, kind, urgent = OUTCOMES[medicine]
    assert answered.outcome is outcome
    tasks = await call.services.storage.read(open_tasks)
    (task,) = [task for task in tasks if task.resource_ref == answered.task_ref]
    assert (task.kind, task.priority == "urgent") == (kind.value, urgent)
    orders = await call.chart("MedicationRequest", patient=f"Patient/{person.patient_id}")
    proposals = [order for order in orders if order["intent"] == "proposal"]
    assert len(proposals) == (1 if answered.proposal_ref else 0)
    everything = " ".join(call.heard).lower()
    assert "approved" not in everything
    assert "nda020800" not in everything


async def test_the_number_of_one_and_the_name_of_another_open_neither_chart(line: Line) -> None:
    files = chart_files()
    one, other = person_of(files[0]), person_of(files[2])
    call = await line.call(one.phone)
    await call.all_of("i need a refill", other.name, spoken(other.born))
    assert dialog.summary(call.keyboard.conversation.state).identity is IdentityLevel.L0


def firstring(folder: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FIRSTRING_NOW": DEMO_NOW}
    return subprocess.run(
        [sys.executable, "-m", "agent.cli", *arguments],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_as_an_operator_loads_it_and_a_caller_asks(tmp_path: Path) -> None:
    path = chart_files()[0]
    person = person_of(path)
    missing = firstring(tmp_path, "load-charts", "nowhere", str(path), "--as-own-patients")
    assert missing.returncode == 2
    assert "nowhere: not loaded: it cannot be read (No such file or directory)" in missing.stdout
    assert "1 new patients" in missing.stdout
    again = firstring(tmp_path, "load-charts", str(path), "--as-own-patients", "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout.splitlines()[0])["result"] == "unchanged"
    absurd = firstring(tmp_path, "openings", "--from", "2026-12-01", "--days", "9999")
    assert absurd.returncode == 2
    assert "1 to 366" in absurd.stderr
    said = ["i need a refill of my klonopin", person.name, spoken(person.born), "no", "main street pharmacy"]
    lines = "\n".join([*said, "yes", "no that is all"])
    called = firstring(tmp_path, "chat", "--from", person.phone, "--json", given=lines)
    assert called.returncode == 0, called.stderr
    last = json.loads(called.stdout.splitlines()[-1])["call"]
    assert (last["disposition"], last["identity"]) == ("completed", "L1")
    assert last["tasks"]
    for done in (missing, again, absurd, called):
        assert "Traceback" not in done.stderr
