"""Two of the twelve call by voice at the same time, on audio time: flite's rms is heard, caller ID known."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent import audio_time
from agent.in_process import Engines, open_in_process
from agent.local_server import demo_settings
from agent.place_call import speak
from agent.preparing import backends_of, keyring_of
from agent.settings import Settings, clock_of, with_secrets
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
from telephony.double import Caller, Manner, parse_steps
from tests.charts.conftest import Person, chart_files, person_of
from tests.charts.test_refill_outcomes import OUTCOMES

pytestmark = pytest.mark.busy(about_s=60)

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
        *("please cancel my appointment", "yes", "yes", "no that is all"),
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
def voices(practice_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Voices:
    folder = shutil.copytree(practice_folder, tmp_path_factory.mktemp("voices") / "data")
    chosen = with_secrets(demo_settings(folder))
    people = [person_of(chart_files()[plan.number]) for plan in CALLERS]
    said = [make(plan, person) for make in STEPS for plan, person in zip(CALLERS, people, strict=True)]
    sound = asyncio.run(spoken({words for lines in said for words in lines}))
    sids = audio_time.run(placed(chosen, Engines.load(chosen), people * len(STEPS), said, sound))
    numbers = [plan.number for plan in CALLERS]
    visits, refills = sids[: len(CALLERS)], sids[len(CALLERS) :]
    return Voices(chosen, dict(zip(numbers, visits, strict=True)), dict(zip(numbers, refills, strict=True)))


async def spoken(words: set[str]) -> dict[str, bytes]:
    return {each: await speak(each) for each in sorted(words)}


async def placed(
    chosen: Settings,
    engines: Engines,
    people: list[Person],
    said: list[list[str]],
    sound: dict[str, bytes],
) -> list[str]:
    """The calls' SIDs, once all are over and in the chart."""

    async def voice(words: str) -> bytes:
        return sound[words]

    async with open_in_process(chosen, engines) as practice:
        calls = [
            practice.double(person.phone, Manner(unhurried=False)).place_call(
                Caller(parse_steps(f"say:{words}" for words in lines), synthesise=voice)
            )
            for person, lines in zip(people, said, strict=True)
        ]
        results = await asyncio.gather(*calls)
        await practice.services.dispatcher.drain_once()
    return [result.call_sid for result in results]


@pytest.fixture
def storage(voices: Voices) -> Iterator[Storage]:
    opened = Storage.open(voices.settings.database, keyring_of(voices.settings))
    yield opened
    opened.close()


async def record(storage: Storage, sid: str) -> CallRecord:
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
    notes = await chart.search("DocumentReference", [("patient", patient)])
    assert notes.total == len(STEPS)
