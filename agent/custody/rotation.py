"""`firstring rotate-keys`: a new data key, and all that older ones have sealed sealed anew, while calls run.

A run that was killed is gone on with: as long as something rests under an older key, no further key is made.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlmodel import Session, col, select

from agent import settings as settings_module
from agent.custody.files import KeepingError
from agent.custody.opened import opened, operator
from agent.left_behind import SUFFIX, UNREADABLE, UNSTORED
from agent.settings import Settings
from models import audit, resealing
from models.errors import StorageError
from models.keyring import LOOK_EVERY_S, KeyRing
from models.recordings import Recording, RecordingState
from models.resealing import Place
from models.sealed_file import SealedFile, keys_of
from models.storage import Storage

PAUSE_S = 0.01  # between two transactions: callers come first
SETTLED_S = 3 * LOOK_EVERY_S  # by then every process seals with the new key
PASSES = 5
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Rotated:
    """``running``: recordings of calls that go on, which keep their older key until the next run."""

    key: int
    rows: int
    recordings: int
    running: int
    dropped: tuple[int, ...] = ()


def prepare(chosen: Settings) -> int:
    """One more key in the file, not used yet: for several machines, each of which needs the file first."""
    with opened(chosen) as storage:
        return storage.keyring.prepare()


def rotate(chosen: Settings, tell: Tell, *, drop_old: bool = False) -> Rotated:
    """Raises `KeepingError` when older keys are to be dropped and something still rests under them."""
    with opened(chosen) as storage:
        ring = storage.keyring
        _begin(chosen, storage, tell, drop_old=drop_old)
        rows = _reseal_all(storage, tell)
        done, running = _reseal_recordings(chosen, storage)
        dropped = _drop_old(chosen, storage, running) if drop_old else ()
        _note(chosen, storage, "keys rotated", f"key {ring.active_key}, {rows} rows, {done} recordings")
        return Rotated(ring.active_key, rows, done, running, tuple(dropped))


def _begin(chosen: Settings, storage: Storage, tell: Tell, *, drop_old: bool) -> None:
    """A run that comes back for recordings of calls that went on makes no key which those of now miss."""
    ring = storage.keyring
    rest = storage.read_now(lambda session: resealing.left(session, ring))
    if rest or (drop_old and _old_files(chosen, storage)):
        tell(f"a rotation to key {ring.active_key} is gone on with")
        return
    number = ring.rotate()
    _note(chosen, storage, "key added", f"key {number}")
    tell(f"key {number} is used from now on")
    time.sleep(SETTLED_S)  # the server's own processes take it up meanwhile


def _reseal_all(storage: Storage, tell: Tell) -> int:
    """Until nothing is left: what was being stored while the key changed is met by a further pass."""
    total = 0
    for _ in range(PASSES):
        total += sum(_reseal_table(storage, name) for name in resealing.sealed_tables())
        if not storage.read_now(lambda session: resealing.left(session, storage.keyring)):
            tell(f"{total} rows were sealed anew")
            return total
    raise KeepingError(
        "a process goes on sealing with an older key",
        fix="Copy DATA_DIR/secrets/keys to every machine that serves this database, and run it again.",
    )


def _reseal_table(storage: Storage, name: str) -> int:
    place: Place | None = Place(name)
    total = 0
    while place is not None:
        done, place = storage.write_now(partial(resealing.reseal, ring=storage.keyring, place=place))
        total += done
        time.sleep(PAUSE_S)
    return total


def _reseal_recordings(chosen: Settings, storage: Storage) -> tuple[int, int]:
    """Files that were sealed anew, and how many of calls that go on were left."""
    wanted = select(Recording.call_id, Recording.file, Recording.state).where(col(Recording.file) != "")
    found = storage.read_now(lambda session: session.exec(wanted).all())
    done = running = 0
    for call_id, file, state in found:
        path = chosen.recordings_folder / file
        if not _is_old(path, storage.keyring):
            continue
        if state == RecordingState.RUNNING:
            running += 1
            continue
        _reseal_file(path, call_id, storage)
        done += 1
    return done, running


def _old_files(chosen: Settings, storage: Storage) -> bool:
    """Whether a recording rests under an older key."""
    wanted = select(Recording.file).where(col(Recording.file) != "")
    found = storage.read_now(lambda session: session.exec(wanted).all())
    return any(_is_old(chosen.recordings_folder / file, storage.keyring) for file in found)


def _unstored(chosen: Settings, ring: KeyRing) -> int:
    """Files of turns that the database has not taken, under an older key: the server stores what it can."""
    found = (chosen.data_dir / UNSTORED).glob("*/*")
    return sum(_is_old(path, ring) for path in found if path.suffix in (SUFFIX, UNREADABLE))


def _is_old(path: Path, ring: KeyRing) -> bool:
    try:
        return bool(keys_of(path) - {ring.active_key})
    except StorageError:
        return False  # gone, or no recording of ours: a call's page tells of it


def _reseal_file(path: Path, call_id: str, storage: Storage) -> None:
    with closing(SealedFile(path, call_id, storage.keyring)) as file:
        file.change(range(0), lambda _, plain: plain)

    def wanted(session: Session) -> bool:
        row = session.get(Recording, call_id)
        if row is None or row.state in (RecordingState.DECLINED, RecordingState.DELETED):
            return False
        return row.file == path.name

    if not storage.read_now(wanted):  # its time was over meanwhile
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _drop_old(chosen: Settings, storage: Storage, running: int) -> list[int]:
    ring = storage.keyring
    time.sleep(SETTLED_S)
    rest = storage.read_now(lambda session: resealing.left(session, ring))
    unstored = _unstored(chosen, ring)
    if rest or running or unstored:
        raise KeepingError(
            f"older keys are still needed: {rest} rows, {running} recordings and "
            f"{unstored} files of turns not stored yet rest under them",
            fix="Run it again when these calls are over and nothing is left in DATA_DIR/unstored.",
        )
    return ring.drop_old()


def _note(chosen: Settings, storage: Storage, action: str, why: str) -> None:
    now = settings_module.clock_of(chosen)()

    def work(session: Session) -> None:
        audit.append(session, at=now, actor=operator(), action=action, subject="keys", why=why)

    storage.write_now(work)
