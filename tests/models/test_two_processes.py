"""Two processes on one PostgreSQL: what one has used or holds, the other cannot use or take."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from models import records
from models.crypto import KeyRing
from models.domain import TurnRecord
from models.engines import only_one
from models.errors import Conflict
from models.storage import Storage

AT = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def both(postgres_url: str, keyring: KeyRing) -> Iterator[list[Storage]]:
    opened = [Storage.open(postgres_url, keyring, server=True) for _ in range(2)]
    yield opened
    for storage in opened:
        storage.close()


def test_a_streams_token_is_good_once_in_all_processes(both: list[Storage]) -> None:
    used = [
        storage.write_now(lambda session: records.burn_token(session, "nonce", at=AT)) for storage in both
    ]
    assert used == [True, False]


def test_who_lost_a_call_to_another_process_writes_nothing_more_of_it(both: list[Storage]) -> None:
    first, second = both
    opened = first.write_now(
        lambda session: records.open_call(
            session, "CA1", caller_number="", called_number="", at=AT, owner="first"
        )
    )
    second.write_now(lambda session: records.resume_call(session, "CA1", owner="second", at=AT))
    turn = TurnRecord(0, AT, "", "Hello.")
    with pytest.raises(Conflict):
        first.write_now(lambda session: records.save_turn(session, "CA1", turn, {}, epoch=opened.epoch))


def test_one_process_at_a_time_prepares_the_database(both: list[Storage]) -> None:
    inside, most, counting = 0, 0, threading.Lock()

    def prepare(storage: Storage) -> None:
        nonlocal inside, most
        with only_one(storage.engines.reading, 7):
            with counting:
                inside += 1
                most = max(most, inside)
            threading.Event().wait(0.05)
            with counting:
                inside -= 1

    threads = [threading.Thread(target=prepare, args=(storage,)) for storage in both * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
