"""Every part fails in turn: a danger sign is still answered with its fixed words, and staff are told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from agent.call import Call
from agent.conversation import Conversation
from fhir.errors import NetworkAmbiguous
from models import paging, records
from models.domain import ActionFailed, CallerAudio, CallTransferred, Pace, PageStaff, StaffPaged
from models.errors import BackendError, StorageError, SynthesisError, WorkerError
from models.tables import OutboxRow, OutboxState
from telephony.rest import CarrierError, CarrierTimeout
from tests.agent.test_hearing import FRAME, QUIET, VOICE, Ear
from tests.conversations.conftest import MARIA, KeyboardCall, Line
from tests.conversations.staffed import answering_of
from tests.conversations.test_line import PlayedLine
from voice.ears import Ears
from voice.recorded import WORDS, Recorded, prompt

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
    """The server that notes go to."""
    for name in ("metadata", "search", "create", "transaction"):
        patch.setattr(line.services.dispatcher._client, name, _raising(NetworkAmbiguous(name)))


def carrier_refuses(line: Line, patch: pytest.MonkeyPatch) -> None:
    """Orders by REST: the page stays in the console's inbox, and its steps are tried again."""
    for name in ("place_call", "send_message"):
        patch.setattr(line.services.carrier, name, _raising(CarrierError("unreachable")))


def carrier_hangs(line: Line, patch: pytest.MonkeyPatch) -> None:
    """Its client gives up after some seconds: whether the order was taken is not known."""
    for name in ("place_call", "send_message"):
        patch.setattr(line.services.carrier, name, _raising(CarrierTimeout("no answer in time")))


@pytest.fixture
def telephones(line: Line) -> Telephones:
    made: Any = Telephones()
    line.services.carrier = made
    telephones: Telephones = made
    return telephones


def page_of(call: KeyboardCall) -> list[type]:
    done = call.keyboard.conversation.done
    return [type(result) for action, result in done if isinstance(action, PageStaff)]


@pytest.mark.parametrize("broken", [mind_is_dead, chart_cannot_be_read, chart_hangs])
async def test_the_words_are_spoken_and_staff_are_paged(
    line: Line, telephones: Telephones, broken: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.call(MARIA)
    broken(line, monkeypatch)
    assert "911" in await call.says("i have chest pain")
    assert page_of(call) == [StaffPaged]
    assert len(await line.services.storage.read(records.waiting_pages)) == 1


async def test_with_the_write_back_dead_staff_are_paged_and_the_note_waits(
    line: Line, telephones: Telephones, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = await line.call(MARIA)
    await call.all_of("i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one")
    write_back_is_dead(line, monkeypatch)
    assert "911" in await call.says("i have chest pain")
    assert page_of(call) == [StaffPaged]
    with pytest.raises(NetworkAmbiguous):
        await call.hangs_up()
    assert len(await line.services.storage.read(records.waiting_pages)) == 1
    rows = await line.services.storage.read(lambda session: session.exec(select(OutboxRow)).all())
    assert {row.state for row in rows} == {OutboxState.PENDING}


@pytest.mark.parametrize(("broken", "state"), [(carrier_refuses, "failed"), (carrier_hangs, "sending")])
async def test_a_page_that_the_carrier_does_not_take_stays_open_and_is_tried_again(
    line: Line, telephones: Telephones, broken: Break, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, answering = await line.call(MARIA), answering_of(line)
    broken(line, monkeypatch)
    assert "911" in await call.says("i have chest pain")
    assert page_of(call) == [StaffPaged]
    await answering.paging.tick()
    clock, step = line.services.clock, timedelta(seconds=line.services.settings.page_step_s)
    line.services.clock = lambda: clock() + step
    await answering.paging.tick()
    await answering.sender.tick()
    [page] = await line.services.storage.read(records.waiting_pages)
    steps = await line.services.storage.read(lambda session: paging.steps_of(session, page.id))
    assert [(each.channel, each.state) for each in steps] == [("call", state), ("text", "failed")]


@dataclass
class LosingMouth:
    """Speaks until it is ``lost``."""

    lost: bool = False
    said: list[str] = field(default_factory=list)

    async def render(self, text: str, pace: Pace = Pace.NORMAL, **_: object) -> bytes:
        if self.lost:
            raise SynthesisError("no engine")
        self.said.append(text)
        return b"\x80" * 800


@contextlib.asynccontextmanager
async def on_the_line(line: Line, ear: Ear, mouth: LosingMouth) -> AsyncIterator[tuple[PlayedLine, Any]]:
    """A call that has been greeted; whatever its caller says, ``ear`` hears what it hears."""
    line.services.ears, line.services.mouth = Ears([ear]), mouth  # type: ignore[assignment]
    conversation, played = await Conversation.open(line.services, "CAplayed", MARIA), PlayedLine(echoes=True)
    media: Any = played
    running = asyncio.create_task(Call(media, conversation, line.services).run(resumed=False))
    await asyncio.sleep(3)
    try:
        yield played, conversation
        await asyncio.wait_for(running, 30)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def speaks(played: PlayedLine) -> None:
    """Some words, and as long as the agent may take to answer them."""
    sound = QUIET + VOICE + QUIET + QUIET
    for at in range(0, len(sound), FRAME):
        played.happens(CallerAudio(sound[at : at + FRAME], at // 8))
        await asyncio.sleep(0.02)
    await asyncio.sleep(4)


def results(conversation: Conversation) -> set[type]:
    return {type(result) for _, result in conversation.done}


@pytest.mark.audio_time
async def test_with_a_dead_mouth_a_recorded_sentence_says_911_and_staff_have_page_and_call(
    line: Line,
) -> None:
    mouth = LosingMouth()
    async with on_the_line(line, Ear("i have chest pain"), mouth) as (played, conversation):
        mouth.lost = True
        await speaks(played)
    assert results(conversation) >= {StaffPaged, CallTransferred}
    assert prompt(Recorded.CONNECTING) in played.audio
    assert "call 911" in WORDS[Recorded.CONNECTING]


@pytest.mark.audio_time
async def test_with_a_dead_ear_the_greeting_has_said_911_and_the_third_try_is_a_person(line: Line) -> None:
    mouth = LosingMouth()
    async with on_the_line(line, Ear("", failing=True), mouth) as (played, conversation):
        assert "If this is an emergency, hang up and call 911." in mouth.said
        for _ in range(3):
            await speaks(played)
    assert CallTransferred in results(conversation)
    assert mouth.said[-1] == "I'm connecting you with our staff now."


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
