"""What people corrected is found again, in the words and with the question of its turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from sqlmodel import Session

from models import records
from models.domain import Expectation, ExpectationKind, TurnRecord
from models.storage import Storage
from models.stored import TurnDetail
from models.tables import Correction

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def correct(storage: Storage, field: str, after: str, minute: int, turn: int = 1) -> None:
    row = Correction(
        call_id="CA1",
        turn_number=turn,
        field=field,
        before="",
        after=after,
        who="staff-7",
        at=AT + timedelta(minutes=minute),
    )
    storage.write_now(lambda session: session.add(row))


def call_with_two_turns(storage: Storage) -> None:
    def work(session: Session) -> None:
        records.open_call(session, "CA1", caller_number="+16175550123", called_number="", at=AT, owner="test")
        asked = TurnDetail(expectation=Expectation(ExpectationKind.YES_NO, asked="Is that right?"))
        records.save_turn(session, "CA1", TurnRecord(0, AT, "", "Is that right?"), {}, asked)
        records.save_turn(session, "CA1", TurnRecord(1, AT, "you bet cha", "Sorry?"), {}, TurnDetail())

    storage.write_now(work)


def test_a_turn_comes_back_as_it_was_last_corrected(storage: Storage) -> None:
    call_with_two_turns(storage)
    correct(storage, "intents", "deny", 1)
    correct(storage, "intents", "affirm,schedule_book", 3)
    correct(storage, "caller_text", "you betcha", 2)
    correct(storage, "dob", "1958-03-03", 4)  # of no concern here
    (found,) = storage.read_now(records.corrected_turns)
    assert (found.text, found.kind, found.intents) == ("you betcha", "yes_no", "affirm,schedule_book")
    assert (found.who, found.at) == ("staff-7", AT + timedelta(minutes=3))


def test_a_turn_that_is_gone_has_no_words(storage: Storage) -> None:
    call_with_two_turns(storage)
    correct(storage, "intents", "deny", 1, turn=9)
    (found,) = storage.read_now(partial(records.corrected_turns))
    assert (found.text, found.kind) == ("", "open")


def test_without_corrections_there_is_nothing(storage: Storage) -> None:
    assert storage.read_now(records.corrected_turns) == []
