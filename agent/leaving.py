"""Our own end of a call's stream: on to a person, which nothing said meanwhile may prevent, or for good."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from agent.line_watch import LineWatch
from agent.speaking import Speaking
from models.domain import CallTransferred, Result

LAST_WORDS_LIMIT_S = 45.0  # the longest thing we say before a transfer is about 30 s
LAST_WORD_PAUSE_S = 0.8
LOOK_S = 0.05
OUTCOME_PAUSE_S = 0.1  # lets the dialog store and say what follows an Outcome


class CallOver(Exception):
    """Ends the call's tasks; not an error."""


async def nobody_to_hand_to() -> bool:
    """Of a call that no carrier brings: there is no line to put through. The dialog offers a call back."""
    return False


class Leaving:
    """One stream's. ``answering``: whether something the caller said is being heard or answered."""

    def __init__(self, speaking: Speaking, line: LineWatch, answering: Callable[[], bool]) -> None:
        self._speaking = speaking
        self._line = line
        self._answering = answering
        self._closing: asyncio.Task[None] | None = None  # our goodbye, while it may be put off
        self._handing_over = False
        self.caller_left = False
        self.for_good = False  # we have ended the call

    @property
    def is_over(self) -> bool:
        return self.caller_left or self.for_good

    def hang_up(self, tasks: asyncio.TaskGroup) -> None:
        """Says the last words and ends the call; not while a person is about to take it."""
        if not self._handing_over:
            self._closing = tasks.create_task(self._hang_up())

    def stay(self) -> None:
        """The caller has something to add after all."""
        if self._closing:
            self._closing.cancel()

    async def hand_over(self) -> bool:
        """The practice takes the line: the carrier asks for its next order when this stream ends.

        A goodbye under way is called off. Who has hung up meanwhile cannot be put through, and is called
        back.
        """
        self._handing_over = True
        self.stay()
        await self._last_words()
        self._handing_over = not self.caller_left
        return self._handing_over

    def handed_over(self, result: Result, tasks: asyncio.TaskGroup) -> None:
        if isinstance(result, CallTransferred):
            self._handing_over = True
            self.stay()
            tasks.create_task(self._end_stream())

    def move(self, tasks: asyncio.TaskGroup, busy: Callable[[], bool]) -> None:
        """Another process takes the call up, in a reply of ours: what of it was not heard is said again.

        So no word of the caller's is lost. What ends this stream anyway comes first.
        """
        tasks.create_task(self._move(busy))

    async def _move(self, busy: Callable[[], bool]) -> None:
        while not self._speaking.playing or busy() or self._is_ending:
            await asyncio.sleep(LOOK_S)
        raise CallOver

    @property
    def _is_ending(self) -> bool:
        return self._handing_over or (self._closing is not None and not self._closing.done())

    async def _hang_up(self) -> None:
        await self._said()
        if self._answering() and not self._line.is_endless:
            return
        self.for_good = True
        raise CallOver

    async def _end_stream(self) -> None:
        await self._said()
        raise CallOver

    async def _said(self) -> None:
        await asyncio.sleep(OUTCOME_PAUSE_S)
        await self._last_words()
        await asyncio.sleep(LAST_WORD_PAUSE_S)

    async def _last_words(self) -> None:
        """Until our last words were heard, or nobody will hear them to their end."""
        await self._speaking.finished(LAST_WORDS_LIMIT_S, unless=self._is_pointless)

    def _is_pointless(self) -> bool:
        return self.caller_left or self._line.is_endless
