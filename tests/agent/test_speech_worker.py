"""Speech workers of other machines: only with the token, the least busy, and another one when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from agent import speech_wire as wire
from agent.speech_client import SpeechClient
from agent.speech_worker import SpeechWorker
from models.domain import Choice, Expectation, ExpectationKind, Remote, Transcript
from models.errors import FirstringError, RecognitionError, WorkerError
from tests.survival.callers import Clips
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.ears import Ears

TOKEN = "0123456789abcdef" * 2
WORDS = "what are your opening hours"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"), {WORDS})


def pcm_of(clips: Clips) -> bytes:
    import wave

    import numpy as np

    from telephony.double.sound import to_mulaw
    from voice import g711

    with wave.open(str(clips.path(WORDS))) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    return g711.decode(to_mulaw(samples)).tobytes()


@contextlib.asynccontextmanager
async def worker(
    clips: Clips, *, most_sessions: int = 8, token: str = TOKEN, kind: type[EarService] = EarService
) -> AsyncIterator[str]:
    """The address of one that serves."""
    service = kind(EarConfig(engine="stand-in", clips=str(clips.list)))
    async with SpeechWorker(service, token, most_sessions=most_sessions).listening("127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


class Busy(EarService):
    """Takes its time for each piece, and cannot hear one without sound."""

    def feed(self, session: str, pcm: bytes) -> None:
        time.sleep(0.1)
        if not any(pcm):
            raise RecognitionError("nothing in it")
        super().feed(session, pcm)


@contextlib.asynccontextmanager
async def client(address: str, token: str = TOKEN) -> AsyncIterator[SpeechClient]:
    made = SpeechClient(address, token)
    yield made
    await made.close()


async def heard_by(*remotes: Remote, spare: tuple[Remote, ...] = (), pcm: bytes) -> Transcript:
    session = Ears(remotes, spare=spare).open(Expectation(), "a call")
    for at in range(0, len(pcm), 320):
        session.feed(pcm[at : at + 320])
    return await session.finish()


async def test_an_utterance_is_heard_on_another_machine(clips: Clips) -> None:
    async with worker(clips) as address, client(address) as far:
        assert (await heard_by(far, pcm=pcm_of(clips))).text == WORDS
        assert far.open_there == 0


def test_what_is_expected_and_what_was_heard_travel_whole() -> None:
    expected = Expectation(ExpectationKind.DRUG, (Choice("met", ("metformin",)),), 700)
    number, method, args = wire.read_request(wire.request(7, "begin", ("u1", expected, "a call")))
    assert (number, method, args) == (7, "begin", ("u1", expected, "a call"))
    heard = Transcript("metformin", 0.9, ("met forming",), engine="whisper")
    assert wire.read_answer(wire.answer(7, True, heard, 3)) == (7, 3, heard)


@pytest.mark.parametrize(
    "claimed",
    [
        "",
        "x.y.z",
        wire.claim("another token that is long enough", 1_000.0),
        wire.claim(TOKEN, 1_000.0 - 2 * wire.FRESH_S),
        wire.claim(TOKEN, 1_000.0)[:-1] + "x",
        wire.claim(TOKEN, 1_000.0) + "0",
        "²." + wire.claim(TOKEN, 1_000.0),
    ],
)
def test_a_claim_that_is_forged_or_old_is_refused(claimed: str) -> None:
    assert not wire.Claims(TOKEN, lambda: 1_000.0).accepts(claimed)


def test_a_claim_is_good_once() -> None:
    claims, claimed = wire.Claims(TOKEN, lambda: 1_000.0), wire.claim(TOKEN, 1_010.0)
    assert [claims.accepts(claimed), claims.accepts(claimed)] == [True, False]


async def test_nobody_without_the_token_gets_a_socket(clips: Clips) -> None:
    async with worker(clips) as address:
        with pytest.raises(InvalidStatus, match="401"):
            await connect(address, proxy=None)
        async with client(address, "f" * 32) as stranger:
            assert not await stranger.ready()


async def test_a_false_worker_hears_nothing(clips: Clips) -> None:
    """It lets everybody in, and does not have our token."""
    got: list[object] = []

    async def listen(connection) -> None:  # type: ignore[no-untyped-def]
        await connection.send("f" * 64)
        got.extend([message async for message in connection])

    from websockets.asyncio.server import serve

    async with serve(listen, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with client(f"ws://127.0.0.1:{port}") as far:
            with pytest.raises(WorkerError, match="no worker of ours"):
                await far("begin", "u1", Expectation(), "a call")
    assert got == []


@pytest.mark.parametrize(
    "message", [b"", b"\0\0\0\1\5ab", "[]", '{"n":1,"method":"load","args":[]}', "nonsense"]
)
def test_what_is_no_request_is_refused(message: str | bytes) -> None:
    if message == b"\0\0\0\1\5ab":
        assert wire.read_request(message)[1] == "feed"  # an utterance that nobody has opened
        return
    with pytest.raises(WorkerError):
        wire.read_request(message)


async def test_a_worker_with_much_to_hear_is_not_taken_for_a_dead_one(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece waits for those of the others; given up, it would have to be heard again."""
    monkeypatch.setattr("agent.speech_client.LIMIT_S", 0.25)
    async with worker(clips, kind=Busy) as address, client(address) as far:
        ears = Ears([far])
        sessions = [ears.open(Expectation(), f"call {number}") for number in range(6)]
        for session in sessions:
            session.feed(pcm_of(clips))
        heard = await asyncio.gather(*(session.finish() for session in sessions))
        assert [transcript.text for transcript in heard] == [WORDS] * 6


async def test_who_waits_for_the_engine_holds_up_no_other_utterance(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.speech_client.LIMIT_S", 0.25)
    async with worker(clips, kind=Busy) as address, client(address) as far:
        await far("begin", "u1", Expectation(), "a call")
        for _ in range(6):
            await far("feed", "u1", b"\1\0" * 160)
        waiting = [asyncio.create_task(far(method, "u1")) for method in ("partial", "drop")]
        await asyncio.sleep(0)
        await far("begin", "u2", Expectation(), "another call")
        await far("feed", "u2", b"\1\0" * 160)
        assert not any(task.done() for task in waiting)
        await asyncio.wait(waiting)
        assert all(isinstance(task.exception(), WorkerError) for task in waiting), "too late to be of use"


async def test_what_the_engine_made_of_a_piece_is_told_with_the_next_request(clips: Clips) -> None:
    async with worker(clips, kind=Busy) as address, client(address) as far:
        await far("begin", "u1", Expectation(), "a call")
        await far("feed", "u1", bytes(320))
        with pytest.raises(RecognitionError, match="nothing in it"):
            await far("finish", "u1")
        assert far.open_there == 0


async def test_a_full_worker_says_so_and_the_next_one_hears(clips: Clips) -> None:
    async with (
        worker(clips, most_sessions=1) as full,
        worker(clips) as other,
        client(full) as one,
        client(other) as two,
    ):
        await one("begin", "taken", Expectation(), "another call")
        with pytest.raises(RecognitionError, match="full"):
            await one("begin", "u2", Expectation(), "a call")
        assert (await heard_by(one, two, pcm=pcm_of(clips))).text == WORDS


async def test_the_least_busy_one_is_asked_also_where_others_keep_it_busy(clips: Clips) -> None:
    async with (
        worker(clips) as first,
        worker(clips) as second,
        client(first) as busy,
        client(second) as idle,
        client(first) as of_another_server,
    ):
        for number in range(3):
            await of_another_server("begin", f"u{number}", Expectation(), "their call")
        await busy("ready")
        assert busy.open_there == 3
        session = Ears([busy, idle]).open(Expectation(), "a call")
        session.feed(pcm_of(clips)[:3_200])
        while not idle.open_there:  # it has begun there
            await idle("ready")
        await busy("ready")
        assert busy.open_there == 3, "it was not asked"
        await session.drop()


async def test_without_any_of_them_the_worker_here_hears(clips: Clips) -> None:
    from agent.workers import local

    service = EarService(EarConfig(engine="stand-in", clips=str(clips.list)))
    service.load()
    async with client("ws://127.0.0.1:9") as nobody:
        assert (await heard_by(nobody, spare=(local(service),), pcm=pcm_of(clips))).text == WORDS


async def test_a_server_that_is_gone_leaves_nothing_open(clips: Clips) -> None:
    async with worker(clips) as address, client(address) as stays:
        async with client(address) as goes:
            await goes("begin", "u1", Expectation(), "a call")
            await stays("ready")
            assert stays.open_there == 1
        while stays.open_there:
            await stays("ready")
            await asyncio.sleep(0.01)


async def test_an_utterance_has_an_end(clips: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.speech_worker.MOST_AUDIO_BYTES", 200_000)
    async with worker(clips) as address, client(address) as far:
        await far("begin", "u1", Expectation(), "a call")
        with pytest.raises(FirstringError, match="longer than any"):
            await far("feed", "u1", bytes(200_002))


async def test_one_that_is_killed_in_mid_utterance_costs_nothing(clips: Clips, tmp_path: Path) -> None:
    """A process of its own, killed with half of the words in it: all of them are heard by the other."""
    pcm = pcm_of(clips)
    process, address = await started(clips, tmp_path)
    async with worker(clips) as other, client(address) as far, client(other) as survivor:
        ears = Ears([far, survivor])
        session = ears.open(Expectation(), "a call")
        for at in range(0, len(pcm) // 2, 320):
            session.feed(pcm[at : at + 320])
            await asyncio.sleep(0)
        while not far.open_there:  # it has begun there
            await far("ready")
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        session.feed(pcm[at + 320 :])
        assert (await session.finish()).text == WORDS


async def started(clips: Clips, tmp_path: Path) -> tuple[asyncio.subprocess.Process, str]:
    """`firstring speech-worker` as a process; its address."""
    environment = os.environ | {
        "FIRSTRING_SPEECH_WORKER_TOKEN": TOKEN,
        "FIRSTRING_STT": "stand-in",
        "FIRSTRING_STAND_IN_CLIPS": str(clips.list),
        "FIRSTRING_DATA_DIR": str(tmp_path / "data"),
    }
    command = (sys.executable, "-m", "agent.cli", "speech-worker", "--port", "0")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    assert line.startswith("listening: 127.0.0.1 ")
    return process, f"ws://127.0.0.1:{line.split()[-1]}"


async def test_one_try_to_reach_a_dead_worker_is_enough_for_all_who_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the tenth caller would wait for ten tries before another worker is asked."""
    tries, turned_off = 0, asyncio.Event()

    async def opened(self: SpeechClient) -> None:
        nonlocal tries
        tries += 1
        await turned_off.wait()
        raise OSError

    monkeypatch.setattr(SpeechClient, "_opened", opened)
    async with client("ws://127.0.0.1:9") as far:
        asked = [asyncio.create_task(far("ready")) for _ in range(10)]
        await asyncio.sleep(0)
        turned_off.set()
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(answer, WorkerError) for answer in answers)
        assert tries == 1
        assert not await far.ready()
        assert tries == 2, "the next one tries anew"
