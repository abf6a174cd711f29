"""The practice's listener in the test's own process: real doors, dialog and database, quick voice."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlmodel import Session, select

from agent import listening
from agent.answering import Answering
from agent.web import public_app
from models import records
from models.tables import LedgerRow
from telephony.config import TelephonyConfig
from telephony.double import Caller, CallResult, Double, Manner, Step, StepKind
from telephony.media_stream import MediaStream
from telephony.tokens import StreamTokens
from tests.conversations.conftest import Line, line, mind, seeded
from tests.telephony.signing import ACCOUNT, CONFIG, PUBLIC_URL, TOKEN

PRACTICE_NUMBER = CONFIG.practice_number
PRACTICE_LINE = "+16175550100"
HEALTHY_NUMBER = "+16175550123"
PATIENT: TelephonyConfig = replace(  # nobody comes near these limits in time, on a busy machine either
    CONFIG, start_limit_s=60.0, idle_limit_s=60.0, body_limit_s=60.0, handler_limit_s=60.0, garbage_limit=20
)
WAIT_S = 60.0  # for what must come


class QuickMouth:
    """Says everything in a twentieth of a second, and keeps what it was."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def render(self, text: str, **_: object) -> bytes:
        self.said.append(text)
        return b"\x80" * 400


class WatchedAnswering(Answering):
    """Also keeps the streams it served, by call."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.streams: dict[str, MediaStream] = {}
        self.standing.loaded = True

    async def stream(self, media: MediaStream) -> None:
        self.streams[media.started.call_sid] = media
        await super().stream(media)


@dataclass
class House:
    """A served practice, and healthy callers to it."""

    base: str
    line: Line
    answering: WatchedAnswering
    mouth: QuickMouth

    async def healthy_call(self, until: asyncio.Event | None = None) -> CallResult:
        """A caller who presses 0 for a person and is put through; ``until``: who waits for that first."""
        manner = Manner(unhurried=False, longest_s=3 * WAIT_S)
        double = Double(self.base, PUBLIC_URL, TOKEN, ACCOUNT, HEALTHY_NUMBER, PRACTICE_LINE, manner=manner)
        steps = [Step(StepKind.PRESS, "0")]

        async def attend() -> Step | None:
            if until:
                await until.wait()
            return steps.pop() if steps else None

        return await double.place_call(Caller((), quiet_s=0.1, patience_s=WAIT_S, attend=attend))

    async def stored(self, call_sid: str) -> records.StoredCall | None:
        return await self.line.services.storage.read(lambda session: records.load_call(session, call_sid))

    async def closed(self, call_sid: str) -> records.StoredCall:
        """The call's record, which must be closed by now or soon, and have its note promised or held."""
        async with asyncio.timeout(WAIT_S):
            while not ((call := await self.stored(call_sid)) and call.ended):
                await asyncio.sleep(0.02)
        notes = await self.line.services.storage.read(lambda session: _notes(session, call_sid))
        assert notes == ["note"]
        return call

    @contextlib.asynccontextmanager
    async def beside_a_healthy_call(self, *, all_along: bool = False) -> AsyncIterator[None]:
        """While the block runs, another caller is served; it must end as intended all the same.

        ``all_along``: that call is begun before the block and ended after it; else they just meet.
        """
        over = asyncio.Event()
        calling = asyncio.create_task(self.healthy_call(over if all_along else None))
        while all_along and not self.answering.streams:
            await asyncio.sleep(0.01)
        yield
        over.set()
        result = await calling
        assert result.dialled == [PRACTICE_NUMBER]
        assert not result.warnings
        assert (await self.closed(result.call_sid)).disposition == "transferred"


Scenario = Callable[[House, str], Awaitable[None]]


async def all_at_once(house: House, scenario: Scenario, names: Iterable[str]) -> None:
    """Every named call beside the others and beside a healthy one; a failing one says its name."""
    async with house.beside_a_healthy_call():
        await at_once(house, scenario, names)


async def at_once(house: House, scenario: Scenario, names: Iterable[str]) -> None:

    async def one(name: str) -> None:
        try:
            await scenario(house, name)
        except BaseException as failure:
            failure.add_note(f"in the call {name!r}")
            raise

    async with asyncio.TaskGroup() as calls:
        for name in names:
            calls.create_task(one(name))


def _notes(session: Session, call_sid: str) -> list[str]:
    rows = session.exec(select(LedgerRow).where(LedgerRow.call_id == call_sid)).all()
    return [row.kind for row in rows if row.kind == "note"]


@contextlib.asynccontextmanager
async def open_house(line: Line, caplog: pytest.LogCaptureFixture, **limits: float) -> AsyncIterator[House]:
    """``limits``: those that a test waits for; it must not let a good caller come near them."""
    mouth = QuickMouth()
    services: Any = line.services
    services.mouth = mouth

    async def burn(nonce: str) -> bool:
        return bool(await services.storage.write(lambda s: records.burn_token(s, nonce, services.clock())))

    config: TelephonyConfig = replace(PATIENT, **limits)  # type: ignore[arg-type]
    answering = WatchedAnswering(services, config, StreamTokens(b"secret", services.clock, burn))
    listener = socket.create_server(("127.0.0.1", 0))
    server = listening.server(public_app(services, answering))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield House(f"http://127.0.0.1:{listener.getsockname()[1]}", line, answering, mouth)
    server.should_exit = True
    await serving
    faults = [record.getMessage() for record in caplog.records if record.exc_info]
    assert not faults, "an exception reached the log"


@pytest.fixture
async def house(line: Line, caplog: pytest.LogCaptureFixture) -> AsyncIterator[House]:
    async with open_house(line, caplog) as house:
        yield house


__all__ = ["line", "mind", "seeded"]
