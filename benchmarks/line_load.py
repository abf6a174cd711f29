"""Callers for ``benchmarks.transport``: many media streams from one core, and what came back when.

A websocket written out by hand (RFC 6455 section 5.2): a general client would be busier than the server.
The masking key is zero, which is a key as good as any here, so a frame is sent as it stands.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import struct
import time
from dataclasses import dataclass, field

import httpx

from benchmarks.line_server import ACCOUNT_SID, AUTH_TOKEN, PROBE, PUBLIC_URL
from telephony.double.carrier import Account
from telephony.double.wire import Wire

FRAME_S = 0.02
PHASES = 10  # calls do not all send in the same millisecond
CHUNK_S = 0.2
AHEAD_S = 1.0  # a server may send this much before it is played
PROBE_EVERY = 50  # frames
SILENCE = b"\xff" * 160
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


@dataclass
class Figures:
    """What the callers saw while it counted."""

    sent: int = 0
    sent_late: int = 0  # by this program: if these are many, the figures are the callers' own
    arrivals_s: list[list[float]] = field(default_factory=list)  # of each call's media messages
    round_trips_ms: list[float] = field(default_factory=list)
    lost_calls: int = 0


class Caller(asyncio.Protocol):
    """One stream: sends frames when told, notes what arrives."""

    def __init__(self, figures: Figures, stream_sid: str, call_sid: str) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.figures = figures
        self._wire = Wire(stream_sid, ACCOUNT_SID, call_sid)
        self._named = f'"streamSid":"{stream_sid}"'
        self._buffer = b""
        self._opened = False
        self._closing = False
        self._number = 0
        self._probes: list[float] = []
        self.arrivals_s: list[float] = []
        self._plays_until_s = 0.0
        self._payload = json.dumps(base64.b64encode(SILENCE).decode())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._closing:
            self.figures.lost_calls += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("the server closed before the stream was open"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._opened:
            head, found, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            self._open(head)
        while self._take():
            pass

    def _open(self, head: bytes) -> None:
        if b" 101 " not in head[:16]:
            self.ready.set_exception(ConnectionError(head.partition(b"\r\n")[0].decode()))
            return
        self._opened = True
        for text in (self._wire.connected(), self._wire.start({})):
            self._send(_TEXT, text.encode())
        self.ready.set_result(None)

    def _take(self) -> bool:
        """One whole frame off the buffer."""
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        if len(buffer) < start + length:
            return False
        self._buffer = buffer[start + length :]
        self._took(buffer[0] & 0x0F, buffer[start : start + length])
        return True

    def _took(self, kind: int, body: bytes) -> None:
        if kind == _PING:
            self._send(_PONG, body)
        elif kind == _CLOSE:
            self._transport.close()
        elif kind == _TEXT and body.startswith(b'{"event":"media"'):
            self._media(time.monotonic())
        elif kind == _TEXT and body.startswith(b'{"event":"mark"'):
            self._mark(json.loads(body)["mark"]["name"])

    def _media(self, now_s: float) -> None:
        self.arrivals_s.append(now_s)
        self._plays_until_s = max(self._plays_until_s, now_s) + CHUNK_S

    def _mark(self, name: str) -> None:
        """A probe's answer, or a mark that is echoed when what came before it has been played."""
        if name == PROBE:
            self.figures.round_trips_ms.append((time.monotonic() - self._probes.pop(0)) * 1_000)
        else:
            echo = self._wire.mark(name).encode()
            wait_s = max(self._plays_until_s - time.monotonic(), 0.0)
            asyncio.get_running_loop().call_later(wait_s, self._send, _TEXT, echo)

    def frame(self) -> None:
        self._number += 1
        number = self._number
        media = f'"track":"inbound","chunk":"{number}","timestamp":"{number * 20}","payload":{self._payload}'
        message = f'{{"event":"media","sequenceNumber":"{number + 1}",{self._named},"media":{{{media}}}}}'
        self._send(_TEXT, message.encode())
        if number % PROBE_EVERY == 0:
            self._probes.append(time.monotonic())
            self._send(_TEXT, self._wire.dtmf("5").encode())

    def close(self) -> None:
        self._closing = True
        self._send(_TEXT, self._wire.stop().encode())
        self._send(_CLOSE, b"\x03\xe8")
        self._transport.close()

    def _send(self, kind: int, body: bytes) -> None:
        if self._transport.is_closing():
            return
        short = len(body) < 126
        head = struct.pack("!BB", 0x80 | kind, 0x80 | len(body)) if short else (
            struct.pack("!BBH", 0x80 | kind, 0x80 | 126, len(body))
        )  # fmt: skip
        self._transport.write(head + b"\0\0\0\0" + body)


async def place(base_url: str, control: bool, figures: Figures, gate: asyncio.Semaphore) -> Caller:
    """A call that has been answered and whose stream is open. Raises ``ConnectionError``."""
    stream_sid, call_sid = "MZ" + secrets.token_hex(16), "CA" + secrets.token_hex(16)
    account = Account(base_url, PUBLIC_URL, ACCOUNT_SID, AUTH_TOKEN)
    async with gate:
        path = "/control" if control else await ask_for_stream(account, call_sid)
        host, _, port = base_url.removeprefix("http://").partition(":")
        loop = asyncio.get_running_loop()
        transport, caller = await loop.create_connection(
            lambda: Caller(figures, stream_sid, call_sid), host, int(port)
        )
        transport.write(upgrade(account, path).encode())
        await caller.ready
    return caller


async def ask_for_stream(account: Account, call_sid: str) -> str:
    """The webhook, signed as the carrier's; the path of the stream that the answer names."""
    url = PUBLIC_URL + "/twilio/voice"
    form = {
        "AccountSid": ACCOUNT_SID, "CallSid": call_sid, "CallStatus": "ringing",
        "From": "+15555550123", "To": "+15555550100",
    }  # fmt: skip
    headers = {"X-Twilio-Signature": account.sign(url, form)}
    # no certificates to read, which takes longer than a server's answer
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30.0) as client:
        answer = await client.post(account.real(url), data=form, headers=headers)
    found = re.search(r'url="wss://[^/"]+(/[^"]+)"', answer.text)
    if found is None:
        raise ConnectionError(f"no stream in the answer: {answer.status_code} {answer.text[:200]}")
    return found[1]


def upgrade(account: Account, path: str) -> str:
    signature = account.sign("ws" + PUBLIC_URL.removeprefix("http") + path, {})
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: phone.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nX-Twilio-Signature: {signature}\r\n\r\n"
    )


async def speak(callers: list[Caller], figures: Figures, length_s: float) -> None:
    """Fifty frames a second from each, for that long."""
    groups = [callers[at::PHASES] for at in range(PHASES)]
    started_s = time.monotonic()
    for tick in range(int(length_s / FRAME_S) * PHASES):
        due_s = started_s + tick * FRAME_S / PHASES
        wait_s = due_s - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        elif tick % PHASES == 0:
            await asyncio.sleep(0)  # behind: still hear what came
        group = groups[tick % PHASES]
        figures.sent += len(group)
        figures.sent_late += len(group) if time.monotonic() - due_s > FRAME_S else 0
        for caller in group:
            caller.frame()
