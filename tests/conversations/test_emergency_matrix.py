"""Every part fails in turn: a danger sign is still answered with its fixed words, and staff are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from models import records
from models.domain import ActionFailed, PageStaff, StaffPaged
from models.errors import BackendError, StorageError, WorkerError
from telephony.rest import CarrierError
from tests.conversations.conftest import MARIA, KeyboardCall, Line

Break = Callable[[Line, pytest.MonkeyPatch], None]


@dataclass
class Telephones:
    """In the carrier's place: who was rung and texted past the database."""

    rung: list[str] = field(default_factory=list)
    texted: list[str] = field(default_factory=list)
    may_call: frozenset[str] = frozenset()

    async def place_call(self, to_number: str, document: str = "", **_: Any) -> None:
        assert "urgent call" in document
        self.rung.append(to_number)

    async def send_message(self, to_number: str, body: str, **_: Any) -> None:
        assert "urgent call" in body
        self.texted.append(to_number)


def _raising(problem: Exception) -> Callable[..., Any]:
    async def broken(*_: object, **__: object) -> Any:
        raise problem

    return broken


async def _hanging(*_: object, **__: object) -> Any:
    await asyncio.Event().wait()


def database_refuses(line: Line, patch: pytest.MonkeyPatch) -> None:
    for name in ("write", "read"):
        patch.setattr(line.services.storage, name, _raising(StorageError("no room")))


def database_hangs(line: Line, patch: pytest.MonkeyPatch) -> None:
    for name in ("write", "read"):
        patch.setattr(line.services.storage, name, _hanging)


def mind_is_dead(line: Line, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(line.services, "mind", _raising(WorkerError("mind: died")))


def chart_cannot_be_read(line: Line, patch: pytest.MonkeyPatch) -> None:
    for name in ("names_at", "view", "verify", "locked"):
        patch.setattr(line.services.backends.directory, name, _raising(BackendError("unreachable")))


def chart_hangs(line: Line, patch: pytest.MonkeyPatch) -> None:
    for name in ("names_at", "view", "verify", "locked"):
        patch.setattr(line.services.backends.directory, name, _hanging)


def write_back_is_dead(line: Line, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(line.services.dispatcher, "drain_once", _raising(BackendError("unreachable")))
    patch.setattr(line.services.dispatcher, "nudge", lambda: None)


def carrier_refuses(line: Line, patch: pytest.MonkeyPatch) -> None:
    """Orders by REST: the page stays in the console's inbox, and its steps are tried again."""
    for name in ("place_call", "send_message"):
        patch.setattr(line.services.carrier, name, _raising(CarrierError("unreachable")))


@pytest.fixture
def telephones(line: Line) -> Telephones:
    made: Any = Telephones()
    line.services.carrier = made
    telephones: Telephones = made
    return telephones


def page_of(call: KeyboardCall) -> list[type]:
    done = call.keyboard.conversation.done
    return [type(result) for action, result in done if isinstance(action, PageStaff)]


@pytest.mark.parametrize(
    "broken", [mind_is_dead, chart_cannot_be_read, chart_hangs, write_back_is_dead, carrier_refuses]
)
async def test_the_words_are_spoken_and_staff_are_paged(
    line: Line, telephones: Telephones, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.call(MARIA)
    broken(line, monkeypatch)
    assert "911" in await call.says("i have chest pain")
    assert page_of(call) == [StaffPaged]
    assert len(await line.services.storage.read(records.waiting_pages)) == 1


@pytest.mark.parametrize("broken", [database_refuses, database_hangs])
async def test_without_a_database_staff_are_rung_past_it_and_paged_once_it_is_back(
    line: Line, telephones: Telephones, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.call(MARIA)
    with monkeypatch.context() as patch:
        broken(line, patch)
        assert "911" in await call.says("i have chest pain")
        assert page_of(call) == [ActionFailed]
        async with asyncio.timeout(60):
            while not telephones.rung:
                await asyncio.sleep(0.02)
    if broken is database_hangs:
        return  # what was asked of this one is never answered: nothing hangs for ever but in a test
    await call.hangs_up()
    assert len(await line.services.storage.read(records.waiting_pages)) == 1


async def test_with_the_carrier_gone_too_the_words_are_still_spoken(
    line: Line, telephones: Telephones, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.call(MARIA)
    with monkeypatch.context() as patch:
        database_refuses(line, patch)
        carrier_refuses(line, patch)
        assert "911" in await call.says("i have chest pain")
    await call.hangs_up()
    assert len(await line.services.storage.read(records.waiting_pages)) == 1
