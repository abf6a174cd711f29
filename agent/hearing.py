"""One call's ears: caller audio in, transcripts out, and the moment a caller takes the floor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from agent.speaking import monotonic_ms
from models.domain import Expectation, Screen, Transcript
from voice import listener as voice
from voice.ears import Ears, EarSession

CLEARLY_MEANT_WORDS = 3  # said over the agent without interrupting: fewer words are agreement, not a wish


class Hearing:
    """Feeds the listener, streams speech to a recogniser while it is spoken, and reports what was said.

    ``heard(transcript)`` is awaited once per utterance, in order; ``ended()`` is called when an
    utterance is over and its words are not yet known; ``noted(transcript, from_ms, to_ms)`` is awaited for
    every utterance, answered or not, with its place on the monotonic clock; ``interrupted()`` when the
    caller speaks over the agent and means it. ``agent_playing`` says whether our voice is on the line.
    """

    def __init__(
        self,
        call_id: str,
        ears: Ears,
        tasks: asyncio.TaskGroup,
        *,
        heard: Callable[[Transcript], Awaitable[None]],
        interrupted: Callable[[], None],
        ended: Callable[[], None],
        noted: Callable[[Transcript, float, float], Awaitable[None]],
        agent_playing: Callable[[], bool],
        screen: Screen,
    ) -> None:
        self._call_id = call_id
        self._listener = voice.Listener()
        self._ears = ears
        self._tasks = tasks
        self._heard = heard
        self._interrupted = interrupted
        self._ended = ended
        self._noted = noted
        self._began_ms = 0.0
        self._agent_playing = agent_playing
        self._screen = screen
        self._session: EarSession | None = None
        self._last: asyncio.Task[None] | None = None
        self._expectation = Expectation()
        self._over_agent = False  # the utterance under way began over our voice, and did not stop it
        self._unfinished = 0

    @property
    def busy(self) -> bool:
        """The caller is speaking, or words of theirs are still being worked out."""
        return self._session is not None or self._unfinished > 0

    def expect(self, expectation: Expectation) -> None:
        self._expectation = expectation
        self._listener.expect(expectation)

    def audio(self, mulaw: bytes) -> None:
        self._listener.agent_speaks(self._agent_playing())
        for event in self._listener.hear(mulaw):
            self._on(event)

    def _on(self, event: voice.ListenerEvent) -> None:
        match event:
            case voice.SpeechStarted():
                self._session = self._ears.open(self._expectation, self._call_id)
                self._over_agent = self._agent_playing()
                self._began_ms = monotonic_ms()
            case voice.SpeechChunk(pcm=pcm) if self._session:
                self._session.feed(pcm)
            case voice.Speculate() if self._session:
                self._tasks.create_task(self._tell(self._session, self._session.speculate()))
            case voice.SpeechResumed() if self._session:
                self._session.resume()
            case voice.Interrupted():
                self._over_agent = False
                self._interrupted()
            case voice.UtteranceEnded():
                self.flush()

    def flush(self) -> None:
        """Ends the utterance under way, if there is one: its words are worked out and reported."""
        if self._session:
            session, self._session = self._session, None
            self._unfinished += 1
            self._ended()
            span = (self._began_ms, monotonic_ms())
            work = self._finish(session, self._last, span, over_agent=self._over_agent)
            self._last = self._tasks.create_task(work)

    async def _tell(self, session: EarSession, guess: asyncio.Task[Transcript]) -> None:
        """In a pause the words are known early: a whole answer need not wait for the full silence."""
        await asyncio.wait([guess])
        if self._session is session and not guess.cancelled() and not guess.exception():
            self._listener.heard_so_far(guess.result().text)

    async def _finish(
        self,
        session: EarSession,
        before: asyncio.Task[None] | None,
        span: tuple[float, float],
        *,
        over_agent: bool,
    ) -> None:
        try:
            transcript = await session.finish()
            await self._noted(transcript, *span)
            if before:  # a slow first answer must not overtake a quick second one
                await asyncio.wait([before])
            if over_agent and self._agent_playing():
                if not self._meant(transcript):
                    return
                self._interrupted()
            await self._heard(transcript)
        finally:
            self._unfinished -= 1

    def _meant(self, transcript: Transcript) -> bool:
        """Whether words said over our voice are more than a cough or an "mm-hmm". Danger always is."""
        words = transcript.text.split()
        return len(words) >= CLEARLY_MEANT_WORDS or bool(
            self._screen([transcript.text, *transcript.alternatives])
        )
