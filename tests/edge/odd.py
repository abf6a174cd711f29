"""A carrier whose signature is genuine and whose manners are not: sends anything, keeps what it hears."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import secrets
from types import TracebackType
from typing import Any
from xml.etree import ElementTree

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN, call_form, signed

SILENCE = base64.b64encode(b"\xff" * 160).decode()


class OddCall:
    """``async with OddCall(base) as call``: one call, from ringing to whatever end the test makes."""

    def __init__(
        self,
        base: str,
        *,
        call_sid: str = "",
        account: str = ACCOUNT,
        token: str = TOKEN,
        public: str = PUBLIC_URL,
    ) -> None:
        self.call_sid = call_sid or "CA" + secrets.token_hex(16)
        self.stream_sid = "MZ" + secrets.token_hex(16)
        self.heard = 0  # bytes of audio
        self.echoes_marks = True
        self._base, self._public, self._account, self._token = base, public, account, token
        self._socket: ClientConnection | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._http = httpx.AsyncClient(base_url=base, trust_env=False, timeout=60)

    async def __aenter__(self) -> OddCall:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._hearing:
            self._hearing.cancel()
        if self._socket:
            self._socket.transport.abort()
        await self._http.aclose()

    async def asks(self, door: str, **fields: str) -> httpx.Response:
        """A signed webhook."""
        form = {**call_form(CallSid=self.call_sid, AccountSid=self._account, To="+16175550100"), **fields}
        headers = signed(f"{self._public}/twilio/{door}", form, token=self._token)
        return await self._http.post(f"/twilio/{door}", data=form, headers=headers)

    async def rings(self, **fields: str) -> ElementTree.Element:
        return document(await self.asks("voice", **fields))

    async def resumes(self, **fields: str) -> ElementTree.Element:
        return document(await self.asks("resume", **fields))

    async def hangs_up(self) -> None:
        assert (await self.asks("status", CallStatus="completed")).status_code == 204

    async def opens(self, answer: ElementTree.Element) -> None:
        """The stream that the document names."""
        url = answer[0][0].attrib["url"]
        path = url.removeprefix("ws" + self._public.removeprefix("http"))
        self._socket = await connect(
            "ws" + self._base.removeprefix("http") + path,
            additional_headers=signed(url, token=self._token), compression=None, proxy=None,
        )  # fmt: skip
        self._hearing = asyncio.create_task(self._hear(self._socket))

    async def starts(self, answer: ElementTree.Element) -> None:
        """Opens the stream, says start, and waits until the agent is heard."""
        await self.opens(answer)
        self.stream_sid = "MZ" + secrets.token_hex(16)
        await self.sends('{"event":"connected"}', self.start())
        await self.hears()

    async def hears(self) -> None:
        """Something more from the agent: no caller is left in silence."""
        before = self.heard
        async with asyncio.timeout(60):
            while self.heard == before:
                await asyncio.sleep(0.01)

    async def sends(self, *messages: str | bytes) -> None:
        assert self._socket
        with contextlib.suppress(ConnectionClosed):
            for message in messages:
                await self._socket.send(message)

    async def sends_raw(self, junk: bytes) -> None:
        """Bytes that are no websocket frame at all."""
        assert self._socket
        self._socket.transport.write(junk)

    async def drops(self) -> None:
        assert self._socket
        self._socket.transport.abort()

    def stops_reading(self) -> None:
        assert self._socket
        self._socket.transport.pause_reading()

    async def is_shown_out(self, limit_s: float = 60.0) -> int | None:
        """The code with which the server closed the stream."""
        assert self._socket
        async with asyncio.timeout(limit_s):
            await self._socket.wait_closed()
        return self._socket.close_code

    async def is_on_the_line(self, for_s: float = 0.15) -> bool:
        assert self._hearing
        done, _ = await asyncio.wait({self._hearing}, timeout=for_s)
        return not done

    async def presses_zero(self) -> None:
        """And goes on sending frames, as a telephone does, until the server ends the stream."""
        await self.sends(self.says("dtmf", dtmf={"track": "inbound_track", "digit": "0"}))
        while await self.is_on_the_line(0.02):
            await self.sends(self.frame())

    def says(self, event: str, **content: Any) -> str:
        return json.dumps({"event": event, "sequenceNumber": "7", "streamSid": self.stream_sid, **content})

    def frame(self, payload: str = SILENCE, **changes: Any) -> str:
        media = {"track": "inbound", "chunk": "1", "timestamp": "20", "payload": payload, **changes}
        return self.says("media", media=media)

    def start(self, **changes: Any) -> str:
        content = {
            "streamSid": self.stream_sid, "accountSid": self._account, "callSid": self.call_sid,
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "tracks": ["inbound"], **changes,
        }  # fmt: skip
        return self.says("start", start=content)

    async def _hear(self, socket: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in socket:
                message = json.loads(text)
                if message["event"] == "media":
                    self.heard += len(base64.b64decode(message["media"]["payload"]))
                if message["event"] == "mark" and self.echoes_marks:
                    await socket.send(self.says("mark", mark=message["mark"]))


def document(answer: httpx.Response) -> ElementTree.Element:
    assert answer.status_code == 200, answer.text
    return ElementTree.fromstring(answer.text)


def verbs(answer: ElementTree.Element) -> list[str]:
    return [element.tag for element in answer]
