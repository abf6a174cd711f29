"""Turns and deeds on their way into a database that may be away: nothing is lost, and no caller waits long.

What the database has not taken after `PATIENCE_S` rests here, in order, and, sealed, in a file of this
process (`unstored/` in the data folder); it is offered again until it is stored. A process that dies leaves
its files behind, and the next one stores what they hold (`take_up_left`).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlmodel import Session

from agent.kept import Kept, KeptHeard, from_frames, to_frames
from agent.logs import log
from agent.metrics import TURNS_NOT_STORED
from models.errors import Conflict, FirstringError, NotFound, StorageError
from models.keyfile import KeyRingError
from models.sealed_file import SealedFile, read_frames
from models.storage import Storage

# What is answered before it is stored is lost to the others if this process is then killed: not done lightly.
PATIENCE_S = 2.0
AGAIN_EVERY_S = 1.0
FILE_LIMIT_S = 0.5  # a caller waits for this too
MOST_KEPT = 1_000  # of one call
LOCK = "lock"
SUFFIX = ".kept"


@dataclass
class _Waiting:
    """Of one call: what is not known to be stored, oldest first."""

    entries: list[Kept] = field(default_factory=list)
    storing: asyncio.Task[Exception | None] | None = None
    since_s: float = 0.0  # when ``storing`` began
    in_file: int = 0  # of ``entries``, from the first one on
    file: SealedFile | None = None
    at_file: asyncio.Lock = field(default_factory=asyncio.Lock)

    def has(self, entry: Kept) -> bool:
        return any(each is entry for each in self.entries)

    def add(self, entry: Kept) -> bool:
        """False when something had to be given up for it."""
        last = self.entries[-1] if len(self.entries) > self.in_file else None
        if isinstance(entry, KeptHeard) and isinstance(last, KeptHeard) and last.number == entry.number:
            self.entries[-1] = entry
        else:
            self.entries.append(entry)
        if len(self.entries) <= MOST_KEPT:
            return True
        del self.entries[0]
        self.in_file = max(self.in_file - 1, 0)
        return False


class Keeper:
    """One process's. ``lost``: calls of which something could not be kept."""

    def __init__(self, storage: Storage, folder: Path, lost: set[str]) -> None:
        self._storage, self._lost = storage, lost
        self._all = folder
        self._own = folder / secrets.token_hex(8)
        self._lock: int | None = None
        self._waiting: dict[str, _Waiting] = {}
        self._filing: set[asyncio.Task[None]] = set()

    def is_behind(self, call_id: str) -> bool:
        """Whether something of the call is not stored yet."""
        return call_id in self._waiting

    async def keep(self, call_id: str, entry: Kept) -> bool:
        """True once it is stored; False when it is kept for later. Raises what no waiting mends.

        That is `Conflict`: another process has the call.
        """
        waiting = self._waiting.setdefault(call_id, _Waiting())
        if not waiting.add(entry):
            self._lost.add(call_id)
        refusal = await self._stored(call_id, waiting, entry)
        if not waiting.has(entry):
            if refusal is not None:
                raise refusal
            return True
        TURNS_NOT_STORED.inc()
        log.error("turn.not_stored", call_id=call_id, code=getattr(refusal, "code", "storage-late"))
        await self._to_file(call_id, waiting)
        return False

    async def settle(self, call_id: str) -> None:
        """Returns once all of the call is stored. Raises `StorageError` when the database refuses."""
        while waiting := self._waiting.get(call_id):
            if (refusal := await self._begun(call_id, waiting)) is not None:
                raise refusal

    async def run(self) -> None:
        """For ever: offers again what was refused, first what former processes left."""
        while True:
            await self.take_up_left()
            for call_id, waiting in list(self._waiting.items()):
                if waiting.storing is None:
                    self._begun(call_id, waiting)
            await asyncio.sleep(AGAIN_EVERY_S)

    async def close(self) -> None:
        """The process ends in order: what is not stored stays in its file for the next one."""
        await asyncio.gather(*self._filing)
        files = [waiting.file for waiting in self._waiting.values() if waiting.file is not None]
        self._waiting.clear()
        for file in files:
            file.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            if not files:
                shutil.rmtree(self._own, ignore_errors=True)

    # ------------------------------------------------------------------ into the database

    async def _stored(self, call_id: str, waiting: _Waiting, entry: Kept) -> Exception | None:
        """Waits until the entry is stored or refused, or for as long as a caller can wait."""
        now_s = asyncio.get_running_loop().time
        until_s = (waiting.since_s if waiting.storing else now_s()) + PATIENCE_S
        while True:
            storing = self._begun(call_id, waiting)
            done, _ = await asyncio.wait({storing}, timeout=max(until_s - now_s(), 0.0))
            if not done:
                return None
            if (refusal := storing.result()) is not None or not waiting.has(entry):
                return refusal

    def _begun(self, call_id: str, waiting: _Waiting) -> asyncio.Task[Exception | None]:
        """One attempt at a time: the database's answer to a late one comes before the next is made."""
        if waiting.storing is None:
            waiting.since_s = asyncio.get_running_loop().time()
            waiting.storing = asyncio.create_task(self._attempt(call_id, waiting))
        return waiting.storing

    async def _attempt(self, call_id: str, waiting: _Waiting) -> Exception | None:
        batch = tuple(waiting.entries)
        try:
            await self._storage.write(partial(_store, call_id=call_id, batch=batch))
        except StorageError as refusal:
            return refusal
        except Exception as refusal:  # no waiting mends it
            if len(batch) > 1:
                self._lost.add(call_id)
            await self._drop(call_id, waiting, batch)
            return refusal
        else:
            await self._drop(call_id, waiting, batch)
            return None
        finally:
            waiting.storing = None

    async def _drop(self, call_id: str, waiting: _Waiting, batch: Sequence[Kept]) -> None:
        """With its file, before anything newer is stored: that must not be stored over by what is old."""
        async with waiting.at_file:
            del waiting.entries[: len(batch)]
            waiting.in_file = 0
            if waiting.file is not None:
                waiting.file.close()
                waiting.file = None
                self._path(call_id).unlink(missing_ok=True)
        if not waiting.entries and self._waiting.get(call_id) is waiting:
            del self._waiting[call_id]

    # ------------------------------------------------------------------ into a file

    def _path(self, call_id: str) -> Path:
        return self._own / f"{call_id}{SUFFIX}"

    async def _to_file(self, call_id: str, waiting: _Waiting) -> None:
        """A disk that refuses, or hangs, leaves it in memory alone. The caller does not wait for it long."""
        filing = asyncio.create_task(self._filed(call_id, waiting))
        self._filing.add(filing)
        filing.add_done_callback(self._filing.discard)
        await asyncio.wait({filing}, timeout=FILE_LIMIT_S)

    async def _filed(self, call_id: str, waiting: _Waiting) -> None:
        try:
            async with waiting.at_file:
                await asyncio.to_thread(self._append, call_id, waiting)
        except (StorageError, OSError) as problem:
            log.error("turn.kept_in_memory", call_id=call_id, kind=type(problem).__name__)

    def _append(self, call_id: str, waiting: _Waiting) -> None:
        if len(waiting.entries) <= waiting.in_file:
            return  # stored meanwhile
        self._claim()
        if waiting.file is None:
            waiting.file = SealedFile(self._path(call_id), call_id, self._storage.keyring)
        for entry in waiting.entries[waiting.in_file :]:
            for frame in to_frames(entry):
                waiting.file.append(frame)
            waiting.in_file += 1

    def _claim(self) -> None:
        """The folder is ours for as long as we live; the system frees it at any death."""
        if self._lock is None:
            self._own.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(self._own / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    # ------------------------------------------------------------------ what others have left

    async def take_up_left(self) -> None:
        """Stores what dead processes have left on this disk. A database that refuses is asked again."""
        for folder in await asyncio.to_thread(self._others):
            with _locked(folder) as is_free:
                if is_free and await self._take_up(folder):
                    shutil.rmtree(folder, ignore_errors=True)

    def _others(self) -> list[Path]:
        try:
            return [path for path in self._all.iterdir() if path.is_dir() and path != self._own]
        except OSError:
            return []

    async def _take_up(self, folder: Path) -> bool:
        """Whether nothing is left to be stored."""
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            call_id = path.name.removesuffix(SUFFIX)
            try:
                batch = tuple(from_frames(read_frames(path, call_id, self._storage.keyring)))
                await self._storage.write(partial(_store, call_id=call_id, batch=batch))
                log.info("turn.taken_up", call_id=call_id, count=len(batch))
            except (
                Conflict,
                NotFound,
                KeyRingError,
            ) as problem:  # somebody has gone on with the call without it
                self._lost.add(call_id)
                log.error("turn.lost", call_id=call_id, code=problem.code)
            except FirstringError as problem:
                log.warning("turn.not_taken_up", call_id=call_id, code=problem.code)
                return False
            path.unlink(missing_ok=True)
        return True


def _store(session: Session, call_id: str, batch: Sequence[Kept]) -> None:
    for entry in batch:
        entry.store(session, call_id)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Whether its process is dead: nobody holds its lock."""
    try:
        handle = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        yield False  # being made, or being removed
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)
