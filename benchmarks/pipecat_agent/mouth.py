"""Our espeak-ng as a text-to-speech service of pipecat: the same audio, with our cache of sentences."""

from __future__ import annotations

from collections.abc import AsyncIterator

from pipecat.frames.frames import TTSAudioRawFrame  # type: ignore[import-not-found]
from pipecat.services.settings import TTSSettings  # type: ignore[import-not-found]
from pipecat.services.tts_service import TTSService  # type: ignore[import-not-found]

from voice import espeak, g711
from voice.mouth import Mouth
from voice.resample import LINE_HZ


class Espeak(TTSService):  # type: ignore[misc]
    """A sentence takes some milliseconds, so each is one frame of audio; the next follows while it plays."""

    def __init__(self, mouth: Mouth) -> None:
        settings = TTSSettings(model="espeak-ng", voice=espeak.VOICE, language=None)
        super().__init__(sample_rate=LINE_HZ, push_start_frame=True, push_stop_frames=True, settings=settings)
        self._mouth = mouth

    async def run_tts(self, text: str, context_id: str) -> AsyncIterator[TTSAudioRawFrame]:
        pcm = g711.decode(await self._mouth.render(text, first=True)).tobytes()
        yield TTSAudioRawFrame(pcm, LINE_HZ, 1, context_id=context_id)
