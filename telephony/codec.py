"""Twilio Media Streams, the server's side: text in, events out. The socket is someone else's.

Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import orjson

from models.domain import SAMPLE_RATE_HZ, CallerAudio
from models.errors import ProtocolError
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

MESSAGE_LIMIT_BYTES = 65_536
REMEMBERED = 64  # media messages, to know one that comes twice
NAME_LIMIT = 256  # characters of an identifier
KEYS = frozenset("0123456789*#ABCD")
SUPPORTED_FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": SAMPLE_RATE_HZ, "channels": 1}

JsonObject = Mapping[str, Any]


class SequenceCounter:
    """Counts what is odd about sequence numbers. They are statistics only, never an order."""

    def __init__(self) -> None:
        self.gaps = 0  # jumps forward over at least one number
        self.duplicates = 0
        self.late = 0  # came after a higher number
        self.highest: int | None = None
        self._recent: deque[int] = deque(maxlen=256)

    def count(self, number: int) -> None:
        if self.highest is None or number > self.highest:
            self.gaps += self.highest is not None and number > self.highest + 1
            self.highest = number
        elif number in self._recent:
            self.duplicates += 1
        else:
            self.late += 1
        self._recent.append(number)


class MediaCodec:
    """One stream's codec. Keeps the stream's identity and order rules; holds no audio.

    ``receive`` raises ``ProtocolError`` for anything the protocol does not allow, and nothing else;
    the codec stays usable after it.
    """

    def __init__(self) -> None:
        self.started: StreamStarted | None = None
        self.stopped = False
        self.sequence = SequenceCounter()
        self._recent: deque[tuple[int, int]] = deque(maxlen=REMEMBERED)  # chunk and timestamp of media
        self._newest_chunk = -1  # which saves the search in nearly every case

    def receive(self, message: str | bytes) -> StreamEvent:
        """One websocket message to one event. Binary frames are never allowed."""
        body = _parse(message)
        event = body.get("event")
        if not isinstance(event, str):
            raise ProtocolError("message without an event name")
        reader = self._READERS.get(event)
        if reader is None:
            return Ignored(f"unknown event {_shown(event)}")
        self._check_place(event, body)
        result = reader(self, body)
        self._count(body)
        return result

    def media(self, mulaw: bytes) -> str:
        """Audio to play: raw mu-law, no header bytes, any length."""
        return self._message("media", {"media": {"payload": base64.b64encode(mulaw).decode("ascii")}})

    def mark(self, name: str) -> str:
        """A mark that comes back when the audio before it has been played, or dropped."""
        return self._message("mark", {"mark": {"name": name}})

    def clear(self) -> str:
        """Drop all audio not yet played; pending marks come back at once."""
        return self._message("clear", {})

    def _message(self, event: str, content: dict[str, Any]) -> str:
        if self.started is None:
            raise ProtocolError(f"{event} cannot be sent before the stream has started")
        return orjson.dumps({"event": event, "streamSid": self.started.stream_sid, **content}).decode()

    def _check_place(self, event: str, body: JsonObject) -> None:
        if event in ("connected", "start"):
            if self.started is not None:
                raise ProtocolError(f"{event} in a stream that has already started")
            return
        if self.started is None:
            raise ProtocolError(f"{event} before start")
        if self.stopped:
            raise ProtocolError(f"{event} after stop")
        if body.get("streamSid") != self.started.stream_sid:
            raise ProtocolError(f"{event} with another stream's streamSid, or none")

    def _count(self, body: JsonObject) -> None:
        try:
            self.sequence.count(_number(body, "sequenceNumber"))
        except ProtocolError:
            return  # audio does not depend on it; `connected` has none

    def _connected(self, body: JsonObject) -> StreamEvent:
        return StreamConnected()

    def _start(self, body: JsonObject) -> StreamEvent:
        start = _object(body, "start")
        stream_sid = _name(start, "streamSid")
        if body.get("streamSid", stream_sid) != stream_sid:
            raise ProtocolError("start names two different streamSids")
        _check_format(start.get("mediaFormat"))
        self.started = StreamStarted(
            stream_sid, _name(start, "accountSid"), _name(start, "callSid"), _parameters(start)
        )
        return self.started

    def _media(self, body: JsonObject) -> StreamEvent:
        media = _object(body, "media")
        if media.get("track", "inbound") != "inbound":
            return Ignored("media of the outbound track")
        audio = CallerAudio(_payload(media), timestamp_ms=_number(media, "timestamp"))
        return RepeatedAudio() if self._came_before(media, audio) else audio

    def _came_before(self, media: JsonObject, audio: CallerAudio) -> bool:
        """The same piece of sound once more: heard twice, words would be no words any more."""
        try:
            piece = _number(media, "chunk"), audio.timestamp_ms
        except ProtocolError:
            return False  # without its number a piece of silence is like the next one
        before = piece[0] <= self._newest_chunk and piece in self._recent
        self._newest_chunk = max(self._newest_chunk, piece[0])
        self._recent.append(piece)
        return before

    def _dtmf(self, body: JsonObject) -> StreamEvent:
        digit = _object(body, "dtmf").get("digit")
        key = str(digit) if isinstance(digit, int) and not isinstance(digit, bool) else digit
        if not isinstance(key, str) or key not in KEYS:
            raise ProtocolError("dtmf without a telephone key")
        return KeyPressed(key)

    def _mark(self, body: JsonObject) -> StreamEvent:
        return MarkReached(_name(_object(body, "mark"), "name"))

    def _stop(self, body: JsonObject) -> StreamEvent:
        self.stopped = True
        return StreamStopped()

    _READERS: ClassVar[dict[str, Callable[[MediaCodec, JsonObject], StreamEvent]]] = {
        "connected": _connected,
        "start": _start,
        "media": _media,
        "dtmf": _dtmf,
        "mark": _mark,
        "stop": _stop,
    }


def _parse(message: str | bytes) -> JsonObject:
    if not isinstance(message, str):
        raise ProtocolError("binary frame: media streams are text")
    if len(message) > MESSAGE_LIMIT_BYTES:
        raise ProtocolError("message over 64 kB")
    try:
        body = orjson.loads(message)
    except ValueError:
        raise ProtocolError("message is not JSON") from None
    if not isinstance(body, dict):
        raise ProtocolError("message is not a JSON object")
    return body


def _object(body: JsonObject, field: str) -> JsonObject:
    value = body.get(field)
    if not isinstance(value, dict):
        raise ProtocolError(f"{field} is missing or not an object")
    return value


def _name(body: JsonObject, field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not 0 < len(value) <= NAME_LIMIT:
        raise ProtocolError(f"{field} is missing or not a name")
    return value


def _number(body: JsonObject, field: str) -> int:
    """A natural number, as JSON number or string: Twilio's documents show both."""
    value = body.get(field)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    raise ProtocolError(f"{field} is missing or not a number")


def _payload(media: JsonObject) -> bytes:
    payload = media.get("payload")
    if not isinstance(payload, str):
        raise ProtocolError("media without a payload")
    try:
        return base64.b64decode(payload, validate=True)
    except ValueError:
        raise ProtocolError("media payload is not base64") from None


def _parameters(start: JsonObject) -> dict[str, str]:
    given = start.get("customParameters") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise ProtocolError("customParameters is not an object of strings")
    return dict(given)


def _check_format(given: object) -> None:
    """Absent is mu-law at 8 kHz, the only format there is; anything else would be heard as noise."""
    if given is None:
        return
    if not isinstance(given, dict):
        raise ProtocolError("mediaFormat is not an object")
    for field, wanted in SUPPORTED_FORMAT.items():
        value = given.get(field, wanted)
        if not isinstance(value, str | int) or str(value) != str(wanted):
            raise ProtocolError(f"mediaFormat: {field} must be {wanted}")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "...")
