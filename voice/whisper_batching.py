"""Utterances of several calls decoded side by side in one thread of a worker.

One that arrives joins between two tokens of the others. The queue is bounded, each utterance has its time,
and what goes wrong with one is its own outcome: the others go on.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from models.errors import RecognitionError
from voice.whisper_decoding import Decoded, Request

OVERLOADED: Final = "recogniser-overloaded"
TIMEOUT: Final = "recogniser-timeout"
TIME_LIMIT_S: Final = 5.0  # the call loop waits 6 s


class NotDecoded(RecognitionError):
    """An utterance that was given up; ``failure`` is the code that its transcript carries."""

    def __init__(self, failure: str) -> None:
        super().__init__(f"utterance given up: {failure}", fix="More processor, or a smaller Whisper model.")
        self.failure = failure


class UnderWay(Protocol):
    """One request being decoded."""

    @property
    def done(self) -> bool: ...


class Decoder(Protocol):
    """Decodes several requests side by side; what ``add`` gave is the only thing it is handed again.

    ``add`` fails for its request alone; ``advance`` does a piece of work, after which some may be done.
    """

    def add(self, request: Request) -> Any: ...

    def advance(self) -> None: ...

    def drop(self, job: Any) -> None: ...

    def result(self, job: Any) -> Decoded: ...


@dataclass(eq=False)
class _Waiting:
    request: Request
    deadline_s: float
    future: Future[Decoded] = field(default_factory=Future)
    job: UnderWay | None = None


class Batcher:
    """``rows`` are decoded at a time, ``waiting`` more may queue; the thread starts with the first."""

    def __init__(
        self,
        make: Callable[[], Decoder],
        *,
        rows: int = 8,
        waiting: int = 24,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._decoding = make, make()
        self._rows, self._waiting_limit, self.now_s = rows, waiting, now_s
        self._queue: deque[_Waiting] = deque()
        self._active: list[_Waiting] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def submit(self, request: Request, deadline_s: float | None = None) -> Future[Decoded]:
        """Decodes in the background. The future raises NotDecoded, or what went wrong; cancelling it
        spares the work. ``deadline_s`` is on the clock of ``now_s``."""
        deadline_s = self.now_s() + TIME_LIMIT_S if deadline_s is None else deadline_s
        waiting = _Waiting(request, deadline_s)
        with self._changed:
            if len(self._queue) >= self._waiting_limit:
                waiting.future.set_exception(NotDecoded(OVERLOADED))
                return waiting.future
            self._queue.append(waiting)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="whisper", daemon=True)
                self._thread.start()
            self._changed.notify()
        return waiting.future

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._queue and not self._active:
                    self._changed.wait()
            try:
                self.work()
            except Exception as problem:  # the thread lives on whatever happened
                self._give_up(problem)

    def work(self) -> None:
        """Takes in what waits, and decodes one token of everything under way."""
        self._admit()
        self._expire()
        if not self._active:
            return
        try:
            self._decoding.advance()
        except Exception:  # one of them is to blame: each goes on alone
            self._alone()
        for done in [each for each in self._active if each.job and each.job.done]:
            self._active.remove(done)
            _settle(done, self._decoding)

    def _give_up(self, problem: Exception) -> None:
        under_way, self._active, self._decoding = self._active, [], self._make()
        for each in under_way:
            _fail(each, problem)

    def _admit(self) -> None:
        while len(self._active) < self._rows:
            with self._changed:
                if not self._queue:
                    return
                waiting = self._queue.popleft()
            if self.now_s() >= waiting.deadline_s:
                _fail(waiting, NotDecoded(TIMEOUT))
            elif not waiting.future.cancelled():
                self._add(waiting)

    def _add(self, waiting: _Waiting) -> None:
        try:
            waiting.job = self._decoding.add(waiting.request)
            self._active.append(waiting)
        except Exception as problem:  # concerns this utterance alone
            _fail(waiting, problem)

    def _expire(self) -> None:
        now_s = self.now_s()
        for late in [each for each in self._active if now_s >= each.deadline_s or each.future.cancelled()]:
            self._active.remove(late)
            self._decoding.drop(_job(late))
            _fail(late, NotDecoded(TIMEOUT))

    def _alone(self) -> None:
        """Every utterance under way from its beginning, by itself."""
        under_way, self._active, self._decoding = self._active, [], self._make()
        for each in under_way:
            alone = self._make()
            try:
                job = each.job = alone.add(each.request)
                while not job.done and self.now_s() < each.deadline_s:
                    alone.advance()
                if not job.done:
                    raise NotDecoded(TIMEOUT)
                _settle(each, alone)
            except Exception as problem:
                _fail(each, problem)


def _job(waiting: _Waiting) -> UnderWay:
    assert waiting.job is not None
    return waiting.job


def _settle(waiting: _Waiting, decoding: Decoder) -> None:
    try:
        decoded = decoding.result(_job(waiting))
    except Exception as problem:
        _fail(waiting, problem)
        return
    if waiting.future.set_running_or_notify_cancel():
        waiting.future.set_result(decoded)


def _fail(waiting: _Waiting, problem: Exception) -> None:
    if waiting.future.set_running_or_notify_cancel():
        waiting.future.set_exception(problem)
