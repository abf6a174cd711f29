"""Frames that no carrier sends, for `benchmarks.attackers`: broken JSON, broken protocol, broken websocket.

Those of ``TEXTS`` are well-formed websocket messages, which the codec must refuse; those of ``wild`` are not
even that, and end the socket.
"""

from __future__ import annotations

import json
import random
import struct

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9  # RFC 6455 section 5.2


def frame(
    body: bytes, opcode: int = TEXT, *, first: int = 0x80, masked: bool = True, declared: int = -1
) -> bytes:
    """``first``: the bits above the opcode (FIN alone by default). ``declared``: a length that is not so."""
    length = len(body) if declared < 0 else declared
    mask = 0x80 if masked else 0
    if length < 126:
        head = struct.pack("!BB", first | opcode, mask | length)
    elif length < 65_536:
        head = struct.pack("!BBH", first | opcode, mask | 126, length)
    else:
        head = struct.pack("!BBQ", first | opcode, mask | 127, length)
    return head + (b"\0\0\0\0" if masked else b"") + body


def texts(stream_sid: str) -> list[bytes]:
    """Messages that are refused one by one, by a stream that has started."""

    def says(event: str, **content: object) -> bytes:
        return json.dumps({"event": event, "streamSid": stream_sid, **content}).encode()

    return [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"media"',
        b"\0" * 64,
        b"{}" * 500,
        b'{"event":1}',
        b'{"event":"media"}',
        b"[" * 900 + b"]" * 900,
        b'{"event":' * 300 + b"1" + b"}" * 300,
        b'{"event":"media","event":"media"}',
        says("media"),
        says("media", media=[]),
        says("media", media={"payload": 7, "timestamp": "0"}),
        says("media", media={"payload": "!!!!", "timestamp": "0"}),
        says("media", media={"payload": "A", "timestamp": "0"}),
        says("media", media={"payload": "////", "timestamp": "-1"}),
        says("media", media={"payload": "////", "timestamp": 1e308}),
        says("media", media={"payload": "////", "timestamp": "9" * 400}),
        says("dtmf", dtmf={"digit": "E"}),
        says("dtmf", dtmf={"digit": "55555"}),
        says("dtmf"),
        says("mark", mark={"name": ""}),
        says("mark", mark={"name": "x" * 60_000}),
        says("start", start={"streamSid": stream_sid, "accountSid": "AC", "callSid": "CA"}),
        says("connected"),
        json.dumps(
            {"event": "media", "streamSid": "MZ0", "media": {"payload": "////", "timestamp": "0"}}
        ).encode(),
        b'{"event":"\\ud800"}',
        b'{"event":"media","streamSid":NaN}',
        b"1e999999",
        b"-" * 1_000,
    ]


def wild(rng: random.Random) -> bytes:
    """A frame that ends the socket."""
    noise = rng.randbytes(rng.randint(1, 200))
    return rng.choice(
        [
            noise,
            frame(noise, opcode=3),
            frame(noise, opcode=15),
            frame(b"{}", first=0xC0),
            frame(b"{}", first=0xF0),
            frame(b"{}", masked=False),
            frame(b"\xff\xfe"),
            frame(noise, BINARY),
            frame(b"", declared=2**62),
            frame(b"", declared=17_000_000),
            frame(noise, PING, first=0),
            frame(b"x" * 126, PING),
            frame(b"\x00", CLOSE),
            frame(b"\x03", CLOSE),
            frame(b"{", first=0) + frame(b"{}"),
            frame(b"{}", opcode=0),
        ]
    )
