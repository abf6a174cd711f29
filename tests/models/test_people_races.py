"""People and texts when several processes want the same: of each there is one winner, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from sqlmodel import Session

from models import desk, paging, text_sending, transfers
from models.contact_tables import LegState, TransferState
from models.crypto import KeyRing
from models.domain import PageStaff, TransferCall
from models.storage import Storage
from models.tables import Transfer
from models.texts import queue_text

T = TypeVar("T")
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
PEOPLE = [("Dr. Chen", "+16175550181"), ("Nurse Rivera", "+16175550182")]
MANY = 6


@pytest.fixture
def processes(database_url: str, keyring: KeyRing) -> Iterator[list[Storage]]:
    """Several on one database, each with a writer of its own."""
    opened = [Storage.open(database_url, keyring) for _ in range(3)]
    yield opened
    for storage in opened:
        storage.close()


def race(processes: list[Storage], work: Callable[[Session], T]) -> list[T]:
    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(lambda n: processes[n % len(processes)].write_now(work), range(MANY)))


def begin(session: Session) -> Transfer:
    order = TransferCall("a1", "Caller asked for a person", words="my bill", name="Maria Lopez")
    return transfers.begin_transfer(
        session, order, call_id="CA1", people=PEOPLE, at=NOW, until=NOW + timedelta(seconds=60)
    )


def ring(session: Session, transfer_id: str, at: datetime = NOW) -> str | None:
    transfer = session.get(Transfer, transfer_id, populate_existing=True)
    assert transfer
    leg = transfers.ring_next(session, transfer, at=at, ring_until=at + timedelta(seconds=20))
    return leg.id if leg else None


def test_an_order_makes_one_transfer(processes: list[Storage]) -> None:
    assert len({transfer.id for transfer in race(processes, begin)}) == 1


def test_one_process_rings_one_person(processes: list[Storage]) -> None:
    before = processes[0].write_now(begin)

    def claim(session: Session) -> str | None:  # all have seen the same
        seen = Transfer(**{name: getattr(before, name) for name in ("id", "position", "people", "until")})
        leg = transfers.ring_next(session, seen, at=NOW, ring_until=NOW)
        return leg.id if leg else None

    assert len([leg for leg in race(processes, claim) if leg]) == 1
    transfer = processes[1].read_now(lambda session: transfers.transfer_of(session, "CA1", "a1"))
    assert transfer
    assert (transfer.position, transfer.state) == (1, TransferState.RINGING)


def test_one_person_takes_the_call_and_may_say_so_twice(processes: list[Storage]) -> None:
    transfer = processes[0].write_now(begin)
    ids = [processes[0].write_now(lambda session: ring(session, transfer.id)) for _ in PEOPLE]
    legs = [processes[0].read_now(lambda session, id_=id_: transfers.leg_of(session, id_)) for id_ in ids]  # type: ignore[misc]
    with ThreadPoolExecutor(MANY) as pool:
        took = list(
            pool.map(
                lambda n: (
                    n % 2,
                    processes[n % 3].write_now(lambda s: transfers.take(s, legs[n % 2], at=NOW)),
                ),
                range(MANY),
            )
        )
    assert len({who for who, taken in took if taken}) == 1
    assert all(taken for who, taken in took if who in {w for w, t in took if t})


def test_after_the_last_person_there_is_nobody(processes: list[Storage]) -> None:
    transfer, storage = processes[0].write_now(begin), processes[0]
    for _ in PEOPLE:
        assert storage.write_now(lambda session: ring(session, transfer.id))
    assert storage.write_now(lambda session: ring(session, transfer.id)) is None
    kept = storage.read_now(lambda session: transfers.transfer_of(session, "CA1", "a1"))
    assert kept
    assert (kept.state, kept.words, kept.name) == (TransferState.NOBODY, "my bill", "Maria Lopez")


def test_nobody_further_is_rung_when_the_time_is_over(processes: list[Storage]) -> None:
    transfer, late = processes[0].write_now(begin), NOW + timedelta(seconds=61)
    assert processes[0].write_now(lambda session: ring(session, transfer.id, late)) is None


def test_a_late_report_of_a_person_before_changes_nothing(processes: list[Storage]) -> None:
    transfer, storage = processes[0].write_now(begin), processes[0]
    first, second = [storage.write_now(lambda session: ring(session, transfer.id)) for _ in PEOPLE]

    def over(session: Session, leg_id: str | None) -> bool:
        leg = transfers.leg_of(session, leg_id or "")
        assert leg
        return transfers.leg_over(session, leg, LegState.BUSY, at=NOW)

    assert storage.write_now(lambda session: over(session, first))
    assert not storage.write_now(lambda session: over(session, first)), "told twice"
    assert storage.read_now(lambda session: transfers.due_transfers(session, NOW)) == [], "the second rings"
    assert storage.write_now(lambda session: over(session, second))
    assert storage.read_now(lambda session: transfers.due_transfers(session, NOW)) == [transfer.id]


def test_one_process_has_a_text(processes: list[Storage]) -> None:
    processes[0].write_now(
        lambda session: queue_text(
            session, key="k", to_number=PEOPLE[0][1], body="x", purpose="visit", at=NOW
        )
    )
    minute = timedelta(minutes=1)
    claimed = race(
        processes, lambda session: text_sending.claim_text(session, 1, at=NOW, lease=minute, latest=minute)
    )
    assert len([row for row in claimed if row]) == 1


def test_one_process_has_a_pages_step(processes: list[Storage]) -> None:
    page = processes[0].write_now(
        lambda session: desk.add_page(session, PageStaff("a1", "danger"), call_id="CA1", at=NOW)
    )
    seen = page
    claimed = race(
        processes,
        lambda session: paging.claim_step(
            session, seen, contact="Dr. Chen", channel="text", at=NOW, next_at=NOW + timedelta(minutes=1)
        ),
    )
    assert [row.number for row in claimed if row] == [1]
    assert processes[0].read_now(lambda session: paging.due_pages(session, NOW)) == []
