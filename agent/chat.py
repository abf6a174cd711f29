"""`firstring chat`: the telephone's dialog by keyboard, on the same backends, without audio.

It opens the practice's database beside a running server, or the embedded demo practice of its own.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import dialog
from agent.conversation import Conversation
from agent.perform import Performer
from agent.services import Services, open_local
from agent.settings import Settings
from models import records
from models.codec import to_json
from models.domain import (
    Action,
    CallStarted,
    Decision,
    Event,
    HangUp,
    Heard,
    NoInput,
    Result,
    Transcript,
)
from models.texts import texts_of

Printer = Callable[[Any], None]


class Keyboard:
    """One conversation by text. ``say`` gives the whole reply to one event, outcomes awaited."""

    def __init__(self, services: Services, conversation: Conversation) -> None:
        self.conversation = conversation
        self.ended = False
        self._services = services
        self._texts_shown = 0
        self._performer = Performer(services.acting, conversation.call_id, conversation.caller_number)

    async def hear(self, text: str) -> list[Decision[dialog.DialogState]]:
        if not text.strip():
            return await self.take(NoInput())
        transcript = Transcript(text.strip(), 1.0, engine="keyboard")
        return await self.take(Heard(await self.conversation.understand(transcript)))

    async def take(self, event: Event) -> list[Decision[dialog.DialogState]]:
        decisions = await self.conversation.take(event, self._performer)
        self.ended = any(isinstance(action, HangUp) for each in decisions for action in each.actions)
        return decisions

    def new_texts(self) -> list[str]:
        """Bodies of the text messages that the call has promised since the last time."""
        call_id = self.conversation.call_id
        texts = self._services.storage.read_now(lambda session: texts_of(session, call_id))
        new, self._texts_shown = texts[self._texts_shown :], len(texts)
        return [text.body for text in new]


async def run(
    chosen: Settings, caller_number: str, lines: Iterable[str], show: Printer, *, as_json: bool
) -> None:
    async with open_local(chosen) as services:
        call_id = f"CA{uuid.uuid4().hex}"
        conversation = await Conversation.open(services, call_id, caller_number)
        keyboard = Keyboard(services, conversation)
        await _print(keyboard, "", await keyboard.take(CallStarted()), show, as_json=as_json)
        source = iter(lines)
        while not keyboard.ended:
            line = await asyncio.to_thread(next, source, None)
            if line is None:
                break
            await _print(keyboard, line.rstrip("\n"), await keyboard.hear(line), show, as_json=as_json)
        await conversation.hang_up()
        await services.dispatcher.drain_once()
        written = await services.written(call_id)
        show(_ending(services, call_id, written) if as_json else _ending_text(services, call_id, written))


async def _print(
    keyboard: Keyboard,
    caller: str,
    decisions: list[Decision[dialog.DialogState]],
    show: Printer,
    *,
    as_json: bool,
) -> None:
    ended = any(isinstance(action, HangUp) for each in decisions for action in each.actions)
    agent = " ".join(sentence.text for decision in decisions for sentence in decision.say)
    conversation, texts = keyboard.conversation, keyboard.new_texts()
    if not as_json:
        show(f"agent: {agent}")
        for body in texts:
            show(f"[text to the number on file: {body}]")
        return
    actions: list[Action] = [action for decision in decisions for action in decision.actions]
    show(
        {
            "turn": conversation.turn_number,
            "caller": caller,
            "agent": agent,
            "phase": conversation.state.phase.value,
            "identity": dialog.summary(conversation.state).identity.value,
            "actions": [to_json(action) for action in actions],
            **({"texts": texts} if texts else {}),
            "ended": ended,
        }
    )


def _ending(services: Services, call_id: str, written: list[str]) -> dict[str, Any]:
    record = services.storage.read_now(lambda session: records.call_record(session, call_id))
    return {
        "call": {
            "call_id": call_id,
            "disposition": record.disposition.value,
            "identity": record.identity.value,
            "reason": record.reason,
            "red_flags": [flag.red_flag_id for flag in record.red_flags],
            "done": [{"action": to_json(d.action), "result": to_json(d.result)} for d in record.done],
            "tasks": [d.result.task_ref for d in record.done if _opened(d.result)],  # type: ignore[union-attr]
            "written": written,
        }
    }


def _opened(result: Result) -> bool:
    return bool(getattr(result, "task_ref", ""))


def _ending_text(services: Services, call_id: str, written: list[str]) -> str:
    call = _ending(services, call_id, written)["call"]
    lines = [f"-- the call ended: {call['disposition']}"]
    lines += [f"   task: {task}" for task in call["tasks"]]
    lines += [f"   written: {reference}" for reference in written]
    return "\n".join(lines)
