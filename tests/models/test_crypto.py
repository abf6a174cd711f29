from __future__ import annotations

import os
import stat
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import keyfile
from models.crypto import KeyRing, KeyRingError
from models.keyring import HEADER_BYTES, NONCE_BYTES, key_of

AAD = b"turn.caller_text"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "keys.json"


def test_the_key_file_is_made_once_for_this_user_only(path: Path) -> None:
    first = KeyRing.load_or_create(path)
    content = path.read_bytes()
    second = KeyRing.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == content
    assert second.decrypt(first.encrypt(b"hello", AAD), AAD) == b"hello"
    assert [item.name for item in path.parent.iterdir()] == ["keys.json"]


def test_many_processes_starting_together_share_one_ring(path: Path) -> None:
    rings: list[KeyRing] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        rings.append(KeyRing.load_or_create(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({ring.blind("phone", "+15550100") for ring in rings}) == 1


@given(plain=st.binary(max_size=300))
def test_what_was_sealed_opens(plain: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    ring = KeyRing.load_or_create(tmp_path_factory.getbasetemp() / "shared.json")
    sealed = ring.encrypt(plain, AAD)
    assert ring.decrypt(sealed, AAD) == plain
    assert len(sealed) == HEADER_BYTES + NONCE_BYTES + len(plain) + 16


def test_any_flipped_bit_is_noticed(path: Path) -> None:
    ring = KeyRing.load_or_create(path)
    sealed = ring.encrypt(b"Maria", AAD)
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(KeyRingError):
            ring.decrypt(bytes(altered), AAD)


def test_a_value_moved_to_another_column_does_not_open(path: Path) -> None:
    ring = KeyRing.load_or_create(path)
    with pytest.raises(KeyRingError, match=r"call\.patient_id"):
        ring.decrypt(ring.encrypt(b"Maria", AAD), b"call.patient_id")


def test_the_same_value_is_never_sealed_alike(path: Path) -> None:
    ring = KeyRing.load_or_create(path)
    assert len({ring.encrypt(b"Maria", AAD) for _ in range(50)}) == 50


def test_after_rotation_old_values_open_and_new_ones_use_the_new_key(path: Path) -> None:
    ring = KeyRing.load_or_create(path)
    old, blind = ring.encrypt(b"old", AAD), ring.blind("phone", "+15550100")
    assert ring.rotate() == 2
    new = ring.encrypt(b"new", AAD)
    assert (old[1:3], new[1:3]) == (b"\0\1", b"\0\2")
    reopened = KeyRing.load(path)
    assert (reopened.decrypt(old, AAD), reopened.decrypt(new, AAD)) == (b"old", b"new")
    assert reopened.blind("phone", "+15550100") == blind
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_process_learns_of_a_rotation_when_it_meets_the_key(path: Path) -> None:
    other = KeyRing.load_or_create(path)
    ring = KeyRing.load(path)
    ring.rotate()
    assert other.decrypt(ring.encrypt(b"new", AAD), AAD) == b"new"


def test_blind_values_differ_by_purpose_and_ring(path: Path, tmp_path: Path) -> None:
    ring, other = KeyRing.load_or_create(path), KeyRing.load_or_create(tmp_path / "other.json")
    assert ring.blind("phone", "1") == ring.blind("phone", "1")
    assert len({ring.blind("phone", "1"), ring.blind("zip", "1"), other.blind("phone", "1")}) == 3


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"format": 2}', b'{"format": 1, "active": 1, "data_keys": {"1": "eA=="}}'],
)
def test_a_damaged_key_file_is_named_with_its_remedy(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    path.write_bytes(content)
    with pytest.raises(KeyRingError, match=r"keys\.json") as caught:
        KeyRing.load_or_create(path)
    assert "backup" in caught.value.fix
    assert path.read_bytes() == content


def test_a_missing_key_file_is_not_replaced_by_load(path: Path) -> None:
    with pytest.raises(KeyRingError, match="does not exist"):
        KeyRing.load(path)
    assert not path.exists()


def test_a_key_file_open_to_everybody_is_refused(path: Path) -> None:
    KeyRing.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(KeyRingError) as caught:
        KeyRing.load(path)
    assert "chmod 600" in caught.value.fix


def test_a_folder_in_the_way_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyRingError, match="cannot be made"):
        KeyRing.load_or_create(tmp_path / "file" / "keys.json")


def test_another_rings_value_does_not_open(path: Path, tmp_path: Path) -> None:
    ring, other = KeyRing.load_or_create(path), KeyRing.load_or_create(tmp_path / "other.json")
    with pytest.raises(KeyRingError, match="altered or made with another key file"):
        other.decrypt(ring.encrypt(b"x", AAD), AAD)


def test_an_unknown_key_number_is_named(path: Path) -> None:
    ring = KeyRing.load_or_create(path)
    sealed = bytearray(ring.encrypt(b"x", AAD))
    sealed[2] = 9
    with pytest.raises(KeyRingError, match="data key 9"):
        ring.decrypt(bytes(sealed), AAD)


def test_no_temporary_key_files_stay_behind(path: Path) -> None:
    ring = KeyRing.load_or_create(path)
    ring.rotate()
    assert os.listdir(path.parent) == ["keys.json"]


def test_two_rotations_at_once_lose_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commands side by side must not make two keys of one number."""
    path, overwrite = tmp_path / "keys", keyfile.overwrite
    KeyRing.load_or_create(path)

    def slowly(path: Path, keys: keyfile.Keys) -> None:
        time.sleep(0.1)  # both have read the file by then, if they may
        overwrite(path, keys)

    monkeypatch.setattr(keyfile, "overwrite", slowly)

    def rotated(number: int) -> bytes:
        ring = KeyRing.load(path)
        ring.rotate()
        return ring.encrypt(b"%d" % number, b"turn.caller_text")

    with ThreadPoolExecutor(2) as both:
        sealed = list(both.map(rotated, range(2)))
    later = KeyRing.load(path)
    assert [later.decrypt(value, b"turn.caller_text") for value in sealed] == [b"0", b"1"]


def test_nobody_seals_with_a_key_that_was_dropped_while_all_were_idle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first after a quiet time looks at the file; who comes meanwhile waits for what it finds."""
    path = tmp_path / "keys"
    idle, other = KeyRing.load_or_create(path), KeyRing.load(path)
    other.rotate()
    other.drop_old()
    read, looks, second = keyfile.read, threading.Event(), threading.Event()

    def slowly(path: Path) -> keyfile.Keys:
        looks.set()
        second.wait(0.2)
        return read(path)

    monkeypatch.setattr(keyfile, "read", slowly)
    idle._look_at = 0.0

    def sealed(is_second: bool) -> bytes:
        if is_second:
            looks.wait(10)
        try:
            return idle.encrypt(b"words", b"turn.caller_text")
        finally:
            if is_second:
                second.set()

    with ThreadPoolExecutor(2) as both:
        values = list(both.map(sealed, (False, True)))
    assert {key_of(value) for value in values} == {2}
