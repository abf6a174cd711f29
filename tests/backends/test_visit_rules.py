"""Rules of booking that the schedule itself keeps, and what it writes: texts, history, first visits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from backends.embedded import EmbeddedBackends
from backends.practice import DEMO_PRACTICE, load_practice
from backends.refusals import TooManyNoShows
from models.contact_tables import TextMessage
from models.domain import (
    BookOpening,
    CancelVisit,
    ConfirmVisit,
    FindOpenings,
    IdentityLevel,
    MoveVisit,
    Opening,
    OpeningGone,
    PatientView,
    RegisterPatient,
    RegistrationPending,
    VisitBooked,
)
from models.errors import SettingsError
from models.tables import StaffTask
from models.texts import choose_texts
from tests.backends.conftest import NOW, TestClock

AGREED, DID_NOT = "pt-1001", "pt-1002"  # to texts about visits


async def openings(backends: EmbeddedBackends, **more: Any) -> tuple[Opening, ...]:
    return (await backends.scheduling.find(FindOpenings("f", "follow-up", **more))).openings


async def book(backends: EmbeddedBackends, patient: str, number: int = 0, **more: Any) -> VisitBooked:
    one = (await openings(backends, limit=9))[number]
    wish = BookOpening(f"a{number}", patient, one.opening_id, "follow-up", **more)
    made = await backends.scheduling.book(wish, call_id="C1")
    assert isinstance(made, VisitBooked)
    return made


async def texts(backends: EmbeddedBackends) -> list[str]:
    return await backends.chart.storage.read(
        lambda s: [row.body for row in s.exec(select(TextMessage)).all()]
    )


async def view(backends: EmbeddedBackends, patient: str) -> PatientView:
    return await backends.directory.view(patient, IdentityLevel.L1)


async def past_visit(backends: EmbeddedBackends, status: str, days_ago: int, patient: str = AGREED) -> None:
    start = NOW - timedelta(days=days_ago)
    document = {
        "resourceType": "Appointment",
        "status": status,
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=20)).isoformat(),
        "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}],
    }
    await backends.chart.storage.write(lambda s: backends.chart.store.create(s, document))


# --------------------------------------------------------------------------- texts


async def test_a_text_with_date_and_time_and_nothing_else(backends: EmbeddedBackends) -> None:
    made = await book(backends, AGREED, reason="blood pressure")
    assert made.text_queued
    assert await texts(backends) == [
        "Harbor Street Family Medicine: you are booked on Mon Nov 23 at 8:00 AM. "
        "Call 617-555-0100 to change it."
    ]


async def test_no_text_to_who_did_not_agree(backends: EmbeddedBackends) -> None:
    assert not (await book(backends, DID_NOT)).text_queued
    assert await texts(backends) == []


async def test_no_text_is_promised_to_a_number_that_said_stop(backends: EmbeddedBackends) -> None:
    await backends.chart.storage.write(lambda s: choose_texts(s, "+16175550123", stopped=True, at=NOW))
    assert not (await book(backends, AGREED)).text_queued


async def test_a_repeated_order_sends_one_text(backends: EmbeddedBackends) -> None:
    one = (await openings(backends))[0]
    wish = BookOpening("a1", AGREED, one.opening_id, "follow-up")
    for _ in range(2):
        made = await backends.scheduling.book(wish, call_id="C1")
        assert isinstance(made, VisitBooked)
        assert made.text_queued
    assert len(await texts(backends)) == 1


async def test_a_move_sends_the_new_time(backends: EmbeddedBackends) -> None:
    made = await book(backends, AGREED)
    other = (await openings(backends, from_date=date(2026, 12, 1)))[0]
    wish = MoveVisit("a5", AGREED, made.visit.appointment_id, other.opening_id)
    moved = await backends.scheduling.move(wish, call_id="C1")
    assert isinstance(moved, VisitBooked)
    assert moved.text_queued
    assert "Tue Dec 1" in (await texts(backends))[-1]


# --------------------------------------------------------------------------- history


async def test_three_missed_visits_in_a_year_are_for_staff(backends: EmbeddedBackends) -> None:
    for days_ago in (20, 40, 400):
        await past_visit(backends, "noshow", days_ago)
    assert (await view(backends, AGREED)).no_shows == 2
    await book(backends, AGREED)
    await past_visit(backends, "noshow", 60)
    with pytest.raises(TooManyNoShows):
        await book(backends, AGREED, 3)


async def test_who_saw_the_patient_is_the_care_team(backends: EmbeddedBackends) -> None:
    seen = await view(backends, AGREED)
    assert (seen.care_team, seen.established) == (("dr-chen",), True)


async def test_not_seen_for_three_years_is_new_again(backends: EmbeddedBackends, clock: TestClock) -> None:
    clock.move(days=3 * 365)
    assert not (await view(backends, AGREED)).established


async def test_no_offer_overlaps_the_patients_other_visit(backends: EmbeddedBackends) -> None:
    made = await book(backends, AGREED)
    span = {"from_date": date(2026, 11, 23), "to_date": date(2026, 11, 23), "limit": 60}
    mine = await openings(backends, patient_id=AGREED, **span)
    end = made.visit.start + timedelta(minutes=made.visit.minutes)
    assert all(one.start >= end or one.start + timedelta(minutes=20) <= made.visit.start for one in mine)
    other = await openings(backends, patient_id=AGREED, instead_of=made.visit.appointment_id, **span)
    assert len(other) >= len(mine)


# --------------------------------------------------------------------------- confirming, reasons, needs


async def test_confirming_is_kept_in_the_chart(backends: EmbeddedBackends) -> None:
    made = await book(backends, AGREED, needs="I use a wheelchair")
    appointment_id = made.visit.appointment_id
    await backends.scheduling.confirm(ConfirmVisit("a7", AGREED, appointment_id), call_id="C1")
    read = await backends.chart.storage.read(
        lambda s: backends.chart.store.read(s, "Appointment", appointment_id).body
    )
    assert read["extension"][0]["url"].endswith("confirmed-by-patient")
    assert read["comment"].endswith("Needs: I use a wheelchair")
    assert {part["status"] for part in read["participant"]} == {"accepted"}


async def test_the_reason_for_cancelling_is_kept(backends: EmbeddedBackends) -> None:
    appointment_id = (await book(backends, AGREED)).visit.appointment_id
    await backends.scheduling.cancel(CancelVisit("a7", AGREED, appointment_id, "pat-lt"), call_id="C1")
    read = await backends.chart.storage.read(
        lambda s: backends.chart.store.read(s, "Appointment", appointment_id).body
    )
    assert read["cancelationReason"]["coding"][0]["code"] == "pat-lt"


# --------------------------------------------------------------------------- first visits


async def first_visit(backends: EmbeddedBackends) -> RegisterPatient:
    found = await backends.scheduling.find(FindOpenings("f", "new-patient", from_date=date(2026, 12, 1)))
    opening_id = found.openings[0].opening_id
    born = date(1970, 6, 3)
    return RegisterPatient(
        "C9-a4", "Nora Quill", born, "+16175550188", "Blue Cross", "checkup", "", opening_id, "new-patient"
    )


async def test_a_first_visit_is_held_past_the_call_and_for_a_day(
    backends: EmbeddedBackends, clock: TestClock
) -> None:
    wish = await first_visit(backends)
    taken = await backends.scheduling.register(wish, call_id="C9")
    assert isinstance(taken, RegistrationPending)
    assert taken.held_until == NOW + timedelta(hours=24)
    assert await backends.scheduling.register(wish, call_id="C9") == taken  # once
    await backends.scheduling.release(call_id="C9")
    again = RegisterPatient(
        "C8-a1", "Abe Stone", date(1980, 1, 1), "", "", "", "", wish.opening_id, "new-patient"
    )
    assert isinstance(await backends.scheduling.register(again, call_id="C8"), OpeningGone)
    clock.move(hours=25)
    assert isinstance(await backends.scheduling.register(again, call_id="C8"), RegistrationPending)


async def test_staff_get_all_that_was_said_and_no_chart_is_made(backends: EmbeddedBackends) -> None:
    await backends.scheduling.register(await first_visit(backends), call_id="C9")

    def look(session: Session) -> tuple[list[StaffTask], int]:
        patients = backends.chart.store.all(session, "Patient", ("birthdate", "1970-06-03"))
        return list(session.exec(select(StaffTask)).all()), len(patients)

    (task,), patients = await backends.chart.storage.read(look)
    assert (task.kind, task.callback_number, patients) == ("pending-registration", "+16175550188", 0)
    for fact in ("Nora Quill", "1970-06-03", "Blue Cross", "checkup", "held for 24 hours"):
        assert fact in task.summary


# --------------------------------------------------------------------------- the practice file


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("accepts_new_patients = true", 'accepts_new_patients = "yes"', "scheduling.accepts_new_patients"),
        ("late_limit_min = 15", "late_limit_min = -1", "scheduling.late_limit_min"),
        ("late_limit_min = 15", "lateness = 15", "scheduling.lateness"),
        ("screened = true", "screened = 1", "screened"),
        ('preparation = "Please bring your insurance card and your medicines."',
         'preparation = "First. Second."', "preparation"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_named(tmp_path: Path, old: str, new: str, names: str) -> None:
    text = DEMO_PRACTICE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "practice.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=names.replace(".", r"\.")):
        load_practice(path)


def test_the_file_may_leave_all_of_it_out(tmp_path: Path) -> None:
    text = DEMO_PRACTICE.read_text(encoding="utf-8")
    start, end = text.index("[scheduling]"), text.index("# minutes and the least notice")
    path = tmp_path / "practice.toml"
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    facts = load_practice(path).facts(datetime.fromisoformat("2026-11-23T15:00:00+00:00"))
    assert (facts.accepts_new_patients, facts.late_limit_min, facts.cancel_policy) == (True, 15, "")
