"""The two servers that ``benchmarks.transport`` compares, each a process of its own.

``firstring``: the carrier's real doors (signature, token, codec, stream rules), and a mouth with the
agent's own pacing; only ears and dialog are missing. ``control``: the least that a Python server can do
for the same traffic: the same web server, JSON and base64, no rules.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import secrets
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

import orjson
from fastapi import FastAPI, WebSocket

from agent import event_loop, listening
from agent.garbage import lasting
from agent.speaking import Speaking
from models.domain import CallerAudio, Sentence
from telephony import twiml
from telephony.config import TelephonyConfig
from telephony.events import KeyPressed, MarkReached
from telephony.handlers import ArrivingCall
from telephony.media_stream import MediaStream
from telephony.playback import Playback
from telephony.tokens import StreamTokens
from telephony.webhooks import build_router
from voice.mouth import Mouth

PUBLIC_URL = "https://phone.example.org"
ACCOUNT_SID, AUTH_TOKEN = "AC" + "2" * 32, "not-a-secret"
CONFIG = TelephonyConfig(
    public_url=PUBLIC_URL, account_sid=ACCOUNT_SID, practice_number="+15555550199", auth_token=AUTH_TOKEN
)
CHUNK = b"\x55" * 1_600  # 200 ms of sound, as the playback sends it
SENTENCE = CHUNK * 20
PROBE = "probe"


class ToneMouth:
    """A mouth for ``Speaking`` that says four seconds of the same, at once."""

    async def render(self, text: str, **_: object) -> bytes:
        return SENTENCE


class ToneAgent:
    """Speaks without a pause; a key is answered at once by a mark, which measures the way there and back."""

    def __init__(self) -> None:
        self._burned: set[str] = set()
        self._tokens = StreamTokens(secrets.token_bytes(32), lambda: datetime.now(UTC), self._burn)

    @property
    def tokens(self) -> StreamTokens:
        return self._tokens

    async def _burn(self, nonce: str) -> bool:
        self._burned.add(nonce)
        return True

    def ready(self) -> bool:
        return True

    async def arriving(self, call: ArrivingCall) -> str:
        url = CONFIG.stream_url(self._tokens.mint(call.call_sid))
        return twiml.connect_stream(url, CONFIG.url("/twilio/resume"))

    async def resuming(self, call_sid: str, form: Mapping[str, str]) -> str:
        return twiml.hang_up()

    async def status(self, call_sid: str, form: Mapping[str, str]) -> None: ...

    async def sms(self, form: Mapping[str, str]) -> str:
        return ""

    async def stream(self, media: MediaStream) -> None:
        speaking = Speaking(
            Playback(media.codec), cast(Mouth, ToneMouth()), media.send, voice_lost=lambda: None
        )
        async with asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(each) for each in (speaking.render(), speaking.pump())]
            await _talk(media, speaking)
            for task in work:
                task.cancel()


async def _talk(media: MediaStream, speaking: Speaking) -> None:
    sentence = [Sentence("la")]
    speaking.say(sentence * 2, 1)
    heard_bytes = 0
    async for event in media:
        match event:
            case CallerAudio(mulaw=mulaw):
                heard_bytes += len(mulaw)
            case MarkReached(name=name):
                speaking.marked(name)
                speaking.start_reply()
                speaking.say(sentence, 1)
            case KeyPressed():
                await media.send(media.codec.mark(PROBE))


def firstring_app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.include_router(build_router(CONFIG, ToneAgent()))
    return app


def control_app() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.add_api_websocket_route("/control", _control)
    return app


async def _control(socket: WebSocket) -> None:
    """A tenth of the messages in are answered by ten times the sound."""
    await socket.accept()
    frames = 0
    while (message := await socket.receive())["type"] == "websocket.receive":
        body = orjson.loads(message["text"])
        if body["event"] == "media":
            base64.b64decode(body["media"]["payload"])
            frames += 1
            if frames % 10 == 0:
                payload = base64.b64encode(CHUNK).decode()
                await _send(socket, {"event": "media", "streamSid": "MZ", "media": {"payload": payload}})
        elif body["event"] == "dtmf":
            await _send(socket, {"event": "mark", "streamSid": "MZ", "mark": {"name": PROBE}})


async def _send(socket: WebSocket, message: dict[str, object]) -> None:
    await socket.send_text(orjson.dumps(message).decode())


APPS = {"firstring": firstring_app, "control": control_app}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("app", choices=APPS)
    parser.add_argument("--listener", type=int, required=True, help="a listening socket's descriptor")
    parser.add_argument("--core", type=int)
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    with lasting():  # as the web process's, whose libraries its nursery has read
        server = listening.server(APPS[options.app]())
    event_loop.run(server.serve(sockets=[socket.socket(fileno=options.listener)]))


if __name__ == "__main__":
    main()
