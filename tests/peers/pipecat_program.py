"""Runs where pipecat is installed: jobs as JSON on stdin, its Twilio serializer's results on stdout.

A program of its own, so that nothing of pipecat comes near the product or the tests' process.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from loguru import logger  # type: ignore[import-not-found]
from pipecat.frames.frames import (  # type: ignore[import-not-found]
    EndFrame,
    InputAudioRawFrame,
    InputDTMFFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
)
from pipecat.runner.utils import parse_telephony_websocket  # type: ignore[import-not-found]
from pipecat.serializers.twilio import TwilioFrameSerializer  # type: ignore[import-not-found]

RATE_HZ = 8_000  # the line's own: nothing is resampled


class Socket:
    """As much of a websocket as pipecat needs to read a stream's first messages."""

    def __init__(self, messages: list[str]) -> None:
        self._messages = messages

    async def iter_text(self) -> AsyncIterator[str]:
        for message in self._messages:
            yield message


async def result_of(job: dict[str, Any], stream: TwilioFrameSerializer) -> Any:
    match job:
        case {"open": messages}:
            kind, call = await parse_telephony_websocket(Socket(messages))
            return {"kind": kind, "stream": call.stream_id, "call": call.call_id, "parameters": call.body}
        case {"receive": message}:
            return described(await stream.deserialize(message))
        case {"say": pcm}:
            return await stream.serialize(OutputAudioRawFrame(base64.b64decode(pcm), RATE_HZ, 1))
        case {"interrupt": _}:
            return await stream.serialize(InterruptionFrame())
        case {"hang_up": _}:
            return await stream.serialize(EndFrame())
    raise ValueError(f"no such job: {sorted(job)}")


def described(frame: object) -> dict[str, str] | None:
    match frame:
        case InputAudioRawFrame():
            return {"pcm": base64.b64encode(frame.audio).decode()}
        case InputDTMFFrame():
            return {"key": frame.button.value}
    return None


async def main() -> None:
    logger.remove()
    request = json.load(sys.stdin)
    stream = TwilioFrameSerializer(**request["stream"])
    await stream.setup(SimpleNamespace(audio_in_sample_rate=RATE_HZ))
    json.dump([await result_of(job, stream) for job in request["jobs"]], sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
