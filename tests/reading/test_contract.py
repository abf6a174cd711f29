"""One suite over the dialog's Protocols: our own chart, and another system's read over FHIR, do the same."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from backends.refusals import PatientBusy, TooManyVisits
from models.desk import open_tasks
from models.domain import (
    BookOpening,
    CancelVisit,
    CodeSent,
    ConfirmVisit,
    FindOpenings,
    HoldOpening,
    IdentityLevel,
    IdentityRefused,
    IdentityVerified,
    MoveVisit,
    Opening,
    OpeningGone,
    OpeningHeld,
    PatientView,
    RefillAnswered,
    RefillOutcome,
    RegisterPatient,
    RegistrationPending,
    RequestRefill,
    SendCode,
    VerifyIdentity,
    VisitBooked,
)
from models.errors import NotFound
from tests.backends.conftest import TestClock
from tests.backends.test_directory import WHO
from tests.reading.conftest import Site

pytestmark = pytest.mark.busy(about_s=30)

MARIA, JAMES, ROBERT = "pt-1001", "pt-1002", "pt-1003"


async def verify(site: Site, name: str, born: str, phone: str, zip_code: str = "", call: str = "C1") -> str:
    claim = VerifyIdentity("v", tuple(name.split("|")), date.fromisoformat(born), zip_code)
    answer = await site.acting.directory.verify(claim, caller_number=phone, call_id=call)
    return answer.patient_id if isinstance(answer, IdentityVerified) else ""


async def maria(site: Site, level: IdentityLevel = IdentityLevel.L1) -> PatientView:
    return await site.acting.directory.view(MARIA, level)


async def find(site: Site, code: str = "follow-up", **more: Any) -> tuple[Opening, ...]:
    return (await site.acting.scheduling.find(FindOpenings("f", code, **more))).openings


async def book(
    site: Site, opening: Opening, *, patient: str = MARIA, call: str = "C1", action: str = "b1"
) -> VisitBooked | OpeningGone:
    wish = BookOpening(action, patient, opening.opening_id, "follow-up", reason="blood pressure")
    return await site.acting.scheduling.book(wish, call_id=call)


async def slots_at(site: Site, opening: Opening) -> set[str]:
    """The states of that provider's slots at an opening's start, on the server."""
    found = await site.held("Slot", start=opening.start.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return {slot["status"] for slot in found if opening.provider_id in slot["schedule"]["reference"]}


async def test_who_is_verified(site: Site, clock: TestClock) -> None:
    for number, (name, born, phone, zip_code, patient) in enumerate(WHO):
        clock.move(hours=25)  # a number that failed often enough is locked for a day
        assert await verify(site, name, born, phone, zip_code, call=f"C{number}") == patient, (name, born)


async def test_a_number_that_failed_five_times_is_locked(site: Site) -> None:
    for call in range(5):
        assert not await verify(site, "Maria Lopes", "1981-03-06", "+16175550123", call=f"C{call}")
    claim = VerifyIdentity("v", ("Maria Lopez",), date(1981, 3, 5))
    answer = await site.acting.directory.verify(claim, caller_number="+16175550123", call_id="C9")
    assert answer == IdentityRefused(locked=True)
    assert await site.acting.directory.locked("+16175550123")


async def test_a_mother_speaks_for_her_child(site: Site) -> None:
    claim = VerifyIdentity(
        "v", ("Ethan Brooks",), date(2012, 5, 20), caller_names=("Laura Brooks",), spelled=True
    )
    answer = await site.acting.directory.verify(claim, caller_number="+16175550133", call_id="C1")
    assert isinstance(answer, IdentityVerified)
    assert answer.authority is not None
    assert answer.authority.relationship == "mother"


async def test_what_a_call_may_know(site: Site) -> None:
    view = await maria(site)
    assert [(one.name, one.order_id) for one in view.medicines] == [("lisinopril", "pt-1001-rx-1")]
    assert (view.given_name, view.pharmacy_name, view.provider_id) == (
        "Maria",
        "Main Street Pharmacy",
        "dr-chen",
    )
    assert (view.established, view.care_team, view.last_visit) == (True, ("dr-chen",), None)
    assert (await maria(site, IdentityLevel.L2)).last_visit is not None
    james = await site.acting.directory.view(JAMES, IdentityLevel.L1)
    assert [visit.visit_type for visit in james.visits] == ["follow-up"]


async def test_nobody_unidentified_and_nobody_unknown_is_shown(site: Site) -> None:
    with pytest.raises(NotFound):
        await site.acting.directory.view(MARIA, IdentityLevel.L0)
    with pytest.raises(NotFound):
        await site.acting.directory.view("pt-9999", IdentityLevel.L1)


async def test_a_code_goes_to_the_mobile_number_on_file(site: Site) -> None:
    sent = await site.acting.directory.send_code(SendCode("s", MARIA), call_id="C1")
    assert sent == CodeSent()


async def test_names_of_a_number_are_a_hint(site: Site) -> None:
    names = site.acting.directory.names_at
    while not (found := await names("+16175550123")):  # nobody waits long for a hint: it is asked for again
        await asyncio.sleep(0.01)
    assert found == ("Maria Lopez",)
    assert await names("+16175559999") == ()


async def ask(
    site: Site, patient: str, number: int = 1, pharmacy: str = "Main Street", call: str = "C1"
) -> RefillAnswered:
    await verify(site, "Maria Lopez", "1981-03-05", "+16175550123", call=call)  # somebody is identified
    wish = RequestRefill("r1", patient, f"{patient}-rx-{number}", "my pills", pharmacy, new_problem=False)
    return await site.acting.pharmacy.request_refill(wish, call_id=call)


@pytest.mark.parametrize(
    ("patient", "number", "pharmacy", "outcome"),
    [
        (MARIA, 1, "Main Street", RefillOutcome.READY_FOR_APPROVAL),
        (ROBERT, 1, "Main Street", RefillOutcome.REFUSED_AUTOMATION),
        (ROBERT, 2, "Main Street", RefillOutcome.NEEDS_REVIEW),
        ("pt-1004", 1, "Elm Square", RefillOutcome.NEEDS_REVIEW),
        ("pt-1010", 1, "Harbor Drugs", RefillOutcome.BRIDGE_SUGGESTED),
    ],
)
async def test_what_becomes_of_a_refill(
    site: Site, patient: str, number: int, pharmacy: str, outcome: RefillOutcome
) -> None:
    answer = await ask(site, patient, number, pharmacy)
    assert answer.outcome is outcome
    (task,) = await site.own.chart.storage.read(open_tasks)
    assert (task.patient_id, task.resource_ref) == (patient, answer.task_ref)


async def test_a_second_request_is_the_first_one_still_open(site: Site) -> None:
    first = await ask(site, MARIA)
    again = await ask(site, MARIA, call="C2")
    assert (again.already_open, again.task_ref) == (True, first.task_ref)
    assert [one.order_id for one in (await maria(site)).open_requests] == ["pt-1001-rx-1"]


async def test_an_order_of_another_patient_is_not_refilled(site: Site) -> None:
    await verify(site, "Maria Lopez", "1981-03-05", "+16175550123")
    wish = RequestRefill("r1", MARIA, "pt-1002-rx-1", "my pills", "Main Street", new_problem=False)
    with pytest.raises(NotFound):
        await site.acting.pharmacy.request_refill(wish, call_id="C1")


async def test_a_visit_is_booked_on_the_server(site: Site) -> None:
    first, _ = await find(site, provider_id="dr-chen")
    assert await site.acting.scheduling.hold(HoldOpening("h", first.opening_id), call_id="C1") == OpeningHeld(
        first.opening_id
    )
    booked = await book(site, first)
    assert isinstance(booked, VisitBooked)
    assert (booked.visit.start, booked.visit.provider_id) == (first.start, "dr-chen")
    assert booked.text_queued  # she agreed to texts
    (visit,) = await site.held("Appointment", patient=f"Patient/{MARIA}", status="booked")
    assert f"Appointment/{visit['id']}" == booked.resource_ref
    assert await slots_at(site, first) == {"busy"}
    assert [one.appointment_id for one in (await maria(site)).visits] == [visit["id"]]
    assert first.opening_id not in {
        one.opening_id for one in await find(site, provider_id="dr-chen", limit=8)
    }


async def test_the_same_action_books_once(site: Site) -> None:
    first, _ = await find(site)
    one, two = await book(site, first), await book(site, first)
    assert one == two
    assert len(await site.held("Appointment", patient=f"Patient/{MARIA}", status="booked")) == 1


async def test_what_one_call_holds_no_other_gets(site: Site) -> None:
    first, _ = await find(site)
    await site.acting.scheduling.hold(HoldOpening("h", first.opening_id), call_id="C1")
    assert first.opening_id not in {one.opening_id for one in await find(site)}
    held = await site.acting.scheduling.hold(HoldOpening("h", first.opening_id), call_id="C2")
    assert held == OpeningGone(first.opening_id)
    assert await book(site, first, patient=JAMES, call="C2") == OpeningGone(first.opening_id)
    await site.acting.scheduling.release(call_id="C1")
    assert isinstance(await book(site, first, patient=ROBERT, call="C2"), VisitBooked)


async def test_of_callers_who_race_for_one_opening_one_gets_it(site: Site) -> None:
    first, _ = await find(site)
    tries = [book(site, first, patient=who, call=f"C{n}") for n, who in enumerate((MARIA, ROBERT, "pt-1004"))]
    answers = await asyncio.gather(*tries)
    assert sum(isinstance(one, VisitBooked) for one in answers) == 1
    assert sum(one == OpeningGone(first.opening_id) for one in answers) == 2


async def test_nobody_is_in_two_places_nor_has_too_many_visits(site: Site) -> None:
    first, second = await find(site)
    await book(site, first)
    other = await find(site, not_providers=(first.provider_id,), limit=8)
    same_time = [one for one in other if one.start == first.start]
    for one in same_time[:1]:
        with pytest.raises(PatientBusy):
            await book(site, one, action="b2")
    await book(site, second, action="b3")
    third = (await find(site, patient_id=MARIA))[0]
    with pytest.raises(TooManyVisits):
        await book(site, third, action="b4")


async def test_a_visit_is_moved_and_its_old_time_is_free_again(site: Site) -> None:
    first, second = await find(site)
    booked = await book(site, first)
    assert isinstance(booked, VisitBooked)
    wish = MoveVisit("m", MARIA, booked.visit.appointment_id, second.opening_id)
    moved = await site.acting.scheduling.move(wish, call_id="C1")
    assert isinstance(moved, VisitBooked)
    (visit,) = await site.held("Appointment", patient=f"Patient/{MARIA}", status="booked")
    assert visit["id"] == moved.visit.appointment_id
    assert (await slots_at(site, first), await slots_at(site, second)) == ({"free"}, {"busy"})


async def test_a_move_to_a_time_that_is_gone_leaves_the_visit(site: Site) -> None:
    first, second = await find(site)
    mine, theirs = await book(site, first), await book(site, second, patient=ROBERT, call="C2")
    assert isinstance(mine, VisitBooked)
    assert isinstance(theirs, VisitBooked)
    wish = MoveVisit("m", MARIA, mine.visit.appointment_id, second.opening_id)
    assert await site.acting.scheduling.move(wish, call_id="C1") == OpeningGone(second.opening_id)
    assert (await maria(site)).visits == (mine.visit,)


async def test_a_visit_is_cancelled_once_and_only_by_its_patient(site: Site) -> None:
    first, _ = await find(site)
    booked = await book(site, first)
    assert isinstance(booked, VisitBooked)
    appointment = booked.visit.appointment_id
    with pytest.raises(NotFound):
        await site.acting.scheduling.cancel(CancelVisit("c", JAMES, appointment), call_id="C2")
    for _ in range(2):
        await site.acting.scheduling.cancel(CancelVisit("c", MARIA, appointment), call_id="C1")
    (visit,) = await site.held("Appointment", patient=f"Patient/{MARIA}")
    assert visit["status"] == "cancelled"
    assert visit["cancelationReason"]["coding"][0]["code"] == "pat"
    assert await slots_at(site, first) == {"free"}
    assert (await maria(site)).visits == ()


async def test_a_visit_is_confirmed(site: Site) -> None:
    (visit,) = (await site.acting.directory.view(JAMES, IdentityLevel.L1)).visits
    await site.acting.scheduling.confirm(ConfirmVisit("k", JAMES, visit.appointment_id), call_id="C1")
    (kept,) = await site.held("Appointment", _id=visit.appointment_id)
    assert any(one["url"].endswith("confirmed-by-patient") for one in kept["extension"])


async def test_a_newcomer_holds_a_time_for_a_day(site: Site) -> None:
    first, _ = await find(site, "new-patient")
    wish = RegisterPatient(
        "n", "Pat Doe", date(1990, 1, 1), "+16175550177", "", "a checkup", "", first.opening_id, "new-patient"
    )
    pending = await site.acting.scheduling.register(wish, call_id="C1")
    assert isinstance(pending, RegistrationPending)
    await site.acting.scheduling.release(call_id="C1")
    assert first.opening_id not in {one.opening_id for one in await find(site, "new-patient")}
    assert await site.acting.scheduling.register(wish, call_id="C1") == pending
