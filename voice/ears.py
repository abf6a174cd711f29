"""Speech-to-text for the call loop: utterances streamed to the least busy worker, replayed when it dies."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from models.domain import Expectation, Remote, Transcript
from models.errors import FirstringError
from voice.ear_config import EarConfig
from voice.ear_service import EarService

__all__ = ["EarConfig", "EarService", "EarSession", "Ears"]

TIMEOUT: Final = "recogniser-timeout"
FAILED: Final = "recogniser-failed"
_CHUNK_BYTES: Final = 1_600  # 100 ms: fewer, larger messages to the worker
_TRIES: Final = 3
_DOUBT_S: Final = 10.0  # long enough for a hung worker to be found and started again


class _Worker:
    """``doubted``: it failed or hung a moment ago, so others are asked first."""

    def __init__(self, remote: Remote, spare: bool = False) -> None:
        self.remote, self.spare = remote, spare
        self.sessions = 0  # utterances of ours
        self._failed_s = float("-inf")

    def failed(self) -> None:
        self._failed_s = asyncio.get_running_loop().time()

    @property
    def busy(self) -> int:
        """Utterances it works on; a worker that others use too says so itself."""
        return max(self.sessions, int(getattr(self.remote, "open_there", 0)))

    @property
    def doubted(self) -> bool:
        return asyncio.get_running_loop().time() - self._failed_s < _DOUBT_S


class Ears:
    """All speech-to-text workers of this process."""

    def __init__(
        self, remotes: Sequence[Remote], *, spare: Sequence[Remote] = (), time_limit_s: float = 6.0
    ) -> None:
        """``spare`` workers are asked while none of ``remotes`` is well. ``time_limit_s``: how long
        ``finish`` may take before the utterance counts as not understood.
        """
        self._workers = [_Worker(remote) for remote in remotes] + [_Worker(each, True) for each in spare]
        self._time_limit_s = time_limit_s
        self._numbers = itertools.count(1)

    def open(self, expectation: Expectation, caller: str = "") -> EarSession:
        """A new utterance on the least busy worker.

        ``caller``: the call's id; engines get used to a voice over its utterances.
        """
        return EarSession(expectation, caller, self._pick, self._name, self._time_limit_s)

    def _pick(self, not_worker: _Worker | None) -> _Worker:
        others = [worker for worker in self._workers if worker is not not_worker] or self._workers
        return min(others, key=lambda worker: (worker.doubted, worker.spare, worker.busy))

    def _name(self) -> str:
        return f"{os.getpid()}-{next(self._numbers)}"


class EarSession:
    """One utterance. Keeps its audio until it is understood; used from one task of the loop."""

    def __init__(
        self,
        expectation: Expectation,
        caller: str,
        pick: Callable[[_Worker | None], _Worker],
        name: Callable[[], str],
        time_limit_s: float,
    ) -> None:
        self._expectation, self._caller = expectation, caller
        self._pick, self._new_name = pick, name
        self._time_limit_s = time_limit_s
        self._audio = bytearray()
        self._worker = pick(None)
        self._worker.sessions += 1
        self._open = True
        self._name = name()
        self._begun = False
        self._sent = 0
        self._pump: asyncio.Task[None] | None = None
        self._speculation: asyncio.Task[Transcript] | None = None

    def feed(self, pcm: bytes) -> None:
        """More audio: 16-bit, 8 kHz. Returns at once. Audio after ``speculate`` voids the speculation."""
        if self._speculation is not None and pcm:
            self.resume()
        self._audio += pcm
        if self._pump is None and len(self._audio) - self._sent >= _CHUNK_BYTES:
            self._pump = asyncio.create_task(self._send_quietly())

    def speculate(self) -> asyncio.Task[Transcript]:
        """Begins to finish in the background; the task gives the transcript if the caller stays silent."""
        if self._speculation is None:
            self._speculation = asyncio.create_task(self._finish())
        return self._speculation

    def resume(self) -> None:
        """The caller went on: drops the speculation; the audio so far is fed again."""
        if self._speculation is None:
            return
        self._speculation.cancel()
        self._speculation = None
        self._start_over(self._worker)
        if self._audio:
            self._pump = asyncio.create_task(self._send_quietly())

    @property
    def guess(self) -> asyncio.Task[Transcript] | None:
        """The speculation under way or done; None once the caller went on."""
        return self._speculation

    async def partial(self) -> str:
        """Words so far; "" when there are none or the worker does not answer."""
        if not self._begun or self._speculation is not None:
            return ""
        with suppress(FirstringError):
            return str(await self._worker.remote("partial", self._name))
        return ""

    async def finish(self) -> Transcript:
        """The transcript, the speculated one where it still holds. Failures are in it, never raised."""
        try:
            return await self.speculate()
        finally:
            self._close()

    async def drop(self) -> None:
        """Forgets the utterance."""
        if self._speculation is not None:
            self._speculation.cancel()
        await self._stop_pump()
        if self._open and self._begun:
            with suppress(FirstringError):
                await self._worker.remote("drop", self._name)
        self._close()

    def _close(self) -> None:
        if self._open:
            self._open = False
            self._worker.sessions -= 1

    def _start_over(self, worker: _Worker) -> None:
        """The same utterance from its beginning, under a new name; the old one is dropped."""
        if self._pump is not None:
            self._pump.cancel()
            self._pump = None
        if self._open:
            self._worker.sessions -= 1
            worker.sessions += 1
        self._abandon(self._worker, self._name)
        self._worker, self._name = worker, self._new_name()
        self._begun, self._sent = False, 0

    def _abandon(self, worker: _Worker, name: str) -> None:
        if self._begun:
            task = asyncio.create_task(_drop_quietly(worker.remote, name))
            _background.add(task)
            task.add_done_callback(_background.discard)

    async def _send_quietly(self) -> None:
        """While the caller speaks: what fails here is tried again by ``finish``."""
        with suppress(FirstringError):
            await self._send(_CHUNK_BYTES)
        self._pump = None

    async def _send(self, least: int) -> None:
        if not self._begun:
            await self._worker.remote("begin", self._name, self._expectation, self._caller)
            self._begun = True
        while len(self._audio) - self._sent >= least:
            part = bytes(self._audio[self._sent :])
            await self._worker.remote("feed", self._name, part)
            self._sent += len(part)

    async def _stop_pump(self) -> None:
        pump = self._pump
        if pump is not None:
            await asyncio.wait({pump})

    async def _finish(self) -> Transcript:
        try:
            async with asyncio.timeout(self._time_limit_s):
                return await self._finish_somewhere()
        except TimeoutError:
            self._worker.failed()
            return Transcript("", failure=TIMEOUT)

    async def _finish_somewhere(self) -> Transcript:
        await self._stop_pump()
        for _ in range(_TRIES):
            try:
                await self._send(1)
                transcript: Transcript = await self._worker.remote("finish", self._name)
                return transcript
            except FirstringError:
                self._worker.failed()
                self._start_over(self._pick(self._worker))
        return Transcript("", failure=FAILED)


_background: set[asyncio.Task[None]] = set()


async def _drop_quietly(remote: Remote, name: str) -> None:
    with suppress(FirstringError):
        await remote("drop", name)
