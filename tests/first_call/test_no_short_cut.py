"""The calls are really heard: names of files mean nothing, other words give another outcome."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.demo import double_for
from agent.local_server import LocalServer
from models import records
from models.domain import PageStaff, RequestRefill
from telephony.double import Caller, CallResult, parse_steps
from tests.first_call.conftest import FIXTURES, Practice, wav

pytestmark = pytest.mark.slow

MARIA, JAMES, STRANGER = "+16175550123", "+16175550144", "+16175550199"


@dataclass(frozen=True)
class Altered:
    """Calls placed at the same time."""

    renamed: CallResult
    foreign_voice: CallResult
    off_chart: CallResult
    silent: CallResult
    danger_then_gone: CallResult


def renamed_clips(folder: Path, *clips: str) -> list[str]:
    """The same clips under names that say nothing, without the files that hold their words."""
    steps = []
    for number, clip in enumerate(clips):
        target = folder / f"x{number}.wav"
        shutil.copy(FIXTURES / f"{clip}.wav", target)
        steps.append(f"wav:{target}")
    return steps


@pytest.fixture(scope="session")
def altered(fresh: LocalServer, tmp_path_factory: pytest.TempPathFactory) -> Altered:
    booking = ("wants-visit", "name", "dob", "type", "when", "second", "yes", "done")
    callers = (
        (
            JAMES,
            renamed_clips(tmp_path_factory.mktemp("renamed"), *(f"james-{name}" for name in booking)),
            20.0,
        ),
        (MARIA, [wav("maria-wants-refill"), wav("james-name"), wav("james-dob"), wav("linda-person")], 20.0),
        (
            JAMES,
            [wav(f"james-{name}") for name in ("wants-warfarin", "name", "dob", "wants-warfarin", "done")],
            20.0,
        ),
        (STRANGER, ["wait:80"], 60.0),
        ("+16175550198", [wav("robert-chest"), "hangup"], 20.0),
    )

    async def place() -> list[CallResult]:
        calls = [
            double_for(fresh, number).place_call(Caller(parse_steps(steps), patience_s=patience_s))
            for number, steps, patience_s in callers
        ]
        return await asyncio.gather(*calls)

    return Altered(*asyncio.run(place()))


def refills(call: records.StoredCall) -> list[RequestRefill]:
    return [done.action for done in call.done if isinstance(done.action, RequestRefill)]


async def test_renaming_the_clips_changes_nothing(fresh_practice: Practice, altered: Altered) -> None:
    call = await fresh_practice.stored(altered.renamed.call_sid)
    written = await fresh_practice.written(call.call_id, kinds={"Appointment", "DocumentReference"})
    assert call.disposition == "completed"
    assert [each["status"] for each in written if each["resourceType"] == "Appointment"] == ["booked"]


async def test_another_callers_voice_does_not_open_this_callers_chart(
    fresh_practice: Practice, altered: Altered
) -> None:
    """From Maria's number, with James's name and birth date: not verified, nothing written."""
    call = await fresh_practice.stored(altered.foreign_voice.call_sid)
    assert refills(call) == []
    assert not any(getattr(done.result, "patient_id", "") for done in call.done)
    assert await fresh_practice.written(call.call_id, kinds=set()) == []


async def test_a_medicine_that_is_not_on_the_chart_is_not_requested(
    fresh_practice: Practice, altered: Altered
) -> None:
    call = await fresh_practice.stored(altered.off_chart.call_sid)
    written = await fresh_practice.written(call.call_id, kinds={"DocumentReference"})
    assert any(getattr(done.result, "patient_id", "") for done in call.done), "the caller was identified"
    assert refills(call) == []
    assert not [each for each in written if each["resourceType"] == "MedicationRequest"]


async def test_silence_ends_with_the_offer_of_a_person(fresh_practice: Practice, altered: Altered) -> None:
    call = await fresh_practice.stored(altered.silent.call_sid)
    texts = [turn.agent_text for turn in call.turns]
    assert "person" in " ".join(texts).lower()
    assert all(first != second for first, second in itertools.pairwise(texts))
    assert await fresh_practice.written(call.call_id, kinds=set()) == []


async def test_danger_said_while_hanging_up_still_reaches_staff(
    fresh_practice: Practice, altered: Altered
) -> None:
    call = await fresh_practice.stored(altered.danger_then_gone.call_sid)
    assert call.disposition == "escalated"
    assert any(isinstance(done.action, PageStaff) for done in call.done)
