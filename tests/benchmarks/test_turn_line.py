"""The caller that measures reply times, against servers that answer in known ways."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from audio_fixtures import __file__ as fixtures
from benchmarks.turn_line import Called, Stream, Turn, TurnCaller

CLIP = Path(fixtures).parent / "james-second.wav"
LOUD = bytes([0x10]) * 3_200  # 0.4 s
FRAME_S = 0.02


@asynccontextmanager
async def answering(answers: Callable[[list[bytes]], str]) -> AsyncIterator[str]:
    """A server that is asked after each frame what to send: "media", "clear", "close" or nothing."""

    async def line(socket: ServerConnection) -> None:
        heard: list[bytes] = []
        async for text in socket:
            message = json.loads(text)
            if message["event"] != "media":
                continue
            heard.append(base64.b64decode(message["media"]["payload"]))
            match answers(heard):
                case "media":
                    sound = {"payload": base64.b64encode(LOUD).decode()}
                    await socket.send(
                        json.dumps({"event": "media", "streamSid": message["streamSid"], "media": sound})
                    )
                case "clear":
                    await socket.send(json.dumps({"event": "clear", "streamSid": message["streamSid"]}))
                case "close":
                    return

    async with serve(line, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}"


async def call(answers: Callable[[list[bytes]], str], turn: Turn) -> Called:
    async with answering(answers) as url:
        return await TurnCaller(Stream(url), [turn]).run()


def speaks(frame: bytes) -> bool:
    return any(byte not in (0xFF, 0x7F) for byte in frame)


def spoken_since(heard: list[bytes]) -> int:
    """Frames with sound in them, of the caller's clip."""
    return sum(map(speaks, heard))


def quiet_since(heard: list[bytes]) -> int:
    return next((at for at, frame in enumerate(reversed(heard)) if speaks(frame)), 0)


async def test_an_answer_after_the_clip_is_a_reply() -> None:
    def answers(heard: list[bytes]) -> str:
        greets = len(heard) == 5
        return "media" if greets or (spoken_since(heard) > 20 and quiet_since(heard) == 10) else ""

    called = await call(answers, Turn(CLIP, "choice"))
    (turn,) = called.turns
    assert called.greeting_ms is not None
    assert turn.reply_ms is not None
    assert not turn.early
    assert turn.heard_ms is not None
    assert turn.heard_ms >= turn.reply_ms


async def test_an_answer_into_the_clip_is_an_early_cut_off_and_the_caller_waits_for_the_rest() -> None:
    def answers(heard: list[bytes]) -> str:
        greets, finished = len(heard) == 5, spoken_since(heard) > 26 and quiet_since(heard) == 60
        return "media" if greets or spoken_since(heard) == 5 or finished else ""

    (turn,) = (await call(answers, Turn(CLIP, "choice"))).turns
    assert turn.early
    assert turn.reply_ms is not None


async def test_a_clear_is_timed_from_the_first_sound_over_the_agent() -> None:
    def answers(heard: list[bytes]) -> str:
        if len(heard) in (2, 20, 38, 56):
            return "media"
        return "clear" if spoken_since(heard) == 12 else ""

    (turn,) = (await call(answers, Turn(CLIP, "choice", over_ms=200.0))).turns
    assert turn.over_us
    assert turn.clear_ms is not None


@pytest.mark.parametrize("after", [3, 40])
async def test_a_server_that_hangs_up_ends_the_call_not_the_measurement(after: int) -> None:
    called = await call(lambda heard: "close" if len(heard) == after else "", Turn(CLIP, "choice"))
    assert called.ended == "the server hung up"


async def test_a_server_that_is_not_there_is_said_so() -> None:
    called = await TurnCaller(Stream("ws://127.0.0.1:9"), [Turn(CLIP, "choice")]).run()
    assert called.ended.startswith("not opened")
    await asyncio.sleep(0)
