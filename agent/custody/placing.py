"""The end of a restore: what was found whole goes from DATA_DIR/.restoring to its place.

That it was found whole is written down there first: a try that was killed, or had no room, is gone on with.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from agent import sound_folder
from agent.custody.files import KeepingError, refused, sync_folder
from agent.custody.manifest import DATABASE, RECORDINGS, SECRETS, Read
from agent.settings import Settings
from models import half_restored, snapshot
from models.engines import make_engines

STAGING = ".restoring"
WHOLE = ".whole"


@contextmanager
def engine_of(url: URL) -> Iterator[Engine]:
    engines = make_engines(url)
    try:
        yield engines.writing
    finally:
        engines.dispose()


def note_whole(staging: Path, read: Read, unsent: int) -> None:
    """Everything of this backup was found as it was written; ``unsent``: texts that wait no more."""
    part = staging / f"{WHOLE}.part"
    try:
        with part.open("wb") as file:
            file.write(orjson.dumps({"signature": read.signature, "unsent": unsent}))
            file.flush()
            os.fsync(file.fileno())
        part.rename(staging / WHOLE)
        sync_folder(staging)
    except OSError as problem:
        raise refused(staging, problem) from problem


def found_whole(staging: Path, read: Read, url: URL) -> int | None:
    """``unsent`` of an earlier try, as far as it had come so far and its database is still there.

    Raises `KeepingError` where that was another backup.
    """
    try:
        noted = orjson.loads((staging / WHOLE).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    if not _has_database(staging, url):
        return None
    if noted["signature"] != read.signature:
        raise KeepingError(
            "another backup is being put in its place here, and not all of it is there yet",
            fix="End that restore first, with its own archive; or empty DATA_DIR and the database.",
        )
    return int(noted["unsent"])


def put_in_place(chosen: Settings, url: URL, staging: Path) -> None:
    """The database last: until it is there, no server takes what is there for its own. May be done again."""
    try:
        for path in sorted(staging.iterdir()):
            if not path.name.startswith((DATABASE, WHOLE)):
                _move(path, _place_of(chosen, path.name))
        sound_folder.mark(chosen.recordings_folder)  # what the backup lacks of them is gone
        _put_database(url, staging)
        shutil.rmtree(staging)
        sync_folder(chosen.data_dir)
    except OSError as problem:
        raise KeepingError(
            f"not all of it could be put in its place ({problem.strerror or problem})",
            fix="Make room in DATA_DIR and RECORDINGS_DIR, or check their modes; run it again: it goes on.",
        ) from problem


def _has_database(staging: Path, url: URL) -> bool:
    if url.get_backend_name() == "sqlite":
        return (staging / DATABASE).exists() or Path(str(url.database)).exists()
    with engine_of(url) as engine:
        return not snapshot.is_empty(engine)


def _put_database(url: URL, staging: Path) -> None:
    if url.get_backend_name() == "postgresql":
        with engine_of(url) as engine:
            half_restored.unmark(engine)
    elif (staging / DATABASE).exists():
        target = Path(str(url.database))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(staging / DATABASE, target)
        sync_folder(target.parent)


def _place_of(chosen: Settings, name: str) -> Path:
    own = {SECRETS: chosen.secrets_folder, RECORDINGS: chosen.recordings_folder}
    return own.get(name, chosen.data_dir / name)


def _move(path: Path, target: Path) -> None:
    """Into a folder that may be there already: a mounted disk, or one that an earlier try began to fill."""
    if not path.is_dir():
        shutil.move(path, target)
        return
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for child in path.iterdir():
        _move(child, target / child.name)
    path.rmdir()
