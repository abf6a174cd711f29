"""Calls by keyboard on the demo practice: the real language model, dialog, schedule, pharmacy and chart."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

import dialog
from agent import audio_time, stillness, waits
from agent import conversation as conversation_module
from agent import services as services_module
from agent import settings as settings_module
from agent.chat import Keyboard
from agent.conversation import Conversation
from agent.in_process import AtOnce
from agent.local_server import DEMO_NOW, demo_settings
from agent.preparing import prepare_tool
from agent.services import Services, open_local
from agent.settings import Settings, with_secrets
from intents.understand import MindService
from models import records
from models.domain import CallRecord, CallStarted, Keys
from tests.dialog import manners

T = TypeVar("T")
MARIA, JAMES, ROBERT, STRANGER = "+16175550123", "+16175550144", "+16175550131", "+16175550199"
EVENING = "2026-11-24T20:05:00-05:00"


@pytest.fixture(scope="session")
def mind() -> MindService:
    service = MindService()
    service.load()
    return service


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo practice's data folder, to be copied: seeding takes a second or two."""
    folder = tmp_path_factory.mktemp("seeded") / "data"
    prepare_tool(demo_settings(folder))
    return folder


@dataclass
class KeyboardCall:
    """A caller at the keyboard: ``says`` returns the agent's whole reply."""

    services: Services
    keyboard: Keyboard
    heard: list[str] = field(default_factory=list)
    ear: manners.Ear = field(default_factory=manners.Ear)

    async def says(self, text: str) -> str:
        reply, practice = self._said(await self.keyboard.hear(text)), await self.services.practice_facts()
        self.ear.note(text)
        self.ear.is_plain(reply, practice)
        return reply

    async def presses(self, digits: str) -> str:
        return self._said(await self.keyboard.take(Keys(digits)))

    async def all_of(self, *texts: str) -> str:
        """Says one after the other; the reply to the last."""
        reply = ""
        for text in texts:
            reply = await self.says(text)
        return reply

    def _said(self, decisions: list[Any]) -> str:
        reply = " ".join(sentence.text for decision in decisions for sentence in decision.say)
        self.heard.append(reply)
        return reply

    async def hangs_up(self) -> CallRecord:
        """Ends the call and writes it back; the record as it went into the chart."""
        conversation = self.keyboard.conversation
        await conversation.hang_up()
        await self.services.dispatcher.drain_once()
        return await self.services.storage.read(
            lambda session: records.call_record(session, conversation.call_id)
        )

    async def chart(self, kind: str, **query: str) -> list[dict[str, Any]]:
        page = await self.services.backends.chart.search(kind, list(query.items()))
        return [stored.body for stored in page.found]


class Line:
    """Places keyboard calls to one practice."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._calls = 0

    async def call(self, number: str, call_id: str = "") -> KeyboardCall:
        """``call_id``: of a call that has already arrived."""
        self._calls += 1
        conversation = await Conversation.open(self.services, call_id or f"CAtest{self._calls}", number)
        call = KeyboardCall(self.services, Keyboard(self.services, conversation))
        call._said(await call.keyboard.take(CallStarted()))
        return call


async def _line(seeded: Path, folder: Path, mind: MindService, patch: pytest.MonkeyPatch, now: str) -> Any:
    shutil.copytree(seeded, folder / "data")
    patch.setattr(conversation_module, "OPEN_LIMIT_S", 60.0)  # how busy this machine is is not asked here
    patch.setattr(services_module, "PATIENCE_S", 5.0)
    patch.setattr(services_module, "mind_service", lambda _: _Loaded(mind))
    if isinstance(asyncio.get_running_loop(), audio_time.AudioTimeLoop):
        patch.setattr(services_module, "Storage", AtOnce)
        clock = audio_time.clock_from(datetime.fromisoformat(now))
        patch.setattr(settings_module, "clock_of", lambda _: clock)
    settings: Settings = with_secrets(demo_settings(folder / "data", now=now))
    return open_local(settings)


class OwnClock:
    """The process' own, by which it waits for callers and staff; nobody sets it."""

    def __init__(self) -> None:
        self._now_s = 1_000.0

    def passes(self, seconds: float) -> None:
        self._now_s += seconds

    def now_ms(self) -> float:
        return self._now_s * 1_000


@pytest.fixture
def own_clock(monkeypatch: pytest.MonkeyPatch) -> OwnClock:
    clock = OwnClock()
    for module in (stillness, waits):
        monkeypatch.setattr(module, "monotonic_ms", clock.now_ms)
    return clock


class _Loaded:
    """A mind that was loaded before: loading again is free."""

    def __init__(self, mind: MindService) -> None:
        self.understand = mind.understand

    def load(self) -> None:
        return


@pytest.fixture
async def line(
    seeded: Path, tmp_path: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Line]:
    """The practice on a Tuesday morning, staff at their desks."""
    async with await _line(seeded, tmp_path, mind, monkeypatch, DEMO_NOW) as services:
        yield Line(services)


@pytest.fixture
async def evening_line(
    seeded: Path, tmp_path: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Line]:
    """The same practice after hours."""
    async with await _line(seeded, tmp_path, mind, monkeypatch, EVENING) as services:
        yield Line(services)


__all__ = ["JAMES", "MARIA", "ROBERT", "STRANGER", "dialog"]
