"""`firstring restore`: a backup into an empty place, looked through down to the last audit entry.

Everything is unpacked beside, into DATA_DIR/.restoring, and put in its place only once it was found whole. A
restore that was killed is run again: it begins anew, or goes on where all was found whole already. One that
failed leaves nothing but that folder.
"""

from __future__ import annotations

import shutil
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL
from sqlmodel import Session

from agent import settings as settings_module
from agent import sound_folder
from agent.custody import manifest as manifests
from agent.custody.files import KeepingError, damaged, refused, unpack
from agent.custody.key_copy import KEYS, put_secrets, read_keys, ring_of
from agent.custody.manifest import DATA, DATABASE, RECORDINGS, SECRETS, SETTINGS, TABLES, Manifest
from agent.custody.opened import operator
from agent.custody.placing import STAGING, engine_of, found_whole, note_whole, put_in_place
from agent.settings import Settings
from models import audit, half_restored, schema, snapshot
from models.engines import make_engines, parse_url
from models.errors import FirstringError
from models.keyring import KeyRing
from models.restored import settle
from models.sealed import check_keys
from models.storage import Storage

NO_MATTER = {STAGING, "lost+found", sound_folder.MARK}  # a folder with these alone is empty
ROOM = 1.05  # times what is unpacked
EMPTY_FIX = "Restore on an empty machine: move what is there away first. Nothing was changed."
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Restored:
    """``as_of``: the instant whose state this is; all later is lost. ``unsent``: texts that wait no more."""

    manifest: Manifest
    as_of: datetime
    seconds: float
    unsent: int


def manifest_of(archive: Path) -> manifests.Read:
    """Raises `KeepingError`. Its signature is not looked at yet."""
    with _opened(archive) as packed:
        return manifests.read(packed)


def bring_settings(archive: Path, config: Path, keys: Path, passphrase: str) -> list[Path]:
    """The settings and the practice's file of the archive, as far as this machine has none; which ones.

    Raises `KeepingError` before anything is written for a list that these keys have not signed: whoever can
    write where backups lie must not choose the settings.
    """
    made = []
    with _opened(archive) as packed:
        read = manifests.read(packed)
        read.check(ring_of(keys, passphrase))
        members = read.manifest.members
        for name, target in (("firstring.toml", config), ("practice.toml", config.parent / "practice.toml")):
            member = members.get(f"{SETTINGS}{name}")
            if member is not None and not target.exists():
                unpack(packed, f"{SETTINGS}{name}", str(member["sha256"]), target)
                made.append(target)
    return made


def restore(chosen: Settings, archive: Path, keys: Path, passphrase: str, tell: Tell) -> Restored:
    """Raises `KeepingError` and `StorageError`: the backup is not whole, or the place not empty."""
    began = time.monotonic()
    url = parse_url(chosen.database)
    with _opened(archive) as packed:
        read = manifests.read(packed)
        _check_engine(read.manifest, url)
        staging = chosen.data_dir / STAGING
        before = found_whole(staging, read, url)
        if before is not None:
            read.check(ring_of(keys, passphrase))
            tell("all was found whole before; what is not in its place yet is put there")
            put_in_place(chosen, url, staging)
            return Restored(read.manifest, read.manifest.made_at, time.monotonic() - began, before)
        _require_empty(chosen, url, tell)
        shutil.rmtree(staging, ignore_errors=True)
        _make_folder(staging)
        put_secrets(read_keys(keys, passphrase), staging / SECRETS)
        ring = KeyRing.load(staging / SECRETS / KEYS)
        read.check(ring)
        tell("the keys belong to this backup, and its list is as it was signed")
        _require_room(chosen, read.manifest)
        _unpack_files(packed, read.manifest, staging)
        database = _put_database(packed, read.manifest, url, staging)
        tell(f"{len(read.manifest.members)} files are as they were written")
    try:
        unsent = _look_through(chosen, read.manifest, database, ring, tell)
    except FirstringError:
        _empty_again(url)
        raise
    note_whole(staging, read, unsent)
    put_in_place(chosen, url, staging)
    return Restored(read.manifest, read.manifest.made_at, time.monotonic() - began, unsent)


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except zipfile.BadZipFile as problem:
        raise damaged("it is cut short, or no archive") from problem
    except OSError as problem:
        raise KeepingError(f"{archive} cannot be read ({problem.strerror})") from problem


def _check_engine(made: Manifest, url: URL) -> None:
    if made.engine != url.get_backend_name():
        raise KeepingError(
            f"the backup is of {made.engine}, and DATABASE_URL names {url.get_backend_name()}",
            fix=f"Name an empty {made.engine} database in DATABASE_URL.",
        )


def _require_empty(chosen: Settings, url: URL, tell: Tell) -> None:
    """A PostgreSQL that a restore has filled, and did not end with, is emptied."""
    for key, folder in (
        ("DATA_DIR", chosen.data_dir),
        ("SECRETS_DIR", chosen.secrets_folder),
        ("RECORDINGS_DIR", chosen.recordings_folder),
    ):
        here = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        if here - NO_MATTER:
            raise KeepingError(f"{key} {folder} is not empty", fix=EMPTY_FIX)
    if url.get_backend_name() == "sqlite":
        if Path(str(url.database)).exists():
            raise KeepingError(f"there is a database already, {url.database}", fix=EMPTY_FIX)
        return
    with engine_of(url) as engine:
        if snapshot.is_empty(engine):
            return
        with engine.connect() as connection:
            is_ours = half_restored.is_marked(connection)
        if not is_ours:
            raise KeepingError("the database of DATABASE_URL has tables already", fix=EMPTY_FIX)
        schema.clear(engine)
        tell("a restore that did not end had filled the database: it is begun anew")


def _require_room(chosen: Settings, made: Manifest) -> None:
    """Where it is unpacked, and where the recordings go if that is another disk."""
    sizes = {name: int(member["bytes"]) for name, member in made.members.items()}
    sounds = sum(size for name, size in sizes.items() if name.startswith(f"{DATA}{RECORDINGS}/"))
    _check_room("DATA_DIR", chosen.data_dir, sum(sizes.values()))
    folder = chosen.recordings_folder.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if there.stat().st_dev != chosen.data_dir.stat().st_dev:
        _check_room("RECORDINGS_DIR", there, sounds)


def _check_room(key: str, folder: Path, wanted_bytes: int) -> None:
    free, wanted = shutil.disk_usage(folder).free, round(wanted_bytes * ROOM)
    if free < wanted:
        raise KeepingError(
            f"{key} {folder} has {free // 2**20} MiB free; this backup needs {wanted // 2**20 + 1}",
            fix="Make room there, or name another folder; then run it again.",
        )


def _make_folder(staging: Path) -> None:
    try:
        staging.mkdir(parents=True, mode=0o700)
        staging.parent.chmod(0o700)
    except OSError as problem:
        raise refused(staging, problem) from problem


def _unpack_files(packed: zipfile.ZipFile, made: Manifest, staging: Path) -> None:
    for name, member in made.members.items():
        if name.startswith(DATA):
            target = (staging / name.removeprefix(DATA)).resolve()
            if staging.resolve() not in target.parents:
                raise damaged("it names a file outside of its folder")
            unpack(packed, name, str(member["sha256"]), target)


def _put_database(packed: zipfile.ZipFile, made: Manifest, url: URL, staging: Path) -> str:
    """Its address until it is in place. PostgreSQL is filled in one transaction: all, or nothing."""
    if made.engine == "sqlite":
        file = staging / DATABASE
        unpack(packed, DATABASE, str(made.members[DATABASE]["sha256"]), file)
        snapshot.check_sqlite(file)
        return f"sqlite:///{file.resolve()}"
    engines = make_engines(url)
    with closing(_Spool(packed, made, staging)) as spool, ExitStack() as stack:
        stack.callback(engines.dispose)
        snapshot.fill_postgres(engines.writing, made.state, spool.tables(stack))
    return url.render_as_string(hide_password=False)


class _Spool:
    """The tables as files, each looked at before a row of it goes into the database."""

    def __init__(self, packed: zipfile.ZipFile, made: Manifest, staging: Path) -> None:
        self._packed, self._made, self._folder = packed, made, staging / ".tables"

    def tables(self, stack: ExitStack) -> list[tuple[str, IO[bytes]]]:
        found: list[tuple[str, IO[bytes]]] = []
        for name in self._made.state.columns:
            target = self._folder / name
            member = self._made.members[f"{TABLES}{name}"]
            unpack(self._packed, f"{TABLES}{name}", str(member["sha256"]), target)
            found.append((name, stack.enter_context(target.open("rb"))))
        return found

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _look_through(chosen: Settings, made: Manifest, database: str, ring: KeyRing, tell: Tell) -> int:
    """Rows, keys and audit chains are as they were; then what must not go on is ended. How many texts."""
    url = parse_url(database)
    engines = make_engines(url)
    try:
        check_keys(engines.reading, ring)
        found = (
            snapshot.sqlite_state(Path(str(url.database)))
            if made.engine == "sqlite"
            else snapshot.postgres_state(engines.reading)
        )
    finally:
        engines.dispose()
    if told := snapshot.differences(made.state, found):
        raise damaged(told[0])
    tell(f"{sum(found.counts.values())} rows are there, as many as were copied")
    storage = Storage.open(database, ring, restoring=True)
    try:
        fault = storage.read_now(audit.verify)
        if fault is not None:
            raise damaged(f"{fault.problem} (entry {fault.number} of audit chain {fault.chain})")
        tell(f"{found.counts['audit_entry']} audit entries: every chain is whole")
        return storage.write_now(lambda session: _go_on(session, chosen, made))
    finally:
        storage.close()


def _empty_again(url: URL) -> None:
    if url.get_backend_name() == "postgresql":
        with engine_of(url) as engine:
            schema.clear(engine)


def _go_on(session: Session, chosen: Settings, made: Manifest) -> int:
    now = settings_module.clock_of(chosen)()
    audit.append(
        session,
        at=now,
        actor=operator(),
        action="backup restored",
        subject="backup",
        why=f"as of {made.made_at.isoformat()}",
    )
    return settle(session)
