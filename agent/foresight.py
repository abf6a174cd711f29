"""What a caller seems to have said, understood in the pause that may be its end.

Recognition finishes in trailing silence, before the silence is long enough; so can understanding. Where the
caller goes on the work was for nothing; where not, the answer is ready, and a sentence that has come to its
value need not be waited for as long as one that may go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from intents.wholeness import is_whole
from models.domain import Transcript, Understanding
from models.errors import FirstringError

Understand = Callable[[Transcript], Awaitable[Understanding]]


class Foresight:
    """One call's. Deciding nothing: what was foreseen counts only for the very same transcript."""

    def __init__(self, understand: Understand) -> None:
        self._understand = understand
        self._foreseen: tuple[Transcript, asyncio.Future[Understanding]] | None = None

    async def whole(self, guess: Transcript) -> bool:
        """Whether what was heard until the pause is a whole answer; its meaning is kept."""
        if guess.failure or not guess.text:
            return False
        work = asyncio.ensure_future(self._understand(guess))
        self._foreseen = (guess, work)
        try:
            return is_whole(await work)
        except FirstringError:
            self.forget()  # asked again when it counts
            return False

    async def understand(self, transcript: Transcript) -> Understanding:
        """The meaning, foreseen or worked out now. Raises what understanding raises."""
        foreseen = self._foreseen
        if foreseen is not None and foreseen[0] == transcript and not foreseen[1].cancelled():
            return await foreseen[1]
        return await self._understand(transcript)

    async def means_something(self, transcript: Transcript) -> bool:
        """Whether a wish or a value was understood, or a danger is suspected. So it is taken where it
        cannot be worked out.
        """
        try:
            heard = await self.understand(transcript)
        except FirstringError:
            return True
        return bool(heard.intents or heard.entities or heard.hints or heard.suspected)

    def forget(self) -> None:
        """Something was decided: the same words may mean something else now."""
        self._foreseen = None
