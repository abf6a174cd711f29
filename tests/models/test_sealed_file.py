"""Sealed files: what was appended is read back, a crash loses one frame at most, a foreign key opens none."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pytest

from models.crypto import KeyRing, KeyRingError
from models.errors import FileBusy, StorageError
from models.sealed_file import FRAME_BYTES, SealedFile, read_frames

FULL = bytes(range(256)) * (FRAME_BYTES // 256)


def written(path: Path, keyring: KeyRing, *frames: bytes, name: str = "CA1") -> Path:
    file = SealedFile(path, name, keyring)
    for frame in frames:
        file.append(frame)
    file.close()
    return path


def test_frames_come_back_and_rest_encrypted(tmp_path: Path, keyring: KeyRing) -> None:
    path = written(tmp_path / "a.rec", keyring, FULL, FULL, b"the end")
    assert list(read_frames(path, "CA1", keyring)) == [FULL, FULL, b"the end"]
    assert b"the end" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_what_a_crash_left_is_read_and_gone_on_with(tmp_path: Path, keyring: KeyRing) -> None:
    """However much of the last frame was written."""
    whole = written(tmp_path / "a.rec", keyring, b"one", b"two").read_bytes()
    first = len(written(tmp_path / "b.rec", keyring, b"one").read_bytes())
    for length in range(len(whole)):
        path = tmp_path / "torn.rec"
        path.write_bytes(whole[:length])
        kept = [b"one"] if length >= first else []
        if length >= 6:
            assert list(read_frames(path, "CA1", keyring)) == kept
        written(path, keyring, b"three")
        assert list(read_frames(path, "CA1", keyring)) == [*kept, b"three"]


def test_a_short_last_frame_is_taken_back(tmp_path: Path, keyring: KeyRing) -> None:
    path = written(tmp_path / "a.rec", keyring, FULL, b"tail")
    file = SealedFile(path, "CA1", keyring)
    assert file.take_short_tail() == b"tail"
    assert file.take_short_tail() == b""
    file.append(b"tail and more")
    file.close()
    assert list(read_frames(path, "CA1", keyring)) == [FULL, b"tail and more"]


def test_one_writes_at_a_time(tmp_path: Path, keyring: KeyRing) -> None:
    """Also while the file is changed, which puts a new one in its place."""
    path = tmp_path / "a.rec"
    first = SealedFile(path, "CA1", keyring)
    first.append(b"one")
    for _ in range(2):
        with pytest.raises(FileBusy, match=r"a\.rec"):
            SealedFile(path, "CA1", keyring)
        first.change(range(1), lambda _, plain: plain.upper())
    first.append(b"two")
    first.close()
    second = SealedFile(path, "CA1", keyring)
    second.append(b"three")
    second.close()
    assert list(read_frames(path, "CA1", keyring)) == [b"ONE", b"two", b"three"]


def test_who_waited_for_a_file_that_was_changed_meanwhile_has_the_new_one(
    tmp_path: Path, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the opening and the lock lies an instant: the writer changes the file in it, and is done."""
    path = written(tmp_path / "a.rec", keyring, b"one")
    really, locked = fcntl.flock, list[int]()

    def flock(file: BinaryIO, how: int) -> None:
        locked.append(how)
        if len(locked) == 1:
            with closing(SealedFile(path, "CA1", keyring)) as first:
                first.change(range(1), lambda _, plain: plain.upper())
        really(file, how)

    monkeypatch.setattr("models.sealed_file.fcntl.flock", flock)
    second = SealedFile(path, "CA1", keyring)
    second.append(b"two")
    second.close()
    assert list(read_frames(path, "CA1", keyring)) == [b"ONE", b"two"]


def test_another_key_is_refused(tmp_path: Path, keyring: KeyRing) -> None:
    path = written(tmp_path / "a.rec", keyring, b"one")
    with pytest.raises(KeyRingError):
        list(read_frames(path, "CA1", KeyRing.load_or_create(tmp_path / "other.json")))


def test_an_older_key_of_the_same_ring_still_opens(tmp_path: Path, keyring: KeyRing) -> None:
    path = written(tmp_path / "a.rec", keyring, b"one")
    keyring.rotate()
    written(path, keyring, b"two")
    assert list(read_frames(path, "CA1", keyring)) == [b"one", b"two"]


@pytest.mark.parametrize("place", [10, 20, -1])
def test_an_altered_frame_is_refused(tmp_path: Path, keyring: KeyRing, place: int) -> None:
    path = written(tmp_path / "a.rec", keyring, b"one frame")
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(StorageError):
        list(read_frames(path, "CA1", keyring))


def test_frames_cannot_be_moved_between_calls_or_places(tmp_path: Path, keyring: KeyRing) -> None:
    path = written(tmp_path / "a.rec", keyring, b"one", b"two")
    with pytest.raises(KeyRingError):
        list(read_frames(path, "CA2", keyring))
    data = path.read_bytes()
    half = (len(data) - 6) // 2
    path.write_bytes(data[:6] + data[6 + half :] + data[6 : 6 + half])
    with pytest.raises(KeyRingError):
        list(read_frames(path, "CA1", keyring))


def test_frames_written_again_leave_nothing_of_the_old(tmp_path: Path, keyring: KeyRing) -> None:
    path = written(tmp_path / "a.rec", keyring, FULL, b"secret", b"last")
    file = SealedFile(path, "CA1", keyring)
    file.change(range(1, 2), lambda _number, plain: bytes(len(plain)))
    file.append(b"more")
    file.close()
    assert list(read_frames(path, "CA1", keyring)) == [FULL, bytes(6), b"last", b"more"]
    assert [found.name for found in tmp_path.glob("a.*")] == ["a.rec"]


def test_a_missing_or_foreign_file_is_a_named_error(tmp_path: Path, keyring: KeyRing) -> None:
    with pytest.raises(StorageError, match=r"gone\.rec"):
        list(read_frames(tmp_path / "gone.rec", "CA1", keyring))
    foreign = tmp_path / "foreign.rec"
    foreign.write_bytes(b"RIFF somebody else's")
    with pytest.raises(StorageError, match="no recording of ours"):
        SealedFile(foreign, "CA1", keyring)


WRITER = """
import sys
import subprocess
import sys
from pathlib import Path
from models.crypto import KeyRing
from models.sealed_file import FRAME_BYTES, SealedFile
file = SealedFile(Path(sys.argv[1]), "CA1", KeyRing.load(Path(sys.argv[2])))
for number in range(1_000_000):
    file.append(number.to_bytes(4, "big") * (FRAME_BYTES // 4))
    print(number, flush=True)
"""


def test_a_killed_writer_loses_no_frame_that_it_had_written(tmp_path: Path, keyring: KeyRing) -> None:
    path = tmp_path / "a.rec"
    command = [sys.executable, "-c", WRITER, str(path), str(tmp_path / "keys.json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(5):
            writer.stdout.readline()
        writer.kill()
        acknowledged = 4 + len(writer.stdout.read().split())
    frames = list(read_frames(path, "CA1", keyring))
    assert len(frames) >= acknowledged
    assert [int.from_bytes(frame[:4], "big") for frame in frames] == list(range(len(frames)))
