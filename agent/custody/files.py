"""Files that come about whole or not at all, for this user only, and the archives that they are."""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from models.errors import FirstringError

PIECE_BYTES = 1 << 20
OWNER_ONLY = 0o600


class KeepingError(FirstringError):
    """A backup, restore, export, rotation or deletion cannot be carried out as asked."""

    code = "keeping"
    fix = "docs/operate.md, section Keeping the data, says what each command needs."


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Written beside and put in place at the end; nothing is left when that fails, a full disk for example.

    Raises `KeepingError` when ``path`` is there already, or cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)  # of a try that was killed
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # never over another file
        sync_folder(path.parent)
    except FileExistsError:
        raise KeepingError(f"{path} is there already", fix="Move it away, or choose another name.") from None
    except OSError as problem:
        raise refused(path, problem) from problem
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def refused(path: Path, problem: OSError) -> KeepingError:
    reason = problem.strerror or str(problem)
    return KeepingError(f"{path} cannot be written ({reason})", fix="Make room there, or check its mode.")


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Packing:
    """Members of an archive (ZIP, stored), each with its length and SHA-256 as they are written."""

    def __init__(self, file: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self.members: dict[str, dict[str, int | str]] = {}

    def stream(self, name: str, pieces: Iterable[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.members[name] = {"bytes": size, "sha256": digest.hexdigest()}

    def file(self, name: str, path: Path) -> None:
        """Raises OSError when it is gone."""
        with path.open("rb") as file:
            self.stream(name, pieces_of(file))

    def text(self, name: str, content: bytes) -> None:
        self.stream(name, (content,))

    def close(self) -> None:
        self._zip.close()

    def abandon(self) -> None:
        """It will not be an archive: nothing more is written, not even its end."""
        self._zip.fp = None


@contextmanager
def packed(path: Path) -> Iterator[Packing]:
    """A whole archive at ``path``, or none. Raises `KeepingError`."""
    with whole_file(path) as file:
        packing = Packing(file)
        try:
            yield packing
            packing.close()
        except BaseException:
            packing.abandon()
            raise


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece


def unpack(archive: zipfile.ZipFile, name: str, sha256: str, target: Path) -> None:
    """One member into a file for this user only. Raises `KeepingError` when it is not as it was written."""
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "wb") as file, archive.open(name) as member:
            for piece in pieces_of(member):
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, KeyError) as problem:
        raise damaged(name) from problem
    except OSError as problem:
        raise refused(target, problem) from problem
    if digest.hexdigest() != sha256:
        raise damaged(name)


def damaged(what: str) -> KeepingError:
    return KeepingError(f"the backup is damaged: {what}", fix="Use another copy, or an earlier backup.")
