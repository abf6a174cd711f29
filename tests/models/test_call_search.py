"""Calls are found by what was said and what became of them, on both engines, and by nothing that is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import delete, text
from sqlmodel import Session, col, select

from models import call_keys, call_search, records, rekeying, search_keys
from models.call_search import CallWish, Place
from models.corrections import INTENTS, correct_words, key_as_corrected
from models.domain import Disposition, Intent, RedFlagRaised, Transcript, TurnRecord, Understanding
from models.records import CallEnding, TurnDetail
from models.storage import Storage
from models.tables import Call, CallKey, Correction, Turn

AT = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
NUMBER = "+16175550123"


def at(minute: int) -> datetime:
    return AT + timedelta(minutes=minute)


def say(session: Session, call_id: str, number: int, words: str, sure: float = 0.9, intent: str = "") -> None:
    turn = TurnRecord(number, AT, words, "All right.", intent, confidence=sure)
    records.save_turn(session, call_id, turn, {})


def call(session: Session, call_id: str, minute: int, *lines: str, number: str = NUMBER) -> None:
    records.open_call(session, call_id, caller_number=number, called_number="", at=at(minute))
    for place, words in enumerate(lines, 1):
        say(session, call_id, place, words)


def found(session: Session, *keys: int, **more: object) -> list[str]:
    wanted = CallWish(keys, **more)  # type: ignore[arg-type]
    return [place.call_id for place in call_search.find_calls(session, wanted, 10)]


def by_words(session: Session, words: str) -> list[str]:
    return found(session, *search_keys.word_keys(words))


def test_all_words_of_one_call_wherever_in_it(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1, "I need my refills", "lisinopril, at Main Street")
        call(session, "CA2", 2, "a refill of metformin")
        assert by_words(session, "Refill") == ["CA2", "CA1"]
        assert by_words(session, "refill lisinopril") == ["CA1"]
        assert by_words(session, "lisinopril metformin") == []
        assert by_words(session, "unheard") == []

    storage.write_now(work)


def test_a_turn_that_is_stored_again_is_found_by_its_last_words(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1, "lysine a pill")
        say(session, "CA1", 1, "lisinopril please")
        assert (by_words(session, "lysine"), by_words(session, "lisinopril")) == ([], ["CA1"])
        say(session, "CA1", 1, "", intent="")  # off the record: agent/turns.py `wordless`
        assert session.exec(select(CallKey).where(CallKey.turn == 1)).all() == []

    storage.write_now(work)


def test_corrected_words_and_intents_are_what_finds_a_call(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1, "lysine a pill")
        correct_words(session, "CA1", 1, "lisinopril", "kim", AT)
        assert (by_words(session, "lysine"), by_words(session, "lisinopril")) == ([], ["CA1"])
        row = Correction(call_id="CA1", turn_number=1, field=INTENTS, who="kim", at=AT)
        row.after = "refill_request,office_info"
        session.add(row)
        session.flush()
        turn = session.exec(select(Turn)).one()
        key_as_corrected(session, session.get_one(Call, "CA1"), turn)
        assert found(session, search_keys.intent_key("office_info")) == ["CA1"]
        assert by_words(session, "lisinopril") == ["CA1"]

    storage.write_now(work)


def test_every_wish_of_a_sentence_finds_the_call_and_an_answer_does_not(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1)
        both = (Intent.REFILL_REQUEST, Intent.SCHEDULE_BOOK)
        heard = Understanding(Transcript("both"), both[0], both)
        turn = TurnRecord(1, AT, "both", "Of course.", both[0])
        records.save_turn(session, "CA1", turn, {}, TurnDetail(understood=heard))
        say(session, "CA1", 2, "yes", intent=Intent.AFFIRM)
        for wish in both:
            assert found(session, search_keys.intent_key(wish)) == ["CA1"]
        assert found(session, search_keys.intent_key(Intent.AFFIRM)) == []

    storage.write_now(work)


def test_a_call_is_found_by_its_number_its_end_and_its_review(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1, "mumble")
        say(session, "CA1", 2, "unclear", sure=0.3)
        call(session, "CA2", 2, number="")
        flags = (RedFlagRaised("RF01", "emergency", "chest"),)
        records.close_call(
            session, "CA1", at(3), CallEnding(Disposition.ESCALATED, patient_id="pat-7", red_flags=flags)
        )
        records.close_call(session, "CA2", at(4), CallEnding(Disposition.ABANDONED))
        for key in (
            search_keys.blind_key(records.phone_blind(NUMBER)),
            search_keys.number_end_key("0123"),
            search_keys.blind_key(records.patient_blind("pat-7")),
            search_keys.disposition_key("escalated"),
            search_keys.flag_key(),
            search_keys.flag_key("RF01"),
            search_keys.unsure_key(),
        ):
            assert found(session, key) == ["CA1"]
        assert found(session, search_keys.unreviewed_key()) == ["CA2", "CA1"]
        records.mark_reviewed(session, "CA2", "kim", AT)
        records.mark_for_teaching(session, "CA2", "kim", AT)
        assert found(session, search_keys.unreviewed_key()) == ["CA1"]
        assert found(session, search_keys.teaching_key()) == ["CA2"]
        records.mark_unreviewed(session, "CA2")
        records.unmark_for_teaching(session, "CA2")
        assert found(session, search_keys.unreviewed_key(), search_keys.disposition_key("abandoned")) == [
            "CA2"
        ]
        assert found(session, search_keys.teaching_key()) == []

    storage.write_now(work)


def pages(session: Session, keys: Iterable[int]) -> list[list[Place]]:
    """Down through all pages of two, and up again to the first."""
    down = [call_search.find_calls(session, CallWish(tuple(keys)), 2)]
    while down[-1]:
        older = CallWish(tuple(keys), older_than=down[-1][-1])
        down.append(call_search.find_calls(session, older, 2))
    up = [call_search.find_calls(session, CallWish(tuple(keys), newer_than=down[-2][0]), 2)]
    assert up[0] == down[-3]
    return down[:-1]


def test_pages_follow_each_other_also_where_calls_began_together(storage: Storage) -> None:
    def work(session: Session) -> None:
        for number in range(6):
            call(session, f"CA{number}", number // 3, "refill", "a refill, I said")
        for keys in ((), tuple(search_keys.word_keys("refill"))):
            names = [[place.call_id for place in page] for page in pages(session, keys)]
            assert names == [["CA5", "CA4"], ["CA3", "CA2"], ["CA1", "CA0"]]

    storage.write_now(work)


def test_only_calls_of_the_days_that_were_asked_for(storage: Storage) -> None:
    def work(session: Session) -> None:
        for minute in range(4):
            call(session, f"CA{minute}", minute, "refill")
        for keys in ((), tuple(search_keys.word_keys("refill"))):
            assert found(session, *keys, first=at(1), before=at(3)) == ["CA2", "CA1"]

    storage.write_now(work)


def test_where_the_words_were_said(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1, "hello there", "a refill", "the refill, yes")
        call(session, "CA2", 2, "nothing")
        keys = tuple(search_keys.word_keys("refill"))
        places = [Place(call_keys.in_us(at(n)), f"CA{n}") for n in (1, 2)]
        assert call_search.turns_with(session, places, keys) == {"CA1": 2}
        assert call_search.turns_with(session, [], keys) == {}

    storage.write_now(work)


def test_calls_from_before_the_index_are_keyed_as_if_they_had_been_stored_now(storage: Storage) -> None:
    def fill(session: Session) -> None:
        call(session, "CA1", 1, "lysine a pill", "Main Street")
        say(session, "CA1", 2, "Main Street", sure=0.2, intent="refill_request")
        correct_words(session, "CA1", 1, "lisinopril", "kim", AT)
        ending = CallEnding(Disposition.COMPLETED, patient_id="pat-7")
        records.close_call(session, "CA1", at(2), ending)
        records.mark_reviewed(session, "CA1", "kim", AT)
        records.mark_for_teaching(session, "CA1", "kim", AT)
        call(session, "CA2", 2, "on the line")

    def keys(session: Session) -> set[tuple[object, ...]]:
        rows = session.exec(select(CallKey)).all()
        return {(row.key, row.started_us, row.call_id, row.turn) for row in rows}

    storage.write_now(fill)
    before = storage.read_now(keys)
    assert before

    def as_of_old(session: Session) -> None:
        session.connection().execute(delete(CallKey))
        session.connection().execute(text("UPDATE call SET keyed = 0"))

    storage.write_now(as_of_old)
    assert storage.read_now(lambda s: rekeying.unkeyed(s, 10)) == 2
    steps = [storage.write_now(partial(rekeying.key_older_calls, limit=1)) for _ in range(3)]
    assert steps == [1, 1, 0]
    assert storage.read_now(keys) == before


def test_words_that_are_deleted_find_nothing_and_the_call_can_go(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1, "refill")
        call_keys.forget_words(session, "CA1")
        assert by_words(session, "refill") == []
        assert found(session, search_keys.number_end_key("0123")) == ["CA1"]
        call_keys.forget_call(session, "CA1")
        session.connection().execute(delete(Turn))
        session.connection().execute(delete(Call).where(col(Call.id) == "CA1"))

    storage.write_now(work)


def test_the_index_tells_no_word_and_no_number(storage: Storage) -> None:
    def work(session: Session) -> None:
        call(session, "CA1", 1, "refill")
        rows = session.connection().execute(text("SELECT * FROM call_key")).all()
        assert len(rows) == 3
        assert all({type(value) for value in row} == {int, str} for row in rows)
        told = [str(value) for row in rows for value in row]  # four digits by themselves: a key may hold them
        assert not any("refill" in value or NUMBER[2:] in value or value == "0123" for value in told)

    storage.write_now(work)


def test_a_search_is_kept_under_an_id_for_a_while(storage: Storage) -> None:
    body = {"words": "chest pain"}
    search_id = storage.write_now(partial(call_search.keep_search, body=body, who="kim", at=AT))
    assert "chest" not in search_id
    assert storage.read_now(lambda s: call_search.kept_search(s, search_id)) == body
    later = AT + call_search.KEPT + timedelta(seconds=1)
    storage.write_now(partial(call_search.keep_search, body=body, who="kim", at=later))
    assert storage.read_now(lambda s: call_search.kept_search(s, search_id)) is None
