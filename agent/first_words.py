"""A caller whose stream was lost hears us again at once, while their call is still looked up and decided on.

The words are the same whatever the call is about, and the reply begins with them. Who answers the carrier's
"what now?" has just read the call, and says in a parameter of the stream whether they are due.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final

import dialog
from agent.instants import monotonic_ms
from agent.services import Services
from models.errors import SynthesisError, WorkerError
from models.records import StoredCall
from telephony.media_stream import MediaStream
from telephony.playback import Playback

PARAMETER: Final = "cut-off"
SENTENCE_ID: Final = "cut-off"


def parameters_of(stored: StoredCall) -> Mapping[str, str]:
    """For the stream that goes on with a call."""
    due = stored.state is None or dialog.says_so_at_once(dialog.from_json(stored.state))
    return {PARAMETER: "1"} if due else {}


@dataclass
class FirstWords:
    """``said``: what the stream has begun with, "" for nothing; it is in the playback already."""

    playback: Playback
    said: str = ""

    @classmethod
    @contextlib.asynccontextmanager
    async def on(cls, media: MediaStream, services: Services) -> AsyncIterator[FirstWords]:
        """Said beside what is done inside, and sent whole when that is left."""
        words = cls(Playback(media.codec, keep_played=services.settings.record_calls))
        saying = asyncio.create_task(words._say(media, services))
        try:
            yield words
            await saying
        finally:
            saying.cancel()

    async def _say(self, media: MediaStream, services: Services) -> None:
        if PARAMETER not in media.started.parameters:
            return
        with contextlib.suppress(SynthesisError, WorkerError, OSError):  # the call meets each of them itself
            mulaw = await services.mouth.render(dialog.RESUMED, first=True)
            self.said = dialog.RESUMED
            self.playback.say(SENTENCE_ID, self.said, mulaw)
            while (due_ms := self.playback.next_due_ms) is not None:
                await asyncio.sleep(max(due_ms - monotonic_ms(), 0.0) / 1_000)
                for message in self.playback.due(monotonic_ms()):
                    await media.send(message)
