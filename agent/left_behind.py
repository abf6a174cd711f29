"""What processes that died have left in files, because the database was away: stored by the next one."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from agent.kept import Kept, from_frames, store_all
from agent.logs import log
from agent.missing import Missing
from models.errors import Conflict, NotFound
from models.sealed_file import read_frames
from models.storage import Storage

LOCK = "lock"
SUFFIX = ".kept"
UNREADABLE = ".unreadable"
UNSTORED = "unstored"  # the folder of all processes, in the data folder


async def take_up(storage: Storage, folder: Path, own: Path, missing: Missing) -> None:
    """Of every process but the one whose folder is ``own``; ``missing`` gets what others went on without."""
    for left in await asyncio.to_thread(_others, folder, own):
        with _locked(left) as is_free:
            if is_free and await _try_to_take_up(storage, left, missing):
                shutil.rmtree(left, ignore_errors=True)


def _others(folder: Path, own: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and path != own]
    except OSError:
        return []


async def _try_to_take_up(storage: Storage, folder: Path, missing: Missing) -> bool:
    """A disk that lets nothing be read or removed keeps neither the process from starting nor the others."""
    try:
        return await _all_taken_up(storage, folder, missing)
    except OSError as problem:
        log.warning("turn.not_taken_up", kind=type(problem).__name__)
        return False


async def _all_taken_up(storage: Storage, folder: Path, missing: Missing) -> bool:
    """Whether the folder may go. One call's file that cannot be stored does not keep the others waiting."""
    taken = [await _is_taken_up(storage, path, missing) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return all(taken) and not any(folder.glob(f"*{UNREADABLE}"))


async def _is_taken_up(storage: Storage, path: Path, missing: Missing) -> bool:
    call_id = path.name.removesuffix(SUFFIX)
    if call_id in missing:
        return False  # staff are told first
    try:
        batch = tuple(from_frames(read_frames(path, call_id, storage.keyring)))
    except Exception as problem:  # of other keys, or of another release: it stays, for somebody to look at
        missing.add(call_id)
        log.error("turn.unreadable", call_id=call_id, kind=type(problem).__name__)
        path.rename(path.with_suffix(UNREADABLE))
        return False
    try:
        left_out = await _stored_but(storage, call_id, batch)
    except Exception as problem:
        log.warning("turn.not_taken_up", call_id=call_id, kind=type(problem).__name__)
        return False
    if left_out and not missing.was_told(call_id, left_out):
        missing.add(call_id, *left_out)
        return False  # it stays here until staff have it
    path.unlink(missing_ok=True)
    log.info("turn.taken_up", call_id=call_id, count=len(batch) - len(left_out))
    return True


async def _stored_but(storage: Storage, call_id: str, batch: Sequence[Kept]) -> list[Kept]:
    """What could not be stored, because somebody has gone on with the call without it."""
    with contextlib.suppress(Conflict, NotFound):
        await storage.write(partial(store_all, call_id=call_id, batch=batch))
        return []
    left_out: list[Kept] = []
    for entry in batch:
        try:
            await storage.write(partial(entry.store, call_id=call_id))
        except (Conflict, NotFound) as problem:
            left_out.append(entry)
            log.error("turn.lost", call_id=call_id, code=problem.code)
    return left_out


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
