"""The canary calls: a patient by that name, and a stranger in danger who names them; both really spoken."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from agent.demo import double_for
from agent.local_server import LocalServer
from models import records
from models.storage import Storage
from telephony.double import Caller, CallResult, Step, StepKind
from tests.canaries.planted import BORN_SPOKEN, COMPLAINT, MEDICINE, NUMBER
from tests.survival.callers import QUIET_S, Clips

PERSON = "i want to talk to a person"
CALL_911 = "danger.call_911"
ANSWERS = {  # question -> words; anything else is answered by asking for a person
    "call.open": f"i need my {MEDICINE} refilled",
    "repair.offer": f"i need my {MEDICINE} refilled",
    "identity.name": "my name is zebulon quackenbush",
    "identity.dob": BORN_SPOKEN,
    "identity.dob_check": "yes",
    CALL_911: "yes",
    "call.more": "no that's all",
}
WORDS = {*ANSWERS.values(), PERSON, COMPLAINT}


@dataclass
class CanaryCall:
    server: LocalServer
    storage: Storage
    clips: Clips
    opening: str = ""  # said first instead of what the question asks for
    number: str = NUMBER
    calls_911: bool = False

    async def place(self) -> records.StoredCall:
        self.call_sid = "CA" + secrets.token_hex(16)
        caller = Caller((), attend=self._next, quiet_s=QUIET_S, patience_s=60.0)
        result: CallResult = await double_for(self.server, self.number).place_call(
            caller, call_sid=self.call_sid
        )
        return await self.storage.read(lambda session: records.require_call(session, result.call_sid))

    async def _next(self) -> Step | None:
        stored = await self.storage.read(lambda session: records.load_call(session, self.call_sid))
        state = (stored.state if stored else None) or {}
        if state.get("phase") in ("closing", "ended"):
            return None
        if self.calls_911:  # which they do now: as long as they said yes we would stay on the line
            return Step(StepKind.HANGUP)
        self.calls_911 = state.get("asking") == CALL_911
        words, self.opening = self.opening or ANSWERS.get(str(state.get("asking", "")), PERSON), ""
        return Step(StepKind.WAV, str(self.clips.path(words)))
