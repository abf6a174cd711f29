"""The calls are really heard: names of files mean nothing, other words give another outcome."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from models.domain import RequestRefill
from tests.first_call.conftest import FIXTURES, Practice, wav

pytestmark = pytest.mark.slow

MARIA, JAMES = "+16175550123", "+16175550144"


def renamed(tmp_path: Path, *clips: str) -> list[str]:
    """The same clips under names that say nothing, without the files that hold their words."""
    steps = []
    for number, clip in enumerate(clips):
        target = tmp_path / f"x{number}.wav"
        shutil.copy(FIXTURES / f"{clip}.wav", target)
        steps.append(f"wav:{target}")
    return steps


def refills(call: object) -> list[RequestRefill]:
    return [done.action for done in call.done if isinstance(done.action, RequestRefill)]  # type: ignore[attr-defined]


async def test_renaming_the_clips_changes_nothing(practice: Practice, tmp_path: Path) -> None:
    clips = (
        "james-wants-visit",
        "james-name",
        "james-dob",
        "james-type",
        "james-when",
        "james-second",
        "james-yes",
    )
    result = await practice.call(JAMES, *renamed(tmp_path, *clips, "james-done"))
    call = await practice.stored(result.call_sid)
    written = await practice.written(result.call_sid, kinds={"Appointment"})
    assert call.disposition == "completed"
    assert [each["status"] for each in written if each["resourceType"] == "Appointment"] == ["booked"]


async def test_another_callers_voice_does_not_open_this_callers_chart(practice: Practice) -> None:
    """From Maria's number, with James's name and birth date: not verified, nothing written."""
    result = await practice.call(
        MARIA, wav("maria-wants-refill"), wav("james-name"), wav("james-dob"), wav("linda-person")
    )
    call = await practice.stored(result.call_sid)
    assert refills(call) == []
    assert all(done.result.patient_id == "" for done in call.done if hasattr(done.result, "patient_id"))
    assert await practice.written(result.call_sid, kinds=set()) == []


async def test_a_medicine_that_is_not_on_the_chart_is_not_requested(practice: Practice) -> None:
    steps = [
        wav(f"james-{name}")
        for name in ("wants-warfarin", "name", "dob", "wants-warfarin", "wants-warfarin", "done")
    ]
    result = await practice.call(JAMES, *steps)
    call = await practice.stored(result.call_sid)
    written = await practice.written(result.call_sid, kinds={"DocumentReference"})
    assert refills(call) == []
    assert not [each for each in written if each["resourceType"] == "MedicationRequest"]


async def test_silence_ends_with_the_offer_of_a_person(practice: Practice, tmp_path: Path) -> None:
    result = await practice.call("+16175550199", "wait:75", patience_s=60.0)
    call = await practice.stored(result.call_sid)
    said = " ".join(turn.agent_text for turn in call.turns)
    assert "person" in said.lower()
    texts = [turn.agent_text for turn in call.turns]
    assert all(first != second for first, second in itertools.pairwise(texts))
    assert await practice.written(result.call_sid, kinds=set()) == []
