"""Small agents behind the doors: one that takes notes, one that speaks tones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from models.domain import CallerAudio
from telephony import g711, twiml
from telephony.events import KeyPressed, MarkReached, StreamEvent
from telephony.handlers import ArrivingCall
from telephony.media_stream import MediaStream
from telephony.playback import Playback
from telephony.tokens import StreamTokens
from tests.telephony.signing import CONFIG


def tone(length_s: float, pitch_hz: float = 440.0) -> bytes:
    """Mu-law."""
    wave = np.sin(np.arange(int(length_s * 8_000)) * 2 * np.pi * pitch_hz / 8_000) * 6_000
    return g711.encode(wave.astype("<i2").tobytes())


class Desk:
    """Takes notes of all that comes through the doors, and answers with a stream."""

    def __init__(self) -> None:
        self.is_ready = True
        self.fault: Exception | None = None
        self.delay_s = 0.0
        self.now = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
        self.burned: set[str] = set()
        self.arrived: list[ArrivingCall] = []
        self.resumed: list[str] = []
        self.statuses: list[str] = []
        self.messages: list[str] = []
        self.events: list[StreamEvent] = []
        self.streams: list[MediaStream] = []
        self._tokens = StreamTokens(b"secret", lambda: self.now, self.burn)

    @property
    def tokens(self) -> StreamTokens:
        return self._tokens

    async def burn(self, nonce: str) -> bool:
        known = nonce in self.burned
        self.burned.add(nonce)
        return not known

    def ready(self) -> bool:
        return self.is_ready

    async def arriving(self, call: ArrivingCall) -> str:
        self.arrived.append(call)
        await self._trouble()
        return self.stream_document(call.call_sid)

    async def resuming(self, call_sid: str, form: Mapping[str, str]) -> str:
        self.resumed.append(call_sid)
        await self._trouble()
        return self.stream_document(call_sid)

    async def status(self, call_sid: str, form: Mapping[str, str]) -> None:
        self.statuses.append(form["CallStatus"])
        await self._trouble()

    async def sms(self, form: Mapping[str, str]) -> str:
        self.messages.append(form.get("Body", ""))
        await self._trouble()
        return twiml.reply_by_message("Thank you.")

    async def stream(self, media: MediaStream) -> None:
        self.streams.append(media)
        await self._trouble()
        async for event in media:
            self.events.append(event)

    def stream_document(self, call_sid: str) -> str:
        token = self.tokens.mint(call_sid)
        return twiml.connect_stream(CONFIG.stream_url(token), CONFIG.url("/twilio/resume"))

    async def _trouble(self) -> None:
        await asyncio.sleep(self.delay_s)
        if self.fault is not None:
            raise self.fault


class ToneAgent(Desk):
    """Greets with a tone, answers each silence of 200 ms after speech with another, stops when spoken over.

    Key 9 ends the call; key 0 ends the stream, and the call goes to the practice.
    """

    greeting = ("Hello and welcome to the practice.", tone(0.6))
    answer = ("I heard you.", tone(0.3, 660.0))

    def __init__(self) -> None:
        super().__init__()
        self.after_stream = ""
        self.streaming = asyncio.Event()
        self.heard: list[str] = []
        self.keys = ""
        self.loudest = 0
        self._quiet_frames = 0
        self._speaking = False

    async def resuming(self, call_sid: str, form: Mapping[str, str]) -> str:
        await super().resuming(call_sid, form)
        return self.after_stream or self.stream_document(call_sid)

    async def stream(self, media: MediaStream) -> None:
        self.streams.append(media)
        self.streaming.set()
        playback = Playback(media.codec)
        playback.say("greeting", *self.greeting)
        pump = asyncio.create_task(self._pump(media, playback))
        try:
            async for event in media:
                await self._take(event, media, playback)
        finally:
            pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await pump

    async def _pump(self, media: MediaStream, playback: Playback) -> None:
        while True:
            for message in playback.due(now_ms()):
                await media.send(message)
            await asyncio.sleep(0.02)

    async def _take(self, event: StreamEvent, media: MediaStream, playback: Playback) -> None:
        self.events.append(event)
        if isinstance(event, MarkReached):
            playback.marked(event.name, now_ms())
        elif isinstance(event, KeyPressed):
            await self._key(event.digit, media)
        elif isinstance(event, CallerAudio):
            await self._listen(event.mulaw, media, playback)

    async def _key(self, digit: str, media: MediaStream) -> None:
        self.keys += digit
        if digit in "90":
            self.after_stream = twiml.hang_up() if digit == "9" else twiml.dial_practice("+15555550199")
            await media.close()

    async def _listen(self, mulaw: bytes, media: MediaStream, playback: Playback) -> None:
        level = int(np.abs(np.frombuffer(g711.decode(mulaw), "<i2").astype(int)).max())
        self.loudest = max(self.loudest, level)
        if level > 1_000:
            await self._caller_speaks(media, playback)
            self._quiet_frames = 0
        else:
            self._quiet_frames += 1
        if self._speaking and self._quiet_frames >= 10:
            self._speaking = False
            playback.start_reply()
            playback.say("answer", *self.answer)

    async def _caller_speaks(self, media: MediaStream, playback: Playback) -> None:
        if not self._speaking and not playback.is_idle(now_ms()):
            stop = playback.interrupt(now_ms())
            self.heard.append(stop.heard)
            for message in stop.messages:
                await media.send(message)
        self._speaking = True


def now_ms() -> float:
    return asyncio.get_running_loop().time() * 1_000
