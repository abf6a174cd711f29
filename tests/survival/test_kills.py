"""Kill -9 of the web process, again and again, over booking calls beside one another: nothing is lost."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from agent.answering import MAX_RESUMPTIONS
from agent.demo import double_for
from agent.demo_report import percentile
from agent.local_server import LocalServer, demo_settings, running_server
from agent.preparing import keyring_of
from models import records
from models.domain import BookOpening, VisitBooked
from models.storage import Storage
from models.tables import BookingCell, Call, LedgerRow, OutboxRow, OutboxState
from telephony.double import CallResult
from tests.survival.callers import PEOPLE, Attentive, Clips, Person
from tests.survival.killing import Killer, Watched, by_its_clock, with_known_clock
from tests.survival.ledger import NOT_HEARD, acknowledged, heard_words, is_within
from tests.survival.spoken import unstored

pytestmark = pytest.mark.slow(about_s=150)

BUDGET = int(os.environ.get("BUDGET", "6"))  # kills in all, over as many rounds as it takes
KILLS = min(20, BUDGET)  # of a round
ROUNDS = max(1, BUDGET // 20)
SEED = int(os.environ.get("SEED", "20261125"))
CLOSED_LIMIT_S = 60.0


@dataclass
class Survived:
    """What the carrier saw and what the database holds, for each person's call."""

    results: dict[Person, CallResult]
    stored: dict[Person, records.StoredCall]
    storage: Storage
    clips: Clips
    kills: int
    log: Path

    def rows(self, table: Any, *where: Any) -> list[Any]:
        return self.storage.read_now(lambda session: list(session.exec(select(table).where(*where)).all()))


@pytest.fixture(scope="module", params=range(ROUNDS), ids=lambda number: f"round {number + 1}")
def survived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survived]:
    seed = SEED + int(request.param)
    folder = tmp_path_factory.mktemp("kills")
    clips = Clips(folder / "clips", {words for person in PEOPLE for words in person.words})
    chosen = with_known_clock(demo_settings(folder / "data", stt="stand-in", stand_in_clips=clips.list))
    with running_server(chosen) as server:
        storage = Storage.open(chosen.database, keyring_of(chosen))
        try:
            results, stored, kills = asyncio.run(calls_under_fire(server, storage, clips, seed))
            yield Survived(results, stored, storage, clips, kills, chosen.data_dir / "server.log")
        finally:
            storage.close()


async def calls_under_fire(
    server: LocalServer, storage: Storage, clips: Clips, seed: int
) -> tuple[dict[Person, CallResult], dict[Person, records.StoredCall], int]:

    async def near_a_person() -> bool:
        limit = MAX_RESUMPTIONS - 1
        waiting = select(Call.id).where(col(Call.ended).is_(None), col(Call.stalled) >= limit)
        return await storage.read(lambda session: session.exec(waiting).first()) is not None

    killer = Killer(server, seed, KILLS, near_a_person)
    print(f"\nSEED={seed} BUDGET={KILLS}")
    async with asyncio.TaskGroup() as group:
        calls = {
            person: group.create_task(placed(server, storage, clips, person, killer)) for person in PEOPLE
        }
        group.create_task(killer.run())
    results = {person: task.result() for person, task in calls.items()}
    silences_s = killer.silences_s(list(results.values()))
    print(
        f"{len(killer.kills_s)} kills; silence after a kill: p50 {percentile(silences_s, 50):.1f} s, "
        f"longest {max(silences_s, default=0):.1f} s, of {len(silences_s)}"
    )
    stored = {person: await closed(storage, result.call_sid) for person, result in results.items()}
    return results, stored, len(killer.kills_s)


async def placed(
    server: LocalServer, storage: Storage, clips: Clips, person: Person, killer: Killer
) -> CallResult:
    watched = Watched(killer.spoke)
    killer.calls.append(watched)
    call_sid = "CA" + secrets.token_hex(16)
    caller = Attentive(person, call_sid, clips, storage).caller()
    result = await double_for(server, person.number, watched).place_call(caller, call_sid=call_sid)
    return by_its_clock(result, server.settings)


async def closed(storage: Storage, call_sid: str) -> records.StoredCall:
    """The call, once it was closed and everything promised of it was delivered."""

    def work(session: Session) -> records.StoredCall | None:
        waiting = select(OutboxRow.id).where(
            OutboxRow.call_id == call_sid, col(OutboxRow.state) != OutboxState.CONFIRMED
        )
        call = records.load_call(session, call_sid)
        return call if call and call.ended and not session.exec(waiting).first() else None

    async with asyncio.timeout(CLOSED_LIMIT_S):
        while (call := await storage.read(work)) is None:
            await asyncio.sleep(0.2)
    return call


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_every_acknowledged_turn_is_stored_once(survived: Survived, person: Person) -> None:
    result, call = survived.results[person], survived.stored[person]
    stored = [words for turn in call.turns if (words := heard_words(turn))]
    said = [survived.clips.words_of(utterance.label) for utterance in result.utterances]
    heard = [survived.clips.words_of(utterance.label) for utterance in acknowledged(result, call.turns)]
    assert heard
    assert is_within(heard, stored)
    assert is_within([words for words in stored if words != NOT_HEARD], said), "nothing was heard twice"
    assert [turn.number for turn in call.turns] == list(range(len(call.turns)))


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_every_turn_that_was_played_was_stored_before(survived: Survived, person: Person) -> None:
    """But for those of which the log says that the database took longer than a caller can wait."""
    call = survived.stored[person]
    assert set(unstored(survived.results[person], call.turns)) <= said_to_be_late(survived.log, call.call_id)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_every_call_went_on_to_its_end(survived: Survived, person: Person) -> None:
    result, call = survived.results[person], survived.stored[person]
    assert (call.disposition, result.dialled) == ("completed", [])
    assert not call.ordered


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_the_visit_is_booked_once(survived: Survived, person: Person) -> None:
    call = survived.stored[person]
    booked = [done for done in call.done if isinstance(done.action, BookOpening)]
    assert len(booked) == 1
    visit = booked[0].result
    assert isinstance(visit, VisitBooked)
    cells = survived.rows(BookingCell, BookingCell.appointment_id == visit.visit.appointment_id)
    assert len(cells) == visit.visit.minutes // 5
    appointments = [row for row in written(survived, call.call_id) if row.startswith("Appointment/")]
    assert appointments in ([], [visit.resource_ref]), "the write-back makes no second one"


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.name)
def test_the_call_ends_in_one_note(survived: Survived, person: Person) -> None:
    references = written(survived, survived.stored[person].call_id)
    assert Counter(each.partition("/")[0] for each in references)["DocumentReference"] == 1


def test_the_process_was_killed_again_and_again(survived: Survived) -> None:
    """All the kills that were wanted, or as many as the calls had time for."""
    assert survived.kills >= KILLS * 3 // 4


def test_nothing_is_left_held_or_unsent(survived: Survived) -> None:
    assert survived.rows(BookingCell, col(BookingCell.held_by_call).is_not(None)) == []
    assert survived.rows(OutboxRow, col(OutboxRow.state) != OutboxState.CONFIRMED) == []
    assert survived.rows(Call, col(Call.ended).is_(None)) == []


def said_to_be_late(log: Path, call_id: str) -> set[int]:
    lines = [line for line in log.read_text().splitlines() if "turn.not_stored" in line]
    found = [json.loads(line) for line in lines]
    return {each["turn"] for each in found if each["call_id"] == call_id}


def written(survived: Survived, call_id: str) -> list[str]:
    rows = survived.rows(LedgerRow, LedgerRow.call_id == call_id)
    return [row.server_ref for row in rows if row.server_ref]
