"""Media stream messages: before start, and in a stream that goes on."""

from __future__ import annotations

import json

from models.domain import CallerAudio
from models.errors import ProtocolError
from telephony import g711
from telephony.codec import MediaCodec
from telephony.throttle import Throttle

STREAM = "MZ" + "1" * 32
START = {"streamSid": STREAM, "accountSid": "AC1", "callSid": "CA1"}
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
EXAMPLES: tuple[dict[str, object], ...] = (
    {"event": "connected", "protocol": "Call", "version": "1.0.0"},
    {
        "event": "start",
        "streamSid": STREAM,
        "start": {**START, "mediaFormat": FORMAT, "customParameters": {"a": "b"}},
    },
    {
        "event": "media",
        "streamSid": STREAM,
        "media": {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": "////"},
    },
    {"event": "dtmf", "streamSid": STREAM, "dtmf": {"track": "inbound_track", "digit": "5"}},
    {"event": "mark", "streamSid": STREAM, "mark": {"name": "m"}},
    {"event": "stop", "streamSid": STREAM, "stop": {"accountSid": "AC1", "callSid": "CA1"}},
)


def seeds() -> list[bytes]:
    texts = [json.dumps(example).encode() for example in EXAMPLES]
    return [*texts, b"\n".join(texts), b"\n".join(reversed(texts))]


def once(data: bytes) -> None:
    """Each line is a message."""
    messages = data.decode("utf-8", "surrogateescape").split("\n")
    for codec in (MediaCodec(), _started()):
        throttle = Throttle(burst_ms=1_000)
        for number, message in enumerate(messages):
            _receive(codec, message, throttle, float(number))


def _started() -> MediaCodec:
    codec = MediaCodec()
    codec.receive(json.dumps({"event": "start", "streamSid": STREAM, "start": START}))
    return codec


def _receive(codec: MediaCodec, message: str, throttle: Throttle, now_ms: float) -> None:
    try:
        event = codec.receive(message)
    except ProtocolError:
        throttle.wait_ms(None, now_ms)
        return
    assert throttle.wait_ms(event, now_ms) >= 0
    if isinstance(event, CallerAudio):
        assert len(g711.decode(event.mulaw)) == 2 * len(event.mulaw)
    if codec.started:
        json.loads(codec.mark("m"))
