"""A call's life, the desk, events, guards and settings, on both engines."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, select

from models import domain, records
from models.crypto import KeyRing
from models.domain import OpenTask, PageStaff, Priority, TaskKind, TurnRecord
from models.errors import Conflict, NotFound
from models.records import CallEnding, TurnDetail
from models.storage import Storage
from models.tables import Call, Turn

NOW = datetime(2026, 3, 9, 14, 30, tzinfo=UTC)
CALLER = "+15550100"


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def open_one(session: Session, call_id: str = "CA1", caller: str = CALLER, at: datetime = NOW) -> Any:
    return records.open_call(
        session, call_id, caller_number=caller, called_number="+15550199", at=at, owner="p1"
    )


def turn(number: int, caller: str = "I need my lisinopril", agent: str = "Which pharmacy?") -> TurnRecord:
    return TurnRecord(number, later(number / 10), caller, agent, "refill_request", "serving", 0.9)


ENDING = CallEnding(
    disposition=domain.Disposition.ESCALATED,
    reason="I need my lisinopril",
    identity=domain.IdentityLevel.L1,
    patient_id="p1",
    red_flags=(domain.RedFlagRaised("RF01", "emergency", "chest pain"),),
    disclosures=("ai", "recording"),
    identity_attempts=1,
    symptoms_present=("chest pain",),
    symptoms_denied=("fever",),
)


def test_opening_twice_is_opening_once(storage: Storage) -> None:
    first = storage.write_now(open_one)
    second = storage.write_now(lambda s: open_one(s, at=later(1)))
    assert first == second
    assert (first.caller_number, first.started, first.epoch, first.resumed) == (CALLER, NOW, 1, 0)


async def test_a_turn_and_the_state_are_stored_together(storage: Storage) -> None:
    detail = TurnDetail(
        alternatives=("I need my listen a pill",),
        understood=domain.Understanding(domain.Transcript("I need my lisinopril", 0.9)),
        expectation=domain.Expectation(asked="What can I do for you?"),
        timings={"stt": 210.5},
    )
    await storage.write(open_one)
    await storage.write(lambda s: records.save_turn(s, "CA1", turn(1), {"phase": "serving"}, detail))
    stored = await storage.read(lambda s: records.load_call(s, "CA1"))
    assert stored is not None
    assert stored.state == {"phase": "serving"}
    assert stored.turns == (turn(1),)
    row = await storage.read(lambda s: s.exec(select(Turn)).one())
    assert row.alternatives == ["I need my listen a pill"]
    assert row.timings == {"stt": 210.5}
    assert row.understood is not None
    assert row.understood["type"] == "Understanding"


def test_the_same_turn_again_replaces_it_but_not_what_was_heard(storage: Storage) -> None:
    def work(session: Session) -> None:
        open_one(session)
        records.save_turn(session, "CA1", turn(1, agent="One moment."), {"n": 1})
        records.mark_heard(session, "CA1", 1, "One mo")
        records.save_turn(session, "CA1", turn(1, agent="One moment. Done."), {"n": 2})

    storage.write_now(work)
    stored = storage.read_now(lambda s: records.require_call(s, "CA1"))
    assert [(t.agent_text, t.heard_to) for t in stored.turns] == [("One moment. Done.", "One mo")]
    assert stored.state == {"n": 2}


def test_a_former_owner_may_no_longer_write(storage: Storage) -> None:
    storage.write_now(open_one)
    resumed = storage.write_now(lambda s: records.resume_call(s, "CA1", owner="p2", at=later(1)))
    assert (resumed.epoch, resumed.resumed, resumed.owner) == (2, 1, "p2")
    storage.write_now(lambda s: records.save_turn(s, "CA1", turn(1), {}, epoch=2))
    with pytest.raises(Conflict, match="taken over"):
        storage.write_now(lambda s: records.save_turn(s, "CA1", turn(2), {"late": 1}, epoch=1))
    assert storage.read_now(lambda s: records.require_call(s, "CA1")).state == {}


def test_who_takes_a_call_over_reads_its_newest_turn_and_no_other(storage: Storage) -> None:
    storage.write_now(open_one)
    assert not storage.write_now(lambda s: records.resume_begun(s, "CA1", owner="p2", at=later(1)))

    def three_turns(session: Session) -> None:
        for number in range(3):
            records.save_turn(session, "CA1", turn(number), {"n": number})

    storage.write_now(three_turns)
    resumed = storage.write_now(lambda s: records.resume_begun(s, "CA1", owner="p2", at=later(1)))
    assert resumed
    assert [each.number for each in resumed.turns] == [2]

    def numbers(newest: int | None) -> list[int]:
        found = storage.read_now(lambda s: records.require_call(s, "CA1", newest=newest))
        return [each.number for each in found.turns]

    assert (numbers(0), numbers(2), numbers(None)) == ([], [1, 2], [0, 1, 2])
    assert not storage.write_now(lambda s: records.resume_begun(s, "CA9", owner="p2", at=later(1)))


def test_an_action_is_stored_once(storage: Storage) -> None:
    action = domain.BookOpening("a1", "p1", "o1", "follow-up")
    visit = domain.BookedVisit("ap1", "d1", "Doctor Chen", later(999), 20, "follow-up")
    result = domain.VisitBooked(visit, "Appointment/ap1")
    storage.write_now(open_one)
    saved = [storage.write_now(lambda s: records.save_done(s, "CA1", 3, action, result)) for _ in range(2)]
    assert saved == [True, False]
    stored = storage.read_now(lambda s: records.require_call(s, "CA1"))
    assert stored.done == (domain.DoneAction(3, action, result),)


def test_a_finished_call_becomes_its_record(storage: Storage) -> None:
    claim = domain.VerifyIdentity("a1", ("Maria Lopez",), date(1981, 3, 5))

    def work(session: Session) -> list[bool]:
        open_one(session)
        records.save_turn(session, "CA1", turn(1), {})
        verified = domain.IdentityVerified("p1", domain.IdentityLevel.L1)
        records.save_done(session, "CA1", 1, claim, verified)
        return [records.close_call(session, "CA1", later(m), ENDING) for m in (2, 3)]

    assert storage.write_now(work) == [True, False]
    record = storage.read_now(
        lambda s: records.call_record(s, "CA1", practice_timezone="America/Chicago", models={"stt": "x"})
    )
    assert record == domain.CallRecord(
        call_id="CA1",
        started=NOW,
        ended=later(2),
        caller_number=CALLER,
        identity=domain.IdentityLevel.L1,
        patient_id="p1",
        disposition=domain.Disposition.ESCALATED,
        reason="I need my lisinopril",
        turns=(turn(1),),
        done=(domain.DoneAction(1, claim, domain.IdentityVerified("p1", domain.IdentityLevel.L1)),),
        red_flags=ENDING.red_flags,
        disclosures=("ai", "recording"),
        practice_timezone="America/Chicago",
        identity_attempts=1,
        models={"stt": "x"},
        symptoms_present=("chest pain",),
        symptoms_denied=("fever",),
    )
    call = storage.read_now(lambda s: s.get(Call, "CA1"))
    assert call is not None
    assert (call.disposition, call.red_flag_ids, call.patient_id) == ("escalated", "RF01", "p1")


async def test_of_two_that_end_a_call_together_one_does(storage: Storage, database_url: str) -> None:
    await storage.write(open_one)
    other = Storage.open(database_url, storage.keyring)
    closing = [s.write(lambda x: records.close_call(x, "CA1", later(1), ENDING)) for s in (storage, other)]
    assert sorted(await asyncio.gather(*closing)) == [False, True]
    other.close()


@pytest.mark.parametrize(
    "work",
    [
        lambda s: records.require_call(s, "CA9"),
        lambda s: records.save_turn(s, "CA9", turn(1), {}),
        lambda s: records.mark_heard(s, "CA1", 7, "x"),
        lambda s: records.close_call(s, "CA9", NOW, ENDING),
        lambda s: records.resume_call(s, "CA9", owner="p", at=NOW),
        lambda s: records.call_record(s, "CA9"),
        lambda s: records.find_task(s, "none"),
        lambda s: records.acknowledge(s, "none", "kim", NOW),
    ],
)
def test_what_is_not_there_is_not_found(storage: Storage, work: Any) -> None:
    storage.write_now(open_one)
    with pytest.raises(NotFound):
        storage.write_now(work)


def test_a_call_that_goes_on_has_no_record_yet(storage: Storage) -> None:
    storage.write_now(open_one)
    with pytest.raises(Conflict, match="not ended"):
        storage.read_now(lambda s: records.call_record(s, "CA1"))


def test_calls_that_were_left_behind_are_found(storage: Storage) -> None:
    def work(session: Session) -> None:
        open_one(session, "CA-silent")
        open_one(session, "CA-talking")
        records.save_turn(session, "CA-talking", TurnRecord(1, later(9), "hello", "hi"), {})
        open_one(session, "CA-ended")
        records.close_call(session, "CA-ended", later(1), ENDING)

    storage.write_now(work)
    found = storage.read_now(lambda s: records.unfinished_calls(s, quiet_since=later(5)))
    assert found == ["CA-silent"]


def test_a_caller_who_rings_back_is_found_by_number(storage: Storage) -> None:
    def work(session: Session) -> None:
        open_one(session, "CA1", at=later(-60))
        open_one(session, "CA2", at=later(-5))
        records.close_call(session, "CA2", later(-3), ENDING)
        open_one(session, "CA3", caller="+15550111", at=later(-5))
        open_one(session, "CA4", caller="", at=later(-5))

    storage.write_now(work)

    def ids(number: str, minutes: float) -> list[str]:
        found = storage.read_now(lambda s: records.calls_from(s, number, since=later(-minutes)))
        return [call.call_id for call in found]

    assert ids(CALLER, 10) == ["CA2"]
    assert ids(CALLER, 4) == ["CA2"]  # it ended three minutes ago
    assert ids(CALLER, 90) == ["CA2", "CA1"]
    assert ids("", 90) == []


def test_of_the_calls_of_a_number_no_more_is_read_than_that_there_were_any(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pharmacy may have rung twenty times in ten minutes: nothing personal of these is unsealed."""
    storage.write_now(lambda session: [open_one(session, f"CA{i}", at=later(i)) for i in range(20)])
    unsealed: list[bytes] = []
    really = KeyRing.decrypt

    def decrypt(ring: KeyRing, sealed: bytes, context: bytes) -> bytes:
        unsealed.append(context)
        return really(ring, sealed, context)

    monkeypatch.setattr(KeyRing, "decrypt", decrypt)
    found = storage.read_now(lambda s: records.calls_from(s, CALLER, since=later(-1)))
    assert [call.call_id for call in found] == [f"CA{i}" for i in reversed(range(20))]
    assert [call.started for call in found] == [later(i) for i in reversed(range(20))]
    assert unsealed == []
    assert storage.read_now(lambda s: records.state_of(s, "CA3")) is None
    storage.write_now(lambda s: records.save_turn(s, "CA3", turn(0), {"phase": "open"}))
    assert storage.read_now(lambda s: records.state_of(s, "CA3")) == {"phase": "open"}
    assert unsealed


def test_recent_calls_come_newest_first(storage: Storage) -> None:
    storage.write_now(lambda s: [open_one(s, f"CA{i}", at=later(i)) for i in range(5)])
    newest = storage.read_now(lambda s: records.recent_calls(s, 2))
    older = storage.read_now(lambda s: records.recent_calls(s, 2, before=newest[-1].started))
    assert [c.id for c in newest + older] == ["CA4", "CA3", "CA2", "CA1"]


# --------------------------------------------------------------------------- the desk


def task(action_id: str, priority: Priority = Priority.ROUTINE) -> OpenTask:
    return OpenTask(action_id, TaskKind.REFILL_REVIEW, priority, f"refill {action_id}", "p1", CALLER)


def test_a_repeated_order_is_the_same_task(storage: Storage) -> None:
    ids = [
        storage.write_now(lambda s: records.add_task(s, task("a1"), call_id="CA1", at=NOW).id) for _ in "ab"
    ]
    other = storage.write_now(lambda s: records.add_task(s, task("a1"), call_id="CA2", at=NOW).id)
    assert len({*ids, other}) == 2


def test_the_most_urgent_task_stands_first(storage: Storage) -> None:
    def work(session: Session) -> None:
        records.add_task(session, task("undated"), call_id="C", at=NOW)
        for n, priority in enumerate((Priority.ROUTINE, Priority.URGENT, Priority.STAT, Priority.ASAP)):
            wish = task(priority.value, priority)
            records.add_task(session, wish, call_id="C", at=NOW, due_at=later(60 - n))
        records.add_task(session, task("sooner"), call_id="C", at=NOW, due_at=later(5))

    storage.write_now(work)
    order = [row.action_id for row in storage.read_now(records.open_tasks)]
    assert order == ["stat", "asap", "urgent", "sooner", "routine", "undated"]


def test_a_page_is_answered_once(storage: Storage) -> None:
    wish = PageStaff("a1", "chest pain on the line", "RF01")
    ids = [storage.write_now(lambda s: records.add_page(s, wish, call_id="CA1", at=NOW)).id for _ in "ab"]
    assert len(set(ids)) == 1
    assert [p.summary for p in storage.read_now(records.waiting_pages)] == ["chest pain on the line"]

    def answer(session: Session) -> list[bool]:
        return [records.acknowledge(session, ids[0], who, NOW) for who in ("kim", "lee")]

    assert storage.write_now(answer) == [True, False]
    assert storage.read_now(records.waiting_pages) == []


# --------------------------------------------------------------------------- events, guards, settings


async def test_a_reader_never_skips_an_event(storage: Storage, database_url: str) -> None:
    """Two processes write; a reader that asks for "after the last one I saw" gets every event."""
    pair = [storage, Storage.open(database_url, storage.keyring)]
    seen: list[str] = []

    async def follow() -> None:
        last = 0
        while len(seen) < 60:
            new = await storage.read(partial(records.events_after, sequence=last, limit=7))
            seen.extend(str(event.payload) for event in new)
            last = new[-1].sequence or 0 if new else last

    def writing(n: int) -> Any:
        return lambda s: records.append_event(s, "turn", at=NOW, call_id=f"CA{n % 3}", payload={"n": n})

    works = [pair[n % 2].write(writing(n)) for n in range(60)]
    await asyncio.wait_for(asyncio.gather(follow(), *works), 30)
    assert len(set(seen)) == 60
    of_one = await storage.read(lambda s: records.events_after(s, 0, call_id="CA1"))
    assert len(of_one) == 20
    assert await storage.read(records.last_sequence) >= 60
    pair[1].close()


def test_event_numbers_are_never_used_twice(storage: Storage) -> None:
    assert storage.read_now(records.last_sequence) == 0
    first = storage.write_now(lambda s: records.append_event(s, "a", at=NOW))
    storage.write_now(lambda s: s.delete(records.events_after(s, 0)[0]))
    assert storage.write_now(lambda s: records.append_event(s, "a", at=NOW)) > first


async def test_a_token_is_burned_once(storage: Storage) -> None:
    burning = [storage.write(lambda s: records.burn_token(s, "nonce", NOW)) for _ in range(20)]
    assert sorted(await asyncio.gather(*burning)) == [False] * 19 + [True]


def test_a_webhook_is_new_once(storage: Storage) -> None:
    seen = [storage.write_now(lambda s: records.seen_webhook(s, "CA1/voice/0", NOW)) for _ in range(2)]
    assert seen == [False, True]

    def forget(minutes: float) -> int:
        return storage.write_now(
            lambda s: records.forget_guards(s, before=later(1), webhooks_before=later(minutes))
        )

    assert [forget(-1), forget(1)] == [0, 1]


def test_failures_are_counted_per_number_and_per_call(storage: Storage) -> None:
    def work(session: Session) -> None:
        for minutes, ok in ((-1500, False), (-30, False), (-20, True), (-10, False)):
            records.note_identity_attempt(session, CALLER, at=later(minutes), ok=ok, call_id="CA1")
        records.note_identity_attempt(session, "+15550111", at=NOW, ok=False, call_id="CA2")

    storage.write_now(work)
    failures = storage.read_now(lambda s: records.failed_attempts(s, CALLER, since=later(-24 * 60)))
    in_call = storage.read_now(lambda s: records.failed_attempts_in_call(s, "CA1"))
    assert (failures, in_call) == (2, 3)


def test_a_setting_keeps_its_versions_and_its_editors_apart(storage: Storage) -> None:
    def save(body: dict[str, Any], based_on: int | None) -> int:
        return storage.write_now(
            lambda s: records.save_setting(s, "hours", body, at=NOW, who="kim", based_on=based_on)
        )

    assert storage.read_now(lambda s: records.setting(s, "hours")) is None
    assert save({"open": "8"}, 0) == 1
    assert save({"open": "9"}, 1) == 2
    with pytest.raises(Conflict, match="somebody else"):
        save({"open": "7"}, 1)
    newest = storage.read_now(lambda s: records.setting(s, "hours"))
    assert newest is not None
    assert newest.body == {"open": "9"}
    assert [v.body["open"] for v in storage.read_now(lambda s: records.setting_versions(s, "hours"))] == [
        "8",
        "9",
    ]


def test_blind_indexes_of_nobody_are_empty(storage: Storage, keyring: KeyRing) -> None:
    assert storage.read_now(lambda _s: (records.phone_blind(""), records.patient_blind(""))) == ("", "")
    assert storage.read_now(lambda _s: records.phone_blind(CALLER)) == keyring.blind("phone", CALLER)
