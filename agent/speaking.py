"""One call's mouth: sentences in, audio out as it can be played, and what of it the caller truly heard."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from agent.instants import monotonic_ms
from agent.metrics import REPLY_SECONDS
from agent.stages import Stages
from models.domain import SAMPLE_RATE_HZ, Sentence
from models.errors import SynthesisError, WorkerError
from telephony.playback import Playback
from voice.mouth import Mouth
from voice.recorded import Recorded, prompt

PUMP_S = 0.04
BYTES_PER_MS = SAMPLE_RATE_HZ // 1_000
TAIL_MS = 700.0  # of a reply still to come: its question is as good as out


@dataclass
class _BrokenOff:
    """Our voice stopped for the caller's; whether we go on is not known yet."""

    heard_to: str
    whole: str  # of the reply, heard sentence by sentence
    rest: list[tuple[str, Sentence]]  # the broken-off sentence first
    since: list[tuple[str, Sentence]] = field(default_factory=list)  # said while the caller has the floor


class Speaking:
    """Renders sentence by sentence and feeds the playback; one reply at a time, later ones queue behind."""

    def __init__(
        self,
        playback: Playback,
        mouth: Mouth,
        send: Callable[[str], Awaitable[None]],
        voice_lost: Callable[[], None],
        replied: Callable[[float], None] = lambda took_ms: None,
        stages: Stages | None = None,
        said: str = "",
    ) -> None:
        """``replied``: told once for each answer how long we took, without waiting for backends.

        ``said``: the sentence that is in the playback already, with which the first reply may begin.
        """
        self._playback = playback
        self._mouth = mouth
        self._send = send
        self._voice_lost = voice_lost
        self._replied = replied
        self._stages = stages or Stages()
        self._said_ahead = said
        self._waiting: asyncio.Queue[tuple[str, Sentence, bool]] = asyncio.Queue()
        self._rendering = 0
        self._epoch = 0
        self._wake = asyncio.Event()
        self._asked_ms: float | None = None
        self._is_told = True  # `replied` was
        self.replied_ms: float | None = None  # when this reply's first audio was sent
        self.reply_took_ms: float | None = None  # until then, from the end of what was said before it
        self._lost = False  # no engine speaks any more
        self._numbers = itertools.count(1)
        self._said: dict[str, Sentence] = {}  # of this reply, by id, in order
        self._rendered_ids: set[str] = set()  # given to the playback
        self._broken_off: _BrokenOff | None = None
        self._heard_before = ""  # sentences of this reply heard before it was broken off

    @property
    def playing(self) -> bool:
        """True while we have something to say: the caller hears us, is about to, or broke us off."""
        return self._broken_off is not None or self.audible

    @property
    def audible(self) -> bool:
        """True while our voice is on the line, or about to be."""
        return self._rendering > 0 or not self._waiting.empty() or not self._playback.is_idle(monotonic_ms())

    @property
    def question_heard(self) -> bool:
        """All of the reply but its last tail was played."""
        waiting = self._rendering > 0 or not self._waiting.empty()
        return not waiting and self._playback.remaining_ms(monotonic_ms()) <= TAIL_MS

    def played(self, length_bytes: int) -> bytes:
        """What the caller was given to hear in the stretch of time that ends now."""
        now_ms = monotonic_ms()
        return self._playback.lately(now_ms - length_bytes / BYTES_PER_MS, length_bytes)

    def start_reply(self) -> None:
        """What is said from here on answers a new caller turn."""
        self._said.clear()
        self._rendered_ids.clear()
        self._heard_before = ""
        self.replied_ms = self.reply_took_ms = None
        self._playback.start_reply()

    def answering(self, asked_ms: float) -> None:
        """The caller's utterance ended at ``asked_ms``: the next audio sent is the reply to it."""
        self._asked_ms, self._is_told = asked_ms, False

    def waits(self) -> None:
        """It is decided what to do, and the words depend on what comes of it: that time is not ours."""
        if self._asked_ms is not None:
            self._tell(monotonic_ms() - self._asked_ms)

    def _tell(self, took_ms: float) -> None:
        if not self._is_told:
            self._is_told = True
            self._replied(took_ms)

    def say(self, sentences: Sequence[Sentence], turn_number: int) -> None:
        """Queues a reply's sentences; while the caller has the floor they wait for its end."""
        for index, sentence in enumerate(self._still_to_say(sentences)):
            sentence_id = f"t{turn_number}-{next(self._numbers)}"
            self._said[sentence_id] = sentence
            if self._broken_off is not None:
                self._broken_off.since.append((sentence_id, sentence))
            else:
                self._waiting.put_nowait((sentence_id, sentence, index == 0))

    def _still_to_say(self, sentences: Sequence[Sentence]) -> Sequence[Sentence]:
        ahead, self._said_ahead = self._said_ahead, ""
        return sentences[1:] if ahead and sentences and sentences[0].text == ahead else sentences

    async def render(self) -> None:
        """Runs for the whole call: turns queued sentences into audio, in order."""
        while True:
            sentence_id, sentence, first = await self._waiting.get()
            epoch, self._rendering = self._epoch, self._rendering + 1
            try:
                mulaw = await self._rendered(sentence, first)
                if epoch == self._epoch:  # else the caller has interrupted this reply
                    self._playback.say(sentence_id, sentence.text, mulaw)
                    self._rendered_ids.add(sentence_id)
                    self._wake.set()
            finally:
                self._rendering -= 1

    async def _rendered(self, sentence: Sentence, first: bool) -> bytes:
        try:
            return await self._mouth.render(
                sentence.text, first=first, pace=sentence.pace, language=sentence.language
            )
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
            await self._until_due()

    async def _until_due(self) -> None:
        """Returns when the playback has something to send, or a new sentence has come."""
        due_ms = self._playback.next_due_ms
        wait_s = None if due_ms is None else max(due_ms - monotonic_ms(), 0.0) / 1_000
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._wake.wait()

    def _measure(self) -> None:
        now_ms = monotonic_ms()
        if self.replied_ms is None:
            self.replied_ms = now_ms
            self._stages.sounded(now_ms)
        if self._asked_ms is not None:
            self.reply_took_ms = now_ms - self._asked_ms
            REPLY_SECONDS.observe(self.reply_took_ms / 1_000)
            self._tell(self.reply_took_ms)
            self._asked_ms = None

    def marked(self, name: str) -> None:
        self._playback.marked(name, monotonic_ms())

    async def break_off(self) -> None:
        """The caller's voice is over ours: silence at once. ``go_on`` or ``give_up`` follows."""
        if self._broken_off is not None:
            return
        self._epoch += 1
        while not self._waiting.empty():
            self._waiting.get_nowait()
        stopped = self._playback.interrupt(monotonic_ms())
        done = self._rendered_ids - set(stopped.unheard)
        rest = [(key, sentence) for key, sentence in self._said.items() if key not in done]
        self._rendered_ids.clear()
        self._broken_off = _BrokenOff(stopped.heard, stopped.whole, rest)
        for message in stopped.messages:
            await self._send(message)

    def go_on(self) -> None:
        """It was a cough, or agreement: we go on with the sentence that was broken off."""
        if broken := self._take_broken_off():
            self._heard_before = f"{self._heard_before} {broken.whole}".strip()
            self._requeue([*broken.rest, *broken.since])

    def give_up(self) -> str:
        """The caller takes the floor: the rest is never said. Returns what was heard of the reply."""
        broken = self._take_broken_off()
        if broken is None:
            return self.heard_so_far()
        self._requeue(broken.since)
        self._heard_before = f"{self._heard_before} {broken.heard_to}".strip()
        return self._heard_before

    async def stop(self) -> str:
        """Silence at once and for good. Returns the part of the reply that was heard."""
        await self.break_off()
        return self.give_up()

    def _take_broken_off(self) -> _BrokenOff | None:
        broken, self._broken_off = self._broken_off, None
        return broken

    def _requeue(self, sentences: Sequence[tuple[str, Sentence]]) -> None:
        self._said = dict(sentences)
        for index, (sentence_id, sentence) in enumerate(sentences):
            self._waiting.put_nowait((sentence_id, sentence, index == 0))

    def heard_so_far(self) -> str:
        """What the caller has heard of this reply."""
        if self._broken_off is not None:
            return f"{self._heard_before} {self._broken_off.heard_to}".strip()
        return f"{self._heard_before} {self._playback.heard(monotonic_ms())}".strip()

    async def finished(self, limit_s: float, unless: Callable[[], bool] = lambda: False) -> None:
        """Returns when everything said has been heard, after ``limit_s``, or once ``unless`` is true."""
        deadline_ms = monotonic_ms() + limit_s * 1_000
        while self.playing and monotonic_ms() < deadline_ms and not unless():
            await asyncio.sleep(PUMP_S)
