"""A backup is made beside the running server, holds all but the keys, and comes back whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import resource
import shutil
import stat
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlmodel import Session, func, select

from agent.custody import key_copy
from agent.custody import restore as restore_module
from agent.custody.backup import prune
from agent.custody.files import KeepingError
from agent.custody.placing import STAGING
from agent.settings import Settings
from models import audit, records
from models.errors import FirstringError, StorageError
from models.keyring import KeyRing
from models.sealed_file import read_frames
from models.storage import Storage
from models.tables import Call, StaffSession, TextMessage, Turn
from models.texts import queue_text
from tests.keeping.conftest import ONE_ENGINE, PASSPHRASE, SHIPPED_COST, SOUND, Practice, choose, tamper

AT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def backed_up(practice: Practice) -> tuple[Path, Path]:
    """The archive and the wrapped keys."""
    keys = practice.folder / "apart" / "keys.wrapped"
    done = practice.run("backup", practice.folder / "backups", "--keys-to", keys, "--json")
    assert done.exit_code == 0, done.exception
    return Path(json.loads(done.stdout)["archive"]), keys


def said(storage: Storage, call_id: str) -> list[str]:
    stored = storage.read_now(lambda session: records.require_call(session, call_id))
    return [turn.caller_text for turn in stored.turns]


def test_what_was_said_recorded_and_audited_comes_back(
    practice: Practice, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_copy, "COST", SHIPPED_COST)
    (practice.folder / "firstring.toml").write_text('STAFF_NUMBER = "+16175550100"\n')
    storage = practice.storage()
    before = said(storage, "CAmaria")
    storage.close()
    archive, keys = backed_up(practice)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    choose(monkeypatch, elsewhere, elsewhere / "data", empty_url)
    done = practice.run("restore", archive, "--keys", keys)
    assert done.exit_code == 0, done.exception
    assert "every chain is whole" in done.stderr
    assert "calls: 2" in done.stdout
    assert (elsewhere / "firstring.toml").read_text() == 'STAFF_NUMBER = "+16175550100"\n'

    there = Practice(_settings(practice, elsewhere / "data", empty_url), elsewhere)
    storage = there.storage()
    assert before[1:] == said(storage, "CAmaria")[1:]
    assert len(before) > 3
    recorded = storage.read_now(lambda session: records.require_recording(session, "CAmaria"))
    path = elsewhere / "data" / "recordings" / recorded.file
    assert b"".join(read_frames(path, "CAmaria", storage.keyring)) == SOUND
    actions = [entry.action for entry in storage.read_now(lambda s: audit.entries_about(s, "backup"))]
    assert actions == ["backup restored"], "the note of the backup itself is younger than it"
    storage.write_now(lambda session: _add_turn(session))  # rows that come now have numbers of their own
    storage.close()
    assert there.run("verify-audit", "--since", archive).exit_code == 0
    for path in (elsewhere / "data").rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def _settings(practice: Practice, data_dir: Path, url: str) -> Settings:
    return replace(practice.settings, data_dir=data_dir, database_url=url)


def _add_turn(session: Session) -> None:
    session.add(Turn(call_id="CAmaria", number=99, at=AT))
    session.flush()
    audit.append(session, at=AT, actor="kim", action="view", subject="call/CAmaria")


@ONE_ENGINE
def test_the_archive_holds_no_key_and_nothing_that_was_said(practice: Practice) -> None:
    archive, keys = backed_up(practice)
    assert stat.S_IMODE(archive.stat().st_mode) == stat.S_IMODE(keys.stat().st_mode) == 0o600
    names = zipfile.ZipFile(archive).namelist()
    assert not [name for name in names if "secrets" in name or name.endswith("/keys")]
    assert any(name.startswith("data/recordings/") for name in names)
    raw, ring = archive.read_bytes(), (practice.settings.data_dir / "secrets" / "keys").read_bytes()
    for word in (
        b"Maria",
        b"lisinopril",
        b"6175550123",
        *json.loads(ring)["data_keys"]["1"].encode().split(),
    ):
        assert word not in raw, word
    assert not list(archive.parent.glob(".*")), "nothing is left beside it"


def test_calls_go_on_while_it_is_made(practice: Practice, empty_url: str, tmp_path: Path) -> None:
    """Each commit is in it whole or not at all, and none waits for it."""
    storage = practice.storage()
    stop, written = threading.Event(), 0

    def pair(number: int, session: Session) -> None:
        session.add(Turn(call_id="CAmaria", number=number, at=AT))
        session.add(Turn(call_id="CArobert", number=number, at=AT))

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            storage.write_now(partial(pair, 1_000 + written))
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        archive, keys = backed_up(practice)
    finally:
        stop.set()
        writer.join()
        storage.close()
    assert written > 0
    with pytest.MonkeyPatch.context() as patch:
        choose(patch, tmp_path, tmp_path / "again", empty_url)
        assert practice.run("restore", archive, "--keys", keys).exit_code == 0
        back = Practice(_settings(practice, tmp_path / "again", empty_url), tmp_path).storage()

        def count(call_id: str) -> int:
            wanted = (Turn.call_id == call_id, Turn.number >= 1_000)
            return back.read_now(
                lambda s: s.exec(select(func.count()).select_from(Turn).where(*wanted)).one()
            )

        assert count("CAmaria") == count("CArobert")
        back.close()


@pytest.mark.parametrize(
    ("practice", "spoilt"),
    [
        ("sqlite", "a byte"),
        ("sqlite", "cut short"),
        ("sqlite", "a row gone"),
        ("sqlite", "another's list"),
        ("postgresql", "a byte"),
        ("postgresql", "a row gone"),
    ],
    indirect=["practice"],
)
def test_a_backup_that_is_not_whole_is_not_restored(
    practice: Practice, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    if spoilt == "a row gone":
        tamper(practice, "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    archive, keys = backed_up(practice)
    content = bytearray(archive.read_bytes())
    if spoilt == "a byte":
        content[len(content) // 3] ^= 1
    elif spoilt == "cut short":
        del content[len(content) // 2 :]
    elif spoilt == "another's list":
        content = bytearray(bytes(content).replace(b'"made_at": "2026', b'"made_at": "2027'))
    archive.write_bytes(content)
    choose(monkeypatch, tmp_path, tmp_path / "again", empty_url)
    done = practice.run("restore", archive, "--keys", keys)
    assert isinstance(done.exception, FirstringError), done.output
    assert {path.name for path in (tmp_path / "again").glob("*")} <= {".restoring"}
    if empty_url:  # the database is as empty as before
        storage = Storage.open(empty_url, practice.storage().keyring)
        assert storage.read_now(lambda s: s.exec(select(func.count()).select_from(Call)).one()) == 0
        storage.close()


@ONE_ENGINE
@pytest.mark.parametrize("spoilt", ["another's list", "other keys"])
def test_settings_of_an_archive_that_these_keys_have_not_signed_are_not_taken(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    (practice.folder / "firstring.toml").write_text('STAFF_NUMBER = "+16175550100"\n')
    archive, keys = backed_up(practice)
    if spoilt == "another's list":
        archive.write_bytes(_with_settings(archive, b'STAFF_NUMBER = "+19005550100"\n'))
    else:
        keys = tmp_path / "other"
        KeyRing.load_or_create(keys)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    choose(monkeypatch, elsewhere, elsewhere / "data")
    done = practice.run("restore", archive, "--keys", keys)
    assert "made with other keys, or its list was altered" in str(done.exception)
    assert list(elsewhere.iterdir()) == []


def _with_settings(archive: Path, content: bytes) -> bytes:
    """The archive as somebody without its keys can make it: another file, and its digest in the list."""
    made = io.BytesIO()
    with zipfile.ZipFile(archive) as there, zipfile.ZipFile(made, "w") as here:
        members = {name: there.read(name) for name in there.namelist()}
        body = json.loads(members["manifest.json"])
        digest = hashlib.sha256(content).hexdigest()
        body["members"]["settings/firstring.toml"] = {"bytes": len(content), "sha256": digest}
        members |= {"settings/firstring.toml": content, "manifest.json": json.dumps(body).encode()}
        for name, held in members.items():
            here.writestr(name, held)
    return made.getvalue()


@ONE_ENGINE
@pytest.mark.parametrize(
    "content", [b"[]", b'{"format": "firstring-keys-1"}', b'{"format": "firstring-keys-1", "salt": "x"}']
)
def test_what_holds_no_keys_is_told_so(practice: Practice, tmp_path: Path, content: bytes) -> None:
    archive, _ = backed_up(practice)
    (tmp_path / "none").write_bytes(content)
    done = practice.run("restore", archive, "--keys", tmp_path / "none")
    assert "holds no keys of ours" in str(done.exception)


@ONE_ENGINE
def test_it_is_restored_on_an_empty_machine_only(practice: Practice) -> None:
    archive, keys = backed_up(practice)
    done = practice.run("restore", archive, "--keys", keys)
    assert "not empty" in str(done.exception)
    assert (practice.settings.data_dir / "secrets" / "keys").exists()


class Killed(BaseException):
    """As a signal ends a program: nothing of ours runs any more."""


def killed(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("killed_in", ["_look_through", "note_whole"])
def test_a_restore_that_was_killed_begins_anew(
    practice: Practice, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_in: str
) -> None:
    archive, keys = backed_up(practice)
    choose(monkeypatch, tmp_path, tmp_path / "again", empty_url)
    with monkeypatch.context() as patch:
        patch.setattr(restore_module, killed_in, killed)
        with pytest.raises(Killed):
            practice.run("restore", archive, "--keys", keys)
    if empty_url:  # its rows are there; what a server stored beside them would go with the next try
        with pytest.raises(StorageError, match="did not end"):
            Storage.open(empty_url, practice.storage().keyring)
    done = practice.run("restore", archive, "--keys", keys)
    assert done.exit_code == 0, done.exception
    assert ("begun anew" in done.stderr) is bool(empty_url)
    _is_back(practice, tmp_path / "again", empty_url, archive)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_restore_whose_disk_was_full_while_files_were_put_in_place_goes_on(
    practice: Practice, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    archive, keys = backed_up(practice)
    choose(monkeypatch, tmp_path, tmp_path / "again", empty_url)
    moves, move = iter(range(100)), shutil.move

    def full(source: Path, target: Path) -> None:
        if next(moves) == at:
            raise OSError(errno.ENOSPC, "No space left on device")
        move(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "move", full)
        done = practice.run("restore", archive, "--keys", keys)
    assert isinstance(done.exception, KeepingError), done.output
    assert "run it again" in done.exception.fix
    done = practice.run("restore", archive, "--keys", keys)
    assert done.exit_code == 0, done.exception
    assert "found whole before" in done.stderr
    _is_back(practice, tmp_path / "again", empty_url, archive)


def _is_back(practice: Practice, data_dir: Path, url: str, archive: Path) -> None:
    there = Practice(_settings(practice, data_dir, url), data_dir.parent)
    assert not (data_dir / STAGING).exists()
    storage = there.storage()
    assert "no" in said(storage, "CAmaria")
    assert b"".join(read_frames(data_dir / "recordings" / "CAmaria.rec", "CAmaria", storage.keyring)) == SOUND
    restored = storage.read_now(lambda s: audit.entries_about(s, "backup"))
    assert [entry.action for entry in restored] == ["backup restored"], "once, however often it was tried"
    storage.close()
    assert there.run("verify-audit", "--since", archive).exit_code == 0


@ONE_ENGINE
def test_while_one_backup_is_half_in_place_another_is_refused(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, keys = backed_up(practice)
    other = tmp_path / "other"
    assert practice.run("backup", other).exit_code == 0
    [second] = other.glob("*.zip")
    choose(monkeypatch, tmp_path, tmp_path / "again")
    with monkeypatch.context() as patch:
        patch.setattr(restore_module, "put_in_place", killed)
        with pytest.raises(Killed):
            practice.run("restore", archive, "--keys", keys)
    assert "another backup is being put" in str(practice.run("restore", second, "--keys", keys).exception)
    assert practice.run("restore", archive, "--keys", keys).exit_code == 0


@ONE_ENGINE
def test_without_room_nothing_is_unpacked(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, keys = backed_up(practice)
    choose(monkeypatch, tmp_path, tmp_path / "again")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000))
    done = practice.run("restore", archive, "--keys", keys)
    assert "MiB free" in str(done.exception), done.output
    left = {path.name for path in (tmp_path / "again" / STAGING).iterdir()}
    assert left == {"secrets"}


@ONE_ENGINE
def test_a_disk_of_its_own_for_recordings_counts_as_empty(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new ext4 has lost+found in it."""
    archive, keys = backed_up(practice)
    choose(monkeypatch, tmp_path, tmp_path / "again")
    disk = tmp_path / "disk"
    (disk / "lost+found").mkdir(parents=True)
    monkeypatch.setenv("FIRSTRING_RECORDINGS_DIR", str(disk))
    assert practice.run("restore", archive, "--keys", keys).exit_code == 0
    assert (disk / "CAmaria.rec").exists()


@ONE_ENGINE
def test_a_wrong_passphrase_or_other_keys_open_nothing(
    practice: Practice, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, keys = backed_up(practice)
    other = tmp_path / "other"
    KeyRing.load_or_create(other)
    choose(monkeypatch, tmp_path, tmp_path / "again", empty_url)
    assert "made with other keys" in str(practice.run("restore", archive, "--keys", other).exception)
    monkeypatch.setenv("FIRSTRING_BACKUP_PASSPHRASE", f"not {PASSPHRASE}")
    assert "does not open these keys" in str(practice.run("restore", archive, "--keys", keys).exception)
    monkeypatch.delenv("FIRSTRING_BACKUP_PASSPHRASE")
    assert "is not set" in str(practice.run("restore", archive, "--keys", keys).exception)
    plain = practice.settings.data_dir / "secrets"
    assert practice.run("restore", archive, "--keys", plain).exit_code == 0, "a bare copy of the folder does"


@ONE_ENGINE
def test_staff_sign_in_anew_and_no_text_is_sent_twice(
    practice: Practice, empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = practice.storage()

    def work(session: Session) -> None:
        queue_text(session, key="k", to_number="+16175550123", body="Tomorrow at 9", purpose="visit", at=AT)
        session.add(StaffSession(id_hash="h", user_name="kim", started_at=AT, seen_at=AT))

    storage.write_now(work)
    storage.close()
    archive, keys = backed_up(practice)
    choose(monkeypatch, tmp_path, tmp_path / "again", empty_url)
    assert "unsent texts: 1" in practice.run("restore", archive, "--keys", keys).stdout
    back = Practice(_settings(practice, tmp_path / "again", empty_url), tmp_path).storage()
    assert back.read_now(lambda s: s.exec(select(TextMessage.state, TextMessage.last_error)).all()) == [
        ("failed", "restored")
    ]
    assert back.read_now(lambda s: s.exec(select(StaffSession)).all()) == []
    back.close()


@contextmanager
def _no_room() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@ONE_ENGINE
def test_a_full_disk_leaves_no_half_backup(practice: Practice) -> None:
    target = practice.folder / "backups"
    with _no_room():
        done = practice.run("backup", target)
    assert isinstance(done.exception, FirstringError), done.output
    assert list(target.iterdir()) == []


@ONE_ENGINE
def test_what_a_killed_backup_left_goes_with_the_next_one(practice: Practice) -> None:
    folder = practice.folder / "backups"
    left = folder / ".firstring-x1y2"
    left.mkdir(parents=True)
    part, running = folder / ".firstring-20260101T000000Z.zip.part", folder / ".firstring-running"
    for path in (left / "firstring.db", part, running):
        path.write_bytes(b"half a copy")
    for path in (left, part):
        os.utime(path, (0, 0))
    archive, _ = backed_up(practice)
    assert {path.name for path in folder.iterdir()} == {archive.name, running.name}


@ONE_ENGINE
def test_it_does_not_lie_where_it_would_be_lost_too(practice: Practice) -> None:
    done = practice.run("backup", practice.settings.data_dir / "backups")
    assert isinstance(done.exception, KeepingError)


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    names = [f"firstring-2026112{day}T030000Z.zip" for day in range(5)]
    for name in (*names, "firstring-notes.zip", "other.zip"):
        (tmp_path / name).touch()
    removed = prune(tmp_path, 2)
    assert [path.name for path in removed] == names[:3]
    assert sorted(os.listdir(tmp_path)) == sorted([*names[3:], "firstring-notes.zip", "other.zip"])


@ONE_ENGINE
def test_secrets_and_recordings_of_several_machines_lie_elsewhere(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = practice.settings.data_dir
    for name in ("secrets", "recordings"):
        (data / name).rename(tmp_path / f"shared-{name}")
        monkeypatch.setenv(f"FIRSTRING_{name.upper()}_DIR", str(tmp_path / f"shared-{name}"))
    archive, keys = backed_up(practice)
    assert not [name for name in zipfile.ZipFile(archive).namelist() if "secrets" in name]
    monkeypatch.setenv("FIRSTRING_DATA_DIR", str(tmp_path / "again"))
    refused = practice.run("restore", archive, "--keys", keys)
    assert "SECRETS_DIR" in str(refused.exception), "what is there already is not touched"
    for name in ("secrets", "recordings"):
        monkeypatch.setenv(f"FIRSTRING_{name.upper()}_DIR", str(tmp_path / f"new-{name}"))
    assert practice.run("restore", archive, "--keys", keys).exit_code == 0
    assert (tmp_path / "new-secrets" / "keys").exists()
    assert (tmp_path / "new-recordings" / "CAmaria.rec").exists()
    assert not (tmp_path / "again" / "secrets").exists()
