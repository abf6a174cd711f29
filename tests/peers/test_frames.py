"""Media stream messages against pipecat, a program for the same protocol written by others."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from models.domain import CallerAudio
from telephony import g711
from telephony.codec import MediaCodec
from telephony.double import OrderDesk
from telephony.double.wire import Clear, Media, Wire
from telephony.events import KeyPressed, StreamEvent, StreamStarted
from tests.peers.frames_peer import STREAM, audio, pipecat, receive, say
from tests.peers.installed import ROOT
from tests.telephony.signing import ACCOUNT, CALL, TOKEN

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32_768, 32_768).astype("<i2")
PARAMETERS = {"greeting": "long", "practice": "Main Street"}
KEYS = "0123456789*#"


@pytest.fixture
def wire() -> Wire:
    return Wire(STREAM, ACCOUNT, CALL)


@pytest.fixture
def codec(wire: Wire) -> MediaCodec:
    codec = MediaCodec()
    codec.receive(wire.start(PARAMETERS))
    return codec


@pytest.fixture(scope="module")
def caller() -> list[bytes]:
    """Frames of somebody speaking."""
    clip = sorted((ROOT / "audio_fixtures").glob("*.wav"))[0]
    samples = np.frombuffer(clip.read_bytes()[44:], "<i2")[: 2 * 8_000]
    mulaw = g711.encode(samples.tobytes())
    return [mulaw[at : at + 160] for at in range(0, len(mulaw), 160)]


def test_pipecat_hears_every_sound_that_we_send_bit_for_bit(pipecat_folder: Path, codec: MediaCodec) -> None:
    heard, mark, clear = pipecat(
        pipecat_folder, receive(codec.media(EVERY_CODE)), receive(codec.mark("0.1.a")), receive(codec.clear())
    )
    assert audio(heard) == g711.decode(EVERY_CODE)
    assert (mark, clear) == (None, None)  # taken without complaint: they mean nothing to an agent


def test_pipecat_sends_what_we_would_send(pipecat_folder: Path, codec: MediaCodec, wire: Wire) -> None:
    media, clear = pipecat(pipecat_folder, say(g711.decode(EVERY_CODE)), {"interrupt": True})
    played, cleared = wire.read(media), wire.read(clear)
    assert isinstance(played, Media)
    assert played.mulaw == EVERY_CODE.replace(b"\x7f", b"\xff")  # both zeros are one sound
    assert json.loads(media) == json.loads(codec.media(played.mulaw))
    assert cleared == Clear()
    assert json.loads(clear) == json.loads(codec.clear())


def test_our_coding_of_a_sample_is_never_further_off_than_pipecats(pipecat_folder: Path, wire: Wire) -> None:
    """They differ in 508 samples below zero, which lie on the border of two codes."""
    (media,) = pipecat(pipecat_folder, say(EVERY_SAMPLE.tobytes()))
    played = wire.read(media)
    assert isinstance(played, Media)
    ours = g711.encode(EVERY_SAMPLE.tobytes())
    assert (distance(ours) <= distance(played.mulaw)).all()
    assert np.count_nonzero(np.frombuffer(ours, "u1") != np.frombuffer(played.mulaw, "u1")) == 508


def distance(mulaw: bytes) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    decoded = np.frombuffer(g711.decode(mulaw), "<i2").astype(np.int32)
    return np.abs(decoded - EVERY_SAMPLE.astype(np.int32))


def test_the_doubles_call_is_opened_alike_by_pipecat_and_us(pipecat_folder: Path, wire: Wire) -> None:
    opening = [wire.connected(), wire.start(PARAMETERS)]
    (opened,) = pipecat(pipecat_folder, {"open": opening})
    assert opened == {"kind": "twilio", "stream": STREAM, "call": CALL, "parameters": PARAMETERS}
    codec = MediaCodec()
    codec.receive(opening[0])
    assert codec.receive(opening[1]) == StreamStarted(STREAM, ACCOUNT, CALL, PARAMETERS)


def test_the_doubles_caller_is_heard_alike_by_pipecat_and_us(
    pipecat_folder: Path, codec: MediaCodec, wire: Wire, caller: list[bytes]
) -> None:
    frames = [wire.media(frame) for frame in [*caller, EVERY_CODE]]
    messages = [*frames, *map(wire.dtmf, KEYS), wire.mark("0.1.a"), wire.stop()]
    theirs = pipecat(pipecat_folder, *map(receive, messages))
    ours = [codec.receive(message) for message in messages]
    assert [audio(each) for each in theirs[: len(frames)]] == sounds(ours)
    assert [each["key"] for each in theirs[len(frames) : -2]] == list(KEYS) == keys(ours)


def sounds(events: list[StreamEvent]) -> list[bytes]:
    return [g711.decode(event.mulaw) for event in events if isinstance(event, CallerAudio)]


def keys(events: list[StreamEvent]) -> list[str]:
    return [event.digit for event in events if isinstance(event, KeyPressed)]


async def test_pipecat_hangs_up_a_call_at_the_double(pipecat_folder: Path) -> None:
    """An agent of others gives the double its order, over its own HTTP client."""
    orders: list[str] = []
    async with OrderDesk(ACCOUNT, TOKEN) as desk:
        desk.register(CALL, lambda order: orders.append(order.twiml))
        await asyncio.to_thread(pipecat, pipecat_folder, {"hang_up": True}, api_base=desk.url)
    assert orders == [""]
