"""One call's ears: caller audio in, transcripts out, and the moment a caller takes the floor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from agent.instants import monotonic_ms
from models.domain import SURE, Expectation, Screen, Transcript, Utterance
from voice import listener as voice
from voice.ears import Ears, EarSession
from voice.interruption import SHORT_MS, SHORT_WORDS, Meaning, meaning, stops_us
from voice.level import Nearness
from voice.phantom import without_phantom

TAIL_MS = 1_200.0  # from the end of one utterance to the beginning of the next


class Floor(Protocol):
    """Our own voice, as far as hearing must know and stop it."""

    @property
    def audible(self) -> bool: ...

    @property
    def question_heard(self) -> bool: ...

    def played(self, length_bytes: int) -> bytes: ...

    async def break_off(self) -> None: ...

    def go_on(self) -> None: ...

    def answering(self, asked_ms: float) -> None: ...


@dataclass
class _Said:
    """One utterance under way."""

    session: EarSession
    expectation: Expectation
    began_ms: float  # on the monotonic clock
    over_us: bool = False  # it began over our voice, or stopped it
    is_tail: bool = False  # it began so soon after the one before that it goes on with that
    question_heard: bool = False
    nearness: Nearness = Nearness.NEAR
    utterance: Utterance | None = None  # none when the stream ended in it
    ended_ms: float = 0.0

    @property
    def speech_ms(self) -> int:
        """From the first to the last sound; as of a sentence where the stream ended in it."""
        return self.utterance.ended_ms - self.utterance.started_ms if self.utterance else SHORT_MS + 1


class Hearing:
    """Feeds the listener, streams speech to a recogniser while it is spoken, and reports what was said.

    ``heard(transcript)`` is awaited once per utterance, in order; ``took_floor()`` before it, when the
    caller spoke over the agent and meant it; ``noted(transcript, from_ms, to_ms)`` for every utterance,
    answered or not, with its place on the monotonic clock. ``floor`` is our voice: stopped at once when
    the caller's is over it, and told to go on when nothing was meant. ``whole(guess)`` may tell of words
    heard until a pause whether their meaning is complete; ``means(transcript)`` whether there is any.
    """

    def __init__(
        self,
        call_id: str,
        ears: Ears,
        tasks: asyncio.TaskGroup,
        *,
        heard: Callable[[Transcript], Awaitable[None]],
        noted: Callable[[Transcript, float, float], Awaitable[None]],
        took_floor: Callable[[], Awaitable[None]],
        floor: Floor,
        screen: Screen,
        whole: Callable[[Transcript], Awaitable[bool]] | None = None,
        means: Callable[[Transcript], Awaitable[bool]] | None = None,
    ) -> None:
        self._call_id = call_id
        self._listener = voice.Listener()
        self._ears = ears
        self._tasks = tasks
        self._heard = heard
        self._noted = noted
        self._took_floor = took_floor
        self._floor = floor
        self._screen = screen
        self._whole = whole
        self._means = means
        self._ended_ms = -TAIL_MS  # of the utterance before
        self._said: _Said | None = None
        self._last: asyncio.Task[None] | None = None
        self._expectation = Expectation()
        self._unfinished = 0

    @property
    def busy(self) -> bool:
        """The caller is speaking, or words of theirs are still being worked out."""
        return self._said is not None or self._unfinished > 0

    def expect(self, expectation: Expectation) -> None:
        self._expectation = expectation
        self._listener.expect(expectation)

    def audio(self, mulaw: bytes) -> None:
        self._listener.agent_speaks(self._floor.audible)
        for event in self._listener.hear(mulaw, self._floor.played(len(mulaw))):
            self._on(event)

    def _on(self, event: voice.ListenerEvent) -> None:
        match event:
            case voice.SpeechStarted():
                session, floor = self._ears.open(self._expectation, self._call_id), self._floor
                heard = floor.question_heard
                now_ms = monotonic_ms()
                self._said = _Said(session, self._expectation, now_ms, floor.audible, question_heard=heard)
                self._said.is_tail = now_ms - self._ended_ms < TAIL_MS
            case voice.SpeechChunk(pcm=pcm) if self._said:
                self._said.session.feed(pcm)
            case voice.Speculate() if self._said:
                session = self._said.session
                self._tasks.create_task(self._tell(session, session.speculate()))
            case voice.SpeechResumed() if self._said:
                self._said.session.resume()
            case voice.Interrupted() if self._said:
                self._said.over_us = True
                self._tasks.create_task(self._floor.break_off())
            case voice.UtteranceEnded(utterance, nearness) if self._said:
                self._said.utterance, self._said.nearness = utterance, nearness
                self.flush()

    def flush(self) -> None:
        """Ends the utterance under way, if there is one: its words are worked out and reported."""
        if self._said:
            said, self._said = self._said, None
            self._unfinished += 1
            said.ended_ms = self._ended_ms = monotonic_ms()
            self._floor.answering(said.ended_ms)
            self._last = self._tasks.create_task(self._finish(said, self._last))

    async def _tell(self, session: EarSession, guess: asyncio.Task[Transcript]) -> None:
        """In a pause the words are known early: a whole answer need not wait for the full silence."""
        await asyncio.wait([guess])
        if not self._stands(session, guess):
            return
        transcript = guess.result()
        self._listener.heard_so_far(transcript.text, sure=transcript.confidence >= SURE)
        if self._whole is not None and await self._whole(transcript) and self._stands(session, guess):
            self._listener.heard_so_far(transcript.text, whole=True)

    def _stands(self, session: EarSession, guess: asyncio.Task[Transcript]) -> bool:
        """The caller is still silent after what was guessed, and it was heard."""
        current = self._said is not None and self._said.session is session and session.guess is guess
        return current and not guess.cancelled() and not guess.exception()

    async def _finish(self, said: _Said, before: asyncio.Task[None] | None) -> None:
        try:
            transcript = without_phantom(
                await said.session.finish(), said.expectation, self._screen, speech_ms=said.speech_ms
            )
            await self._noted(transcript, said.began_ms, said.ended_ms)
            if before:  # a slow first answer must not overtake a quick second one
                await asyncio.wait([before])
            if said.over_us:
                if not await self._meant(said, transcript):
                    self._floor.go_on()
                    return
                await self._took_floor()
            await self._heard(transcript)
        finally:
            self._unfinished -= 1

    async def _meant(self, said: _Said, transcript: Transcript) -> bool:
        found = meaning(
            transcript, said.expectation, self._screen,
            question_heard=said.question_heard, nearness=said.nearness, speech_ms=said.speech_ms,
        )  # fmt: skip
        if found is Meaning.TAKES_FLOOR and await self._is_mere_tail(said, transcript):
            return False
        if found is Meaning.DOUBTFUL and said.utterance:
            again = self._ears.open(SHORT_WORDS)
            again.feed(said.utterance.pcm)
            return stops_us(await again.finish())
        return found is not Meaning.NOTHING

    async def _is_mere_tail(self, said: _Said, transcript: Transcript) -> bool:
        """ "Yes. [pause] Finally": what follows an answer at once, before our next question is out, and means
        nothing by itself, belongs to that answer.
        """
        if not said.is_tail or said.question_heard or self._means is None or transcript.failure:
            return False
        danger = self._screen([transcript.text, *transcript.alternatives])
        return not danger and not await self._means(transcript)
