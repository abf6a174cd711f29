"""The demo's four callers: who calls, what they say, and how their call is meant to end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from telephony.double import parse_steps
from telephony.double.script import Step

FIXTURES = Path(__file__).resolve().parent.parent / "audio_fixtures"


@dataclass(frozen=True, slots=True)
class DemoCall:
    title: str
    number: str
    clips: tuple[str, ...]
    disposition: str
    resources: tuple[str, ...]  # FHIR types that must have been written because of this call
    hangs_up: bool = False  # after the last clip; otherwise the agent ends the call

    @property
    def steps(self) -> tuple[Step, ...]:
        end = ["wait:6", "hangup"] if self.hangs_up else []
        return parse_steps([f"wav:{clip_path(clip)}" for clip in self.clips] + end)


REFILL = DemoCall(
    "A refill",
    "+16175550123",
    (
        "maria-wants-refill",
        "maria-name",
        "maria-dob",
        "maria-no-problems",
        "maria-pharmacy",
        "maria-yes",
        "maria-done",
    ),
    "completed",
    ("MedicationRequest", "Task", "Encounter", "DocumentReference", "Provenance"),
)
BOOKING = DemoCall(
    "A booking that the caller corrects",
    "+16175550144",
    (
        "james-wants-visit",
        "james-name",
        "james-dob",
        "james-type",
        "james-when",
        "james-second",
        "james-correction",
        "james-yes",
        "james-done",
    ),
    "completed",
    ("Appointment", "Encounter", "DocumentReference", "Provenance"),
)
SYMPTOM = DemoCall(
    "A symptom call that turns urgent",
    "+16175550131",
    ("robert-dizzy", "robert-name", "robert-dob", "robert-since", "robert-chest", "robert-yes"),
    "escalated",
    ("Task", "Communication", "Encounter", "DocumentReference", "Provenance"),
    hangs_up=True,
)
PERSON = DemoCall(
    "A caller who wants a person, in noise", "+16175550136", ("linda-person",), "transferred", ()
)

CALLS = (REFILL, BOOKING, SYMPTOM, PERSON)


def clip_path(clip: str) -> Path:
    return FIXTURES / f"{clip}.wav"


def words_of(clip: str) -> str:
    """What the clip's voice says, from the file beside it: to show, never given to the server."""
    words: str = json.loads((FIXTURES / f"{clip}.json").read_text())["words"]
    return words
