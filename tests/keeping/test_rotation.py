"""A new data key: everything rests under it in the end, whatever was killed meanwhile."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from agent.custody import rotation
from agent.custody.files import KeepingError
from agent.left_behind import SUFFIX, UNSTORED
from agent.sound_folder import MARK, FolderAway
from models import audit, records, resealing
from models.keyring import LOOK_EVERY_S, KeyRing
from models.recordings import Recording, RecordingState
from models.sealed_file import SealedFile, keys_of, read_frames
from models.storage import Storage
from models.tables import Turn
from tests.keeping.conftest import ONE_ENGINE, SOUND, Practice

AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
# As `firstring rotate-keys`, in small steps: it is killed between two of them.
PROGRAM = (
    "import sys; from models import resealing; resealing.ROWS_AT_ONCE = 1\n"
    "from agent.custody import rotation; rotation.PAUSE_S, rotation.SETTLED_S = 0.05, 0.0\n"
    "from agent.cli import main; sys.argv = ['firstring', 'rotate-keys']; main()"
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "SETTLED_S", 0.0)
    monkeypatch.setattr(rotation, "PAUSE_S", 0.0)


@contextmanager
def stored(practice: Practice) -> Iterator[Storage]:
    storage = practice.storage()
    try:
        yield storage
    finally:
        storage.close()


def left(storage: Storage) -> int:
    return storage.read_now(lambda session: resealing.left(session, storage.keyring))


def words(storage: Storage) -> list[tuple[str, str, object]]:
    turns = storage.read_now(lambda session: records.require_call(session, "CAmaria")).turns
    return [(turn.caller_text, turn.agent_text, turn.at) for turn in turns]


def test_everything_rests_under_the_new_key_and_reads_as_before(practice: Practice) -> None:
    with stored(practice) as storage:
        before = words(storage)
    done = practice.run("rotate-keys")
    assert done.exit_code == 0, done.exception
    assert "key: 2" in done.stdout
    with stored(practice) as storage:
        assert (storage.keyring.active_key, left(storage), words(storage)) == (2, 0, before)
        path = practice.settings.data_dir / "recordings" / "CAmaria.rec"
        assert keys_of(path) == {2}
        assert b"".join(read_frames(path, "CAmaria", storage.keyring)) == SOUND
        assert storage.read_now(audit.verify) is None
    assert practice.run("verify-audit").exit_code == 0


def test_a_run_that_was_killed_is_gone_on_with(practice: Practice) -> None:
    """kill -9 in the middle: no third key, nothing lost, and the next run ends it."""
    with stored(practice) as storage:
        before = words(storage)
        all_rows = storage.read_now(lambda session: resealing.left(session, _as_if_rotated(storage)))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with stored(practice) as storage:
        give_up = time.monotonic() + 120
        while storage.keyring.active_key == 1 or not 0 < left(storage) < all_rows - 5:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < give_up
            time.sleep(0.02)
            storage.keyring.encrypt(b"", b"looks at the key file")
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert left(storage) > 0, "it was in the middle"
        assert words(storage) == before, "half under each key, all of it readable"
    done = practice.run("rotate-keys", "--drop-old")
    assert done.exit_code == 0, done.exception
    assert "gone on with" in done.stderr
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [2]
        assert (left(storage), words(storage)) == (0, before)
        assert storage.read_now(audit.verify) is None


def _as_if_rotated(storage: Storage) -> KeyRing:
    class Later(KeyRing):
        @property
        def active_key(self) -> int:
            return 99

    return Later(storage.keyring._path, storage.keyring._keys)


@ONE_ENGINE
def test_a_running_server_takes_the_key_up_by_itself(practice: Practice) -> None:
    with stored(practice) as server:
        server.write_now(lambda session: _turn(session, 50))
        assert practice.run("rotate-keys").exit_code == 0
        time.sleep(LOOK_EVERY_S + 0.1)
        server.write_now(lambda session: _turn(session, 51))
        assert (server.keyring.active_key, left(server)) == (2, 0)
        assert practice.run("rotate-keys", "--drop-old").exit_code == 0
        assert server.keyring.key_numbers[-1] >= 2
        assert words(server)[-1][0] == "hello 51"


def _turn(session: Session, number: int) -> None:
    session.add(Turn(call_id="CAmaria", number=number, at=AT, caller_text=f"hello {number}"))


@ONE_ENGINE
def test_no_key_is_dropped_that_something_still_needs(practice: Practice) -> None:
    """The recording of a call that goes on is not touched."""
    with stored(practice) as storage:

        def goes_on(session: Session) -> None:
            row = session.get_one(Recording, "CAmaria")
            row.state = RecordingState.RUNNING
            session.add(row)

        storage.write_now(goes_on)
    done = practice.run("rotate-keys", "--drop-old")
    assert isinstance(done.exception, KeepingError)
    assert "still needed" in str(done.exception)
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [1, 2]


@ONE_ENGINE
def test_a_run_that_comes_back_to_drop_keys_makes_no_further_one(practice: Practice) -> None:
    """There is always a call on the line: each run would leave its recording to the next for ever."""
    assert practice.run("rotate-keys").exit_code == 0
    with stored(practice) as storage:
        path = practice.settings.data_dir / "recordings" / "CAmaria.rec"
        path.unlink()
        sealed = KeyRing(storage.keyring._path, replace(storage.keyring._keys, active=1))
        sealed._look_at = math.inf
        with closing(SealedFile(path, "CAmaria", sealed)) as file:
            file.append(SOUND)
    assert keys_of(path) == {1}
    done = practice.run("rotate-keys", "--drop-old")
    assert done.exit_code == 0, done.exception
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [2]
        assert b"".join(read_frames(path, "CAmaria", storage.keyring)) == SOUND


@ONE_ENGINE
def test_no_key_is_dropped_that_turns_not_stored_yet_rest_under(practice: Practice) -> None:
    left_behind = practice.settings.data_dir / UNSTORED / "a process" / f"CAmaria{SUFFIX}"
    with stored(practice) as storage, closing(SealedFile(left_behind, "CAmaria", storage.keyring)) as file:
        file.append(b"words of a caller")
    done = practice.run("rotate-keys", "--drop-old")
    assert "1 files of turns not stored yet" in str(done.exception)
    with stored(practice) as storage:
        assert list(read_frames(left_behind, "CAmaria", storage.keyring)) == [b"words of a caller"]
    left_behind.unlink()
    assert practice.run("rotate-keys", "--drop-old").exit_code == 0


@ONE_ENGINE
@pytest.mark.parametrize("there", ["an empty folder", "nothing"])
def test_no_key_is_dropped_while_the_folder_of_recordings_is_away(practice: Practice, there: str) -> None:
    """A share that is not mounted: every recording on it would be lost for good."""
    folder = practice.settings.data_dir / "recordings"
    share = folder.rename(folder.with_name("share"))
    if there == "an empty folder":
        folder.mkdir()
    done = practice.run("rotate-keys", "--drop-old", "--unread-too")
    assert isinstance(done.exception, FolderAway), done.output
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [1], "and none is made"
        assert b"".join(read_frames(share / "CAmaria.rec", "CAmaria", storage.keyring)) == SOUND


@ONE_ENGINE
@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_a_recording_that_cannot_be_read_keeps_the_older_key(practice: Practice, how: str) -> None:
    folder = practice.settings.data_dir / "recordings"
    (folder / MARK).touch()
    aside = (folder / "CAmaria.rec").rename(folder.with_name("aside.rec"))
    if how == "damaged":
        (folder / "CAmaria.rec").write_bytes(b"something else")
    done = practice.run("rotate-keys", "--drop-old")
    assert isinstance(done.exception, KeepingError), done.output
    assert "CAmaria.rec" in str(done.exception)
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [1]
    assert "1 files could not be read" in practice.run("rotate-keys").stderr

    aside.rename(folder / "CAmaria.rec")
    assert practice.run("rotate-keys", "--drop-old").exit_code == 0
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [2]
        assert b"".join(read_frames(folder / "CAmaria.rec", "CAmaria", storage.keyring)) == SOUND


@ONE_ENGINE
def test_who_says_so_gives_up_what_cannot_be_read(practice: Practice) -> None:
    folder = practice.settings.data_dir / "recordings"
    (folder / MARK).touch()
    (folder / "CAmaria.rec").unlink()
    assert practice.run("rotate-keys", "--drop-old", "--unread-too").exit_code == 0
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [2]


@ONE_ENGINE
def test_turns_that_cannot_be_looked_at_keep_the_older_key(practice: Practice) -> None:
    left_behind = practice.settings.data_dir / UNSTORED / "a process" / f"CAmaria{SUFFIX}"
    left_behind.mkdir(parents=True)  # as for a user who may not read it
    done = practice.run("rotate-keys", "--drop-old")
    assert isinstance(done.exception, KeepingError), done.output
    assert left_behind.name in str(done.exception)
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [1]


@pytest.mark.parametrize("practice", ["postgresql"], indirect=True)
def test_with_siblings_somebody_has_looked_at_the_other_machines(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turns that a sibling has not stored yet lie on its own disk."""
    monkeypatch.setenv("FIRSTRING_SIBLINGS", "true")
    done = practice.run("rotate-keys", "--drop-old")
    assert isinstance(done.exception, KeepingError), done.output
    assert "--nothing-elsewhere" in done.exception.fix
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [1]
    assert practice.run("rotate-keys", "--drop-old", "--nothing-elsewhere").exit_code == 0
    with stored(practice) as storage:
        assert storage.keyring.key_numbers == [2]


@ONE_ENGINE
@pytest.mark.parametrize("state", [RecordingState.DECLINED, RecordingState.DELETED])
def test_sound_that_was_removed_meanwhile_does_not_come_back(
    practice: Practice, state: RecordingState
) -> None:
    path = practice.settings.data_dir / "recordings" / "CAmaria.rec"
    with stored(practice) as storage:
        storage.keyring.rotate()
        forget = partial(records.forget_recording, call_id="CAmaria", state=state, at=AT)
        storage.write_now(forget)
        rotation._reseal_file(path, "CAmaria", storage)
    assert not path.exists()


@ONE_ENGINE
def test_several_machines_have_the_key_before_it_is_used(practice: Practice) -> None:
    assert "key: 2" in practice.run("rotate-keys", "--prepare").stdout
    with stored(practice) as storage:
        assert (storage.keyring.active_key, storage.keyring.key_numbers) == (1, [1, 2])
    assert "key: 2" in practice.run("rotate-keys").stdout, "the prepared one, not a third"


def test_audit_entries_are_still_refused_to_change(practice: Practice) -> None:
    with stored(practice) as storage, pytest.raises(DBAPIError, match="never changed"):  # noqa: SIM117
        with storage.engines.writing.begin() as connection:
            connection.execute(text("UPDATE audit_entry SET actor = 'lee'"))
