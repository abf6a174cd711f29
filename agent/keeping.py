"""Turns and deeds on their way into a database that may be away: nothing is lost, and no caller waits long.

What the database has not taken after `PATIENCE_S` rests here, in order, and, sealed, in a file of this
process (`unstored/` in the data folder); it is offered again until it is stored. A process that dies leaves
its files behind, and the next one stores what they hold (`take_up_left`).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from agent import left_behind
from agent.kept import Kept, KeptHeard, store_all, to_frames
from agent.left_behind import LOCK, SUFFIX
from agent.logs import log
from agent.metrics import TURNS_NOT_STORED
from agent.missing import Missing
from models.errors import Conflict, StorageError
from models.sealed_file import SealedFile
from models.storage import Storage

# What is answered before it is stored is lost to the others if this process is then killed: not done lightly.
PATIENCE_S = 2.0
AGAIN_EVERY_S = 1.0
FILE_LIMIT_S = 0.5  # a caller waits for this too
MOST_KEPT = 1_000  # of one call


@dataclass
class _Waiting:
    """Of one call: what is not known to be stored, oldest first."""

    entries: list[Kept] = field(default_factory=list)
    storing: asyncio.Task[Exception | None] | None = None
    since_s: float = 0.0  # when ``storing`` began
    offered: int = 0  # of ``entries``, from the first one on: to the database, which has not answered
    in_file: int = 0  # of ``entries``, from the first one on
    file: SealedFile | None = None
    at_file: asyncio.Lock = field(default_factory=asyncio.Lock)
    awaited: set[int] = field(default_factory=set)  # ids of the entries of which somebody waits to hear
    refused: dict[int, Exception] = field(default_factory=dict)  # of these, by id: what no waiting mends

    def has(self, entry: Kept) -> bool:
        return any(each is entry for each in self.entries)

    def add(self, entry: Kept) -> bool:
        """False when something had to be given up for it."""
        last = self.entries[-1] if len(self.entries) > max(self.in_file, self.offered) else None
        is_same = isinstance(last, KeptHeard) and isinstance(entry, KeptHeard) and last.number == entry.number
        if is_same and not self.at_file.locked():  # else the older one is being written
            self.entries[-1] = entry
        else:
            self.entries.append(entry)
        if len(self.entries) <= MOST_KEPT:
            return True
        self.remove(self.entries[:1])
        return False

    def remove(self, gone: Sequence[Kept]) -> None:
        """These are the oldest, but for what was given up meanwhile."""
        ids = {id(each) for each in gone}
        left = [each for each in self.entries if id(each) not in ids]
        removed, self.entries = len(self.entries) - len(left), left
        self.in_file, self.offered = max(self.in_file - removed, 0), max(self.offered - removed, 0)


class Keeper:
    """One process's. ``missing``: what could not be kept."""

    def __init__(self, storage: Storage, folder: Path, missing: Missing) -> None:
        self._storage, self._missing = storage, missing
        self._all = folder
        self._own = folder / secrets.token_hex(8)
        self._lock: int | None = None
        self._claiming = threading.Lock()
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
        waiting.awaited.add(id(entry))
        try:
            if not waiting.add(entry):
                self._missing.add(call_id)
            late = await self._stored(call_id, waiting, entry)
            if refusal := waiting.refused.get(id(entry)):
                raise refusal
        finally:
            waiting.awaited.discard(id(entry))
            waiting.refused.pop(id(entry), None)
        if not waiting.has(entry):
            return True
        TURNS_NOT_STORED.inc()
        code = late.code if late else "storage-late"
        log.error("turn.not_stored", call_id=call_id, turn=entry.number, code=code)
        await self._to_file(call_id, waiting)
        return False

    async def settle(self, call_id: str, *, taken_elsewhere_too: bool = False) -> None:
        """Returns once all of the call is stored. Raises `StorageError` when the database refuses.

        And `Conflict` when another process has the call, but not for who is to take it over in any case.
        May be cancelled: the storing goes on.
        """
        while waiting := self._waiting.get(call_id):
            storing = self._begun(call_id, waiting)
            await asyncio.wait({storing})
            refusal = storing.result()
            if refusal is not None and not (taken_elsewhere_too and isinstance(refusal, Conflict)):
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

    async def _stored(self, call_id: str, waiting: _Waiting, entry: Kept) -> StorageError | None:
        """Waits until the entry is stored or refused, or for as long as a caller can wait."""
        now_s = asyncio.get_running_loop().time
        until_s = (waiting.since_s if waiting.storing else now_s()) + PATIENCE_S
        while waiting.has(entry):
            storing = self._begun(call_id, waiting)
            done, _ = await asyncio.wait({storing}, timeout=max(until_s - now_s(), 0.0))
            if not done:
                return None
            if isinstance(refusal := storing.result(), StorageError):
                return refusal
        return None

    def _begun(self, call_id: str, waiting: _Waiting) -> asyncio.Task[Exception | None]:
        """One attempt at a time: the database's answer to a late one comes before the next is made."""
        if waiting.storing is None:
            waiting.since_s = asyncio.get_running_loop().time()
            waiting.storing = asyncio.create_task(self._attempt(call_id, waiting))
        return waiting.storing

    async def _attempt(self, call_id: str, waiting: _Waiting) -> Exception | None:
        """What is in a file by now is offered first: the file must never be older than the database."""
        try:
            if waiting.file is not None:
                await self._to_file(call_id, waiting)
            batch = tuple(waiting.entries[: waiting.in_file] or waiting.entries)
            waiting.offered = len(batch)
            return await self._offer(call_id, waiting, batch)
        finally:
            waiting.storing, waiting.offered = None, 0

    async def _offer(self, call_id: str, waiting: _Waiting, batch: Sequence[Kept]) -> Exception | None:
        """All at once; where one cannot be stored for good, each by itself, for the others are good."""
        try:
            await self._storage.write(partial(store_all, call_id=call_id, batch=batch))
        except StorageError as refusal:
            return refusal
        except Exception as refusal:  # no waiting mends it
            if len(batch) > 1:
                return await self._offer_each(call_id, waiting, batch)
            self._refuse(call_id, waiting, batch[0], refusal)
            await self._drop(call_id, waiting, batch)
            return refusal
        await self._drop(call_id, waiting, batch)
        return None

    async def _offer_each(self, call_id: str, waiting: _Waiting, batch: Sequence[Kept]) -> Exception | None:
        first: Exception | None = None
        for entry in batch:
            refusal = await self._offer(call_id, waiting, (entry,))
            if isinstance(refusal, StorageError):
                return refusal  # nothing may be stored before what comes first
            first = first or refusal
        return first

    def _refuse(self, call_id: str, waiting: _Waiting, entry: Kept, refusal: Exception) -> None:
        """Whoever waits is told. Else it has been answered already, and is lost."""
        if id(entry) in waiting.awaited:
            waiting.refused[id(entry)] = refusal
        elif not isinstance(entry, KeptHeard):
            self._missing.add(call_id, entry)
            log.error("turn.lost", call_id=call_id, code=getattr(refusal, "code", type(refusal).__name__))

    async def _drop(self, call_id: str, waiting: _Waiting, batch: Sequence[Kept]) -> None:
        """The file goes once nothing that waits is in it, before anything newer is stored."""
        async with waiting.at_file:
            waiting.remove(batch)
            if waiting.file is not None and not waiting.in_file:
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
        """The folder is ours for as long as we live; the system frees it at any death.

        One thread at a time: a second lock of our own would be waited for until we die.
        """
        with self._claiming:
            while self._lock is None:
                self._own.mkdir(parents=True, exist_ok=True, mode=0o700)
                lock = os.open(self._own / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(lock, fcntl.LOCK_EX)
                if os.fstat(lock).st_nlink:
                    self._lock = lock
                else:  # somebody took the new folder for a dead process's, and removed it
                    os.close(lock)

    async def take_up_left(self) -> None:
        """Stores what dead processes have left on this disk. A database that refuses is asked again."""
        await left_behind.take_up(self._storage, self._all, self._own, self._missing)
