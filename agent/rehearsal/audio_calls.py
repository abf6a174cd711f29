"""A scenario played by voice: over the carrier's protocol, through the recogniser, on audio time.

The caller hears the sentences that were spoken, as text from the line's record; the caller's own words are
sound.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent import audio_time
from agent.in_process import Engines, InProcessPractice, open_in_process
from agent.local_server import demo_settings
from agent.preparing import prepare_tool
from agent.rehearsal.caller import SimulatedCaller
from agent.rehearsal.findings import changes, look
from agent.rehearsal.knowing import Act
from agent.rehearsal.played import Played, PlayedTurn
from agent.rehearsal.scenario import Scenario
from agent.rehearsal.stage import Opened, Stage, set_up
from agent.rehearsal.text_calls import newest_code
from agent.rehearsal.voices import CallerVoice
from models import records
from models.domain import CallTransferred, IdentityLevel, TurnRecord
from models.stored import StoredCall
from telephony.double import Answer, Caller, Manner, Staff, Step, StepKind, parse_steps

SILENCE_S = "9"  # longer than the agent waits for an answer
PATIENCE_S = 25.0
STAFF_RINGING_S = 2.0
TAKES_THE_CALL = ("wait:1", "press:1", "wait:30")  # 1 accepts it: who only answers has not taken it
LONGEST_S = 900.0


@dataclass
class AudioStage:
    """Engines that are loaded once, and the seeded practices."""

    stage: Stage
    engines: Engines
    real_time: bool = False


@contextlib.contextmanager
def open_audio_stage(*, real_time: bool = False) -> Iterator[AudioStage]:
    """Loading takes some ten seconds: the recogniser's language model is made of the practice's names."""
    with tempfile.TemporaryDirectory(prefix="firstring-rehearse-") as folder:
        chosen = demo_settings(Path(folder) / "engines")
        prepare_tool(chosen)
        engines = Engines.load(chosen)
        yield AudioStage(Stage(Path(folder), engines.mind), engines, real_time)


def play(
    audio: AudioStage, scenario: Scenario, seed: int, snr_db: float | None = None, keep: Path | None = None
) -> Played:
    """The whole call. ``snr_db`` None: a quiet room. ``keep``: a folder for its sound, a side a channel."""
    began_s = time.perf_counter()
    chosen = audio.stage.fresh(scenario)
    call = _SpokenCall(scenario, seed, snr_db)

    async def run() -> Played:
        async with open_in_process(chosen, audio.engines) as practice:
            return await call.run(practice, keep)

    try:
        played = asyncio.run(run()) if audio.real_time else audio_time.run(run())
    except Exception as problem:  # one call's defect is that call's failure
        played = Played("", seed, call.turns, failure=f"{type(problem).__name__}: {problem}")
    finally:
        audio.stage.done(chosen)
    played.took_s = time.perf_counter() - began_s
    return played


class News:
    """What of a call's record is new each time that the caller listens."""

    def __init__(self) -> None:
        self._told: dict[int, int] = {}  # characters of the agent's side that were heard, by turn

    def of(self, turns: Sequence[TurnRecord]) -> tuple[str, tuple[str, ...]]:
        """The caller's words as they were heard, and the agent's, each turn of theirs apart."""
        heard_as = " ".join(turn.caller_text for turn in turns if turn.number not in self._told)
        return heard_as.strip(), tuple(filter(None, map(self._new_words, turns)))

    def _new_words(self, turn: TurnRecord) -> str:
        """What a turn's reply grew by: an outcome adds to it."""
        told, self._told[turn.number] = self._told.get(turn.number, 0), len(turn.agent_text)
        return turn.agent_text[told:].strip()


class _SpokenCall:
    def __init__(self, scenario: Scenario, seed: int, snr_db: float | None) -> None:
        self.scenario, self.seed = scenario, seed
        self.call_id = f"CArehearse{seed}"
        self.caller = SimulatedCaller(scenario, seed)
        self.voice = CallerVoice(random.Random(f"voice/{scenario.name}/{seed}"), snr_db)
        self.turns: list[PlayedTurn] = []
        self._act = Act()
        self._news = News()
        self._done = 0

    async def run(self, practice: InProcessPractice, keep: Path | None) -> Played:
        services = practice.services
        opened = Opened(services, practice.chart)
        await set_up(services, self.scenario)
        before = await look(opened)
        self.caller.has_texts(lambda: newest_code(services.storage, self.scenario.facts.phone))
        person = Caller((), self._speak, patience_s=PATIENCE_S, attend=lambda: self._attend(practice))
        staff = Staff(Answer.ANSWER, STAFF_RINGING_S, Caller(parse_steps(TAKES_THE_CALL)))
        manner = Manner(staff=staff, unhurried=False, longest_s=LONGEST_S)
        placed = await practice.call(
            self.scenario.number or "anonymous", person, manner=manner, call_sid=self.call_id
        )
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            placed.result.save(keep / f"{self.scenario.name}-{self.seed}.wav")
        self._note(placed.stored)
        record = await services.storage.read(lambda session: records.call_record(session, self.call_id))
        played = Played(self.call_id, self.seed, self.turns, changes(before, await look(opened)))
        played.disposition = record.disposition.value
        played.transferred = any(isinstance(done.result, CallTransferred) for done in placed.stored.done)
        return played

    async def _speak(self, words: str) -> bytes:
        return self.voice.speak(words).astype("<i2").tobytes()

    async def _attend(self, practice: InProcessPractice) -> Step | None:
        """The agent has finished: what it said since goes to the caller, whose act becomes a step."""
        stored = await practice.services.storage.read(
            lambda session: records.require_call(session, self.call_id)
        )
        self._note(stored)
        self._act = self.caller.hear(self.turns[-1].reply)
        return _step(self._act)

    def _note(self, stored: StoredCall) -> None:
        """What was said since the caller last listened; the agent's turns are kept apart."""
        heard_as, apart = self._news.of(stored.turns)
        results = [(done.action, done.result) for done in stored.done]
        level = IdentityLevel((stored.state or {}).get("identity", IdentityLevel.L0.value))
        new = results[self._done :]
        self._done = len(results)
        if self.turns and not apart and self._act == self.turns[-1].act:
            return
        orders = [action for action, _ in new]
        self.turns.append(PlayedTurn(self._act, heard_as, " ".join(apart), level, orders, new, apart))


def _step(act: Act) -> Step | None:
    if act.hangs_up:
        return Step(StepKind.HANGUP)
    if act.keys:
        return Step(StepKind.PRESS, act.keys)
    if not act.text:
        return Step(StepKind.WAIT, SILENCE_S)
    return Step(StepKind.SAY, act.text)
