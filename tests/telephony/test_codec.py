"""Media stream messages: what Twilio documents is understood, anything else is refused by name."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain import CallerAudio
from models.errors import ProtocolError
from telephony.codec import MediaCodec, SequenceCounter
from telephony.double.wire import Clear, Mark, Media, Wire
from telephony.events import (
    Ignored,
    KeyPressed,
    MarkReached,
    RepeatedAudio,
    StreamConnected,
    StreamEvent,
    StreamStarted,
    StreamStopped,
)

STREAM, ACCOUNT, CALL = "MZ" + "1" * 32, "AC" + "2" * 32, "CA" + "3" * 32
FRAME = b"\xff" * 160


def start(**changes: Any) -> dict[str, Any]:
    content = {
        "streamSid": STREAM,
        "accountSid": ACCOUNT,
        "callSid": CALL,
        "tracks": ["inbound"],
        "customParameters": {"greeting": "long"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    }
    return {"event": "start", "sequenceNumber": "1", "streamSid": STREAM, "start": {**content, **changes}}


def media(**changes: Any) -> dict[str, Any]:
    content = {
        "track": "inbound",
        "chunk": "1",
        "timestamp": "5",
        "payload": base64.b64encode(FRAME).decode(),
    }
    return {"event": "media", "sequenceNumber": "2", "streamSid": STREAM, "media": {**content, **changes}}


def message(event: str, **content: Any) -> dict[str, Any]:
    return {"event": event, "sequenceNumber": "3", "streamSid": STREAM, **content}


def started() -> MediaCodec:
    codec = MediaCodec()
    codec.receive(json.dumps(start()))
    return codec


def test_connected_and_start_name_the_call() -> None:
    codec = MediaCodec()
    hello = codec.receive('{"event":"connected","protocol":"Call","version":"1.0.0"}')
    assert hello == StreamConnected()
    event = codec.receive(json.dumps(start()))
    assert event == StreamStarted(STREAM, ACCOUNT, CALL, {"greeting": "long"})
    assert codec.started == event


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (media(), CallerAudio(FRAME, 5)),
        (media(timestamp=5, chunk=1), CallerAudio(FRAME, 5)),
        (media(track="outbound"), Ignored("media of the outbound track")),
        (message("dtmf", dtmf={"track": "inbound_track", "digit": "1"}), KeyPressed("1")),
        (message("dtmf", dtmf={"digit": 7}), KeyPressed("7")),
        (message("dtmf", dtmf={"digit": "#"}), KeyPressed("#")),
        (message("mark", mark={"name": "0.1.greeting"}), MarkReached("0.1.greeting")),
        (message("stop", stop={"accountSid": ACCOUNT, "callSid": CALL}), StreamStopped()),
        (message("weather"), Ignored("unknown event 'weather'")),
    ],
)
def test_messages_of_a_started_stream(body: dict[str, Any], event: StreamEvent) -> None:
    assert started().receive(json.dumps(body)) == event


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("\ud800", "not JSON"),
        ("null", "not a JSON object"),
        ("[]", "not a JSON object"),
        ("5", "not a JSON object"),
        ("{}", "without an event"),
        ('{"event": 5}', "without an event"),
        (b"\x00\x01", "binary"),
        ('"' + "x" * 70_000 + '"', "64 kB"),
        ("[" * 5_000, "not JSON"),
        (message("media"), "media is missing"),
        (message("media", media=None), "media is missing"),
        (message("media", media=[]), "media is missing"),
        (media(payload="!!!"), "base64"),
        (media(payload="ÿÿ"), "base64"),
        (media(payload=None), "payload"),
        (media(timestamp="soon"), "timestamp"),
        (media(timestamp=True), "timestamp"),
        (media(timestamp=-1), "timestamp"),
        (media(timestamp="٣"), "timestamp"),
        ({**media(), "streamSid": "MZother"}, "streamSid"),
        ({"event": "media", "media": {}}, "streamSid"),
        (message("dtmf", dtmf={"digit": "12"}), "key"),
        (message("dtmf", dtmf={"digit": True}), "key"),
        (message("dtmf"), "dtmf is missing"),
        (message("mark", mark={"name": ""}), "name"),
        (message("mark", mark={"name": {}}), "name"),
        (start(), "already started"),
        ({"event": "connected"}, "already started"),
    ],
)
def test_garbage_is_refused_by_name_and_the_stream_goes_on(raw: Any, complaint: str) -> None:
    codec = started()
    with pytest.raises(ProtocolError, match=complaint):
        codec.receive(raw if isinstance(raw, str | bytes) else json.dumps(raw))
    assert codec.receive(json.dumps(media())) == CallerAudio(FRAME, 5)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"streamSid": None}, "streamSid"),
        ({"streamSid": "MZother"}, "two different"),
        ({"accountSid": 5}, "accountSid"),
        ({"callSid": ""}, "callSid"),
        ({"customParameters": {"a": 1}}, "customParameters"),
        ({"customParameters": "a"}, "customParameters"),
        ({"mediaFormat": {"encoding": "audio/l16"}}, "encoding"),
        ({"mediaFormat": {"sampleRate": 16000}}, "sampleRate"),
        ({"mediaFormat": []}, "mediaFormat"),
    ],
)
def test_a_start_that_we_cannot_serve_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ProtocolError, match=complaint):
        MediaCodec().receive(json.dumps(start(**changes)))


def test_a_format_with_numbers_as_strings_is_the_same_format() -> None:
    strings = {"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"}
    assert isinstance(MediaCodec().receive(json.dumps(start(mediaFormat=strings))), StreamStarted)


@pytest.mark.parametrize("event", ["media", "dtmf", "mark", "stop"])
def test_nothing_comes_before_start_nor_after_stop(event: str) -> None:
    with pytest.raises(ProtocolError, match="before start"):
        MediaCodec().receive(json.dumps(message(event)))
    codec = started()
    codec.receive(json.dumps(message("stop")))
    with pytest.raises(ProtocolError, match="after stop"):
        codec.receive(json.dumps(message(event)))


def test_sequence_numbers_are_counted_and_never_believed() -> None:
    codec, chunks = started(), itertools.count(1)
    for number in ("2", 3, "7", "5", "7", "nonsense", None, 10**17, 8):
        chunk = media(chunk=str(next(chunks)))
        assert codec.receive(json.dumps({**chunk, "sequenceNumber": number})) == CallerAudio(FRAME, 5)
    assert (codec.sequence.gaps, codec.sequence.late, codec.sequence.duplicates) == (2, 2, 1)


def test_a_piece_of_sound_counts_once() -> None:
    codec = started()
    for chunk, expected in ((1, CallerAudio), (1, RepeatedAudio), (2, CallerAudio), (1, RepeatedAudio)):
        piece = media(chunk=chunk, timestamp=20 * chunk)
        assert isinstance(codec.receive(json.dumps(piece)), expected)


def test_pieces_without_a_number_are_all_believed() -> None:
    codec, piece = started(), media()
    del piece["media"]["chunk"]
    assert all(codec.receive(json.dumps(piece)) == CallerAudio(FRAME, 5) for _ in range(3))


def test_a_stream_in_order_has_no_gaps() -> None:
    counter = SequenceCounter()
    for number in range(1, 10_000):
        counter.count(number)
    assert (counter.gaps, counter.late, counter.duplicates) == (0, 0, 0)


def test_what_we_send_is_what_the_double_reads() -> None:
    codec, wire = started(), Wire(STREAM, ACCOUNT, CALL)
    assert wire.read(codec.media(FRAME)) == Media(FRAME)
    assert wire.read(codec.mark("0.1.ä")) == Mark("0.1.ä")
    assert wire.read(codec.clear()) == Clear()


def test_what_the_double_sends_is_what_we_read() -> None:
    codec, wire = MediaCodec(), Wire(STREAM, ACCOUNT, CALL)
    said = [
        wire.connected(),
        wire.start({"a": "b"}),
        wire.media(FRAME),
        wire.dtmf("*"),
        wire.mark("m"),
        wire.stop(),
    ]
    assert [codec.receive(text) for text in said] == [
        StreamConnected(), StreamStarted(STREAM, ACCOUNT, CALL, {"a": "b"}), CallerAudio(FRAME, 5),
        KeyPressed("*"), MarkReached("m"), StreamStopped(),
    ]  # fmt: skip
    assert codec.sequence.gaps == 0


def test_nothing_can_be_sent_before_the_stream_has_a_name() -> None:
    with pytest.raises(ProtocolError, match="before the stream has started"):
        MediaCodec().media(FRAME)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
bodies = st.fixed_dictionaries(
    {"event": st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop"]) | json_values},
    optional={
        "streamSid": st.just(STREAM) | json_values,
        "sequenceNumber": json_values,
        "start": st.just(start()["start"]) | json_values,
        "media": st.just(media()["media"]) | st.fixed_dictionaries({"payload": json_values}) | json_values,
        "dtmf": st.fixed_dictionaries({"digit": json_values}) | json_values,
        "mark": st.fixed_dictionaries({"name": json_values}) | json_values,
    },
)


@settings(deadline=None)
@given(st.lists(st.text() | st.binary() | bodies.map(json.dumps) | json_values.map(json.dumps), max_size=6))
def test_whatever_comes_is_an_event_or_a_protocol_error(messages: list[str | bytes]) -> None:
    codec = started()
    for raw in messages:
        with contextlib.suppress(ProtocolError):  # and nothing else may be raised
            assert isinstance(codec.receive(raw), StreamEvent)
