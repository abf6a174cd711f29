"""The calls are really heard: names of files mean nothing, other words give another outcome."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

from agent.in_process import PlacedCall
from models.domain import PageStaff, RequestRefill
from telephony.double import Step, StepKind, parse_steps
from tests.calls.conftest import ROOT, Practice, steps_of

JAMES, STRANGER = "+16175550144", "+16175550199"
FIXTURES = ROOT / "audio_fixtures"


def says(*clips: str) -> tuple[Step, ...]:
    return tuple(Step(StepKind.WAV, str(FIXTURES / f"{clip}.wav")) for clip in clips)


def renamed(folder: Path, *clips: str) -> tuple[Step, ...]:
    """The same clips under names that say nothing, without the files that hold their words."""
    for number, clip in enumerate(clips):
        shutil.copy(FIXTURES / f"{clip}.wav", folder / f"x{number}.wav")
    return tuple(Step(StepKind.WAV, str(folder / f"x{number}.wav")) for number in range(len(clips)))


def kinds(call: PlacedCall) -> list[str]:
    return [resource["resourceType"] for resource in call.written]


def refills(call: PlacedCall) -> list[RequestRefill]:
    return [done.action for done in call.stored.done if isinstance(done.action, RequestRefill)]


def is_identified(call: PlacedCall) -> bool:
    return any(getattr(done.result, "patient_id", "") for done in call.stored.done)


def test_renaming_the_clips_changes_nothing(practice: Practice, tmp_path: Path) -> None:
    booking = ("wants-visit", "name", "dob", "type", "when", "second", "yes", "done")
    call = practice.plays(renamed(tmp_path, *(f"james-{name}" for name in booking)), number=JAMES)
    assert call.stored.disposition == "completed"
    assert [each["status"] for each in call.written if each["resourceType"] == "Appointment"] == ["booked"]
    assert "DocumentReference" in kinds(call)
    assert call.heard == call.said, "marks came back for all that was said"


def test_another_callers_voice_does_not_open_this_callers_chart(practice: Practice) -> None:
    """From Maria's number, with James's name and birth date: not verified, nothing written."""
    call = practice.plays(says("maria-wants-refill", "james-name", "james-dob", "linda-person"))
    assert refills(call) == []
    assert not is_identified(call)
    assert call.written == []


def test_a_medicine_that_is_not_on_the_chart_is_not_requested(practice: Practice) -> None:
    words = ("wants-warfarin", "name", "dob", "wants-warfarin", "done")
    call = practice.plays(says(*(f"james-{name}" for name in words)), number=JAMES)
    assert is_identified(call)
    assert refills(call) == []
    assert "DocumentReference" in kinds(call)
    assert "MedicationRequest" not in kinds(call)


def test_silence_ends_with_the_offer_of_a_person(practice: Practice) -> None:
    call = practice.plays(steps_of("says-nothing"), number=STRANGER)
    assert "person" in " ".join(call.said).lower()
    assert all(first != second for first, second in itertools.pairwise(call.said))
    assert call.written == []


def test_danger_said_while_hanging_up_still_reaches_staff(practice: Practice) -> None:
    call = practice.plays((*says("robert-chest"), *parse_steps(["hangup"])), number="+16175550198")
    assert call.stored.disposition == "escalated"
    assert any(isinstance(done.action, PageStaff) for done in call.stored.done)
