"""`make demo`, judged by the database and the chart, not by its own word."""

from __future__ import annotations

import base64

import pytest
from sqlmodel import Session, select

from models import records
from models.tables import Call, StaffTask
from tests.first_call.conftest import Demo, Practice

pytestmark = pytest.mark.slow(about_s=245)

MARIA, JAMES, ROBERT, LINDA = "+16175550123", "+16175550144", "+16175550131", "+16175550136"


async def call_from(practice: Practice, number: str, since_demo: bool = True) -> records.StoredCall:
    """The demo's call from this number: the first there was."""

    def work(session: Session) -> records.StoredCall:
        blind = records.phone_blind(number)
        statement = select(Call.id).where(Call.caller_blind == blind).order_by(Call.started)  # type: ignore[arg-type]
        call_id = session.exec(statement).first()
        assert call_id, "the demo placed no call from this number"
        return records.require_call(session, call_id)

    return await practice.storage.read(work)


def test_the_demo_exits_clean_and_says_what_it_did(demo: Demo) -> None:
    assert demo.exit_code == 0, demo.output[-6_000:]
    assert "was heard as" in demo.output
    assert '"resourceType": "DocumentReference"' in demo.output
    assert "What happened" in demo.output


async def test_the_refill_stands_in_the_chart_as_a_proposal(practice: Practice) -> None:
    call = await call_from(practice, MARIA)
    assert call.disposition == "completed"
    wanted = {"MedicationRequest", "Task", "Encounter", "DocumentReference", "Provenance"}
    written = await practice.written(call.call_id, kinds=wanted)
    proposals = [resource for resource in written if resource["resourceType"] == "MedicationRequest"]
    assert [(each["intent"], each["status"]) for each in proposals] == [("proposal", "draft")]
    assert proposals[0]["priorPrescription"]["reference"].startswith("MedicationRequest/")
    assert wanted <= {resource["resourceType"] for resource in written}


async def test_the_note_is_one_telephone_note_that_names_the_medicine(practice: Practice) -> None:
    call = await call_from(practice, MARIA)
    written = await practice.written(call.call_id, kinds={"DocumentReference"})
    notes = [resource for resource in written if resource["resourceType"] == "DocumentReference"]
    assert len(notes) == 1
    assert notes[0]["type"]["coding"][0]["code"] == "34748-4"
    text = base64.b64decode(notes[0]["content"][0]["attachment"]["data"]).decode()
    assert "lisinopril" in text.lower()
    assert MARIA[-10:] not in text


async def test_the_booking_is_the_opening_that_the_caller_corrected_to(practice: Practice) -> None:
    call = await call_from(practice, JAMES)
    assert call.disposition == "completed"
    written = await practice.written(call.call_id, kinds={"Appointment"})
    booked = [resource for resource in written if resource["resourceType"] == "Appointment"]
    assert [visit["status"] for visit in booked] == ["booked"]
    offered = next(done.result.openings for done in call.done if hasattr(done.result, "openings"))
    assert booked[0]["start"].startswith(offered[0].start.isoformat()[:10])
    held = [done.action.opening_id for done in call.done if hasattr(done.action, "opening_id")]
    assert held[0] == offered[1].opening_id, "the caller first chose the second opening"
    assert held[-1] == offered[0].opening_id, "and then corrected to the first"


async def test_the_danger_reached_staff(practice: Practice) -> None:
    call = await call_from(practice, ROBERT)
    assert call.disposition == "escalated"
    assert any("call 911 now" in turn.agent_text for turn in call.turns)

    def tasks(session: Session) -> list[tuple[str, str]]:
        rows = session.exec(select(StaffTask).where(StaffTask.call_id == call.call_id)).all()
        return [(row.kind, row.priority) for row in rows]

    assert ("red-flag-911", "stat") in await practice.storage.read(tasks)


async def test_who_asks_for_a_person_is_put_through(practice: Practice) -> None:
    call = await call_from(practice, LINDA)
    assert call.disposition == "transferred"
    assert len(call.turns) <= 3
