"""`firstring retention run`: what was kept for long enough is deleted, and then looked for.

Some calls a transaction, beside the server, with everything that hangs on them. In SQLite deleted bytes are
overwritten (secure_delete) and the write-ahead log is emptied, so that no free page holds them; in PostgreSQL
VACUUM gives their place away.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, select

from agent import sound_folder
from agent.custody.files import KeepingError
from agent.left_behind import UNREADABLE, UNSTORED
from agent.settings import Settings
from models import audit, records, retention
from models.domain import Clock
from models.recordings import RecordingState
from models.retention import Due, Limits
from models.storage import Storage
from models.tables import AuditEntry

RUN = "retention run"  # in the audit trail
CALLS_AT_ONCE, ROWS_AT_ONCE = 20, 500
PAUSE_S = 0.02  # between two transactions: callers come first


@dataclass(frozen=True)
class Deleted:
    """``rows``: of the calls. ``turned_away``: calls of which there was a task alone.

    ``wiped``: nothing of it is in the database's file or log any more.
    """

    calls: int = 0
    turned_away: int = 0
    rows: int = 0
    recordings: int = 0
    texts: int = 0
    events: int = 0
    wiped: bool = True


def limits_of(chosen: Settings, storage: Storage, now: datetime) -> Limits:
    """By the settings, and by the patients' age; 0 days is without end."""

    def before(days: int) -> datetime | None:
        return now - timedelta(days=days) if days else None

    usual = Limits(
        before(chosen.keep_calls_days), before(chosen.keep_texts_days), before(chosen.keep_events_days)
    )
    find = partial(retention.minors_of, limits=usual, until_age=chosen.keep_minors_until_age)
    return replace(usual, minors=storage.read_now(find))


def is_set(chosen: Settings) -> bool:
    """Whether anything but recordings has a period."""
    return any((chosen.keep_calls_days, chosen.keep_texts_days, chosen.keep_events_days))


def due(chosen: Settings, storage: Storage, now: datetime) -> Due:
    """What a run would delete now; changes nothing."""
    limits = limits_of(chosen, storage, now)
    return storage.read_now(lambda session: retention.count_due(session, limits, now))


def doubt_of(storage: Storage, now: datetime) -> str:
    """A word to who deletes by hand, "" where there is none: the server would put it off (`believed`)."""
    if storage.read_now(partial(retention.was_in_use_before, now=now)):
        return ""
    shown = f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"It is {shown} by this clock, and nothing was stored on the days before: is it right?"


def run(chosen: Settings, storage: Storage, clock: Clock, who: str) -> Deleted:
    """Deletes what is over its time. Raises `KeepingError` when something of it is still there then, and
    `StorageError` where sound is to go and its folder is away: nothing is noted as gone, a later run does it.
    """
    now = clock()
    limits = limits_of(chosen, storage, now)
    if storage.read_now(records.recorded_files):  # before a row says that something of them is over
        sound_folder.require(chosen.recordings_folder, storage)
    recordings = _remove_recordings(chosen, storage, now)
    calls, rows, sounds = _delete_calls(chosen, storage, limits, now, who)
    turned_away = _delete_turned_away(chosen, storage, limits, now, who)
    texts = _delete_all(storage, partial(retention.delete_texts, limits=limits, most=ROWS_AT_ONCE))
    events = _delete_all(storage, partial(retention.delete_events, limits=limits, most=ROWS_AT_ONCE))
    wiped = _wipe(storage)
    done = Deleted(calls, turned_away, rows, recordings + sounds, texts, events, wiped)
    told = ", ".join(f"{count} {name}" for name, count in asdict(done).items() if name != "wiped")
    storage.write_now(lambda s: audit.append(s, at=now, actor=who, action=RUN, subject="retention", why=told))
    return done


def last_run(session: Session) -> datetime | None:
    """By anybody, on any machine."""
    query = select(AuditEntry.at).where(AuditEntry.action == RUN).order_by(text("id DESC")).limit(1)
    return session.exec(query).first()


def _delete_calls(
    chosen: Settings, storage: Storage, limits: Limits, now: datetime, who: str
) -> tuple[int, int, int]:
    """Calls, rows and recordings."""
    calls = rows = sounds = 0
    begin = partial(retention.begin_deleting, limits=limits, most=CALLS_AT_ONCE)
    why = f"kept {chosen.keep_calls_days} days"
    while found := storage.write_now(begin):
        names, files = found
        if not names:
            break
        for file in files:
            _remove_sound(chosen, storage, file)
        delete = partial(retention.delete_calls, found=names, who=who, why=why, at=now)
        gone, count = storage.write_now(delete)
        _check_gone(storage, gone)
        _remove_unreadable(chosen.data_dir / UNSTORED, gone)
        calls, rows, sounds = calls + len(gone), rows + count, sounds + len(files)
        time.sleep(PAUSE_S)
    return calls, rows, sounds


def _delete_turned_away(chosen: Settings, storage: Storage, limits: Limits, now: datetime, who: str) -> int:
    total, why = 0, f"kept {chosen.keep_calls_days} days"
    some = partial(retention.delete_turned_away, limits=limits, most=CALLS_AT_ONCE, who=who, why=why, at=now)
    while gone := storage.write_now(some):
        _check_gone(storage, gone)
        total += len(gone)
        time.sleep(PAUSE_S)
    return total


def _remove_unreadable(unstored: Path, calls: list[str]) -> None:
    """Turns of these calls that could never be stored."""
    for path in unstored.glob(f"*/*{UNREADABLE}"):
        if path.stem in calls:
            _remove(path)


def _check_gone(storage: Storage, calls: list[str]) -> None:
    left = storage.read_now(lambda session: retention.left_of(session, calls))
    if left:
        raise KeepingError(
            f"calls were deleted, and something of them still stands in {', '.join(left)}",
            fix="Run it again; if it stays, report it: this must not be.",
        )


def _remove_recordings(chosen: Settings, storage: Storage, now: datetime) -> int:
    found = storage.read_now(lambda session: records.expired_recordings(session, now))
    for call_id in found:
        forget = partial(records.forget_recording, call_id=call_id, state=RecordingState.DELETED, at=now)
        file = storage.write_now(forget)
        _remove_sound(chosen, storage, file)
        storage.write_now(partial(records.recording_removed, call_id=call_id))
    return len(found)


def _remove_sound(chosen: Settings, storage: Storage, file: str) -> None:
    """It is tried again by the next run where this one cannot."""
    sound_folder.remove(chosen.recordings_folder, file, storage)


def _remove(path: Path) -> None:
    """Raises `KeepingError`; it is tried again by the next run."""
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        raise KeepingError(f"{path.name} cannot be removed ({problem.strerror})") from problem


def _delete_all(storage: Storage, some: partial[int]) -> int:
    total = 0
    while done := storage.write_now(some):
        total += done
        time.sleep(PAUSE_S)
    return total


def _wipe(storage: Storage) -> bool:
    """False where a reader holds the log open: the server empties it by itself, a little later."""
    engine = storage.engines.writing
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (*retention.tables_of_calls(), "call"):
                connection.execute(text(f'VACUUM "{table}"'))
        return True
    raw = engine.raw_connection()
    try:
        busy, _, _ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    finally:
        raw.close()
