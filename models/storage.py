"""The database as the rest sees it: `write` (one thread, group commit) and `read` (a few threads)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session

from models import schema
from models.engines import READERS, Engines, ServerLock, make_engines, parse_url
from models.errors import StorageError
from models.keyring import KeyRing, use_keyring, use_keyring_here
from models.refusals import storage_error
from models.writer import Writer

T = TypeVar("T")


class Storage:
    """One database, opened and at the newest revision."""

    def __init__(self, engines: Engines, keyring: KeyRing, lock: ServerLock | None) -> None:
        self.keyring = keyring
        self.chain = uuid.uuid4().hex  # the audit chain of this process
        self._engines = engines
        self._lock = lock
        self._closed = False
        self._writer = Writer(engines.writing, keyring, info={"chain": self.chain})
        self._readers = ThreadPoolExecutor(
            READERS, thread_name_prefix="storage-read", initializer=use_keyring_here, initargs=(keyring,)
        )

    @classmethod
    def open(
        cls, database_url: str, keyring: KeyRing, *, server: bool = False, restoring: bool = False
    ) -> Storage:
        """Open, migrate to the newest revision and start the threads.

        ``server=True`` claims an SQLite file for this process (tools open it beside, and wait for the
        server's short transactions). Sets the process's key ring too. Raises `StorageError`, also for a
        database that a restore has not ended with, but to the restore itself (``restoring``).
        """
        url = parse_url(database_url)
        engines = make_engines(url)
        lock = None
        try:
            if server and url.get_backend_name() == "sqlite":
                lock = ServerLock(Path(str(url.database)))
            schema.upgrade(engines.writing, restoring=restoring)
        except BaseException as error:
            engines.dispose()
            if lock is not None:
                lock.release()
            if isinstance(error, SQLAlchemyError):
                raise storage_error(error) from error
            raise
        use_keyring(keyring)
        return cls(engines, keyring, lock)

    @property
    def engines(self) -> Engines:
        return self._engines

    @property
    def waiting(self) -> int:
        """Works that wait for the writing thread."""
        return self._writer.waiting

    @property
    def written(self) -> tuple[int, int]:
        """Pieces of work handed to the writer and tried since the start, and the transactions they shared."""
        return self._writer.jobs, self._writer.transactions

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` on the writer thread; returns once its effect is committed.

        Many works share one commit, each in a savepoint of its own: an exception of ``work`` undoes
        only that work and is raised here. ``work`` may be run again after a deadlock, so it must do
        nothing but use the session. Once handed over it is carried out, even if the caller is cancelled.
        """
        future: Future[T] = Future()
        if not self._writer.offer(work, future):
            await asyncio.to_thread(self._writer.put, work, future)
        return await _arrival(future)

    def write_now(self, work: Callable[[Session], T]) -> T:
        """As `write`, for code without an event loop: blocks until committed."""
        future: Future[T] = Future()
        self._writer.put(work, future)
        return future.result()

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run ``work`` on a reader thread, in one consistent snapshot that cannot write.

        It is run again, once, where the database had closed an idle connection.
        """
        return await _arrival(self._submit(work))

    def read_now(self, work: Callable[[Session], T]) -> T:
        """As `read`, for code without an event loop."""
        return self._submit(work).result()

    def close(self) -> None:
        """Finish what was handed over, then let go of the database. May be called twice."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        self._readers.shutdown(wait=True)
        self._engines.dispose()
        if self._lock is not None:
            self._lock.release()

    def _submit(self, work: Callable[[Session], T]) -> Future[T]:
        if self._closed:
            raise StorageError("the database is closed")
        return self._readers.submit(self._read, work)

    def _read(self, work: Callable[[Session], T]) -> T:
        try:
            try:
                return self._read_once(work)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return self._read_once(work)  # the pool has let go of all that broke with it
        except SQLAlchemyError as error:
            raise storage_error(error) from error

    def _read_once(self, work: Callable[[Session], T]) -> T:
        with Session(self._engines.reading, expire_on_commit=False) as session:
            return work(session)


async def _arrival(future: Future[T]) -> T:
    """The future's result in this event loop. Cancelling the wait does not cancel the work."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[None] = loop.create_future()
    future.add_done_callback(partial(_wake, loop, arrived))
    await arrived
    return future.result()


def _wake(loop: asyncio.AbstractEventLoop, arrived: asyncio.Future[None], _done: Future[Any]) -> None:
    def settle() -> None:
        if not arrived.done():
            arrived.set_result(None)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        return  # the loop has ended, and with it everybody who waited
