"""The real server with its supervisor and workers: odd callers of every kind and a good one, all at once."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import psutil
import pytest
from sqlmodel import Session, select

from agent import excess, logs, parts_file
from agent.demo import place
from agent.demo_calls import PERSON
from agent.local_server import LocalServer, demo_settings, running_server
from agent.preparing import keyring_of
from models import records
from models.storage import Storage
from models.tables import Call, LedgerRow
from tests.edge.odd import OddCall, verbs

pytestmark = pytest.mark.slow(about_s=40)

NAME, NUMBER = "Zebulon Quackenbush", "+16175550187"
NOISE = base64.b64encode(random.Random(7).randbytes(160)).decode()
GROWTH_LIMIT_BYTES = 150 * 2**20  # of the web process, under all of this


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    with running_server(demo_settings(tmp_path_factory.mktemp("edge") / "data")) as running:
        yield running


@pytest.fixture
async def storage(server: LocalServer) -> AsyncIterator[Storage]:
    opened = await asyncio.to_thread(Storage.open, server.settings.database, keyring_of(server.settings))
    yield opened
    opened.close()


def odd_call(server: LocalServer) -> OddCall:
    chosen = server.settings
    return OddCall(
        server.base_url,
        account=chosen.twilio_account_sid,
        token=chosen.twilio_auth_token,
        public=chosen.public_url,
    )


async def garbage(call: OddCall) -> None:
    await call.sends(*[f"{NAME} {NUMBER}"] * 60)


async def seventeen_megabytes(call: OddCall) -> None:
    await call.sends("x" * 17_000_000)


async def dropped(call: OddCall) -> None:
    await call.drops()


BREAKS = (garbage, seventeen_megabytes, dropped)


async def broken(server: LocalServer, breaks: Callable[[OddCall], Awaitable[None]]) -> str:
    """A stream that breaks; the caller is taken up again, hears it, presses 0 and is put through."""
    async with odd_call(server) as call:
        await call.starts(await call.rings(From=NUMBER, CallerName=NAME, ForwardedFrom=NUMBER))
        await breaks(call)
        await call.is_shown_out(limit_s=60)
        await call.starts(await call.resumes())
        await call.presses_zero()
        assert verbs(await call.resumes()) == ["Dial"]
        await call.resumes(DialCallStatus="completed")
        await call.hangs_up()
        return call.call_sid


async def flooding(server: LocalServer) -> str:
    async with odd_call(server) as call:
        await call.starts(await call.rings(From="anonymous"))
        frame = call.frame(NOISE)
        sending = asyncio.create_task(call.sends(*[frame] * 40_000))
        await asyncio.sleep(8)
        sending.cancel()
        await call.drops()
        await call.hangs_up()
        return call.call_sid


async def never_starting(server: LocalServer) -> str:
    """In the end it is passed on. It came by the only number that there is to ring: staff call back."""
    async with odd_call(server) as call:
        answer = await call.rings(From=NUMBER)
        while verbs(answer)[0] == "Connect":
            await call.opens(answer)
            await call.sends(call.start(callSid=NAME))
            await call.is_shown_out()
            answer = await call.resumes()
        assert excess.CALL_BACK in (answer[0].text or "")
        await call.hangs_up()
        return call.call_sid


async def ringing_only(server: LocalServer) -> str:
    async with odd_call(server) as call:
        await call.rings(From=NUMBER, To=NUMBER)
        await call.hangs_up()
        return call.call_sid


async def crowd(server: LocalServer) -> None:
    """Two hundred heads that never end, and as many unsigned requests."""
    writers = [(await asyncio.open_connection("127.0.0.1", server.settings.port))[1] for _ in range(200)]
    for writer in writers:
        writer.write(b"POST /twilio/voice HTTP/1.1\r\nX-Name: " + NAME.encode())
    async with httpx.AsyncClient(base_url=server.base_url, trust_env=False, timeout=60) as door:
        for _ in range(200):
            assert (
                await door.post("/twilio/voice", data={"From": NUMBER, "CallerName": NAME})
            ).status_code == 403
        assert (await door.post("/healthz", content=b"x" * 100_000)).status_code in (405, 413)
    for writer in writers:
        writer.close()


async def closed(storage: Storage, call_sid: str) -> records.StoredCall:
    """The call as stored; it must have been closed, with its note promised or held."""

    def noted(session: Session) -> list[str]:
        rows = session.exec(select(LedgerRow).where(LedgerRow.call_id == call_sid)).all()
        return [row.kind for row in rows if row.kind == "note"]

    for _ in range(600):
        call = await storage.read(lambda session: records.load_call(session, call_sid))
        if call and call.ended:
            assert await storage.read(noted) == ["note"]
            return call
        await asyncio.sleep(0.1)
    raise AssertionError(f"call {call_sid} was never closed")


def web_process(server: LocalServer) -> psutil.Process:
    return psutil.Process(parts_file.read(server.settings.run_dir)["web"].pid)


async def test_odd_callers_all_at_once_harm_nobody(server: LocalServer, storage: Storage) -> None:
    web = web_process(server)
    before = web.memory_info().rss
    async with asyncio.TaskGroup() as all_at_once:
        good = all_at_once.create_task(place(server, PERSON))
        odd = [all_at_once.create_task(broken(server, breaks)) for breaks in BREAKS]
        left = [all_at_once.create_task(call(server)) for call in (never_starting, ringing_only, flooding)]
        all_at_once.create_task(crowd(server))
    healthy = good.result()
    assert healthy.dialled == [server.settings.staff_number or "+16175550100"]
    assert (await closed(storage, healthy.call_sid)).disposition == "transferred"
    for call in odd:
        stored = await closed(storage, call.result())
        assert (stored.disposition, stored.resumed) == ("transferred", 1)
        assert (stored.caller_number, stored.forwarded_from) == (NUMBER, NUMBER)
    for call in left:
        assert (await closed(storage, call.result())).disposition == "abandoned"
    assert web.is_running(), "the web process is the same one"
    assert web.memory_info().rss - before < GROWTH_LIMIT_BYTES
    stored_calls = await storage.read(lambda session: len(session.exec(select(Call.id)).all()))
    assert stored_calls == 7, "what was not signed was not stored"


async def test_its_log_is_allow_listed_and_names_nobody(server: LocalServer) -> None:
    """After the test above: what the server, its supervisor and its workers said about all that."""
    said = (server.settings.data_dir / "server.log").read_text()
    assert "Traceback" not in said
    for canary in ("Zebulon", "Quackenbush", "5550187"):
        assert canary not in said
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert {"stream not begun", "call.passed_on", "line.unknown"} <= {line["event"] for line in lines}
    assert all(set(line) <= logs.ALLOWED for line in lines)
