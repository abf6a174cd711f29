"""Media stream messages as Twilio writes and reads them; the double's own hand.

Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages. Twilio does not break off
at a message it cannot use: it logs a warning by number and goes on, so the double does the same.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Media:
    mulaw: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    pass


@dataclass(frozen=True, slots=True)
class Unusable:
    """``warning`` begins with the number that Twilio logs."""

    warning: str


FromServer = Media | Mark | Clear | Unusable


class Wire:
    """Numbers and names one stream's messages."""

    def __init__(self, stream_sid: str, account_sid: str, call_sid: str) -> None:
        self._stream_sid = stream_sid
        self._account_sid = account_sid
        self._call_sid = call_sid
        self._sequence = 0
        self._chunk = 0

    def connected(self) -> str:
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: dict[str, str]) -> str:
        content = {
            "streamSid": self._stream_sid,
            "accountSid": self._account_sid,
            "callSid": self._call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters,
        }
        return self._numbered("start", content)

    def media(self, mulaw: bytes) -> str:
        self._chunk += 1
        content = {
            "track": "inbound",
            "chunk": str(self._chunk),
            "timestamp": str((self._chunk - 1) * 20 + 5),
            "payload": base64.b64encode(mulaw).decode(),
        }
        return self._numbered("media", content)

    def dtmf(self, digit: str) -> str:
        return self._numbered("dtmf", {"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        return self._numbered("mark", {"name": name})

    def stop(self) -> str:
        return self._numbered("stop", {"accountSid": self._account_sid, "callSid": self._call_sid})

    def read(self, message: str | bytes) -> FromServer:
        if isinstance(message, bytes):
            return Unusable("31950 binary frame")
        try:
            body = json.loads(message)
        except ValueError:
            return Unusable("31951 not JSON")
        if not isinstance(body, dict) or body.get("streamSid") != self._stream_sid:
            return Unusable("31951 wrong streamSid")
        return _read(body)

    def _numbered(self, event: str, content: Mapping[str, object]) -> str:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), "streamSid": self._stream_sid}
        return json.dumps({**message, event: content})


def _read(body: dict[str, object]) -> FromServer:
    event = body.get("event")
    content = body.get(str(event))
    if event == "clear":
        return Clear()
    if event == "mark" and isinstance(content, dict) and isinstance(content.get("name"), str):
        return Mark(content["name"])
    if event == "media" and isinstance(content, dict) and isinstance(content.get("payload"), str):
        return _media(content["payload"])
    return Unusable(f"31951 unknown or incomplete message: {event!r}")


def _media(payload: str) -> FromServer:
    try:
        mulaw = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        return Unusable("31951 payload is not base64")
    if mulaw.startswith(b"RIFF"):
        return Unusable("31951 payload has a wav header, which would be heard as noise")
    return Media(mulaw)
