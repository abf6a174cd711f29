"""A code and a recovery code open once, also when several processes are asked at once, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import Session

from console import need, second_factor, sessions
from models.crypto import KeyRing
from models.storage import Storage
from tests.console import sample
from tests.console.conftest import user
from tests.models.conftest import database_url, keyring, postgres, postgres_url

__all__ = ["database_url", "keyring", "postgres", "postgres_url"]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
MANY = 6


@pytest.fixture
def processes(database_url: str, keyring: KeyRing) -> Iterator[list[Storage]]:
    opened = [Storage.open(database_url, keyring) for _ in range(3)]
    opened[0].write_now(lambda s: s.add(user("kim")))
    yield opened
    for storage in opened:
        storage.close()


def winners(processes: list[Storage], work: Callable[[Session], bool]) -> int:
    with ThreadPoolExecutor(MANY) as pool:
        return sum(pool.map(lambda n: processes[n % len(processes)].write_now(work), range(MANY)))


def test_a_code_opens_once(processes: list[Storage]) -> None:
    processes[0].write_now(lambda s: second_factor.set_up(s, "kim", SECRET, 0))
    digits = pyotp.TOTP(SECRET).at(sample.NOW)
    assert winners(processes, lambda s: second_factor.use_code(s, "kim", digits, sample.NOW)) == 1


def test_a_recovery_code_opens_once(processes: list[Storage]) -> None:
    code, *_ = processes[0].write_now(lambda s: second_factor.set_up(s, "kim", SECRET, 0))
    assert winners(processes, lambda s: second_factor.use_recovery_code(s, "kim", code, sample.NOW)) == 1


def test_a_session_is_good_in_every_process_and_ends_in_all(processes: list[Storage]) -> None:
    first, second, third = processes
    session_id = first.write_now(lambda s: sessions.start(s, "kim", sample.NOW))
    assert second.read_now(lambda s: sessions.find(s, session_id, sample.NOW)) is not None
    second.write_now(lambda s: sessions.end_all(s, "kim"))
    assert third.read_now(lambda s: sessions.find(s, session_id, sample.NOW)) is None


def test_a_record_opened_in_need_is_open_in_every_process(processes: list[Storage]) -> None:
    first, second, _third = processes
    first.write_now(lambda s: need.open_record(s, "kim", "call/CA1", "why not", sample.NOW))
    late = sample.NOW + need.OPEN_FOR
    found = second.read_now(
        lambda s: [need.is_open(s, "kim", "call/CA1", at) for at in (late - timedelta(seconds=1), late)]
    )
    assert found == [True, False]
