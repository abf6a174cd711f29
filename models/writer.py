"""The one thread that writes: drains its queue, one commit for all that waited (group commit).

Each work of several has a savepoint of its own; a work that is alone has the whole transaction.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, NestedTransaction
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlmodel import Session

from models.errors import StorageError
from models.keyring import KeyRing, use_keyring_here
from models.refusals import storage_error

QUEUE_LENGTH = 1_000
GROUP_SIZE = 100
QUEUE_WAIT_S = 5.0
QUEUE_POLL_S = 0.01
TRIES = 4
LONGEST_PAUSE_S = 0.1
DEADLOCKS = frozenset({"40001", "40P01"})  # PostgreSQL: serialization_failure, deadlock_detected


@dataclass(frozen=True)
class _Job:
    work: Callable[[Session], Any]
    future: Future[Any]


@dataclass(frozen=True)
class _Answer:
    """What became of one work, delivered only once its group is committed."""

    job: _Job
    value: Any = None
    error: BaseException | None = None

    @property
    def worth_another_try(self) -> bool:
        return isinstance(self.error, DBAPIError) and getattr(self.error.orig, "sqlstate", "") in DEADLOCKS

    def deliver(self) -> None:
        if self.error is None:
            self.job.future.set_result(self.value)
        else:
            self.job.future.set_exception(_outward(self.error))


def _outward(error: BaseException) -> BaseException:
    """What the caller sees. A broken unique key stays what it is: callers decide by it."""
    if isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError):
        return storage_error(error)
    return error


def _undone(savepoint: NestedTransaction) -> bool:
    try:
        savepoint.rollback()
    except SQLAlchemyError:
        return False
    return True


class Writer:
    """Owns the writing connection. ``info`` is what every session carries (`Session.info`)."""

    def __init__(self, engine: Engine, keyring: KeyRing, info: Mapping[str, Any]) -> None:
        self._engine = engine
        self._keyring = keyring
        self._info = dict(info)
        self._queue: queue.Queue[_Job | None] = queue.Queue(QUEUE_LENGTH)
        self._lock = threading.Lock()
        self._closed = False
        self.jobs, self.transactions = 0, 0  # carried out so far
        self._thread = threading.Thread(target=self._run, name="storage-write", daemon=True)
        self._thread.start()

    def offer(self, work: Callable[[Session], Any], future: Future[Any]) -> bool:
        """Queue ``work`` without waiting; False when there is no room. `StorageError` after `close`."""
        with self._lock:
            if self._closed:
                raise StorageError("the database is closed")
            try:
                self._queue.put_nowait(_Job(work, future))
            except queue.Full:
                return False
            return True

    def put(self, work: Callable[[Session], Any], future: Future[Any]) -> None:
        """Queue ``work``, waiting a little for room. Raises `StorageError` when there is none."""
        give_up = time.monotonic() + QUEUE_WAIT_S
        while not self.offer(work, future):
            if time.monotonic() > give_up:
                raise StorageError("the database is too slow for what is asked of it")
            time.sleep(QUEUE_POLL_S)

    @property
    def waiting(self) -> int:
        """Works that no commit has taken up yet."""
        return self._queue.qsize()

    def close(self) -> None:
        """Take nothing more, finish what is queued, stop the thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        use_keyring_here(self._keyring)
        while True:
            jobs, last = self._drain()
            self._settle(jobs)
            if last:
                return

    def _drain(self) -> tuple[list[_Job], bool]:
        """The jobs waiting now (at least one, unless closed), and whether they are the last."""
        jobs: list[_Job] = []
        job = self._queue.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) == GROUP_SIZE or self._queue.empty():
                return jobs, False
            job = self._queue.get()
        return jobs, True

    def _settle(self, jobs: Sequence[_Job]) -> None:
        """Carry out and answer every job; those that met a deadlock get another try.

        A try follows after a short pause of random length: at once, the victim can take back its first
        row before the other process is awake, and both meet again.
        """
        for tries_left in reversed(range(TRIES)):
            answers = self._group(jobs) if jobs else []
            for answer in answers:
                if not (tries_left and answer.worth_another_try):
                    answer.deliver()
            jobs = [answer.job for answer in answers if answer.worth_another_try]
            if jobs and tries_left:
                time.sleep(random.uniform(LONGEST_PAUSE_S / 2, LONGEST_PAUSE_S))

    def _group(self, jobs: Sequence[_Job]) -> list[_Answer]:
        """One transaction for all: answers hold only once this has returned."""
        self.jobs, self.transactions = self.jobs + len(jobs), self.transactions + 1
        try:
            with self._engine.begin() as connection:
                return self._answers(connection, jobs)
        except BaseException as error:
            return [_Answer(job, error=error) for job in jobs]

    def _answers(self, connection: Connection, jobs: Sequence[_Job]) -> list[_Answer]:
        if len(jobs) == 1:
            return [_Answer(jobs[0], self._work(connection, jobs[0]))]
        return [self._attempt(connection, job) for job in jobs]

    def _attempt(self, connection: Connection, job: _Job) -> _Answer:
        savepoint = connection.begin_nested()
        try:
            value = self._work(connection, job)
        except BaseException as error:
            seen = _outward(error)  # before undoing: a failure there would hide the cause
            if not _undone(savepoint):
                raise seen from None  # the database has undone the whole group, a full disk for example
            return _Answer(job, error=error)
        savepoint.commit()
        return _Answer(job, value)

    def _work(self, connection: Connection, job: _Job) -> Any:
        session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        session.info.update(self._info)
        with session:
            value = job.work(session)
            session.commit()
        return value
