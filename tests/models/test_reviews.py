"""A call is reviewed once, by the first who says so; what is marked can be unmarked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import Session

from models import records
from models.domain import Disposition
from models.errors import Conflict, NotFound
from models.records import CallEnding
from models.storage import Storage
from models.tables import Call

AT = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def start(session: Session) -> None:
    records.open_call(session, "CA1", caller_number="", called_number="", at=AT)


def end(session: Session) -> None:
    records.close_call(session, "CA1", AT, CallEnding(Disposition.COMPLETED))


def stored(storage: Storage) -> Call:
    return storage.read_now(lambda session: session.get_one(Call, "CA1"))


def test_the_first_who_reviews_a_call_stays_its_reviewer(storage: Storage) -> None:
    storage.write_now(start)
    storage.write_now(end)
    assert storage.write_now(lambda s: records.mark_reviewed(s, "CA1", "kim", LATER))
    assert not storage.write_now(lambda s: records.mark_reviewed(s, "CA1", "lee", LATER + timedelta(1)))
    assert (stored(storage).reviewed_by, stored(storage).reviewed_at) == ("kim", LATER)


def test_a_call_may_be_given_back_for_review(storage: Storage) -> None:
    storage.write_now(start)
    storage.write_now(end)
    assert not storage.write_now(lambda s: records.mark_unreviewed(s, "CA1"))
    storage.write_now(lambda s: records.mark_reviewed(s, "CA1", "kim", LATER))
    assert storage.write_now(lambda s: records.mark_unreviewed(s, "CA1"))
    assert (stored(storage).reviewed_by, stored(storage).reviewed_at) == ("", None)


def test_a_call_that_goes_on_is_not_reviewed(storage: Storage) -> None:
    storage.write_now(start)
    with pytest.raises(Conflict):
        storage.write_now(lambda s: records.mark_reviewed(s, "CA1", "kim", LATER))
    assert stored(storage).reviewed_at is None


def test_marked_for_teaching_once_and_unmarked(storage: Storage) -> None:
    storage.write_now(start)
    assert storage.write_now(lambda s: records.mark_for_teaching(s, "CA1", "kim", LATER))
    assert not storage.write_now(lambda s: records.mark_for_teaching(s, "CA1", "lee", LATER))
    assert (stored(storage).teaching_by, stored(storage).teaching_at) == ("kim", LATER)
    assert storage.write_now(lambda s: records.unmark_for_teaching(s, "CA1"))
    assert stored(storage).teaching_at is None


def test_of_a_call_that_is_not_there(storage: Storage) -> None:
    deeds = (
        partial(records.mark_reviewed, call_id="CA9", who="kim", at=AT),
        partial(records.mark_unreviewed, call_id="CA9"),
        partial(records.mark_for_teaching, call_id="CA9", who="kim", at=AT),
        partial(records.unmark_for_teaching, call_id="CA9"),
    )
    for deed in deeds:
        with pytest.raises(NotFound):
            storage.write_now(deed)
