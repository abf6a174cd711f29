"""One call's mouth: sentences in, paced audio out, and what of it the caller truly heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from agent.metrics import REPLY_SECONDS
from models.domain import Sentence
from models.errors import SynthesisError, WorkerError
from telephony.playback import Playback
from voice.mouth import Mouth
from voice.recorded import Recorded, prompt

PUMP_S = 0.04


def monotonic_ms() -> float:
    return time.monotonic() * 1_000


class Speaking:
    """Renders sentence by sentence and feeds the playback; one reply at a time, later ones queue behind."""

    def __init__(
        self,
        playback: Playback,
        mouth: Mouth,
        send: Callable[[str], Awaitable[None]],
        voice_lost: Callable[[], None],
    ) -> None:
        self._playback = playback
        self._mouth = mouth
        self._send = send
        self._voice_lost = voice_lost
        self._waiting: asyncio.Queue[tuple[str, Sentence, bool]] = asyncio.Queue()
        self._rendering = 0
        self._epoch = 0
        self._wake = asyncio.Event()
        self._asked_ms: float | None = None
        self._lost = False  # no engine speaks any more

    @property
    def playing(self) -> bool:
        """True while the caller hears us, or is about to."""
        return self._rendering > 0 or not self._waiting.empty() or not self._playback.is_idle(monotonic_ms())

    def start_reply(self) -> None:
        """What is said from here on answers a new caller turn."""
        self._playback.start_reply()

    def answering(self, asked_ms: float) -> None:
        """The caller's utterance ended at ``asked_ms``: the next audio sent is the reply to it."""
        self._asked_ms = asked_ms

    def say(self, sentences: Sequence[Sentence], turn_number: int) -> None:
        for index, sentence in enumerate(sentences):
            self._waiting.put_nowait((f"t{turn_number}-{self._epoch}-{index}", sentence, index == 0))

    async def render(self) -> None:
        """Runs for the whole call: turns queued sentences into audio, in order."""
        while True:
            sentence_id, sentence, first = await self._waiting.get()
            epoch, self._rendering = self._epoch, self._rendering + 1
            try:
                mulaw = await self._rendered(sentence, first)
                if epoch == self._epoch:  # else the caller has interrupted this reply
                    self._playback.say(sentence_id, sentence.text, mulaw)
                    self._wake.set()
            finally:
                self._rendering -= 1

    async def _rendered(self, sentence: Sentence, first: bool) -> bytes:
        try:
            return await self._mouth.render(sentence.text, first=first)
        except (SynthesisError, WorkerError):
            if self._lost:
                return b""  # the recorded sentence was said, once is enough
            self._lost = True
            self._voice_lost()  # which makes the recorded sentence true
            return prompt(Recorded.CONNECTING)

    async def pump(self) -> None:
        """Runs for the whole call: sends what is due, never more than a second ahead."""
        while True:
            for message in self._playback.due(monotonic_ms()):
                await self._send(message)
                self._measure()
            self._wake.clear()
            try:
                await asyncio.wait_for(self._wake.wait(), PUMP_S)
            except TimeoutError:
                continue

    def _measure(self) -> None:
        if self._asked_ms is not None:
            REPLY_SECONDS.observe((monotonic_ms() - self._asked_ms) / 1_000)
            self._asked_ms = None

    def marked(self, name: str) -> None:
        self._playback.marked(name, monotonic_ms())

    async def stop(self) -> str:
        """Barge-in: silence at once. Returns the part of the reply that was heard."""
        self._epoch += 1
        while not self._waiting.empty():
            self._waiting.get_nowait()
        interruption = self._playback.interrupt(monotonic_ms())
        for message in interruption.messages:
            await self._send(message)
        return interruption.heard

    def heard_so_far(self) -> str:
        return self._playback.heard(monotonic_ms())

    async def finished(self, limit_s: float, unless: Callable[[], bool] = lambda: False) -> None:
        """Returns when everything said has been heard, after ``limit_s``, or once ``unless`` is true."""
        deadline = time.monotonic() + limit_s
        while self.playing and time.monotonic() < deadline and not unless():
            await asyncio.sleep(PUMP_S)
