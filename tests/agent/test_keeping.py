"""What the database has not taken yet: nothing of it is lost, and nothing old stored over what is newer."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from agent import keeping
from agent.keeping import Keeper
from agent.kept import LAST, KeptHeard, KeptTurn, from_frames
from agent.missing import Missing
from models import records
from models.domain import TurnRecord
from models.errors import Conflict, StorageError
from models.keyring import KeyRing
from models.storage import Storage

NOW = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
CALL = "CA1"


@dataclass
class Database:
    """The real one, that can be late or away."""

    storage: Storage
    folder: Path
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    is_away: bool = False
    missing: Missing = field(default_factory=Missing)

    def keeper(self) -> Keeper:
        return Keeper(self, self.folder, self.missing)  # type: ignore[arg-type]  # what it needs of a Storage

    @property
    def keyring(self) -> KeyRing:
        return self.storage.keyring

    async def write(self, work: Callable[[Session], Any]) -> Any:
        if self.is_away:
            raise StorageError("away")
        await self.answers.wait()
        return await self.storage.write(work)

    async def call(self) -> records.StoredCall:
        return await self.storage.read(lambda session: records.require_call(session, CALL))


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    monkeypatch.setattr(keeping, "PATIENCE_S", 0.05)
    storage = Storage.open(f"sqlite:///{tmp_path}/calls.db", KeyRing.load_or_create(tmp_path / "keys.json"))
    await storage.write(
        lambda session: records.open_call(session, CALL, caller_number="", called_number="", at=NOW)
    )
    database = Database(storage, tmp_path / "unstored")
    database.answers.set()
    yield database
    storage.close()


def turn(number: int, epoch: int = 1) -> KeptTurn:
    said = TurnRecord(number, NOW, f"caller {number}", f"agent {number}")
    return KeptTurn(said, None, {"turn": number}, (), epoch)


async def said(database: Database) -> list[str]:
    return [each.caller_text for each in (await database.call()).turns]


async def test_what_was_heard_last_is_stored_though_an_earlier_word_of_it_is_on_its_way(
    database: Database,
) -> None:
    keeper = database.keeper()
    assert await keeper.keep(CALL, turn(0))
    database.answers.clear()
    assert not await keeper.keep(CALL, KeptHeard(0, "agent", None, 1))
    assert not await keeper.keep(CALL, KeptHeard(0, "agent 0", None, 1))
    database.answers.set()
    await keeper.settle(CALL)
    assert (await database.call()).turns[0].heard_to == "agent 0"


async def test_a_turn_kept_behind_one_on_its_way_stays_in_the_file_until_it_is_stored_too(
    database: Database,
) -> None:
    """The process is killed in between: the next one has it."""
    keeper, following = database.keeper(), database.keeper()
    database.answers.clear()
    assert not await keeper.keep(CALL, turn(0))
    assert not await keeper.keep(CALL, turn(1))
    database.answers.set()
    while await said(database) != ["caller 0"]:
        await asyncio.sleep(0.01)
    while keeper._waiting[CALL].storing is not None:
        await asyncio.sleep(0.01)
    await keeper.close()
    await following.take_up_left()
    assert await said(database) == ["caller 0", "caller 1"]


async def test_a_process_killed_right_after_storing_leaves_no_file_that_takes_the_call_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, following = database.keeper(), database.keeper()
    database.is_away = True
    assert not await keeper.keep(CALL, turn(0))
    database.is_away = False

    async def killed(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(keeper, "_drop", killed)
    keeping_it = asyncio.create_task(keeper.keep(CALL, turn(1)))
    await asyncio.wait({keeping_it}, timeout=10)
    while (await database.call()).state != {"turn": 1}:
        keeper._begun(CALL, keeper._waiting[CALL])
        await asyncio.sleep(0.01)
    await keeper.close()
    await following.take_up_left()
    assert (await database.call()).state == {"turn": 1}
    assert await said(database) == ["caller 0", "caller 1"]


async def test_who_waits_for_all_to_be_stored_and_gives_up_stops_nothing(database: Database) -> None:
    keeper = database.keeper()
    database.answers.clear()
    keeping_it = asyncio.create_task(keeper.keep(CALL, turn(0)))
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await keeper.settle(CALL)
    database.answers.set()
    await keeping_it
    await keeper.settle(CALL)
    assert await said(database) == ["caller 0"]


async def test_a_turn_of_a_former_stream_does_not_take_those_of_this_one_with_it(database: Database) -> None:
    keeper = database.keeper()
    await database.storage.write(lambda session: records.take_over(session, CALL, owner="us", at=NOW))
    database.answers.clear()
    assert not await keeper.keep(CALL, turn(0, epoch=1))
    keeping_it = asyncio.create_task(keeper.keep(CALL, turn(1, epoch=2)))
    database.answers.set()
    await keeping_it
    await keeper.settle(CALL, taken_elsewhere_too=True)
    assert await said(database) == ["caller 1"]
    assert list(database.missing) == [CALL]


@pytest.mark.parametrize("killed", [False, True])
async def test_what_a_former_owners_caller_heard_is_not_noted_on_the_turn_of_the_next(
    database: Database, killed: bool
) -> None:
    """Both count on from the same turn."""
    keeper, following = database.keeper(), database.keeper()
    database.is_away = True
    assert not await keeper.keep(CALL, turn(0, epoch=1))
    assert not await keeper.keep(CALL, KeptHeard(0, "agent", None, 1))
    await database.storage.write(lambda session: records.take_over(session, CALL, owner="other", at=NOW))
    await database.storage.write(lambda session: turn(0, epoch=2).store(session, CALL))
    database.is_away = False
    if killed:
        await keeper.close()
        await following.take_up_left()
    else:
        await keeper.settle(CALL, taken_elsewhere_too=True)
    assert (await database.call()).turns[0].heard_to == ""
    assert list(database.missing) == [CALL]


async def test_what_a_former_owners_caller_heard_is_left_out_by_itself_too(database: Database) -> None:
    """Its turn was lost with another process, or never was; the next owner's has its number."""
    keeper = database.keeper()
    await database.storage.write(lambda session: records.take_over(session, CALL, owner="other", at=NOW))
    await database.storage.write(lambda session: turn(0, epoch=2).store(session, CALL))
    assert await keeper.keep(CALL, KeptHeard(0, "agent", None, 1))
    assert (await database.call()).turns[0].heard_to == ""
    assert await keeper.keep(CALL, KeptHeard(0, "agent", None, 2))
    assert (await database.call()).turns[0].heard_to == "agent"
    assert list(database.missing) == []


def test_a_file_of_a_release_that_noted_no_owner_is_read() -> None:
    frames = [LAST + zlib.compress(b'{"number": 3, "heard_to": "agent", "timings": null}')]
    assert list(from_frames(frames)) == [KeptHeard(3, "agent", None, 0)]


async def test_who_writes_for_a_former_owner_is_told(database: Database) -> None:
    keeper = database.keeper()
    await database.storage.write(lambda session: records.take_over(session, CALL, owner="other", at=NOW))
    with pytest.raises(Conflict):
        await keeper.keep(CALL, turn(0, epoch=1))
    assert not keeper.is_behind(CALL)
    assert list(database.missing) == [], "nobody was answered on it"


async def test_a_file_that_nobody_can_read_stops_neither_the_process_nor_the_other_calls(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, following = database.keeper(), database.keeper()
    database.is_away = True
    await keeper.keep(CALL, turn(0))
    monkeypatch.setattr(KeptTurn, "to_json", lambda _: {"of": "another release"})
    await keeper.keep("CA0", turn(0))
    await keeper.close()
    database.is_away = False
    await following.take_up_left()
    assert await said(database) == ["caller 0"]
    assert list(database.missing) == ["CA0"]
    assert [path.name for path in database.folder.glob("*/CA*")] == ["CA0.unreadable"]
    await following.take_up_left()


async def test_a_disk_that_lets_a_file_neither_be_read_nor_moved_does_not_keep_the_process_from_starting(
    database: Database,
) -> None:
    left = database.folder / "dead"
    (left / "CA1.unreadable" / "in the way").mkdir(parents=True)
    (left / "lock").touch()
    (left / "CA1.kept").write_bytes(b"something else")
    await database.keeper().take_up_left()
    assert (left / "CA1.kept").exists(), "it is looked at again"


async def test_calls_that_come_late_at_once_do_not_wait_for_each_others_lock_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first files of a process: its folder is claimed once, and nobody waits for the claim of another."""
    keeper, together, locked = database.keeper(), threading.Barrier(2), fcntl.flock

    def both_there(handle: int, how: int) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.5)
        locked(handle, how | fcntl.LOCK_NB)  # one that would block fails

    monkeypatch.setattr("agent.keeping.fcntl.flock", both_there)
    monkeypatch.setattr(keeping, "FILE_LIMIT_S", 10.0)
    database.is_away = True
    await asyncio.gather(keeper.keep(CALL, turn(0)), keeper.keep("CA2", turn(0)))
    assert sorted(path.name for path in database.folder.glob("*/*.kept")) == ["CA1.kept", "CA2.kept"]
    await keeper.close()
