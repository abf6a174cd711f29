"""`firstring rotate-keys`: a new data key, and all that older ones have sealed sealed anew, while calls run.

A run that was killed is gone on with: as long as something rests under an older key, no further key is made.
An older key is dropped only when everything was looked at: what cannot be read may rest under it.
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
from agent import sound_folder
from agent.custody.files import KeepingError
from agent.custody.opened import opened, operator
from agent.left_behind import SUFFIX, UNREADABLE, UNSTORED
from agent.settings import Settings
from models import audit, records, resealing
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
class Sure:
    """What somebody confirms who drops keys: that no other machine has turns not stored yet, that what cannot
    be read may be lost.
    """

    nothing_elsewhere: bool = False
    unread_too: bool = False


NOT_SURE = Sure()


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


def rotate(chosen: Settings, tell: Tell, *, drop_old: bool = False, sure: Sure = NOT_SURE) -> Rotated:
    """Raises `KeepingError` when older keys are to be dropped and something rests under them, or may."""
    with opened(chosen) as storage:
        ring = storage.keyring
        if drop_old:
            _require_all_seen(chosen, storage, sure)  # before a key is made
        _begin(chosen, storage, tell, drop_old=drop_old)
        rows = _reseal_all(storage, tell)
        done, running = _reseal_recordings(chosen, storage)
        if unread := _unread(chosen, storage):
            tell(f"{len(unread)} files could not be read and stay as they are: {unread[0]}")
        dropped = _drop_old(chosen, storage, running, sure) if drop_old else ()
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
        if not _is_seen_old(path, storage.keyring):
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
    return any(_is_seen_old(chosen.recordings_folder / file, storage.keyring) for file in found)


def _unstored(chosen: Settings, ring: KeyRing) -> int:
    """Files of turns that the database has not taken, under an older key: the server stores what it can."""
    return sum(_is_seen_old(path, ring) for path in _unstored_files(chosen))


def _unstored_files(chosen: Settings) -> list[Path]:
    """Of this machine. Raises `KeepingError` where nobody can say what there is."""
    if not chosen.data_dir.is_dir():
        raise KeepingError(f"DATA_DIR {chosen.data_dir} is not there", fix="Mount it, or name the right one.")
    folders = [path for path in _listed(chosen.data_dir) if path.name == UNSTORED]
    found = [path for top in folders for folder in _listed(top) for path in _listed(folder)]
    return [path for path in found if path.suffix in (SUFFIX, UNREADABLE)]


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir()) if folder.is_dir() else []
    except FileNotFoundError:  # the server has stored all of it just now
        return []
    except OSError as problem:
        raise KeepingError(
            f"{folder} cannot be looked into ({problem.strerror}): what it holds may rest under an older key",
            fix="Run it as the server's user, and see that its disk is there.",
        ) from problem


def _unread(chosen: Settings, storage: Storage) -> list[str]:
    """Of which files nobody can say what key they rest under, and why. One that the server has removed
    meanwhile is none of them.
    """
    ring = storage.keyring
    turns = [(path, _fault(path, ring)) for path in _unstored_files(chosen)]
    sounds = [(path, _fault(path, ring)) for path in _to_be_heard(chosen, storage)]
    still = _to_be_heard(chosen, storage) if any(fault for _, fault in sounds) else set()
    found = [fault for path, fault in turns if fault and path.exists()]
    return found + [fault for path, fault in sounds if fault and path in still]


def _to_be_heard(chosen: Settings, storage: Storage) -> set[Path]:
    """Recordings. A running one that is not there is about to be made, with the new key."""
    states = (RecordingState.COMPLETE, RecordingState.RUNNING)
    kept = select(Recording.file, Recording.state).where(col(Recording.state).in_(states))
    found = storage.read_now(lambda session: session.exec(kept).all())
    paths = ((chosen.recordings_folder / file, state) for file, state in found if file)
    return {path for path, state in paths if state == RecordingState.COMPLETE or path.exists()}


def _fault(path: Path, ring: KeyRing) -> str:
    """Why its keys cannot be read; "" where they can."""
    try:
        _is_old(path, ring)
    except StorageError as problem:
        return str(problem)
    return ""


def _is_seen_old(path: Path, ring: KeyRing) -> bool:
    """`_unread` tells of those that cannot be read."""
    with contextlib.suppress(StorageError):
        return _is_old(path, ring)
    return False


def _is_old(path: Path, ring: KeyRing) -> bool:
    """Raises `StorageError` for what is gone, cannot be read, or is no file of ours."""
    return bool(keys_of(path) - {ring.active_key})


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


def _require_all_seen(chosen: Settings, storage: Storage, sure: Sure) -> None:
    """Raises `KeepingError` and `StorageError` where something may rest under an older key unseen."""
    if chosen.siblings and not sure.nothing_elsewhere:
        raise KeepingError(
            "other machines may have turns not stored yet, which could not be read any more",
            fix="See on each that DATA_DIR/unstored holds no file but `lock`; then add --nothing-elsewhere.",
        )
    if storage.read_now(records.recorded_files):
        sound_folder.require(chosen.recordings_folder, storage)
    unread = _unread(chosen, storage)
    if unread and not sure.unread_too:
        raise KeepingError(
            f"{len(unread)} files may rest under an older key and cannot be looked at: {unread[0]}",
            fix="Bring them back, or run it as the server's user. --unread-too gives up what they hold.",
        )


def _drop_old(chosen: Settings, storage: Storage, running: int, sure: Sure) -> list[int]:
    ring = storage.keyring
    time.sleep(SETTLED_S)
    _require_all_seen(chosen, storage, sure)
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
