"""`firstring backup`: database, recordings, what the site has of its own and its settings, in one archive.

The keys are never in it (`key_copy` is their way): a lost archive tells times, states and counts, and nothing
that was said. It is made beside a running server, and costs it no waiting.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import URL
from sqlmodel import Session

from agent import settings as settings_module
from agent.custody import manifest as manifests
from agent.custody.files import KeepingError, Packing, packed, refused
from agent.custody.key_copy import write_keys
from agent.custody.manifest import DATA, DATABASE, RECORDINGS, SETTINGS, TABLES, Manifest
from agent.custody.opened import opened, operator, require_data
from agent.logs import log
from agent.preparing import keyring_of
from agent.settings import Settings
from models import audit, schema, snapshot
from models.engines import make_engines, parse_url
from models.errors import StorageError
from models.keyring import KeyRing
from models.snapshot import State

NAME, SUFFIX = "firstring-", ".zip"
MADE, KEYS_COPIED = "backup made", "keys copied"  # actions in the audit trail; the doctor asks for them
LEFT_OUT = ("secrets", "run", "prompts")  # kept apart; of this start only; made again by themselves
LOCKS = (".lock", ".server", "-wal", "-shm", "-journal", ".part", ".new")
ROOM = 1.1  # times what is copied
LEFT_AFTER = timedelta(days=1)  # no backup takes that long: what is older is of one that was killed


@dataclass(frozen=True)
class Made:
    archive: Path
    size_bytes: int
    seconds: float
    manifest: Manifest
    keys: Path | None = None


def make_backup(chosen: Settings, folder: Path, keys_to: Path | None = None, passphrase: str = "") -> Made:
    """One archive in ``folder``, and where asked for the wrapped keys in ``keys_to``.

    Raises `KeepingError` and `StorageError`; no half archive is left then.
    """
    began = datetime.now(UTC)
    folder = folder.absolute()
    _check_places(chosen, folder, keys_to, passphrase)
    archive = folder / f"{NAME}{began:%Y%m%dT%H%M%SZ}{SUFFIX}"
    require_data(chosen)
    _sweep(folder, began)
    if keys_to is not None:
        write_keys(chosen.secrets_folder, keys_to.absolute(), passphrase)
    made = _packed(chosen, keyring_of(chosen), archive)
    if made.state.revision == schema.head():  # a backup before an upgrade changes nothing
        _note(chosen, made, copied=keys_to is not None)
    seconds = (datetime.now(UTC) - began).total_seconds()
    return Made(archive, archive.stat().st_size, seconds, made, keys_to)


def prune(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest ``keep`` archives of ours in ``folder``."""
    found = sorted(folder.glob(f"{NAME}[0-9]*T[0-9]*Z{SUFFIX}"))
    old = found[: max(len(found) - keep, 0)]
    for path in old:
        path.unlink()
    return old


def _sweep(folder: Path, now: datetime) -> None:
    """Removes what killed backups have left in ``folder``: parts of archives, copies of the database."""
    for path in folder.glob(f".{NAME}*"):
        try:
            if now.timestamp() - path.stat().st_mtime < LEFT_AFTER.total_seconds():
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        except OSError as problem:
            log.warning("backup.left_over", kind=type(problem).__name__)


def _check_places(chosen: Settings, folder: Path, keys_to: Path | None, passphrase: str) -> None:
    data = chosen.data_dir.resolve()
    for place in (folder, keys_to.absolute().parent if keys_to else folder):
        if data == place.resolve() or data in place.resolve().parents:
            raise KeepingError(
                f"{place} lies in DATA_DIR: it would be lost together with what it is a copy of",
                fix="Name a folder on another disk or machine.",
            )
    if keys_to is not None and not passphrase:
        raise KeepingError(
            "the keys are copied only under a passphrase, and FIRSTRING_BACKUP_PASSPHRASE is not set",
            fix="Set it, or FIRSTRING_BACKUP_PASSPHRASE_FILE to a file that holds it.",
        )


def _packed(chosen: Settings, ring: KeyRing, archive: Path) -> Manifest:
    url, as_of = parse_url(chosen.database), settings_module.clock_of(chosen)()
    with packed(archive) as packing:
        is_sqlite = url.get_backend_name() == "sqlite"
        state = _pack_sqlite(packing, url, archive.parent) if is_sqlite else _pack_postgres(packing, url)
        gone = _pack_files(packing, chosen, url)
        made = Manifest(
            made_at=as_of,
            version=importlib.metadata.version("firstring"),
            engine=url.get_backend_name(),
            active_key=ring.active_key,
            state=state,
            members=dict(packing.members),
            gone=tuple(gone),
        )
        content = made.to_bytes()
        packing.text(manifests.MANIFEST, content)
        packing.text(manifests.SIGNATURE, manifests.signed(content, ring).encode())
    return made


def _pack_sqlite(packing: Packing, url: URL, folder: Path) -> State:
    """By way of a copy in the backup's folder, which needs the room twice for a while."""
    database = Path(str(url.database))
    _require_room(folder, 2 * _sizes(database))
    with _scratch(folder) as scratch:
        copy = scratch / DATABASE
        state = snapshot.copy_sqlite(database, copy)
        packing.file(DATABASE, copy)
    return state


def _pack_postgres(packing: Packing, url: URL) -> State:
    engines = make_engines(url)
    try:
        with snapshot.postgres_copy(engines.reading) as copy:
            for name in copy.state.columns:
                packing.stream(f"{TABLES}{name}", copy.table(name))
            return copy.state
    finally:
        engines.dispose()


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".firstring-") as name:
            yield Path(name)
    except OSError as problem:
        raise refused(folder, problem) from problem


def _sizes(database: Path) -> int:
    beside = (database, database.with_name(f"{database.name}-wal"))
    return sum(path.stat().st_size for path in beside if path.exists())


def _require_room(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < wanted * ROOM:
        raise KeepingError(
            f"{folder} has {free // 2**20} MiB free; the backup needs about {round(wanted * ROOM) // 2**20}",
            fix="Make room there, or name another folder.",
        )


def _pack_files(packing: Packing, chosen: Settings, url: URL) -> list[str]:
    """What lies in DATA_DIR besides the database, and the settings; names of files that went meanwhile."""
    gone: list[str] = []
    for name, path in _own_files(chosen, url):
        try:
            packing.file(f"{DATA}{name}", path)
        except FileNotFoundError:
            gone.append(name)  # its time was over
    config = Path(os.environ.get("FIRSTRING_CONFIG", "firstring.toml"))
    if config.is_file():
        packing.file(f"{SETTINGS}firstring.toml", config)
    if chosen.practice_file is not None:
        packing.file(f"{SETTINGS}practice.toml", chosen.practice_file)
    return gone


def _own_files(chosen: Settings, url: URL) -> Iterator[tuple[str, Path]]:
    """Each with its name in the archive."""
    database = Path(str(url.database)).resolve() if url.get_backend_name() == "sqlite" else None
    data, recordings = chosen.data_dir.resolve(), chosen.recordings_folder.resolve()
    left_out = {(data / name) for name in LEFT_OUT} | {chosen.secrets_folder.resolve(), recordings, database}
    for path in _files(data, left_out):
        yield str(path.relative_to(data)), path
    for path in _files(recordings, {database}):
        yield f"{RECORDINGS}/{path.relative_to(recordings)}", path


def _files(top: Path, left_out: Collection[Path | None]) -> Iterator[Path]:
    for folder, names, files in os.walk(top):
        names[:] = sorted(name for name in names if Path(folder) / name not in left_out)
        paths = (Path(folder) / name for name in sorted(files) if not name.endswith(LOCKS))
        yield from (path for path in paths if path not in left_out and path.is_file())


def _note(chosen: Settings, made: Manifest, *, copied: bool) -> None:
    """In the audit trail: data has left, and the doctor knows of when the last copy is."""
    now, who = settings_module.clock_of(chosen)(), operator()
    why = f"{made.state.counts.get('call', 0)} calls, {made.state.counts.get('turn', 0)} turns"
    keys = f"key {made.active_key}"

    def work(session: Session) -> None:
        audit.append(session, at=now, actor=who, action=MADE, subject="backup", why=why)
        if copied:
            audit.append(session, at=now, actor=who, action=KEYS_COPIED, subject="backup", why=keys)

    try:
        with opened(chosen) as storage:
            storage.write_now(work)
    except StorageError as problem:
        raise KeepingError(
            f"the backup is made, and could not be noted in the audit trail: {problem}", fix=problem.fix
        ) from problem
