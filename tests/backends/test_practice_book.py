"""The practice's file with what staff have changed laid over it, and settings that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from backends.on_call_numbers import problem_of
from backends.practice import DEMO_PRACTICE, practice_from
from backends.practice_book import PracticeBook
from backends.practice_sections import SECTIONS, faults_of, part_of, with_part
from models.keyring import KeyRing
from models.practice import save_setting
from models.storage import Storage
from models.tables import Setting

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    opened = Storage.open(f"sqlite:///{tmp_path}/calls.db", KeyRing.load_or_create(tmp_path / "keys"))
    yield opened
    opened.close()


@pytest.fixture
def book() -> PracticeBook:
    return PracticeBook.of_file(DEMO_PRACTICE)


@pytest.mark.parametrize("key", SECTIONS)
def test_a_part_laid_over_its_own_document_changes_nothing(book: PracticeBook, key: str) -> None:
    body = part_of(book.document, key)
    assert practice_from(with_part(book.document, key, body), "") == book.practice
    assert faults_of(book.document, key, body) == ()


def test_what_is_stored_counts_for_the_snapshot_and_for_who_holds_the_live_one(
    book: PracticeBook, storage: Storage
) -> None:
    live, before = book.live, book.practice.address
    body = {"practice": {"address": "1 New Road"}, "office_info": []}
    storage.write_now(lambda session: save_setting(session, "office", body, at=AT, who="ada"))
    assert live.address == before
    assert storage.read_now(book.take_up)
    assert (live.address, book.practice.address, live.office_info) == ("1 New Road", "1 New Road", ())
    assert not storage.read_now(book.take_up)


def test_a_setting_that_cannot_be_read_leaves_the_files_and_takes_no_other_along(
    book: PracticeBook, storage: Storage
) -> None:
    hours = book.practice.hours
    wrong, right = {"hours": {"monday": ["late"]}}, {"practice": {"address": "1 New Road"}}
    storage.write_now(lambda session: save_setting(session, "hours", wrong, at=AT, who="ada"))
    storage.write_now(lambda session: save_setting(session, "office", right, at=AT, who="ada"))
    assert storage.read_now(book.take_up)
    assert book.practice.hours == hours
    assert book.practice.address == "1 New Road"
    assert [(each.key, each.version) for each in book.unreadable] == [("hours", 1)]


@pytest.mark.parametrize("body", [{"lines": [1]}, {"practice": "x"}, {"danger_phrases": {"RF01": [2]}}, []])
def test_a_setting_of_another_shape_takes_neither_the_practice_nor_the_process_down(
    book: PracticeBook, storage: Storage, body: Any
) -> None:
    before = book.practice
    storage.write_now(lambda s: s.add(Setting(key="wording", version=1, body=body, at=AT, who="ada")))
    assert storage.read_now(book.take_up)
    assert book.practice == before
    assert [(each.key, each.version) for each in book.unreadable] == [("wording", 1)]


def test_a_setting_that_was_sealed_with_another_key_takes_no_other_along(
    book: PracticeBook, storage: Storage
) -> None:
    hours, office = part_of(book.document, "hours"), {"practice": {"address": "1 New Road"}}
    storage.write_now(lambda session: save_setting(session, "hours", hours, at=AT, who="ada"))
    storage.write_now(lambda session: save_setting(session, "office", office, at=AT, who="ada"))
    storage.write_now(
        lambda s: s.connection().execute(text("update setting set body = x'01' where key = 'hours'"))
    )
    assert storage.read_now(book.take_up)
    assert book.practice.address == "1 New Road"
    assert [each.key for each in book.unreadable] == ["hours"]


def test_every_entry_that_is_wrong_is_named_by_its_own_place(book: PracticeBook) -> None:
    body = {
        "contacts": [{"name": "Ann", "phone": "12"}, {"name": "Bob", "phone": "+16175550181"}, {"name": ""}],
        "on_call": [],
    }
    paths = [fault.path for fault in faults_of(book.document, "on-call", body)]
    assert paths == ["contacts[0].phone", "contacts[2].name"]
    body = {
        "contacts": [{"name": "Bob", "phone": "+16175550181"}],
        "on_call": [{"who": "Bob"}, {"who": "Eve"}],
    }
    assert [fault.path for fault in faults_of(book.document, "on-call", body)] == ["on_call[1].who"]


@pytest.mark.parametrize(
    ("number", "practice", "allowed"),
    [
        ("+16175550181", "+16175550100", True),
        ("+14165550181", "+16175550100", True),
        ("+18765550181", "+16175550100", False),
        ("+19005550181", "+16175550100", False),
        ("+16179760181", "+16175550100", False),
        ("+442079460958", "+16175550100", False),
        ("+442079460958", "+442079460900", True),
        ("+16175550170", "+16175550100", False),
    ],
)
def test_numbers_that_cost_or_come_back_are_not_dialled(number: str, practice: str, allowed: bool) -> None:
    assert (problem_of(number, practice, {"+16175550170"}) == "") is allowed
