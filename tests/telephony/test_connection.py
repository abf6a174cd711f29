"""What lies between a caller and us: rooms, poor lines, and the way without a network."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest

from agent import audio_time
from telephony.double import ScriptError, parse_steps
from telephony.double.connection import Bursts, Choppy, Connection, Surroundings, Twice, clipping, offset
from telephony.double.sound import FRAME_BYTES, SILENT_FRAME, Samples, to_mulaw, to_samples
from telephony.double.ways import InProcess, NotOpened

TONE = (8_000 * np.sin(np.arange(FRAME_BYTES) / 3)).astype(np.int16)
SPOKEN = to_mulaw(TONE)


def rms(frame: bytes) -> float:
    return float(np.sqrt(np.mean(to_samples(frame).astype(float) ** 2)))


def test_a_clear_line_changes_nothing() -> None:
    assert Surroundings(Connection()).microphone(SPOKEN, SPOKEN) == SPOKEN


def test_our_voice_comes_back_later_and_softer() -> None:
    room = Surroundings(Connection(echo_db=-20, echo_ms=60))
    came = [room.microphone(SILENT_FRAME, agent) for agent in (SPOKEN, *[SILENT_FRAME] * 5)]
    assert [rms(frame) > 100 for frame in came] == [False, False, False, True, False, False]
    assert rms(came[3]) == pytest.approx(rms(SPOKEN) / 10, rel=0.05)


def test_a_background_goes_on_from_frame_to_frame_and_begins_again() -> None:
    ramp: Samples = np.arange(0, 400, dtype=np.int16) * 20
    room = Surroundings(Connection(background=ramp))
    heard = np.concatenate([to_samples(room.microphone(SILENT_FRAME, b"")) for _ in range(5)])
    wanted = np.concatenate((ramp, ramp)).astype(float)
    assert np.abs(heard - wanted).max() < 300, "but for what mu-law rounds off"


@pytest.mark.parametrize("through", [clipping, offset])
def test_a_poor_line_is_heard_as_one(through: Any) -> None:
    frame = Surroundings(Connection(through=through)).microphone(SPOKEN, b"")
    samples = to_samples(frame).astype(float)
    assert np.mean(np.abs(samples) > 7_800) > 0.5 or samples.mean() > 2_000


def test_messages_are_lost_held_back_and_repeated() -> None:
    sent = [str(number) for number in range(8)]
    assert [list(choppy.carry(each)) for choppy in [Choppy(2, 4)] for each in sent].count([]) == 4
    assert [each for twice in [Twice()] for each in twice.carry("a")] == ["a", "a"]
    bursts = Bursts((1, 3))
    assert [list(bursts.carry(each)) for each in sent] == [
        ["0"], [], [], ["1", "2", "3"], ["4"], [], [], ["5", "6", "7"],
    ]  # fmt: skip


def test_steps_that_wait_for_a_sentence_name_it_by_number() -> None:
    assert parse_steps(["hears:2"])[0].value == "2"
    with pytest.raises(ScriptError, match="sentence's number"):
        parse_steps(["hears:0"])


async def echo_app(scope: Any, receive: Any, send: Any) -> None:
    """Repeats one message and closes; refuses any path but /good."""
    assert (await receive())["type"] == "websocket.connect"
    if scope["path"] != "/good":
        await send({"type": "websocket.close", "code": 1000})
        return
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": (await receive())["text"]})
    await send({"type": "websocket.close", "code": 1001})


def test_a_socket_inside_the_process_opens_speaks_and_is_closed() -> None:
    async def main() -> tuple[object, object, int | None]:
        async with InProcess(echo_app).socket("ws://in-process/good", {"X": "y"}) as socket:
            await socket.send("hello")
            heard, after = await socket.receive(), await socket.receive()
            with pytest.raises(ConnectionError):
                await socket.send("gone")
            return heard, after, socket.close_code

    assert audio_time.run(main()) == ("hello", None, 1001)


def test_a_socket_that_is_refused_says_so() -> None:
    async def main() -> None:
        async with InProcess(echo_app).socket("ws://in-process/bad", {}):
            raise AssertionError("it must not open")

    with pytest.raises(NotOpened, match="31920"):
        audio_time.run(main())


def test_requests_inside_the_process_need_no_port() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def main() -> int:
        async with InProcess(app).http(httpx.Timeout(5)) as http:
            return (await http.post("http://in-process/twilio/voice")).status_code

    assert audio_time.run(main()) == 204
