"""A file of sealed frames: appended as data comes, readable after a crash, bound to its name and order.

Layout: ``MAGIC``, then frames: length (four bytes, big-endian) and what `KeyRing.encrypt` gave for it. A
frame's place is part of what is authenticated: frames cannot be moved, repeated or taken from another file.
Every frame but the last holds `FRAME_BYTES`. A frame cut off by a crash is dropped on opening.

Two writers would write over each other's frames, and each is tempted: a call that moves to another process is
opened there while the first still ends it. So a file is locked while somebody has it open to write.
"""

from __future__ import annotations

import bisect
import fcntl
import itertools
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from models.errors import FileBusy, StorageError
from models.keyring import SEALED_EXTRA, KeyRing, key_of

MAGIC = b"FSREC\x01"
FRAME_BYTES = 65_536
NEW = ".new"  # ends the name of what is written beside while a file is changed
_LENGTH = struct.Struct(">I")
_MOST_SEALED = FRAME_BYTES + 1_024  # header, nonce and tag need less


class SealedFile:
    """One writer at a time. ``name`` is what the frames are bound to: the call's id."""

    def __init__(self, path: Path, name: str, keyring: KeyRing) -> None:
        """Opens or makes the file, and cuts off an unfinished frame.

        Raises `FileBusy` while another writer has it, and `StorageError`.
        """
        self._path, self._name, self._keyring = path, name, keyring
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file: BinaryIO = _open_alone(path)
        except OSError as problem:
            raise _refused(path, problem) from problem
        try:
            self._places = self._recover()
        except (OSError, StorageError) as problem:
            self._file.close()
            raise _refused(path, problem) if isinstance(problem, OSError) else problem from problem

    @property
    def frames(self) -> int:
        return len(self._places) - 1

    @property
    def size_bytes(self) -> int:
        return self._places[-1]

    def append(self, plain: bytes) -> None:
        """One more frame, of at most `FRAME_BYTES`. Raises `StorageError` when the disk refuses."""
        sealed = self._seal(self.frames, plain)
        self._write(self._places[-1], _LENGTH.pack(len(sealed)) + sealed)
        self._places.append(self._places[-1] + _LENGTH.size + len(sealed))

    def take_short_tail(self) -> bytes:
        """Removes the last frame if it is not full and returns what it held: it is to be gone on with."""
        if not self.frames:
            return b""
        plain = self.frame(self.frames - 1)
        if len(plain) == FRAME_BYTES:
            return b""
        self._places.pop()
        self._file.truncate(self._places[-1])
        return plain

    def frame(self, number: int) -> bytes:
        """What a frame holds. Raises `StorageError`."""
        start, end = self._places[number], self._places[number + 1]
        self._file.seek(start + _LENGTH.size)
        return self._keyring.decrypt(self._file.read(end - start - _LENGTH.size), _aad(self._name, number))

    def change(self, numbers: range, edit: Callable[[int, bytes], bytes]) -> None:
        """Frames written again with other contents of the same length: all or, after a crash, none."""
        beside = self._path.with_suffix(NEW)
        try:
            beside.unlink(missing_ok=True)  # of a crash in this very step
            with ExitStack() as unfinished:
                fresh = SealedFile(beside, self._name, self._keyring)
                unfinished.callback(fresh.close)
                for number in range(self.frames):
                    plain = self.frame(number)
                    fresh.append(edit(number, plain) if number in numbers else plain)
                os.fsync(fresh._file.fileno())
                os.replace(beside, self._path)
                unfinished.pop_all()
        except OSError as problem:
            raise _refused(self._path, problem) from problem
        self._file.close()
        self._file, self._places = fresh._file, fresh._places  # locked already

    def close(self) -> None:
        self._file.close()

    def _seal(self, number: int, plain: bytes) -> bytes:
        return self._keyring.encrypt(plain, _aad(self._name, number))

    def _write(self, place: int, data: bytes) -> None:
        try:
            self._file.seek(place)
            if self._file.write(data) != len(data):
                raise OSError("a frame was written in part")
        except OSError as problem:
            raise _refused(self._path, problem) from problem

    def _recover(self) -> list[int]:
        """Where each frame begins, and the end of the last; an unfinished one is cut off."""
        size = os.fstat(self._file.fileno()).st_size
        if size < len(MAGIC):
            self._file.truncate(0)
            self._file.write(MAGIC)
            size = len(MAGIC)
        places = list(_places(self._file, size, self._path))
        self._file.truncate(places[-1])
        return places


def read_frames(path: Path, name: str, keyring: KeyRing) -> Iterator[bytes]:
    """What the file holds, frame by frame; an unfinished last frame is left out.

    Raises `KeyRingError` for another key or an altered frame, `StorageError` for no such file.
    """
    try:
        with path.open("rb") as file:
            places = list(_places(file, os.fstat(file.fileno()).st_size, path))
            for number, (start, end) in enumerate(itertools.pairwise(places)):
                file.seek(start + _LENGTH.size)
                yield keyring.decrypt(file.read(end - start - _LENGTH.size), _aad(name, number))
    except OSError as problem:
        raise _refused(path, problem) from problem


def keys_of(path: Path) -> set[int]:
    """The numbers of the data keys that its frames were sealed with. Raises `StorageError`."""
    try:
        with path.open("rb") as file:
            places = list(_places(file, os.fstat(file.fileno()).st_size, path))
            found = set()
            for start, end in itertools.pairwise(places):
                file.seek(start + _LENGTH.size)
                found.add(key_of(file.read(min(end - start - _LENGTH.size, SEALED_EXTRA))))
            return found
    except OSError as problem:
        raise _refused(path, problem) from problem


class SealedReader:
    """What a file holds, from any place on. One reader at a time; the file may go meanwhile."""

    def __init__(self, path: Path, name: str, keyring: KeyRing) -> None:
        """Raises `StorageError` for no such file."""
        self._path, self._name, self._keyring = path, name, keyring
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as problem:
            raise _refused(path, problem) from problem
        try:
            self._places = list(_places(self._file, os.fstat(self._file.fileno()).st_size, path))
        except (OSError, StorageError) as problem:
            self.close()
            raise _refused(path, problem) if isinstance(problem, OSError) else problem from problem
        held = (end - start - _LENGTH.size - SEALED_EXTRA for start, end in itertools.pairwise(self._places))
        self._starts = [0, *itertools.accumulate(held)]

    @property
    def held_bytes(self) -> int:
        """In all frames together, unsealed."""
        return self._starts[-1]

    def read(self, first: int, after: int) -> Iterator[bytes]:
        """Bytes [first, after), piece by piece. Raises `KeyRingError` for an altered frame."""
        number = max(bisect.bisect_right(self._starts, first) - 1, 0)
        while first < after and number < len(self._places) - 1:
            start = self._starts[number]
            plain = self._frame(number)[first - start : after - start]
            yield plain
            first, number = first + len(plain), number + 1

    def _frame(self, number: int) -> bytes:
        start, end = self._places[number], self._places[number + 1]
        try:
            self._file.seek(start + _LENGTH.size)
            sealed = self._file.read(end - start - _LENGTH.size)
        except OSError as problem:
            raise _refused(self._path, problem) from problem
        return self._keyring.decrypt(sealed, _aad(self._name, number))

    def close(self) -> None:
        self._file.close()


def _open_alone(path: Path) -> BinaryIO:
    """To read and write; made if it is not there. Raises `FileBusy` while another writer has it."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise FileBusy(f"{path.name} is being written by another process") from None
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # its writer changed or removed it while we opened it


def _places(file: BinaryIO, size: int, path: Path) -> Iterator[int]:
    file.seek(0)
    if file.read(len(MAGIC)) != MAGIC:
        raise _damaged(path)
    place = len(MAGIC)
    yield place
    while place + _LENGTH.size <= size:
        file.seek(place)
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        if length > _MOST_SEALED:
            raise _damaged(path)
        place += _LENGTH.size + length
        if place > size:
            return
        yield place


def _aad(name: str, number: int) -> bytes:
    return f"recording.{name}.{number}".encode()


def _damaged(path: Path) -> StorageError:
    return StorageError(f"{path.name} is no recording of ours", fix="Restore it from the backup.")


def _refused(path: Path, problem: OSError) -> StorageError:
    reason = problem.strerror or str(problem)
    return StorageError(
        f"the recording {path.name} cannot be used ({reason})", fix="Check DATA_DIR and its disk."
    )
