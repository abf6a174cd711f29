"""The writer and the readers, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from models.crypto import KeyRing, KeyRingError, use_keyring
from models.errors import StorageError
from models.storage import Storage
from models.tables import Call, UsedToken

NOW = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)


def burn(nonce: str) -> UsedToken:
    return UsedToken(nonce=nonce, used_at=NOW)


def adding(nonce: str):  # type: ignore[no-untyped-def]
    return lambda session: session.add(burn(nonce))


def own_pid(session: Session) -> int:
    return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(UsedToken)).one()


async def test_what_was_written_can_be_read(storage: Storage) -> None:
    await storage.write(adding("a"))
    assert await storage.read(count) == 1


async def test_an_exception_undoes_only_its_own_work(storage: Storage) -> None:
    def failing(session: Session) -> None:
        session.add(burn("lost"))
        session.flush()
        raise ValueError("on purpose")

    gate = threading.Event()
    blocker = asyncio.create_task(storage.write(lambda _session: gate.wait(60)))
    await asyncio.sleep(0.02)  # so that the next ones share a group
    works = [storage.write(adding(f"n{i}")) for i in range(10)]
    waiting = asyncio.gather(*works, storage.write(failing), return_exceptions=True)
    await asyncio.sleep(0.02)
    gate.set()
    results = await waiting
    await blocker
    assert isinstance(results[-1], ValueError)
    assert results[:-1] == [None] * 10
    assert await storage.read(count) == 10


async def test_a_work_that_commits_or_rolls_back_itself_stays_within_its_savepoint(storage: Storage) -> None:
    def commits_then_fails(session: Session) -> None:
        session.add(burn("a"))
        session.commit()
        raise ValueError("on purpose")

    def rolls_back(session: Session) -> None:
        session.add(burn("b"))
        session.rollback()

    with pytest.raises(ValueError, match="on purpose"):
        await storage.write(commits_then_fails)
    await storage.write(rolls_back)
    assert await storage.read(count) == 0


async def test_a_broken_unique_key_is_shown_as_what_it_is(storage: Storage) -> None:
    await storage.write(adding("a"))
    with pytest.raises(IntegrityError):
        await storage.write(adding("a"))
    await storage.write(adding("b"))
    assert await storage.read(count) == 2


async def test_an_errors_text_hides_the_parameters(storage: Storage) -> None:
    await storage.write(adding("secret-nonce"))
    with pytest.raises(IntegrityError) as caught:
        await storage.write(adding("secret-nonce"))
    assert "[SQL parameters hidden" in str(caught.value)


async def test_a_cancelled_caller_does_not_undo_what_was_handed_over(storage: Storage) -> None:
    gate = threading.Event()

    def slow(session: Session) -> None:
        gate.wait(60)
        session.add(burn("kept"))

    task = asyncio.create_task(storage.write(slow))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gate.set()
    await storage.write(lambda _session: None)  # the one after it is done, so it is too
    assert await storage.read(count) == 1


async def test_many_writers_at_once_lose_nothing(storage: Storage) -> None:
    results = await asyncio.gather(*[storage.write(adding(f"n{i}")) for i in range(1_100)])
    assert len(results) == 1_100  # more than the queue holds: the rest waited for room
    assert await storage.read(count) == 1_100


async def test_works_are_done_in_the_order_they_were_handed_over(storage: Storage) -> None:
    seen: list[int] = []
    await asyncio.gather(*[storage.write(lambda _s, i=i: seen.append(i)) for i in range(200)])  # type: ignore[misc]
    assert seen == list(range(200))


async def test_a_reader_cannot_write(storage: Storage) -> None:
    with pytest.raises(StorageError, match="read-only"):
        await storage.read(lambda session: session.execute(text("DELETE FROM used_token")))


async def test_one_read_sees_one_moment(storage: Storage) -> None:
    started, go_on = threading.Event(), threading.Event()

    def twice(session: Session) -> tuple[int, int]:
        first = count(session)
        started.set()
        go_on.wait(60)
        session.expire_all()
        return first, count(session)

    reading = asyncio.create_task(storage.read(twice))
    await asyncio.to_thread(started.wait, 60)
    await storage.write(adding("later"))
    go_on.set()
    assert await reading == (0, 0)
    assert await storage.read(count) == 1


async def test_close_finishes_the_queue_and_then_refuses(storage: Storage, database_url: str) -> None:
    tasks = [asyncio.create_task(storage.write(adding(f"n{i}"))) for i in range(50)]
    await asyncio.sleep(0)
    await asyncio.to_thread(storage.close)
    await asyncio.gather(*tasks)
    with pytest.raises(StorageError, match="closed"):
        await storage.write(adding("late"))
    with pytest.raises(StorageError, match="closed"):
        await storage.read(count)
    storage.close()
    again = Storage.open(database_url, storage.keyring)
    assert again.read_now(count) == 50
    again.close()


def test_tools_without_an_event_loop_write_and_read_too(storage: Storage) -> None:
    storage.write_now(adding("a"))
    assert storage.read_now(count) == 1


async def test_a_bad_statement_is_our_error_and_the_next_one_works(storage: Storage) -> None:
    with pytest.raises(StorageError):
        await storage.write(lambda session: session.execute(text("SELECT * FROM nowhere")))
    await storage.write(adding("a"))
    assert await storage.read(count) == 1


async def test_personal_data_rests_encrypted(storage: Storage) -> None:
    def work(session: Session) -> None:
        session.add(Call(id="CA1", started=NOW, updated=NOW, caller_number="+15550100", state={"a": "Maria"}))

    await storage.write(work)
    raw = await storage.read(lambda s: s.execute(text("SELECT caller_number, state FROM call")).one())
    assert b"5550100" not in bytes(raw[0])
    assert b"Maria" not in bytes(raw[1])
    call = await storage.read(lambda s: s.get(Call, "CA1"))
    assert call is not None
    assert (call.caller_number, call.state, call.ending) == ("+15550100", {"a": "Maria"}, None)
    assert (call.started, call.started.tzinfo) == (NOW, UTC)
    assert "5550100" not in repr(call)


async def test_two_storages_with_two_rings_live_side_by_side(tmp_path: Path) -> None:
    rings = [KeyRing.load_or_create(tmp_path / f"{i}.json") for i in range(2)]
    pair = [Storage.open(f"sqlite:///{tmp_path}/{i}.db", ring) for i, ring in enumerate(rings)]
    for storage in pair:
        await storage.write(lambda s: s.add(Call(id="CA1", started=NOW, updated=NOW, caller_number="+1")))
    for storage in pair:
        numbers = await storage.read(lambda s: s.exec(select(col(Call.caller_number))).all())
        assert numbers == ["+1"]
        storage.close()


def test_an_instant_without_a_zone_is_refused(storage: Storage) -> None:
    with pytest.raises(StorageError):
        storage.write_now(lambda s: s.add(UsedToken(nonce="a", used_at=datetime(2026, 1, 1))))


def test_one_server_owns_an_sqlite_file_and_tools_work_beside_it(tmp_path: Path, keyring: KeyRing) -> None:
    url = f"sqlite:///{tmp_path}/calls.db"
    server = Storage.open(url, keyring, server=True)
    with pytest.raises(StorageError, match="another Firstring server"):
        Storage.open(url, keyring, server=True)
    tool = Storage.open(url, keyring)
    tool.write_now(adding("from a tool"))
    assert server.read_now(count) == 1
    tool.close()
    server.close()
    Storage.open(url, keyring, server=True).close()


def test_a_writer_waits_politely_for_another_programs_lock(tmp_path: Path, keyring: KeyRing) -> None:
    storage = Storage.open(f"sqlite:///{tmp_path}/calls.db", keyring)
    other = sqlite3.connect(tmp_path / "calls.db", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    timer.start()
    storage.write_now(adding("patient"))
    assert storage.read_now(count) == 1
    timer.join()
    other.close()
    storage.close()


def test_a_commit_survives_kill_9(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from datetime import UTC, datetime\n"
        "from models.crypto import KeyRing; from models.storage import Storage\n"
        "from models.tables import UsedToken\n"
        "folder = Path(sys.argv[1]); ring = KeyRing.load_or_create(folder / 'keys.json')\n"
        "storage = Storage.open(f'sqlite:///{folder}/calls.db', ring, server=True)\n"
        "storage.write_now(lambda s: s.add(UsedToken(nonce='a', used_at=datetime.now(UTC))))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    died = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=120)
    assert died.returncode == -9
    ring = KeyRing.load(tmp_path / "keys.json")
    storage = Storage.open(f"sqlite:///{tmp_path}/calls.db", ring, server=True)
    assert storage.read_now(count) == 1
    storage.close()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "not a database URL"),
        ("calls.db", "not a database URL"),
        ("mysql://user:hunter2@host/db", "unknown kind"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:////proc/nowhere/calls.db", "cannot be opened"),
        ("postgresql://user:hunter2@127.0.0.1:1/db", "cannot be reached"),
    ],
)
def test_a_wrong_url_is_named_without_its_password(url: str, problem: str, keyring: KeyRing) -> None:
    with pytest.raises(StorageError, match=problem) as caught:
        Storage.open(url, keyring)
    assert "hunter2" not in str(caught.value) + caught.value.fix


def test_a_file_that_is_no_database_is_named(tmp_path: Path, keyring: KeyRing) -> None:
    (tmp_path / "calls.db").write_bytes(b"this is not a database, it is a text" * 50)
    with pytest.raises(StorageError, match="not a database"):
        Storage.open(f"sqlite:///{tmp_path}/calls.db", keyring)


async def test_a_full_disk_loses_nothing_that_was_confirmed(tmp_path: Path, keyring: KeyRing) -> None:
    storage = Storage.open(f"sqlite:///{tmp_path}/calls.db", keyring)
    await storage.write(adding("confirmed"))
    pages = await storage.write(lambda s: s.execute(text("PRAGMA page_count")).scalar_one())
    await storage.write(lambda s: s.execute(text(f"PRAGMA max_page_count={pages}")))
    big = [storage.write(adding(f"{i}-" + "x" * 120)) for i in range(400)]
    results = await asyncio.gather(*big, return_exceptions=True)
    refused = [r for r in results if isinstance(r, StorageError)]
    assert refused
    assert {str(r) for r in refused} == {"the disk is full"}
    await storage.write(lambda s: s.execute(text("PRAGMA max_page_count=1000000")))
    await storage.write(adding("after"))
    kept = sum(r is None for r in results)
    assert await storage.read(count) == kept + 2
    storage.close()


def test_without_a_ring_encrypted_columns_say_so(monkeypatch: pytest.MonkeyPatch, keyring: KeyRing) -> None:
    monkeypatch.setattr("models.keyring._process_ring", None)
    from models.crypto import EncryptedText, current_keyring

    with pytest.raises(KeyRingError, match="no key ring"):
        EncryptedText("a.b").seal(b"x")
    use_keyring(keyring)
    assert current_keyring() is keyring


async def test_a_restarted_postgres_is_read_and_written_without_an_error(
    postgres_url: str, keyring: KeyRing
) -> None:
    """Idle connections that the server has closed are noticed only when they are used."""
    storage, other = (Storage.open(postgres_url, keyring) for _ in range(2))
    await storage.write(adding("before"))
    asked = [storage.read(own_pid) for _ in range(8)]
    pids = {*await asyncio.gather(*asked), await storage.write(own_pid)}
    close = text("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid = ANY(:pids)")
    ended = await other.read(lambda session: session.execute(close, {"pids": [*pids]}).scalar_one())
    assert ended == len(pids) >= 2
    assert await asyncio.gather(*(storage.read(count) for _ in range(8))) == [1] * 8
    await storage.write(adding("after"))
    assert await storage.read(count) == 2
    storage.close()
    other.close()


async def test_postgres_deadlocks_are_tried_again(postgres_url: str, keyring: KeyRing) -> None:
    """Two processes take two rows in opposite order; both works are done in the end."""
    pair = [Storage.open(postgres_url, keyring) for _ in range(2)]
    for nonce in ("a", "b"):
        await pair[0].write(adding(nonce))
    meet = threading.Barrier(2, timeout=60)
    runs: list[str] = []

    def crossing(first: str, second: str):  # type: ignore[no-untyped-def]
        def work(session: Session) -> None:
            runs.append(first)
            lock = text("SELECT 1 FROM used_token WHERE nonce = :nonce FOR UPDATE")
            session.execute(lock, {"nonce": first})
            if runs.count(first) == 1:
                meet.wait()
            session.execute(lock, {"nonce": second})

        return work

    await asyncio.gather(pair[0].write(crossing("a", "b")), pair[1].write(crossing("b", "a")))
    assert len(runs) > 2  # at least one was chosen as victim and ran again
    for storage in pair:
        storage.close()
