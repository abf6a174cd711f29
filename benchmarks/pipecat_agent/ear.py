"""Our recogniser as a speech-to-text service of pipecat: its VAD says when, our worker processes say what."""

from __future__ import annotations

import asyncio
from collections import deque

from pipecat.frames.frames import (  # type: ignore[import-not-found]
    CancelFrame,
    EndFrame,
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection  # type: ignore[import-not-found]
from pipecat.services.settings import STTSettings  # type: ignore[import-not-found]
from pipecat.services.stt_service import STTService  # type: ignore[import-not-found]
from pipecat.transcriptions.language import Language  # type: ignore[import-not-found]
from pipecat.utils.time import time_now_iso8601  # type: ignore[import-not-found]

from models.domain import Expectation
from voice.ears import Ears, EarSession

PRE_ROLL_S = 0.3  # before the VAD's own 0.2 s of certainty, as our listener keeps it
NO_WORDS = "..."
LATE_S = 1.0  # pipecat's own figure for a local Whisper; a finished transcript never waits for it


class StreamedEar(STTService):  # type: ignore[misc]
    """Sends speech to the recogniser while it is spoken, and finishes where pipecat's VAD stops.

    pipecat's own segmented service hands over a whole segment at its end. Streaming is the quicker way, and
    the one we take ourselves. Each segment is one final transcript, also where nothing was recognised:
    pipecat leaves a turn without words unanswered, and we would ask again.
    """

    def __init__(self, ears: Ears, call_id: str) -> None:
        settings = STTSettings(model="pocketsphinx", language=Language.EN)
        super().__init__(ttfs_p99_latency=LATE_S, settings=settings)
        self._ears, self._call_id = ears, call_id
        self._before: deque[bytes] = deque()
        self._session: EarSession | None = None
        self._finishing: set[asyncio.Task[None]] = set()

    async def run_stt(self, audio: bytes) -> None:
        """Not used: audio goes to the recogniser as it comes."""

    async def process_audio_frame(self, frame: InputAudioRawFrame, direction: FrameDirection) -> None:
        if self._session is not None:
            self._session.feed(frame.audio)
            return
        self._before.append(frame.audio)
        most = int((PRE_ROLL_S + 0.2) * self.sample_rate) * 2
        while sum(map(len, self._before)) > most:
            self._before.popleft()

    async def process_frame(self, frame: object, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        match frame:
            case VADUserStartedSpeakingFrame() if self._session is None:
                self._session = self._ears.open(Expectation(), self._call_id)
                self._session.feed(b"".join(self._before))
                self._before.clear()
            case VADUserStoppedSpeakingFrame() if self._session is not None:
                session, self._session = self._session, None
                self._finishing.add(task := self.create_task(self._finish(session)))
                task.add_done_callback(self._finishing.discard)

    async def _finish(self, session: EarSession) -> None:
        transcript = await session.finish()
        text, now = transcript.text or NO_WORDS, time_now_iso8601()
        await self.push_frame(TranscriptionFrame(text, "", now, Language.EN, finalized=True))

    async def stop(self, frame: EndFrame) -> None:
        await self._drop()
        await super().stop(frame)

    async def cancel(self, frame: CancelFrame) -> None:
        await self._drop()
        await super().cancel(frame)

    async def _drop(self) -> None:
        for task in list(self._finishing):
            await self.cancel_task(task)
        session, self._session = self._session, None
        if session is not None:
            await session.drop()
