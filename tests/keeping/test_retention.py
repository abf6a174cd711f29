"""What is over its time goes wholly, what is held stays, and the trail tells of both and stays whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session, func, select
from structlog.testing import capture_logs

from agent import settings as settings_module
from agent.custody import believed, daily, retention
from agent.left_behind import UNREADABLE, UNSTORED
from agent.settings import Settings
from agent.sound_folder import MARK, FolderAway
from agent.steady_clock import SteadyClock
from models import audit, desk, records
from models.chart import ChartResource
from models.domain import OpenTask, Priority, TaskKind
from models.engines import parse_url
from models.errors import NotFound
from models.events import append_event
from models.recordings import RecordingState
from models.storage import Storage
from models.tables import (
    AuditEntry,
    Call,
    EventRow,
    OutboxRow,
    OutboxState,
    StaffTask,
    TaskState,
    TaskStep,
    TextMessage,
)
from models.texts import queue_text
from tests.keeping.conftest import NOW, ONE_ENGINE, Practice

YEARS_LATER = "2034-11-24T10:05:00-05:00"


@pytest.fixture
def later(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """Eight years on; everything is done that the calls left to do."""
    storage = practice.storage()

    def finish(session: Session) -> None:
        for task in session.exec(select(StaffTask)).all():
            task.state, task.done_at = TaskState.DONE, NOW
            session.add(task)
        for row in session.exec(select(OutboxRow)).all():
            row.state = OutboxState.CONFIRMED
            session.add(row)
        for message in session.exec(select(TextMessage)).all():
            session.delete(message)
        queue_text(
            session, key="k", to_number="+16175550123", body="Tomorrow at 9", purpose="visit",
            at=NOW, call_id="CAmaria",
        )  # fmt: skip
        session.flush()
        session.exec(select(TextMessage)).one().state = "delivered"
        append_event(session, "call.started", at=NOW, call_id="CAmaria")

    storage.write_now(finish)
    storage.close()
    monkeypatch.setenv("FIRSTRING_NOW", YEARS_LATER)
    for kind, days in (("CALLS", 2_555), ("TEXTS", 365), ("EVENTS", 90)):
        monkeypatch.setenv(f"FIRSTRING_KEEP_{kind}_DAYS", str(days))
    return practice


def counted(practice: Practice) -> dict[str, int]:
    done = practice.run("retention", "run", "--dry-run", "--json")
    assert done.exit_code == 0, done.exception
    found: dict[str, int] = json.loads(done.stdout)
    return found


def calls_of(practice: Practice) -> set[str]:
    storage = practice.storage()
    found = set(storage.read_now(lambda session: session.exec(select(Call.id)).all()))
    storage.close()
    return found


def test_a_dry_run_counts_and_a_run_leaves_nothing(later: Practice) -> None:
    sealed = _sealed(later)
    found = counted(later)
    assert (found["calls"], found["held"], found["recordings"], found["texts"]) == (2, 0, 1, 1)
    assert found["events"] == _events(later) > 0
    assert calls_of(later) == {"CAmaria", "CArobert"}, "counting deletes nothing"

    done = later.run("retention", "run", "--json")
    assert done.exit_code == 0, done.exception
    told = json.loads(done.stdout)
    assert (told["calls"], told["recordings"], told["wiped"]) == (2, 1, True)
    assert calls_of(later) == set()
    assert list((later.settings.data_dir / "recordings").glob("[!.]*")) == []
    assert counted(later) == dict.fromkeys(found, 0) | {"would delete": True}
    assert later.run("verify-audit").exit_code == 0
    storage = later.storage()
    deleted = storage.read_now(
        lambda s: s.exec(select(AuditEntry.subject).where(AuditEntry.action == "call deleted")).all()
    )
    assert sorted(deleted) == ["call/CAmaria", "call/CArobert"]
    storage.close()
    if parse_url(later.settings.database).get_backend_name() == "sqlite":
        raw = b"".join(path.read_bytes() for path in later.settings.data_dir.glob("firstring.db*"))
        assert not [value for value in sealed if value in raw], "no free page and no log holds it"


def _events(practice: Practice) -> int:
    storage = practice.storage()
    found = storage.read_now(lambda session: session.exec(select(func.count()).select_from(EventRow)).one())
    storage.close()
    return found


def _sealed(practice: Practice) -> list[bytes]:
    """All that the calls' turns have, as it rests on the disk."""
    storage = practice.storage()
    with storage.engines.reading.connect() as connection:
        rows = connection.execute(text("SELECT caller_text, agent_text, understood FROM turn")).all()
    storage.close()
    found = [bytes(value) for row in rows for value in row if value is not None]
    assert len(found) > 10
    return found


def test_a_hold_on_a_patient_stops_it_until_it_is_lifted(later: Practice) -> None:
    patient = _patient_of(later, "CAmaria")
    placed = later.run("legal-hold", "place", "--patient", patient, "--why", "case 12-345", "--json")
    assert placed.exit_code == 0, placed.exception
    hold = json.loads(placed.stdout)["hold"]
    found = counted(later)
    assert (found["calls"], found["held"], found["recordings"], found["texts"]) == (1, 1, 0, 0)
    later.run("retention", "run")
    assert calls_of(later) == {"CAmaria"}
    assert (later.settings.data_dir / "recordings" / "CAmaria.rec").exists()
    assert "case 12-345" in later.run("legal-hold", "list").stdout

    assert later.run("legal-hold", "lift", hold, "--why", "case closed").exit_code == 0
    assert later.run("legal-hold", "list").stdout == ""
    later.run("retention", "run")
    assert calls_of(later) == set()
    storage = later.storage()
    entries = storage.read_now(lambda s: audit.entries_about(s, f"patient/{patient}"))
    assert [(e.action, e.why) for e in entries if e.action.startswith("hold")] == [
        ("hold placed", "case 12-345"),
        ("hold lifted", "case closed"),
    ]
    storage.close()


def _patient_of(practice: Practice, call_id: str) -> str:
    storage = practice.storage()
    found = storage.read_now(lambda session: session.get_one(Call, call_id).patient_id)
    storage.close()
    assert found
    return found


@ONE_ENGINE
def test_a_hold_on_a_call_stops_that_one_alone(later: Practice) -> None:
    assert later.run("legal-hold", "place", "--call", "CArobert", "--why", "a complaint").exit_code == 0
    later.run("retention", "run")
    assert calls_of(later) == {"CArobert"}
    assert isinstance(
        later.run("legal-hold", "place", "--call", "CAnobody", "--why", "x").exception, NotFound
    )
    assert isinstance(later.run("legal-hold", "lift", "nothing", "--why", "x").exception, NotFound)


def test_a_hold_on_a_patient_whom_nobody_knows_is_refused(later: Practice) -> None:
    """A mistyped id would keep nothing, and look like a hold."""
    known = _patient_of(later, "CAmaria")
    mistyped = later.run("legal-hold", "place", "--patient", f"{known}x", "--why", "case 12-345")
    assert isinstance(mistyped.exception, NotFound), mistyped.output
    assert known not in str(mistyped.exception)
    assert later.run("legal-hold", "list").stdout == ""

    place = ("legal-hold", "place", "--why", "case 12-345", "--json", "--patient")
    assert json.loads(later.run(*place, f"Patient/{known}").stdout)["calls"] == 1
    to_come = later.run(*place, "not-here-yet", "--unknown-too")
    assert json.loads(to_come.stdout)["calls"] == 0


def test_a_hold_on_a_patient_of_the_chart_who_has_not_called_yet_stands(later: Practice) -> None:
    storage = later.storage()
    called = storage.read_now(lambda s: set(s.exec(select(Call.patient_id)).all()))
    known = storage.read_now(
        lambda s: s.exec(
            select(ChartResource.resource_id).where(ChartResource.resource_type == "Patient")
        ).all()
    )
    storage.close()
    silent = sorted(set(known) - called)[0]
    placed = later.run("legal-hold", "place", "--patient", silent, "--why", "case 12-345", "--json")
    assert json.loads(placed.stdout)["calls"] == 0


@ONE_ENGINE
def test_a_hold_that_comes_while_a_run_is_at_work_still_keeps(
    later: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = retention._remove_sound

    def placed_meanwhile(chosen: Settings, storage: Storage, file: str) -> None:
        remove(chosen, storage, file)
        if "CArobert" not in str(later.run("legal-hold", "list").stdout):
            later.run("legal-hold", "place", "--call", "CArobert", "--why", "a complaint")

    monkeypatch.setattr(retention, "_remove_sound", placed_meanwhile)
    monkeypatch.setattr(retention, "_remove_recordings", lambda *_: 0)  # so that the call's own is met
    done = later.run("retention", "run", "--json")
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["calls"] == 1
    assert calls_of(later) == {"CArobert"}


@ONE_ENGINE
def test_what_a_killed_change_of_a_recording_has_left_goes_with_it(later: Practice) -> None:
    folder = later.settings.data_dir / "recordings"
    (folder / "CAmaria.new").write_bytes((folder / "CAmaria.rec").read_bytes())
    assert later.run("retention", "run").exit_code == 0
    assert list(folder.glob("[!.]*")) == []


@ONE_ENGINE
@pytest.mark.parametrize("there", ["an empty folder", "nothing"])
def test_sound_whose_folder_is_away_is_not_noted_as_deleted(later: Practice, there: str) -> None:
    """The share is not mounted: what was not found is deleted by the run that finds it."""
    folder = later.settings.data_dir / "recordings"
    share = folder.rename(folder.with_name("share"))
    if there == "an empty folder":
        folder.mkdir()
    done = later.run("retention", "run")
    assert isinstance(done.exception, FolderAway), done.output
    assert "is its disk mounted?" in str(done.exception)
    assert "CAmaria" in calls_of(later), "a call stays until its sound is gone"
    assert (share / "CAmaria.rec").exists()
    storage = later.storage()
    kept = storage.read_now(lambda s: records.require_recording(s, "CAmaria"))
    assert kept.state == RecordingState.COMPLETE, "a hold may still come"
    storage.close()

    shutil.rmtree(folder, ignore_errors=True)
    share.rename(folder)
    assert later.run("retention", "run").exit_code == 0
    assert calls_of(later) == set()
    assert not (folder / "CAmaria.rec").exists()


@ONE_ENGINE
def test_sound_that_is_missing_in_its_own_folder_counts_as_deleted(later: Practice) -> None:
    """A run was killed after it had removed the file, for example."""
    folder = later.settings.data_dir / "recordings"
    (folder / MARK).touch()
    (folder / "CAmaria.rec").unlink()
    assert later.run("retention", "run").exit_code == 0
    assert calls_of(later) == set()


@ONE_ENGINE
def test_turns_that_could_never_be_stored_go_with_their_call(later: Practice) -> None:
    folder = later.settings.data_dir / UNSTORED / "a process"
    folder.mkdir(parents=True)
    for call_id in ("CAmaria", "CAanother"):
        (folder / f"{call_id}{UNREADABLE}").write_bytes(b"sealed")
    assert later.run("retention", "run").exit_code == 0
    assert [path.stem for path in folder.iterdir()] == ["CAanother"]


@ONE_ENGINE
def test_what_is_still_to_be_done_is_not_deleted(later: Practice) -> None:
    storage = later.storage()

    def open_again(session: Session) -> None:
        task = StaffTask(
            id="t9", call_id="CArobert", action_id="a9", kind=TaskKind.ROUTINE_MESSAGE, priority="routine",
            created_at=NOW,
        )  # fmt: skip
        session.add(task)

    storage.write_now(open_again)
    storage.close()
    assert (counted(later)["calls"], counted(later)["open"]) == (1, 1)
    later.run("retention", "run")
    assert calls_of(later) == {"CArobert"}


@ONE_ENGINE
def test_without_a_period_only_recordings_go(later: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("CALLS", "TEXTS", "EVENTS"):
        monkeypatch.delenv(f"FIRSTRING_KEEP_{kind}_DAYS")
    assert counted(later)["calls"] == 0
    later.run("retention", "run")
    assert calls_of(later) == {"CAmaria", "CArobert"}
    assert not list(Path(later.settings.data_dir / "recordings").glob("[!.]*"))


UNKNOWN = "nobody reads it"


def _born(practice: Practice, call_id: str, written: str) -> None:
    """What the chart says of the call's patient; `UNKNOWN`: another system has that chart."""
    patient, storage = _patient_of(practice, call_id), practice.storage()

    def work(session: Session) -> None:
        row = session.get_one(ChartResource, ("Patient", patient))
        if written == UNKNOWN:
            session.delete(row)
            return
        row.body = row.body | {"birthDate": written}
        session.add(row)

    storage.write_now(work)
    storage.close()


@pytest.mark.parametrize(
    ("born", "now", "kept"),
    [
        ("2015-03-01", "2034-11-24", True),  # of age since 2033, and seven years from then on
        ("2015-03-01", "2040-02-01", True),
        ("2015-03-01", "2040-04-01", False),
        ("2015", "2040-04-01", True),  # the last of December, perhaps
        ("2015", "2041-01-02", False),
        ("2009-12-01", "2034-11-24", True),
        ("2008-01-01", "2034-11-24", False),  # 18 when they called
        (UNKNOWN, "2034-11-24", True),
        (UNKNOWN, "2051-11-01", True),  # born on the day of the call, perhaps
        (UNKNOWN, "2051-12-24", False),
    ],
)
@ONE_ENGINE
def test_a_childs_call_is_kept_until_it_is_of_age_and_the_usual_period_from_then_on(
    later: Practice, monkeypatch: pytest.MonkeyPatch, born: str, now: str, kept: bool
) -> None:
    _born(later, "CAmaria", born)
    monkeypatch.setenv("FIRSTRING_KEEP_MINORS_UNTIL_AGE", "18")
    monkeypatch.setenv("FIRSTRING_NOW", f"{now}T10:05:00-05:00")
    found = counted(later)
    assert (found["calls"], found["minors"]) == ((1, 1) if kept else (2, 0))
    assert later.run("retention", "run").exit_code == 0
    assert calls_of(later) == ({"CAmaria"} if kept else set()), "an adult's goes in any case"


@ONE_ENGINE
def test_unless_an_age_is_set_a_childs_call_goes_with_the_others(later: Practice) -> None:
    _born(later, "CAmaria", "2015-03-01")
    assert later.run("retention", "run").exit_code == 0
    assert calls_of(later) == set()


def _turned_away(practice: Practice, call_id: str, done_at: datetime | None) -> None:
    storage = practice.storage()
    wish = OpenTask(
        desk.REFUSED_CALL, TaskKind.SAME_DAY_CALLBACK, Priority.URGENT, "", callback_number="+16175550177"
    )

    def work(session: Session) -> None:
        task = desk.add_task(session, wish, call_id=call_id, at=NOW)
        if done_at is not None:
            task.state, task.done_at = TaskState.DONE, done_at
            session.add(TaskStep(task_id=task.id, deed="done", who="kim", at=done_at, state=TaskState.DONE))
        session.add(task)

    storage.write_now(work)
    storage.close()


def test_what_is_left_of_a_call_that_was_turned_away_goes_by_when_it_was_done(later: Practice) -> None:
    lately = datetime.fromisoformat(YEARS_LATER) - timedelta(days=30)
    for call_id, done_at in (("CAlong", NOW), ("CAlately", lately), ("CAopen", None), ("CAheld", NOW)):
        _turned_away(later, call_id, done_at)
    held = later.run("legal-hold", "place", "--call", "CAheld", "--why", "a complaint", "--json")
    assert json.loads(held.stdout)["calls"] == 1
    assert counted(later)["turned_away"] == 1

    done = later.run("retention", "run", "--json")
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["turned_away"] == 1
    storage = later.storage()
    left = storage.read_now(lambda s: s.exec(select(StaffTask.call_id)).all())
    assert sorted(left) == ["CAheld", "CAlately", "CAopen"]
    assert storage.read_now(lambda s: audit.entries_about(s, "call/CAlong"))[0].action == "call deleted"
    storage.close()


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-24T02:59", False),
        (None, "2026-11-24T03:00", True),
        ("2026-11-24T03:00", "2026-11-24T12:00", False),
        ("2026-11-23T23:50", "2026-11-24T00:10", False),
        ("2026-11-23T03:00", "2026-11-24T12:00", True),
        ("2027-02-24T03:00", "2026-11-24T12:00", True),
    ],
)
def test_it_runs_once_a_day_at_night(last: str | None, now: str, due: bool) -> None:
    zone = ZoneInfo("America/New_York")

    def at(written: str) -> datetime:
        return datetime.fromisoformat(written).replace(tzinfo=zone)

    assert daily.is_due(at(last) if last else None, at(now), zone) is due


class Services:
    """As much of them as it asks for."""

    def __init__(self, practice: Practice) -> None:
        self.settings = replace(practice.settings, now=YEARS_LATER, keep_calls_days=2_555)
        self.storage = practice.storage()
        self.clock = settings_module.clock_of(self.settings)
        self.steady_clock = SteadyClock()

        class practice_:
            timezone = "America/New_York"

        self.practice = practice_

    def later(self, hours: float) -> None:
        clock = self.clock
        self.clock = lambda: clock() + timedelta(hours=hours)


@pytest.fixture
def serving(later: Practice, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A server that has run for an hour."""
    services = Services(later)
    monkeypatch.setattr(believed, "STEADY_FOR", timedelta(0))
    yield services
    services.storage.close()


def somebody_signs_in(services: Services, hours_ago: float) -> None:
    at = services.clock() - timedelta(hours=hours_ago)
    services.storage.write_now(
        lambda session: audit.append(session, at=at, actor="ann", action="sign in", subject="user/ann")
    )


@ONE_ENGINE
async def test_the_server_runs_it_by_itself(later: Practice, serving: Services) -> None:
    somebody_signs_in(serving, hours_ago=36)
    assert await daily.once_a_day(serving)  # type: ignore[arg-type]
    assert not await daily.once_a_day(serving), "once a day"  # type: ignore[arg-type]
    assert calls_of(later) == set()


async def test_a_clock_that_is_years_ahead_of_all_that_was_stored_deletes_nothing_and_says_so(
    later: Practice, serving: Services
) -> None:
    somebody_signs_in(serving, hours_ago=0.1)  # by that clock too
    with capture_logs() as logs:
        for _ in range(3):
            assert not await daily.once_a_day(serving)  # type: ignore[arg-type]
    assert [(line["event"], line["code"]) for line in logs] == [("retention.put_off", "time-not-believed")]
    assert "timedatectl" in logs[0]["fix"]
    assert calls_of(later) == {"CAmaria", "CArobert"}
    assert later.run("verify-audit").exit_code == 0


@ONE_ENGINE
async def test_a_practice_that_was_really_away_for_long_deletes_again_a_day_later(
    later: Practice, serving: Services
) -> None:
    assert not await daily.once_a_day(serving)  # type: ignore[arg-type]
    serving.later(hours=26)
    assert await daily.once_a_day(serving)  # type: ignore[arg-type]
    assert calls_of(later) == set()


@ONE_ENGINE
async def test_a_clock_that_was_just_set_is_not_believed_whatever_was_stored(
    later: Practice, serving: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a minute at each start, say, with a call in it."""
    monkeypatch.setattr(believed, "STEADY_FOR", timedelta(hours=1))
    somebody_signs_in(serving, hours_ago=36)
    with capture_logs() as logs:
        assert not await daily.once_a_day(serving)  # type: ignore[arg-type]
        serving.later(hours=2)
        assert not await daily.once_a_day(serving)  # type: ignore[arg-type]
    assert [(line["event"], line["seconds"]) for line in logs] == [("clock.was_set", 7_200)]
    assert calls_of(later) == {"CAmaria", "CArobert"}


@ONE_ENGINE
def test_by_hand_it_deletes_all_the_same_and_asks_whether_the_date_is_right(later: Practice) -> None:
    done = later.run("retention", "run")
    assert done.exit_code == 0, done.exception
    assert "2034-11-24 15:05 UTC" in done.stderr
    assert calls_of(later) == set()
    assert "is it right?" in later.run("retention", "run", "--dry-run").stderr, "nothing but this day's runs"
