"""A scenario played by text: each reply as it is spoken goes to the caller, each act to the real dialog."""

from __future__ import annotations

import asyncio
import re
import time

from sqlmodel import Session, col, select

import dialog
from agent import audio_time
from agent.chat import Keyboard
from agent.conversation import Conversation
from agent.rehearsal.caller import SimulatedCaller
from agent.rehearsal.findings import changes, look
from agent.rehearsal.knowing import Act
from agent.rehearsal.noise import misheard
from agent.rehearsal.played import Played, PlayedTurn
from agent.rehearsal.scenario import Scenario
from agent.rehearsal.stage import Opened, Stage, open_practice, set_up
from models import records
from models.contact_tables import TextMessage
from models.domain import CallStarted, CallTransferred, Decision, Interrupted, Keys
from models.storage import Storage

TURN_S = 6.0  # what a turn takes on the telephone, roughly
WORD_S = 0.4
_CODE = re.compile(r"\b\d{4,8}\b")


def play(stage: Stage, scenario: Scenario, seed: int, noise: float = 0.0) -> Played:
    """The whole call, on a practice of its own. A defect that breaks it is told in the result."""
    began_s = time.perf_counter()
    chosen = stage.fresh(scenario)
    call = _Call(scenario, seed, noise)

    async def run() -> Played:
        async with open_practice(chosen, stage.mind) as opened:
            return await call.run(opened)

    try:
        played = audio_time.run(run())
    except Exception as problem:  # the scorecard goes on: one call's defect is that call's failure
        played = Played("", seed, call.turns, failure=f"{type(problem).__name__}: {problem}")
    finally:
        stage.done(chosen)
    played.took_s = time.perf_counter() - began_s
    return played


async def converse(opened: Opened, scenario: Scenario, seed: int, noise: float, call_id: str) -> Played:
    """The call alone, on a practice that is open already: nothing is set up, written back or compared."""
    return await _Call(scenario, seed, noise).converse(opened, call_id)


class _Call:
    def __init__(self, scenario: Scenario, seed: int, noise: float) -> None:
        self.scenario, self.seed, self.noise = scenario, seed, noise
        self.caller = SimulatedCaller(scenario, seed)
        self.turns: list[PlayedTurn] = []

    async def run(self, opened: Opened) -> Played:
        services = opened.services
        await set_up(services, self.scenario)
        before = await look(opened)
        played = await self.converse(opened, f"CArehearse{self.seed}")
        await services.dispatcher.drain_once()
        played.changes = changes(before, await look(opened))
        record = await services.storage.read(lambda session: records.call_record(session, played.call_id))
        played.disposition = record.disposition.value
        return played

    async def converse(self, opened: Opened, call_id: str) -> Played:
        services = opened.services
        conversation = await Conversation.open(services, call_id, self.scenario.number)
        keyboard = Keyboard(services, conversation)
        self.caller.has_texts(lambda: newest_code(services.storage, self.scenario.facts.phone))
        played = Played(call_id, self.seed, self.turns)
        await self._talk(keyboard, played)
        await conversation.hang_up()
        return played

    async def _talk(self, keyboard: Keyboard, played: Played) -> None:
        """Until somebody ends the call, or a person has it."""
        act = Act()
        while True:
            turn = await self._turn(keyboard, act)
            self.turns.append(turn)
            played.agent_hung_up = keyboard.ended
            played.transferred = any(isinstance(result, CallTransferred) for _, result in turn.results)
            if keyboard.ended or played.transferred or act.hangs_up:
                return
            act = self.caller.hear(turn.reply)
            if act.hangs_up:
                return

    async def _turn(self, keyboard: Keyboard, act: Act) -> PlayedTurn:
        conversation, first = keyboard.conversation, not self.turns
        done = len(conversation.done)
        await asyncio.sleep(TURN_S + WORD_S * len(act.text.split()))
        heard = misheard(act.text, self.noise, f"{self.scenario.name}/{self.seed}/{len(self.turns)}")
        decisions = await (keyboard.take(CallStarted()) if first else self._take(keyboard, act, heard))
        return PlayedTurn(
            act,
            heard,
            " ".join(sentence.text for decision in decisions for sentence in decision.say),
            dialog.summary(conversation.state).identity,
            [action for decision in decisions for action in decision.actions],
            conversation.done[done:],
        )

    async def _take(self, keyboard: Keyboard, act: Act, heard: str) -> list[Decision[dialog.DialogState]]:
        if act.keys:
            return await keyboard.take(Keys(act.keys))
        if act.over:
            words = self.turns[-1].reply.split()
            await keyboard.take(Interrupted(" ".join(words[: len(words) * 2 // 3])))
        return await keyboard.hear(heard)


def newest_code(storage: Storage, number: str) -> str:
    """The code in the newest text to that number: what its owner would read from the screen."""

    def work(session: Session) -> str:
        rows = session.exec(select(TextMessage).order_by(col(TextMessage.id).desc())).all()
        bodies = [row.body for row in rows if row.to_number == number]
        found = (_CODE.search(body) for body in bodies)
        return next((match[0] for match in found if match), "")

    return storage.read_now(work)
