"""Text messages: promised once, and withheld from a number that has asked for none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from models import text_sending, texts
from models.storage import Storage
from models.tables import TextMessage, TextState

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
NUMBER = "+16175550123"


def queue(session: Session, key: str) -> TextMessage:
    return texts.queue_text(
        session, key=key, to_number=NUMBER, body="Your code is 1.", purpose="code", at=NOW
    )


def test_a_message_of_one_key_is_queued_once(storage: Storage) -> None:
    first = storage.write_now(lambda session: queue(session, "C1/code").id)
    again = storage.write_now(lambda session: queue(session, "C1/code").id)
    assert first == again
    assert storage.write_now(lambda session: queue(session, "C1/code").state) == TextState.QUEUED


def test_stop_holds_until_start(storage: Storage) -> None:
    storage.write_now(lambda session: texts.choose_texts(session, NUMBER, stopped=True, at=NOW))
    assert storage.write_now(lambda session: queue(session, "C2/code").state) == TextState.WITHHELD
    storage.write_now(lambda session: texts.choose_texts(session, NUMBER, stopped=False, at=NOW))
    assert storage.write_now(lambda session: queue(session, "C3/code").state) == TextState.QUEUED


def test_number_and_words_rest_encrypted(storage: Storage) -> None:
    storage.write_now(lambda session: queue(session, "C4/code"))
    with storage.engines.reading.connect() as connection:
        row = connection.execute(text("SELECT to_number, body FROM text_message")).one()
    assert NUMBER.encode() not in bytes(row[0])
    assert b"code" not in bytes(row[1])


@pytest.mark.parametrize(("purpose", "sent"), [("visit", text_sending.MOST_A_DAY), ("page", 25)])
def test_a_number_gets_so_many_texts_a_day_but_staff_are_always_paged(
    storage: Storage, purpose: str, sent: int
) -> None:
    def send(number: int, at: datetime) -> bool:
        def work(session: Session) -> bool:
            row = texts.queue_text(
                session, key=f"{number}", to_number=NUMBER, body="x", purpose=purpose, at=at
            )
            minute = timedelta(minutes=1)
            claimed = text_sending.claim_text(session, row.id or 0, at=at, lease=minute, latest=minute)
            if claimed:
                text_sending.text_sent(session, row.id or 0, f"SM{number}", at=at)
            return claimed is not None

        return storage.write_now(work)

    assert sum(send(number, NOW) for number in range(25)) == sent
    assert send(99, NOW + timedelta(days=1, minutes=1))
