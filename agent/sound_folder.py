"""The folder of recordings, and how it is told from another in its place.

Where a share is not mounted an empty folder stands: what is not found in it is not gone. So the folder has a
mark, and only where that is does a file that is not there count as removed.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from models import records
from models.errors import StorageError
from models.sealed_file import NEW
from models.storage import Storage

MARK = ".recordings"


class FolderAway(StorageError):
    """What stands in the place of the recordings' folder is not it, or cannot be used."""

    code = "recordings-away"


def require(folder: Path, storage: Storage) -> None:
    """Marks the folder unless it is. Raises `FolderAway` where most that the database names is not in it."""
    if not _is_there(folder / MARK):
        check(folder, storage.read_now(records.recorded_files))
        mark(folder)


def remove(folder: Path, file: str, storage: Storage) -> None:
    """Raises `StorageError` where it cannot be removed, `FolderAway` where nobody can say that it is gone."""
    path = folder / file
    try:
        path.with_suffix(NEW).unlink(missing_ok=True)  # of a change that was killed
        path.unlink()
    except FileNotFoundError:
        require(folder, storage)
    except OSError as problem:
        raise StorageError(f"a recording cannot be removed ({problem.strerror})") from problem


def check(folder: Path, files: Collection[str]) -> None:
    """As `require` for these ``files`` of the database; changes nothing."""
    if _is_there(folder / MARK):
        return
    there = sum(_is_there(folder / file) for file in files)
    if 2 * there < len(files):
        raise FolderAway(
            f"{folder} holds {there} of the {len(files)} recordings of the database: is its disk mounted?",
            fix=f"Mount it. If the others are lost for good: `touch {folder / MARK}`, as the server's user.",
        )


def _is_there(path: Path) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as problem:
        raise _unusable(path.parent, problem) from problem
    return True


def mark(folder: Path) -> None:
    """From now on what is not found in it is gone. Raises `FolderAway`."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(folder / MARK, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as problem:
        raise _unusable(folder, problem) from problem


def _unusable(folder: Path, problem: OSError) -> FolderAway:
    return FolderAway(
        f"{folder} cannot be used ({problem.strerror})", fix="Check RECORDINGS_DIR or DATA_DIR, and its disk."
    )
