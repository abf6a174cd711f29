"""What processes that died have left in files, because the database was away: stored by the next one."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from agent.kept import from_frames, store_all
from agent.logs import log
from models.errors import Conflict, NotFound
from models.sealed_file import read_frames
from models.storage import Storage

LOCK = "lock"
SUFFIX = ".kept"
UNREADABLE = ".unreadable"
UNSTORED = "unstored"  # the folder of all processes, in the data folder


async def take_up(storage: Storage, folder: Path, own: Path, lost: set[str]) -> None:
    """Of every process but the one whose folder is ``own``; ``lost`` gets the calls of which something is."""
    for left in await asyncio.to_thread(_others, folder, own):
        with _locked(left) as is_free:
            if is_free and await _all_taken_up(storage, left, lost):
                shutil.rmtree(left, ignore_errors=True)


def _others(folder: Path, own: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir() and path != own]
    except OSError:
        return []


async def _all_taken_up(storage: Storage, folder: Path, lost: set[str]) -> bool:
    """Whether the folder may go. One call's file that cannot be stored does not keep the others waiting."""
    taken = [await _is_taken_up(storage, path, lost) for path in sorted(folder.glob(f"*{SUFFIX}"))]
    return all(taken) and not any(folder.glob(f"*{UNREADABLE}"))


async def _is_taken_up(storage: Storage, path: Path, lost: set[str]) -> bool:
    call_id = path.name.removesuffix(SUFFIX)
    try:
        batch = tuple(from_frames(read_frames(path, call_id, storage.keyring)))
    except Exception as problem:  # of other keys, or of another release: it stays, for somebody to look at
        lost.add(call_id)
        log.error("turn.unreadable", call_id=call_id, kind=type(problem).__name__)
        path.rename(path.with_suffix(UNREADABLE))
        return False
    try:
        await storage.write(partial(store_all, call_id=call_id, batch=batch))
        log.info("turn.taken_up", call_id=call_id, count=len(batch))
    except (Conflict, NotFound) as problem:  # somebody has gone on with the call without it
        lost.add(call_id)
        log.error("turn.lost", call_id=call_id, code=problem.code)
    except Exception as problem:
        log.warning("turn.not_taken_up", call_id=call_id, kind=type(problem).__name__)
        return False
    path.unlink(missing_ok=True)
    return True


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
