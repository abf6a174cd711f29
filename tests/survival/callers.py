"""Callers who book a visit and go by what they are asked, so that a call may break anywhere and go on."""

from __future__ import annotations

import json
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from models import records
from models.domain import SAMPLE_RATE_HZ
from models.storage import Storage
from telephony.double import Caller, Step, StepKind
from telephony.double.sound import to_mulaw
from voice import espeak, flite, g711
from voice.stand_in import clip_digest

POLL_S = "0.3"
QUIET_S = 0.8  # of the agent, before the caller answers: a sentence may be late on a busy machine
ANSWERS: Mapping[str, str] = {  # question -> words
    "call.open": "i would like to make an appointment",
    "book.kind": "a follow up visit",
    "book.widen": "yes",
    "book.pick": "the first one",
    "book.confirm": "yes",
    "call.more": "no that's all",
    "repair.offer": "i would like to make an appointment",
}


@dataclass(frozen=True)
class Person:
    """A patient of the demo practice, who calls from the number on file."""

    patient_id: str
    number: str
    name: str
    born: str
    when: str

    def answer(self, asking: str) -> str:
        own = {
            "identity.name": f"my name is {self.name}",
            "identity.dob": self.born,
            "identity.dob_check": "yes",
            "book.when": self.when,
        }
        return {**ANSWERS, **own}.get(asking, "")

    @property
    def words(self) -> set[str]:
        return {*ANSWERS.values(), f"my name is {self.name}", self.born, self.when}


PEOPLE = (
    Person(
        "pt-1001", "+16175550123", "maria lopez", "march fifth nineteen eighty one", "next monday morning"
    ),
    Person(
        "pt-1002", "+16175550144", "james walker", "march third nineteen fifty eight", "next monday morning"
    ),
    Person(
        "pt-1003", "+16175550131", "robert smith", "july twelfth nineteen forty nine", "next tuesday morning"
    ),
    Person(
        "pt-1009",
        "+16175550136",
        "linda nguyen",
        "december twenty fourth nineteen eighty five",
        "next wednesday afternoon",
    ),
    Person(
        "pt-1011",
        "+16175550138",
        "sofia rossi",
        "june seventeenth nineteen ninety four",
        "next thursday morning",
    ),
)


class Clips:
    """Spoken words as files for the double, and the list by which the stand-in recogniser knows them.

    ``voice``: one of flite's, which a real recogniser understands better than espeak's; "" is espeak's.
    """

    def __init__(self, folder: Path, words: set[str], voice: str = "") -> None:
        self._folder, self._voice = folder, voice
        folder.mkdir(parents=True, exist_ok=True)
        rows = [json.dumps({"digest": self._made(text), "text": text}) for text in sorted(words)]
        self.list = folder / "clips.jsonl"
        self.list.write_text("\n".join(rows))

    def path(self, text: str) -> Path:
        return self._folder / f"{text.replace(' ', '-')}.wav"

    def words_of(self, label: str) -> str:
        return Path(label).stem.replace("-", " ")

    def _made(self, text: str) -> str:
        spoken, rate_hz = flite.synthesize(text, self._voice) if self._voice else _by_espeak(text)
        at_rate = soxr.resample(spoken.astype(np.float64) / 32_768, rate_hz, SAMPLE_RATE_HZ)
        samples = (at_rate / np.abs(at_rate).max() * 0.5 * 32_767).astype("<i2")
        with wave.open(str(self.path(text)), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE_HZ, 0, "NONE", ""))
            file.writeframes(samples.tobytes())
        return clip_digest(g711.decode(to_mulaw(samples)).tobytes())


def _by_espeak(text: str) -> tuple[g711.Samples, int]:
    return espeak.synthesize(text), espeak.ESPEAK_HZ


@dataclass
class Attentive:
    """One person's call: looks up what was asked last, as ears would, and says what answers it."""

    person: Person
    call_sid: str
    clips: Clips
    storage: Storage

    def caller(self, patience_s: float = 20.0) -> Caller:
        return Caller((), attend=self._next, quiet_s=QUIET_S, patience_s=patience_s)

    async def _next(self) -> Step | None:
        stored = await self.storage.read(lambda session: records.load_call(session, self.call_sid))
        state = (stored.state if stored else None) or {}
        if state.get("phase") in ("closing", "ended"):
            return None
        words = self.person.answer(str(state.get("asking", "")))
        return Step(StepKind.WAV, str(self.clips.path(words))) if words else Step(StepKind.WAIT, POLL_S)
